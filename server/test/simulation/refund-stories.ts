/** How merchants give money back: all, parts, several at once that together are more than was paid, until nothing is left. */
import type { IntentId } from "../../src/domain/ids.ts";
import type { Shop } from "./shop.ts";
import * as shops from "./shop.ts";
import { DAY, HOUR } from "./stage.ts";

/** Parts, or all, and at times two at once that together are more than was paid. */
export async function refundSome(shop: Shop, id: IntentId, paid: bigint): Promise<void> {
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

/** One part after the other, some before the one before is through; then all that is left, and once more. */
export async function refundInParts(shop: Shop, id: IntentId, paid: bigint): Promise<void> {
  const { chance } = shop;
  await shops.wait(shop, chance.about(DAY), "regrets");
  const parts = 2 + chance.below(4);
  for (let part = 0; part < parts; part++) {
    await shops.refund(shop, id, paid / BigInt(parts + 1) || 1n, `refund-${id}-part-${part}`);
    await shops.wait(shop, chance.flip(0.5) ? chance.about(200_000) : chance.about(HOUR), "regrets more");
  }
  await shops.refund(shop, id, null, `refund-${id}-rest`);
  await shops.refund(shop, id, null, `refund-${id}-too-much`);
}
