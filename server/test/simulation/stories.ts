/**
 * What customers and merchants do with a payment or a subscription. Each story is ordinary by itself; many bring two parties
 * to the same row at the same moment, since that is where platforms break.
 */
import type { IntentId, SubscriptionId } from "../../src/domain/ids.ts";
import type { Order, Shop } from "./shop.ts";
import * as shops from "./shop.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./stage.ts";

export const CARDS = {
  visa: "4242424242424242",
  declined: "4000000000000002",
  insufficientFunds: "4000000000009995",
  lost: "4000000000009987",
  firstOnly: "4000000000000341",
  challenge: "4000000000003220",
  challengeThenDeclined: "4000008400001629",
  challengeOnce: "4000002500003155",
  invalid: "4242424242424241",
} as const;

const PAYMENTS = {
  plain: 26,
  double_click: 14,
  two_tabs: 8,
  declined_first: 8,
  declined_to_the_end: 2,
  challenge: 10,
  challenge_came_back_twice: 5,
  challenge_against_cancel: 6,
  challenge_at_its_end: 4,
  challenge_reloaded: 6,
  pay_against_cancel: 10,
  cancel_twice: 5,
  pay_at_expiry: 5,
  left_alone: 4,
} as const;
type PaymentStory = keyof typeof PAYMENTS;

/** An order from its creation to wherever it leads. */
export async function tellPayment(shop: Shop, order: Order): Promise<void> {
  const { chance } = shop;
  const intentId = await create(shop, order);
  if (intentId === null) return;
  const story = chance.weighted(PAYMENTS);
  shop.stage.count(`story: ${story}`);
  await PAYMENT_STORIES[story](shop, intentId);
  if (chance.flip(0.15)) await refundSome(shop, intentId, BigInt(order.amount * 100));
}

/** With a key, most of all; at times twice or thrice at once, as a nervous client does; at times without one. */
async function create(shop: Shop, order: Order): Promise<IntentId | null> {
  const { chance } = shop;
  const how = chance.weighted({ keyed: 60, together: 25, unkeyed: 15 });
  const key = how === "unkeyed" ? null : `create-${order.reference}`;
  const copies = how === "together" ? chance.pick([2, 3]) : 1;
  const ids = await Promise.all(Array.from({ length: copies }, () => shops.createIntent(shop, order, key)));
  return ids.find((id) => id !== null) ?? null;
}

const PAYMENT_STORIES: Record<PaymentStory, (shop: Shop, id: IntentId) => Promise<void>> = {
  plain: (shop, id) => payWith(shop, id, CARDS.visa),
  double_click: async (shop, id) => {
    await soon(shop);
    await Promise.all([1, 2, 3].map(() => shops.pressPay(shop, id, CARDS.visa)));
    await follow(shop, id);
  },
  two_tabs: async (shop, id) => {
    await soon(shop);
    await Promise.all([CARDS.visa, CARDS.declined, CARDS.challenge].map((card) => payWith(shop, id, card)));
  },
  declined_first: async (shop, id) => {
    const declined = [CARDS.declined, CARDS.insufficientFunds, CARDS.lost, CARDS.invalid];
    for (let tries = 1 + shop.chance.below(4); tries > 0; tries--)
      await payWith(shop, id, shop.chance.pick(declined));
    await payWith(shop, id, CARDS.visa);
  },
  declined_to_the_end: async (shop, id) => {
    for (let tries = 0; tries < 13; tries++) await payWith(shop, id, CARDS.declined);
  },
  challenge: (shop, id) =>
    payWith(shop, id, shop.chance.pick([CARDS.challenge, CARDS.challengeThenDeclined])),
  challenge_came_back_twice: async (shop, id) => {
    await payWith(shop, id, CARDS.challenge, async (url) => {
      await shops.answerChallenge(shop, url, "complete");
      await Promise.all([1, 2, 3].map(() => shops.comeBack(shop, id)));
    });
  },
  challenge_against_cancel: async (shop, id) => {
    await payWith(shop, id, CARDS.challenge, async (url) => {
      const answered = shops.answerChallenge(shop, url, "complete").then(() => shops.comeBack(shop, id));
      const cancelled = shops.wait(shop, shop.chance.about(20 * SECOND)).then(() => cancel(shop, id));
      await Promise.all([answered, cancelled]);
    });
  },
  challenge_at_its_end: async (shop, id) => {
    await payWith(shop, id, CARDS.challenge, async (url) => {
      await shops.wait(
        shop,
        15 * MINUTE - shop.chance.between(-SECOND, 20 * SECOND),
        "forgets the challenge",
      );
      await shops.answerChallenge(shop, url, "complete");
      await shops.comeBack(shop, id);
    });
  },
  // A reload comes back without an answer; what it set off may still be on its way when the customer has answered.
  challenge_reloaded: async (shop, id) => {
    await payWith(shop, id, CARDS.challenge, async (url) => {
      for (let reloads = 1 + shop.chance.below(3); reloads > 0; reloads--) await shops.comeBack(shop, id);
      await shops.answerChallenge(shop, url, "complete", 4 * SECOND);
      const next = shop.chance.weighted({ cancel: 60, leave: 20, come_back: 20 });
      await shops.wait(shop, shop.chance.about(4 * SECOND));
      if (next === "cancel") await cancel(shop, id);
      if (next === "come_back") await shops.comeBack(shop, id);
    });
  },
  pay_against_cancel: async (shop, id) => {
    await soon(shop);
    const card = shop.chance.pick([CARDS.visa, CARDS.declined, CARDS.challenge]);
    const cancelled = shops.wait(shop, shop.chance.about(30_000)).then(() => cancel(shop, id));
    await Promise.all([payWith(shop, id, card), cancelled]);
  },
  cancel_twice: async (shop, id) => {
    await soon(shop);
    await Promise.all([cancel(shop, id), cancel(shop, id)]);
    await cancel(shop, id);
  },
  pay_at_expiry: async (shop, id) => {
    const [row] = await shop.stage.observe<{ micros: string }>(LEFT_UNTIL_EXPIRY, [
      id,
      shop.stage.timeline.now(),
    ]);
    await shops.wait(
      shop,
      Number(row?.micros ?? DAY) + shop.chance.between(-2 * SECOND, SECOND / 2),
      "hesitates",
    );
    await payWith(shop, id, shop.chance.pick([CARDS.visa, CARDS.challenge]));
  },
  left_alone: async () => {},
};

