/**
 * Stops a running Mintro at a chosen point, from outside: a transaction of the test's own holds a table, and whoever comes
 * to it waits there, for as long as a crash needs.
 */
import pg from "pg";
import { eventually } from "../support/platform.ts";

export type Hold = {
  /** Until somebody waits for the table, or at once where somebody does. */
  reached(): Promise<void>;
  /** Everybody goes on. Of no use after the database is gone, and no harm. */
  release(): Promise<void>;
};

/** @param table with its schema where that is not the first one, `sandbox.payments` */
export async function holdTable(databaseUrl: string, table: string): Promise<Hold> {
  const client = await connected(databaseUrl);
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  return {
    reached: () => somebodyWaits(client),
    release: () => client.end().catch(() => undefined),
  };
}

/** The same, held by what the test has changed and not yet committed. */
export async function holdByChange(databaseUrl: string, change: string): Promise<Hold> {
  const client = await connected(databaseUrl);
  await client.query(`begin; ${change}`);
  return {
    reached: () => somebodyWaits(client),
    release: () => client.end().catch(() => undefined),
  };
}

async function connected(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => undefined); // the database ends with the Mintro that is killed
  await client.connect();
  return client;
}

/** For this very transaction. Of the views, pg_locks alone is read anew inside a transaction. */
async function somebodyWaits(client: pg.Client): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await client.query(
      "select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))",
    );
    return rowCount !== 0;
  });
}
