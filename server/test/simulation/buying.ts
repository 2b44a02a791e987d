/** How an order is made and paid for: a merchant's server and a customer at the checkout page, with a bank between them. */
import type { IntentId } from "../../src/domain/ids.ts";
import type { Order, Shop } from "./shop.ts";
import * as shops from "./shop.ts";
import { MINUTE } from "./stage.ts";

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

/** With a key, most of all; at times twice or thrice at once, as a nervous client does; at times without one. */
export async function create(shop: Shop, order: Order): Promise<IntentId | null> {
  const { chance } = shop;
  const how = chance.weighted({ keyed: 60, together: 25, unkeyed: 15 });
  const key = how === "unkeyed" ? null : `create-${order.reference}`;
  const copies = how === "together" ? chance.pick([2, 3]) : 1;
  const ids = await Promise.all(Array.from({ length: copies }, () => shops.createIntent(shop, order, key)));
  return ids.find((id) => id !== null) ?? null;
}

export function soon(shop: Shop): Promise<void> {
  return shops.wait(shop, shop.chance.about(3 * MINUTE), "finds the card");
}

/** Presses "Pay", follows what becomes of it, and meets a challenge where there is one. */
export async function payWith(
  shop: Shop,
  id: IntentId,
  card: string,
  meet: (url: string) => Promise<void> = (url) => meetChallenge(shop, id, url),
): Promise<void> {
  await shops.wait(shop, shop.chance.about(200_000), "types");
  await shops.pressPay(shop, id, card);
  await follow(shop, id, meet);
}

export async function follow(
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

export async function cancel(shop: Shop, id: IntentId): Promise<void> {
  await shops.cancel(shop, id, shop.chance.flip(0.6) ? `cancel-${id}` : null);
}
