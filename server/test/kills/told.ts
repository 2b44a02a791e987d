/**
 * What clients were told with 200. It must be there in the end, with the values that were told, and every answer under one
 * Idempotency-Key must be the same, byte for byte.
 */
import type { Answer, Ask, Net } from "./net.ts";
import type { Stage } from "./stage.ts";

export type Client = { readonly name: string; readonly headers: Readonly<Record<string, string>> };

export type ToldIntent = {
  readonly client: Client;
  readonly id: string;
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  readonly paymentUrl: string;
  /** The last that is final, if any was told. */
  status: "succeeded" | "cancelled" | null;
};

export type ToldRefund = {
  readonly client: Client;
  readonly id: string;
  readonly intentId: string;
  readonly amount: string;
};

export type Told = {
  intent(told: Omit<ToldIntent, "status">): ToldIntent;
  /** Final: paid or cancelled. */
  status(intent: ToldIntent, status: "succeeded" | "cancelled"): void;
  refund(told: ToldRefund): void;
  cancelledSubscription(client: Client, id: string): void;
  /** `askedAt`: wall time, milliseconds. */
  redelivery(client: Client, eventId: string, askedAt: number): void;
  answer(client: Client, request: Ask, key: string, answer: Answer): void;
  readonly redeliveries: readonly {
    readonly client: Client;
    readonly eventId: string;
    readonly askedAt: number;
  }[];
  readonly intents: ReadonlyMap<string, ToldIntent>;
  readonly refunds: ReadonlyMap<string, ToldRefund>;
  /** Asks the API for all of it. */
  check(net: Net): Promise<void>;
};

type Keyed = { readonly client: Client; readonly request: Ask; readonly key: string; readonly text: string };

export function createTold(stage: Stage): Told {
  const intents = new Map<string, ToldIntent>();
  const refunds = new Map<string, ToldRefund>();
  const subscriptions = new Map<string, Client>();
  const keyed = new Map<string, Keyed>();
  const redeliveries: { client: Client; eventId: string; askedAt: number }[] = [];
  return {
    intents,
    refunds,
    redeliveries,
    intent(told) {
      const known = intents.get(told.id);
      if (known) return known;
      const intent = { ...told, status: null };
      intents.set(told.id, intent);
      return intent;
    },
    status(intent, status) {
      if (intent.status !== null && intent.status !== status)
        stage.wrong("promises-kept", `${intent.id} was told ${intent.status}, then ${status}`);
      intent.status = status;
    },
    refund(told) {
      refunds.set(told.id, told);
    },
    cancelledSubscription(client, id) {
      subscriptions.set(id, client);
    },
    redelivery(client, eventId, askedAt) {
      redeliveries.push({ client, eventId, askedAt });
    },
    answer(client, request, key, { text }) {
      const first = keyed.get(`${client.name} ${key}`);
      if (first === undefined) keyed.set(`${client.name} ${key}`, { client, request, key, text });
      else sameAnswer(stage, first, text);
    },
    async check(net) {
      await each([...intents.values()], (intent) => checkIntent(stage, net, intent));
      await each([...refunds.values()], (refund) => checkRefund(stage, net, refund));
      await each([...subscriptions], ([id, client]) => checkCancelled(stage, net, client, id));
      await each([...keyed.values()], (told) => checkKey(stage, net, told));
    },
  };
}

function sameAnswer(stage: Stage, first: Keyed, text: string): void {
  stage.count("answers compared with the first under their key");
  if (first.text !== text)
    stage.wrong("one-answer-per-key", `${first.key} was answered ${first.text} and then ${text}`);
}

async function checkIntent(stage: Stage, net: Net, told: ToldIntent): Promise<void> {
  const { status, body, text } = await net.insist({
    method: "GET",
    path: `/api/platform/intents/${told.id}`,
    headers: told.client.headers,
  });
  const now = body?.data;
  const wrong = (what: string) => stage.wrong("promises-kept", `${told.id}: ${what}: ${text}`);
  if (status !== 200) return wrong(`answered ${status}`);
  if (now.amount !== told.amount || now.currency !== told.currency)
    wrong(`told ${told.amount} ${told.currency}`);
  if (now.reference_id !== told.reference || now.payment_url !== told.paymentUrl)
    wrong(`told ${told.reference}`);
  if (told.status !== null && now.status !== told.status) wrong(`told ${told.status}`);
  const paid = now.charges.filter(
    (charge: { status: string; cycle: number }) => charge.cycle === 0 && charge.status === "succeeded",
  );
  if (paid.length !== (now.status === "succeeded" ? 1 : 0)) wrong(`${paid.length} charges`);
  if (paid.length === 1 && paid[0].amount !== told.amount)
    wrong(`charged ${paid[0].amount}, told ${told.amount}`);
  return undefined;
}

async function checkRefund(stage: Stage, net: Net, told: ToldRefund): Promise<void> {
  const { status, body, text } = await net.insist({
    method: "GET",
    path: `/api/platform/refunds/${told.id}`,
    headers: told.client.headers,
  });
  const now = body?.data;
  if (
    status !== 200 ||
    now.amount !== told.amount ||
    now.intent_id !== told.intentId ||
    now.status === "pending"
  )
    stage.wrong("promises-kept", `${told.id}, told ${told.amount} of ${told.intentId}: ${text}`);
}

async function checkCancelled(stage: Stage, net: Net, client: Client, id: string): Promise<void> {
  const path = `/api/platform/subscriptions/${id}`;
  const { body, text } = await net.insist({ method: "GET", path, headers: client.headers });
  if (body?.data?.status !== "cancelled") stage.wrong("promises-kept", `${id}, told cancelled: ${text}`);
}

/** Once more under the same key: the first answer, and said to be that. */
async function checkKey(stage: Stage, net: Net, told: Keyed): Promise<void> {
  const answer = await net.insist(told.request);
  sameAnswer(stage, told, answer.text);
  if (answer.headers.get("idempotency-replayed") !== "true")
    stage.wrong("one-answer-per-key", `${told.key} was done again: ${answer.text}`);
}

const SIDE_BY_SIDE = 8;

/** A few at a time. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const run = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, run));
}