const LEFT_UNTIL_EXPIRY = `
  select round(extract(epoch from i.expires_at) * 1000000)::bigint - a.clock_offset_us - $2::bigint as micros
    from intents i join accounts a using (account_id) where i.intent_id = $1`;

function soon(shop: Shop): Promise<void> {
  return shops.wait(shop, shop.chance.about(3 * MINUTE), "finds the card");
}

/** Presses "Pay", follows what becomes of it, and meets a challenge where there is one. */
async function payWith(
  shop: Shop,
  id: IntentId,
  card: string,
  meet: (url: string) => Promise<void> = (url) => meetChallenge(shop, id, url),
): Promise<void> {
  await shops.wait(shop, shop.chance.about(200_000), "types");
  await shops.pressPay(shop, id, card);
  await follow(shop, id, meet);
}

async function follow(
  shop: Shop,
  id: IntentId,
  meet: (url: string) => Promise<void> = (url) => meetChallenge(shop, id, url),
): Promise<void> {
  const view = await shops.follow(shop, id);
  if (view?.status !== "requires_action" || view.challengeUrl === null) return;
  await meet(view.challengeUrl);
  await shops.follow(shop, id);
}

async function meetChallenge(shop: Shop, id: IntentId, url: string): Promise<void> {
  const { chance } = shop;
  const how = chance.weighted({ complete: 60, fail: 15, leave: 12, back_without_answer: 13 });
  if (how === "leave") return;
  if (how === "back_without_answer") await shops.comeBack(shop, id);
  await shops.answerChallenge(shop, url, how === "fail" ? "fail" : "complete");
  await shops.comeBack(shop, id);
}

async function cancel(shop: Shop, id: IntentId): Promise<void> {
  await shops.cancel(shop, id, shop.chance.flip(0.6) ? `cancel-${id}` : null);
}

/** Parts, or all, and at times two at once that together are more than was paid. */
async function refundSome(shop: Shop, id: IntentId, paid: bigint): Promise<void> {
  const { chance } = shop;
  await shops.wait(shop, chance.about(DAY), "regrets");
  const part = () => (chance.flip(0.4) ? null : 1n + BigInt(chance.below(Number(paid))));
  const copies = chance.pick([1, 1, 2, 3]);
  await Promise.all(
    Array.from({ length: copies }, async (_, copy) => {
      const amount = part();
      const key = chance.flip(0.7) ? `refund-${id}-${copy}` : null;
      const together = key !== null && chance.flip(0.3) ? 2 : 1;
      await Promise.all(Array.from({ length: together }, () => shops.refund(shop, id, amount, key)));
    }),
  );
}

const SUBSCRIPTIONS = {
  kept: 35,
  cancelled_sometime: 15,
  cancelled_when_due: 25,
  bank_changes_its_mind: 18,
  refunded_when_due: 7,
} as const;
type SubscriptionStory = keyof typeof SUBSCRIPTIONS;

