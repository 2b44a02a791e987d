/**
 * After a change of MINTRO_SECRET_KEY: what earlier keys sealed is sealed with the present one, value by value. Each is one
 * update that holds only while the value is still what was read, so it may run beside platforms that rotate secrets, and may be
 * killed at any point: then every value is sealed with the one key or the other, and the next run goes on.
 */

import type { Cipher } from "../../base/cipher.ts";
import { plusMs } from "../../base/instant.ts";
import { IDEMPOTENCY } from "../../base/limits.ts";
import type { World } from "../../base/world.ts";
import type { Queryable } from "../../store/database.ts";
import {
  answersUnderOtherSeals,
  endpointsUnderOtherSeals,
  replaceAnswer,
  replaceSecrets,
  type SealedAnswer,
  type SealedEndpoint,
  type SealedOf,
  sealSamples,
} from "../../store/sealed.ts";
import { sealContext } from "../once.ts";
import { secretContext } from "../webhooks/deliver.ts";

/** Values read at a time. */
const PAGE = 200;
/** Times that everything is gone through, where others seal meanwhile. */
const PASSES = 5;

export type Resealed = {
  /** Endpoints and kept answers that now have the present seal. */
  readonly resealed: number;
  /** Those that no given key opens; they are left as they are. */
  readonly unopened: number;
  /** False: others were still sealing with an earlier key at the end. */
  readonly complete: boolean;
};

type Tools = { readonly db: Queryable; readonly cipher: Cipher; readonly world: World };

/** `db` need be no pool: one statement runs at a time. */
export async function resealAll(tools: Tools): Promise<Resealed> {
  let resealed = 0;
  // What another process seals behind a pass is found by the next.
  for (let pass = 1; ; pass++) {
    const endpoints = await resealEndpoints(tools);
    const answers = await resealAnswers(tools);
    const did = endpoints.resealed + answers.resealed;
    const overtaken = endpoints.overtaken + answers.overtaken;
    resealed += did;
    const isDone = did === 0 && overtaken === 0;
    if (isDone || pass === PASSES)
      return { resealed, unopened: endpoints.unopened + answers.unopened, complete: isDone };
  }
}

type Pass = { resealed: number; overtaken: number; unopened: number };

async function resealEndpoints({ db, cipher }: Tools): Promise<Pass> {
  const pass: Pass = { resealed: 0, overtaken: 0, unopened: 0 };
  let after: SealedEndpoint | null = null;
  for (;;) {
    const page: SealedEndpoint[] = await endpointsUnderOtherSeals(db, cipher.seal, after, PAGE);
    for (const endpoint of page) {
      const context = contextOf({ kind: "endpoint", ...endpoint });
      const { secret, previousSecret, olderSecrets } = endpoint;
      const next = tryTo(() => ({
        secret: reseal(cipher, secret, context),
        previousSecret: previousSecret && reseal(cipher, previousSecret, context),
        olderSecrets: olderSecrets.map((older) => reseal(cipher, older, context)),
      }));
      if (!next) pass.unopened += 1;
      else pass[(await replaceSecrets(db, endpoint, next)) ? "resealed" : "overtaken"] += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return pass;
  }
}

async function resealAnswers({ db, cipher, world }: Tools): Promise<Pass> {
  const pass: Pass = { resealed: 0, overtaken: 0, unopened: 0 };
  const span = { most: PAGE, forgottenBefore: plusMs(world.now(), -IDEMPOTENCY.rememberedMs) };
  let after: SealedAnswer | null = null;
  for (;;) {
    const page: SealedAnswer[] = await answersUnderOtherSeals(db, cipher.seal, after, span);
    for (const answer of page) {
      const context = contextOf({ kind: "answer", ...answer });
      const next = tryTo(() => reseal(cipher, answer.sealedAnswer, context));
      if (!next) pass.unopened += 1;
      else pass[(await replaceAnswer(db, answer, next)) ? "resealed" : "overtaken"] += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return pass;
  }
}

/** A value that has the present seal already keeps it. */
function reseal(cipher: Cipher, stored: Buffer, context: string): Buffer {
  return stored.subarray(0, cipher.seal.length).equals(cipher.seal)
    ? stored
    : cipher.encrypt(cipher.decrypt(stored, context), context);
}

function tryTo<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Whether the given keys open all that is stored, as one value of each seal shows. */
export async function opensAll({ db, cipher, world }: Tools): Promise<boolean> {
  const forgottenBefore = plusMs(world.now(), -IDEMPOTENCY.rememberedMs);
  const samples = await sealSamples(db, forgottenBefore);
  return samples.every(({ of, sealed }) => tryTo(() => cipher.decrypt(sealed, contextOf(of))) !== null);
}

function contextOf(of: SealedOf): string {
  return of.kind === "endpoint"
    ? secretContext(of.accountId, of.endpointId)
    : sealContext(of.accountId, of.key);
}
