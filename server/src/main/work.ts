/**
 * The worker alone (`MINTRO_ROLE=worker`): it does what is due for platforms that serve requests on the same database. It
 * listens only to say how it does; the client and the endpoint that variables name are the servers' to make sure of.
 */
import { createHealthServer } from "../api/health.ts";
import { assert } from "../base/assert.ts";
import { createCipher } from "../base/cipher.ts";
import { limitsThatDisagree } from "../base/limits-agree.ts";
import { realWorld } from "../base/world.ts";
import { DatabaseUnavailable } from "../store/database.ts";
import { startWorker } from "../worker/loop.ts";
import { checkKeys } from "./environment.ts";
import { type Base, createPlatform, listen, migrateFor, openBoth, refusalFor } from "./wire.ts";

export type Working = {
  readonly port: number;
  readonly postgresVersion: string;
  /** The migrations that this start applied. */
  readonly migrations: readonly string[];
  /** Begins nothing more, finishes what runs, and leaves the database as it is. */
  stop(): Promise<void>;
};

/** Throws `CannotStart` where the database cannot be used, its secrets have another key, or the port is taken. */
export async function work(wiring: Base & { readonly publicUrl: string }): Promise<Working> {
  assert(limitsThatDisagree().length === 0, limitsThatDisagree().join("; "));
  const { world = realWorld() } = wiring;
  const migrated = await migrateFor(wiring);
  const { db, sandboxDb, isAway, closeBoth } = openBoth(wiring);
  try {
    const cipher = createCipher(wiring.secretKey, world, wiring.previousSecretKeys);
    await checkKeys(db, { world, cipher });
    const { platform, metrics, stopping, onWake } = createPlatform(wiring, { db, sandboxDb, world, cipher });
    const app = createHealthServer(platform, metrics, isAway);
    const port = await listen(app, wiring);
    const worker = startWorker(platform);
    onWake(worker.wake);
    return {
      port,
      postgresVersion: migrated.serverVersion,
      migrations: migrated.applied,
      async stop() {
        stopping.abort();
        await Promise.all([app.close(), worker.stop()]);
        await platform.sender.close();
        await closeBoth();
      },
    };
  } catch (error) {
    await closeBoth();
    throw error instanceof DatabaseUnavailable ? refusalFor(wiring, error) : error;
  }
}
