/**
 * Idempotency around every command (contract section 2): the same key, path and body get the first answer again, byte
 * for byte; another path or body is refused; while the first still runs, the second waits for it. The key is claimed in the
 * transaction of the effect, so there is neither an effect without its key nor a key without its effect.
 */

import { plusMs } from "../base/instant.ts";
import { IDEMPOTENCY } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { World } from "../base/world.ts";
import type { AccountId } from "../domain/ids.ts";
import { LockTimeout, type Queryable, type Tx } from "../store/database.ts";
import {
  answerKey,
  claimKeys,
  findKeys,
  type KeyClaim,
  type KnownKey,
  sealKey,
} from "../store/idempotency.ts";
import type { Platform } from "./platform.ts";

/** A request's key and the fingerprint of its path and parsed body. */
export type Keyed = { readonly key: string; readonly fingerprint: Buffer };

export type KeyFailure =
  /** The key was used with another path or body. */
  | { readonly kind: "key_reused" }
  /** The first request with this key is still running after the longest wait. */
  | { readonly kind: "key_busy" };

export type Answered = { readonly body: string; readonly replayed: boolean };

/** Thrown inside a transaction to roll back a refused command; caught where the transaction was opened. */
class Refused<F> extends Error {
  readonly failure: F;
  constructor(failure: F) {
    super("refused");
    this.failure = failure;
  }
}

/**
 * Runs a command that fits one transaction. `work` answers with the body to send; a failure rolls everything back, the
 * key included, so that a refused request may be sent again. `seal`: the answer carries a secret, so it is kept encrypted.
 */
export async function once<F>(
  platform: Platform,
  accountId: AccountId,
  keyed: Keyed | null,
  work: (tx: Tx) => Promise<Result<string, F>>,
  { seal = false }: { readonly seal?: boolean } = {},
): Promise<Result<Answered, F | KeyFailure>> {
  try {
    return await platform.db.transaction(async (tx) => {
      if (keyed) {
        const known = await claimOrFind(tx, platform.world, accountId, {
          ...keyed,
          answer: null,
          resume: null,
        });
        if (known) return replay(unsealed(platform, accountId, known), keyed);
      }
      const result = await work(tx);
      if (!result.ok) throw new Refused(result.failure);
      if (keyed && seal) {
        const context = sealContext(accountId, keyed.key);
        await sealKey(tx, accountId, keyed.key, platform.cipher.encrypt(result.value, context));
      } else if (keyed) await answerKey(tx, accountId, keyed.key, result.value);
      return ok({ body: result.value, replayed: false });
    });
  } catch (error) {
    if (error instanceof Refused) return fail((error as Refused<F>).failure);
    if (error instanceof LockTimeout) return fail({ kind: "key_busy" });
    throw error;
  }
}

/** What an encrypted answer is bound to: it cannot be read from another row. */
export function sealContext(accountId: AccountId, key: string): string {
  return `idempotency-answer:${accountId}:${key}`;
}

/** With the answer in the clear, as the merchant gets it. */
function unsealed(platform: Platform, accountId: AccountId, known: KnownKey): KeyClaim {
  const { sealedAnswer: sealed } = known;
  return sealed === null
    ? known
    : { ...known, answer: platform.cipher.decrypt(sealed, sealContext(accountId, known.key)) };
}

/** Claims the key (null), or gives back what is known of it. Waits while another transaction is just claiming it. */
export async function claimOrFind(
  tx: Tx,
  world: World,
  accountId: AccountId,
  claim: KeyClaim,
): Promise<KnownKey | null> {
  const claimed = await claimKeys(tx, accountId, [claim], keyTimes(world));
  if (claimed.has(claim.key)) return null;
  const known = await findKey(tx, world, accountId, claim.key);
  if (!known) throw new LockTimeout("The key's first request was just rolled back."); // answered 503: send it again
  return known;
}

export async function findKey(
  tx: Queryable,
  world: World,
  accountId: AccountId,
  key: string,
): Promise<KnownKey | undefined> {
  return (await findKeys(tx, accountId, [key], keyTimes(world).forgottenBefore)).get(key);
}

export function keyTimes(world: World) {
  const now = world.now();
  return { now, forgottenBefore: plusMs(now, -IDEMPOTENCY.rememberedMs) };
}

export function replay(known: KeyClaim, keyed: Keyed): Result<Answered, KeyFailure> {
  if (!known.fingerprint.equals(keyed.fingerprint)) return fail({ kind: "key_reused" });
  if (known.answer === null) return fail({ kind: "key_busy" });
  return ok({ body: known.answer, replayed: true });
}
