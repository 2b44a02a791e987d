/** What customers, merchants and banks do with a subscription, much of it just when it is due. */
import type { ChargeId, IntentId, SubscriptionId } from "../../src/domain/ids.ts";
import { CARDS, create, payWith } from "./buying.ts";
import type { Order, Shop } from "./shop.ts";
import * as shops from "./shop.ts";
import { DAY, HOUR, SECOND } from "./stage.ts";

const SUBSCRIPTIONS = {
  kept: 35,
  cancelled_sometime: 15,
  cancelled_when_due: 25,
  bank_changes_its_mind: 18,
  refunded_when_due: 7,
  renewals_refunded: 12,
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
  renewals_refunded: async (shop, { intentId, forMicros }) => {
    for (let times = 1 + shop.chance.below(3); times > 0; times--) {
      await shops.wait(shop, shop.chance.about(forMicros / 4), "is content");
      await refundTheNewest(shop, intentId);
    }
  },
};

/** What was paid last, a renewal as a rule, is given back in two parts, at once and with a wait between. */
async function refundTheNewest(shop: Shop, intentId: IntentId): Promise<void> {
  const [row] = await shop.stage.observe<{ charge_id: ChargeId; amount: string }>(NEWEST_CHARGE, [intentId]);
  if (!row) return;
  const at = shop.stage.timeline.now(); // a key of some days ago would be forgotten, and refund once more
  const refund = (part: number, amount: bigint | null) =>
    shops.refund(shop, intentId, amount, `refund-${intentId}-${at}-${part}`, row.charge_id);
  await Promise.all([1, 2].map((part) => refund(part, BigInt(row.amount) / 3n || 1n)));
  await shops.wait(shop, shop.chance.about(HOUR), "regrets more");
  await refund(3, null);
}

const NEWEST_CHARGE = `
  select charge_id, amount from charges where intent_id = $1 and status = 'succeeded' order by cycle desc limit 1`;

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
