/**
 * The database for a program that runs beside the server or while there is none: the one that `DATABASE_URL` names, else
 * the embedded one of the platform that runs on `MINTRO_DATA_DIR`, else that one started for the moment and stopped again.
 */
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLog } from "../base/log.ts";
import { realWorld, type World } from "../base/world.ts";
import { type Db, openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { CannotStart } from "./cannot-start.ts";
import { readDatabaseConfig } from "./config.ts";
import { DataFolderInUse } from "./data-folder.ts";
import { clusterFolder } from "./embedded-cluster.ts";
import { runningEmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { databaseRefusal } from "./refusals.ts";

/** A platform that has just taken the data folder needs a moment until its database answers. */
const LOOKS = 60;
const LOOK_AGAIN_AFTER_MS = 250;

export type Borrower = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with the folder before an embedded database is made there; without it none is made. */
  readonly onNew?: (dataDir: string) => void;
};

/**
 * Does `work` on the migrated database and leaves it as it was found, running or not. Throws `CannotStart` where the
 * database cannot be used, and whatever `work` throws.
 */
export async function borrowDatabase<T>(
  { env, onNew }: Borrower,
  work: (db: Db, world: World) => Promise<T>,
): Promise<T> {
  const { databaseUrl, dataDir } = readDatabaseConfig(env);
  const found =
    databaseUrl === null ? await embedded(resolve(dataDir), onNew) : { url: databaseUrl, giveBack: null };
  try {
    return await withMigrated(found.url, (db) => work(db, realWorld()));
  } catch (error) {
    throw databaseRefusal(error, { url: found.url, isOurs: databaseUrl === null });
  } finally {
    await found.giveBack?.();
  }
}

/** Does `work` on the migrated database, with one connection and in silence. */
export async function withMigrated<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  await migrate(url);
  const db = openDatabase({ url, log: createLog("silent"), poolSize: 1, applicationName: "mintro-cli" });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

type Borrowed = { readonly url: string; readonly giveBack: (() => Promise<void>) | null };

async function embedded(dataDir: string, onNew: Borrower["onNew"]): Promise<Borrowed> {
  if (!(await isThere(clusterFolder(dataDir)))) {
    // Most likely the wrong folder: an empty database there would be no answer.
    if (!onNew)
      throw new CannotStart(
        `There is no database in ${dataDir}: go to the folder that Mintro was started in, or set MINTRO_DATA_DIR or DATABASE_URL.`,
      );
    onNew(dataDir);
  }
  for (let look = 1; ; look++) {
    const running = await runningEmbeddedPostgres(dataDir);
    if (running) return { url: running.url, giveBack: null };
    try {
      const started = await startEmbeddedPostgres({ dataDir });
      return { url: started.url, giveBack: () => started.stop() };
    } catch (error) {
      if (!(error instanceof DataFolderInUse) || look === LOOKS) throw error;
      await sleep(LOOK_AGAIN_AFTER_MS);
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
