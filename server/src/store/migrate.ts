/**
 * Brings a database to the newest schema: forward only, one transaction a file, several processes at once welcome (the
 * second waits for the first's lock on the migrations table).
 */
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { DATABASE } from "../base/limits.ts";
import type { Tx } from "./database.ts";
import { sql } from "./sql.ts";

const FOLDER = new URL("../../migrations/", import.meta.url);

export type Migrated = { readonly applied: readonly string[]; readonly serverVersion: string };

/** Thrown when the server is older than the oldest that Mintro runs on. */
export class DatabaseTooOld extends Error {
  override name = "DatabaseTooOld";
}

/** A file that a database has already applied is not what this version ships, or is unknown to it. */
export class SchemaMismatch extends Error {
  override name = "SchemaMismatch";
}

export async function migrate(url: string): Promise<Migrated> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: DATABASE.connectTimeoutMs });
  client.on("error", () => undefined); // the query that meets the loss reports it
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; number: number }>(
      "select current_setting('server_version') as version, current_setting('server_version_num')::integer as number",
    );
    const server = rows[0] ?? { version: "unknown", number: 0 };
    if (server.number < 150_000)
      throw new DatabaseTooOld(`PostgreSQL ${server.version} is too old: Mintro needs 15 or newer.`);
    await client.query("set client_min_messages to warning");
    await createMigrationsTable(client);
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".sql")).sort();
    const applied: string[] = [];
    for (const file of files) {
      if (await applyOnce(client, file)) applied.push(file);
    }
    await refuseUnknown(client, files);
    return { applied, serverVersion: server.version };
  } finally {
    await client.end();
  }
}

/** One process at a time sets up what every process expects, until the transaction's end. Readers are not held up. */
export async function lockSetUp(tx: Tx): Promise<void> {
  await tx.query(sql`lock table schema_migrations in exclusive mode`);
}

async function createMigrationsTable(client: pg.Client): Promise<void> {
  const create =
    "create table if not exists schema_migrations (name text not null primary key, applied_at timestamptz not null default now())";
  // Two processes that create it at the same moment: one of them meets the other's row in the catalogue.
  await client.query(create).catch((error: { code?: string }) => {
    if (error.code === "23505" || error.code === "42P07") return client.query(create);
    throw error;
  });
}

async function applyOnce(client: pg.Client, file: string): Promise<boolean> {
  const text = await readFile(new URL(file, FOLDER), "utf8");
  await client.query("begin");
  try {
    await client.query("lock table schema_migrations in exclusive mode");
    const done = await client.query("select 1 from schema_migrations where name = $1", [file]);
    if (done.rowCount === 0) {
      await client.query(text);
      await client.query("insert into schema_migrations (name) values ($1)", [file]);
    }
    await client.query("commit");
    return done.rowCount === 0;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function refuseUnknown(client: pg.Client, files: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select name from schema_migrations where name <> all($1) order by 1",
    [files],
  );
  if (rows[0]) {
    throw new SchemaMismatch(
      `The database was migrated by a newer Mintro (${rows[0].name} is unknown here): start that version, or use another database.`,
    );
  }
}
