/** For each event, what makes it happen in test mode: the same steps that a merchant's shop and a customer take. */
import type { Mintro } from "@mintro/sdk/src/index.ts";
import { CARDS, exampleIntent, type NewIntent, payAsCustomer } from "./sandbox-payment.ts";

export type Step = {
  readonly mintro: Mintro;
  /** What was asked for on the command line. */
  readonly change: Partial<NewIntent>;
  /** Tells a step, with the id that it made or changed. */
  readonly did: (what: string, id?: string) => void;
};

export type Scenario = {
  /** For the list. */
  readonly how: string;
  readonly movesClock?: true;
  /** Does it, and gives back the intent whose event is waited for. */
  readonly run: (step: Step) => Promise<string>;
};

/** The shortest interval, so that the account's clock moves as little as can be. */
const INTERVAL_DAYS = 1;

async function create({ mintro, change, did }: Step): Promise<{ intentId: string; paymentUrl: string }> {
  const made = await mintro.intents.create(exampleIntent(change));
  did("created an intent", made.intent_id);
  return { intentId: made.intent_id, paymentUrl: made.payment_url };
}

async function createPaid(step: Step, card: string = CARDS.succeeds): Promise<string> {
  const { intentId, paymentUrl } = await create(step);
  await payAsCustomer(paymentUrl, card);
  step.did(`paid it with the card ${spaced(card)}`);
  return intentId;
}

async function createSubscription(
  step: Step,
  card?: string,
): Promise<{ intentId: string; subscriptionId: string }> {
  const change = { ...step.change, intent_type: "recurring", interval_days: INTERVAL_DAYS } as const;
  const intentId = await createPaid({ ...step, change }, card);
  const { subscription_id: subscriptionId } = await step.mintro.intents.get(intentId);
  if (subscriptionId === null)
    throw new Error("Assertion failed: a paid recurring intent has its subscription");
  step.did("that started a subscription", subscriptionId);
  return { intentId, subscriptionId };
}

async function renew(step: Step, card?: string): Promise<string> {
  const { intentId, subscriptionId } = await createSubscription(step, card);
  const { next_charge_at: due } = await step.mintro.subscriptions.get(subscriptionId);
  if (due === null) throw new Error("Assertion failed: a new subscription has its next charge");
  for (let isDone = false; !isDone; ) isDone = (await step.mintro.test.clock.advance({ to: due })).done;
  step.did(`moved the account's clock to ${due}`);
  return intentId;
}

function spaced(card: string): string {
  return card.replaceAll(/(\d{4})(?=\d)/g, "$1 ");
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "payment.succeeded": { how: "creates an intent and pays it", run: createPaid },
  "payment.failed": {
    how: "creates an intent and pays with a card that is declined",
    run: (step) => createPaid(step, CARDS.declined),
  },
  "payment.canceled": {
    how: "creates an intent and cancels it",
    async run(step) {
      const { intentId } = await create(step);
      await step.mintro.intents.cancel(intentId);
      step.did("cancelled it");
      return intentId;
    },
  },
  "payment.refunded": {
    how: "pays an intent and refunds all of it",
    async run(step) {
      const intentId = await createPaid(step);
      const refund = await step.mintro.refunds.create(intentId, { reason: "mintro trigger" });
      step.did("asked for a refund", refund.refund_id);
      return intentId;
    },
  },
  "refund.failed": {
    how: "pays an intent and asks for a refund that the sandbox is made to refuse",
    async run(step) {
      const intentId = await createPaid(step);
      await step.mintro.test.faults.arm({ target: "refund", fault: "refuse" });
      step.did("armed a fault: the account's next refund is refused");
      const refund = await step.mintro.refunds.create(intentId, { reason: "mintro trigger" });
      step.did("asked for a refund", refund.refund_id);
      return intentId;
    },
  },
  "subscription.created": {
    how: "pays a recurring intent",
    run: async (step) => (await createSubscription(step)).intentId,
  },
  "subscription.renewed": {
    how: "pays a recurring intent and lets its next charge come",
    movesClock: true,
    run: (step) => renew(step),
  },
  "subscription.failed": {
    how: "the same, with a card that is declined from the second charge on",
    movesClock: true,
    run: (step) => renew(step, CARDS.firstOnly),
  },
  "subscription.canceled": {
    how: "pays a recurring intent and cancels its subscription",
    async run(step) {
      const { intentId, subscriptionId } = await createSubscription(step);
      await step.mintro.subscriptions.cancel(subscriptionId);
      step.did("cancelled the subscription");
      return intentId;
    },
  },
};
