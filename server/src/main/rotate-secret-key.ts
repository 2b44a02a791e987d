/**
 * `mintro secrets rotate`: the change of MINTRO_SECRET_KEY, or of the key that is kept in the data folder of the embedded
 * database. What is stored is sealed with the new key, and then the old one may go.
 */
import { resolve } from "node:path";
import { createCipher } from "../base/cipher.ts";
import { realWorld } from "../base/world.ts";
import { type Resealed, resealAll } from "../flows/secrets/reseal.ts";
import { borrowDatabase, withMigrated } from "./borrow-database.ts";
import { CannotStart } from "./cannot-start.ts";
import { readSecretKeyConfig } from "./config.ts";
import { forgetKeptKeys, keepNewKey, readKeptKeys } from "./credentials.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

export type Rotated = Resealed & {
  /** Whose key it is: the environment names the new one, or a new one was made and is kept in the data folder. */
  readonly key: "given" | "kept";
};

/** Throws `CannotStart` where the database or the kept key cannot be used. */
export async function rotateSecretKey(env: Readonly<Record<string, string | undefined>>): Promise<Rotated> {
  const config = readSecretKeyConfig(env);
  const { secretKey, previousSecretKeys } = config;
  if (secretKey === null) return await rotateKeptKey(resolve(config.dataDir), previousSecretKeys);
  const resealed = await borrowDatabase({ env }, (db, world) =>
    resealAll({ db, world, cipher: createCipher(secretKey, world, previousSecretKeys) }),
  );
  return { ...resealed, key: "given" };
}

/**
 * Killed at any point, it is done by running it again, and until then the start reads both keys. No Mintro may run on the
 * folder meanwhile: it would go on with the old key alone.
 */
async function rotateKeptKey(dataDir: string, given: readonly Buffer[]): Promise<Rotated> {
  const world = realWorld();
  const before = await readKeptKeys(dataDir);
  if (!before)
    throw new CannotStart(
      `There is no secret-key in ${dataDir}: go to the folder that Mintro was started in, or set MINTRO_DATA_DIR.`,
    );
  const embedded = await startEmbeddedPostgres({ dataDir });
  try {
    // More than one: an earlier rotation did not come to its end.
    const [key, ...previous] = before.length > 1 ? before : await keepNewKey(dataDir, world, before);
    const cipher = createCipher(key, world, [...previous, ...given]);
    const resealed = await withMigrated(embedded.url, (db) => resealAll({ db, world, cipher }));
    if (resealed.complete && resealed.unopened === 0) await forgetKeptKeys(dataDir, key);
    return { ...resealed, key: "kept" };
  } finally {
    await embedded.stop();
  }
}
