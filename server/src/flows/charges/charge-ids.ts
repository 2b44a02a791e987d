/** Charge ids, drawn in blocks so that the one shared row is written once in a thousand charges. Unused ones are left out. */
import { CHARGE_ID_BLOCK } from "../../base/limits.ts";
import type { ChargeId } from "../../domain/ids.ts";
import { drawChargeIds } from "../../store/charges.ts";
import type { Db } from "../../store/database.ts";

export function createChargeIds(db: Db): () => Promise<ChargeId> {
  let next = 0n;
  let end = 0n;
  let drawing: Promise<void> | null = null;
  return async () => {
    while (next >= end) {
      drawing ??= drawChargeIds(db)
        .then((first) => {
          next = first;
          end = first + BigInt(CHARGE_ID_BLOCK);
        })
        .finally(() => {
          drawing = null;
        });
      await drawing;
    }
    const id = next as ChargeId;
    next += 1n;
    return id;
  };
}