/** A recurring order, and what becomes of its subscription in the `forMicros` that are left. */
export async function tellSubscription(shop: Shop, order: Order, forMicros: number): Promise<void> {
  const { chance } = shop;
  const intentId = await create(shop, order);
  if (intentId === null) return;
  const cards = [CARDS.visa, CARDS.visa, CARDS.visa, CARDS.firstOnly, CARDS.challengeOnce, CARDS.challenge];
  const card = chance.pick(cards);
  for (let tries = 0; tries < 4; tries++) {
    await payWith(shop, intentId, card, async (url) => {
      await shops.answerChallenge(shop, url, "complete");
      await shops.comeBack(shop, intentId);
    });
    const subscriptionId = await shops.subscriptionOf(shop, intentId);
    if (subscriptionId === null) continue;
    const story = chance.weighted(SUBSCRIPTIONS);
    shop.stage.count(`story: ${story}`);
    await SUBSCRIPTION_STORIES[story](shop, { intentId, subscriptionId, forMicros, order });
    return;
  }
}

type Subscribed = {
  readonly intentId: IntentId;
  readonly subscriptionId: SubscriptionId;
  readonly forMicros: number;
  readonly order: Order;
};

const SUBSCRIPTION_STORIES: Record<SubscriptionStory, (shop: Shop, at: Subscribed) => Promise<void>> = {
  kept: async () => {},
  cancelled_sometime: async (shop, { subscriptionId, forMicros }) => {
    await shops.wait(shop, shop.chance.between(0, forMicros), "is content");
    const copies = shop.chance.pick([1, 1, 2]);
    await Promise.all(Array.from({ length: copies }, () => endIt(shop, subscriptionId)));
  },
  cancelled_when_due: async (shop, { subscriptionId }) => {
    if (!(await untilItIsDue(shop, subscriptionId))) return;
    const { chance } = shop;
    // A poll finds it within half a second; a charge whose answer was lost is asked after 15 seconds later.
    if (chance.flip(0.4)) await shops.wait(shop, chance.between(0, 700_000));
    else if (await untilItIsUnderWay(shop, subscriptionId))
      await shops.wait(shop, chance.between(0, 14 * SECOND));
    await endIt(shop, subscriptionId);
  },
  bank_changes_its_mind: async (shop, { subscriptionId, forMicros }) => {
    const minds = [
      "insufficient_funds",
      "succeeds",
      "lost_card",
      "generic_decline",
      "succeeds",
      "challenge_then_succeeds",
    ];
    for (let changes = 1 + shop.chance.below(4); changes > 0; changes--) {
      await shops.wait(shop, shop.chance.about(forMicros / 4), "the bank thinks");
      await shop.stage.observe(CHANGE_OF_MIND, [subscriptionId, shop.chance.pick(minds)]);
    }
    if (shop.chance.flip(0.3)) await endIt(shop, subscriptionId);
  },
  refunded_when_due: async (shop, { subscriptionId, intentId, order }) => {
    if (!(await untilItIsDue(shop, subscriptionId))) return;
    await shops.wait(shop, shop.chance.between(0, 700_000));
    await shops.refund(
      shop,
      intentId,
      1n + BigInt(shop.chance.below(order.amount * 100)),
      `refund-${intentId}-due`,
    );
  },
};

const CHANGE_OF_MIND = `
  update sandbox.methods m set behaviour = $2 from subscriptions s
   where s.subscription_id = $1 and m.account_id = s.account_id and m.token = s.method_token`;

async function endIt(shop: Shop, id: SubscriptionId): Promise<void> {
  await shops.endSubscription(shop, id, shop.chance.flip(0.6) ? `end-${id}` : null);
}

/** Waits for one of the next renewals; false: there will be none. */
async function untilItIsDue(shop: Shop, id: SubscriptionId): Promise<boolean> {
  await shops.wait(shop, shop.chance.about(3 * DAY), "is content");
  for (let look = 0; look < 20; look++) {
    const [row] = await shop.stage.observe<{ micros: string | null; status: string }>(LEFT_UNTIL_DUE, [
      id,
      shop.stage.timeline.now(),
    ]);
    if (!row || row.status === "cancelled" || row.status === "unpaid") return false;
    if (row.micros !== null) {
      await shops.wait(shop, Math.max(0, Number(row.micros)), "until it is due");
      return true;
    }
    await shops.wait(shop, HOUR);
  }
  return false;
}

/** Looks whether its renewal has begun, for two seconds; false: it has not, or is over already. */
async function untilItIsUnderWay(shop: Shop, id: SubscriptionId): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    const [row] = await shop.stage.observe(
      "select 1 from subscriptions where subscription_id = $1 and charge_id is not null",
      [id],
    );
    if (row) return true;
    await shops.wait(shop, 20_000, "watches");
  }
  return false;
}

const LEFT_UNTIL_DUE = `
  select s.status, round(extract(epoch from s.due_at) * 1000000)::bigint - a.clock_offset_us - $2::bigint as micros
    from subscriptions s join accounts a using (account_id) where s.subscription_id = $1`;
