/**
 * Idempotency around every command (contract section 2): the same key, path and body get the first answer again, byte
 * for byte; another path or body is refused; while the first still runs, the second waits for it. The key is claimed in the
 * transaction of the effect, so there is neither an effect without its key nor a key without its effect.
 */

import { assert } from "../base/assert.ts";
import { plusMs } from "../base/instant.ts";
import { IDEMPOTENCY } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { World } from "../base/world.ts";
import type { AccountId } from "../domain/ids.ts";
import { LockTimeout, Overtaken, type Queryable, type Tx } from "../store/database.ts";
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
export type Keyed = {
  readonly key: string;
  readonly fingerprint: Buffer;
  /** Another fingerprint under which a key may have been kept for this very request (api/fingerprint.ts). */
  readonly formerly?: Buffer | undefined;
};

export type KeyFailure =
  /** The key was used with another path or body. */
  | { readonly kind: "key_reused" }
  /** The first request with this key is still running after the longest wait (DATABASE.lockTimeoutMs). */
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
    if (error instanceof LockTimeout && keyed) return fail({ kind: "key_busy" });
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
  return (await claimOrFindAll(tx, world, accountId, [claim])).get(claim.key) ?? null;
}

/**
 * Claims the keys that are free, and gives back what is known of the others. Waits while another transaction is just
 * claiming one of them (LockTimeout where that takes too long): when that one is rolled back, the key is claimed here.
 * Both statements go by one reading of the clock, so that a key is either remembered or free to both of them.
 */
export async function claimOrFindAll(
  tx: Tx,
  world: World,
  accountId: AccountId,
  claims: readonly KeyClaim[],
): Promise<Map<string, KnownKey>> {
  const times = keyTimes(world);
  const claimed = await claimKeys(tx, accountId, claims, times);
  const taken = claims.flatMap(({ key }) => (claimed.has(key) ? [] : [key]));
  if (taken.length === 0) return new Map();
  const known = await findKeys(tx, accountId, taken, times.forgottenBefore);
  // Claiming has locked its row, so it is there; were it not, the key would be free, and is claimed anew.
  if (known.size < taken.length) throw new Overtaken("a key was given up while it was being claimed");
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

/** Whether this is the request that a key was used with. */
export function isSameRequest(first: Pick<Keyed, "fingerprint">, { fingerprint, formerly }: Keyed): boolean {
  return first.fingerprint.equals(fingerprint) || (formerly?.equals(first.fingerprint) ?? false);
}

export function replay(known: KeyClaim, keyed: Keyed): Result<Answered, KeyFailure> {
  if (!isSameRequest(known, keyed)) return fail({ kind: "key_reused" });
  assert(
    known.answer !== null,
    "a key commits with its answer, but an advance's, which looks for it by itself",
  );
  return ok({ body: known.answer, replayed: true });
}
