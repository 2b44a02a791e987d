/**
 * What customers and merchants do with a payment. Each story is ordinary by itself; many bring two parties to the same row at
 * the same moment, since that is where platforms break.
 */
import type { IntentId } from "../../src/domain/ids.ts";
import { CARDS, cancel, create, follow, payWith, soon } from "./buying.ts";
import { refundInParts, refundSome } from "./refund-stories.ts";
import type { Order, Shop } from "./shop.ts";
import * as shops from "./shop.ts";
import { DAY, MINUTE, SECOND } from "./stage.ts";

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
  const paid = BigInt(order.amount * 100);
  const regret = chance.weighted({ none: 82, some: 12, in_parts: 6 });
  if (regret === "some") await refundSome(shop, intentId, paid);
  if (regret === "in_parts") await refundInParts(shop, intentId, paid);
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
