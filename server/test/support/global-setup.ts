/**
 * One real PostgreSQL for the whole test run: the embedded one, in memory where there is room, or the one that
 * `MINTRO_TEST_DATABASE_URL` names (15 or later; its role must be allowed to create databases). The migrations run
 * once, into a template that `createTestDatabase` copies.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { isRunning } from "../../src/main/process-table.ts";
import { migrate } from "../../src/store/migrate.ts";
import { scratchParent } from "./scratch.ts";

declare module "vitest" {
  interface ProvidedContext {
    testDatabases: TestDatabases;
  }
}

export type TestDatabases = {
  /** A connection to a database that tests do not use, as a role that may create others. */
  readonly adminUrl: string;
  /** A migrated database to copy. */
  readonly template: string;
  /** What the names of this run's databases begin with. */
  readonly prefix: string;
};

/** Nothing here need survive a power cut, and many test files connect at once. */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "300",
  max_wal_size: "256MB",
  // Its workers would stand in the way of copying and dropping databases.
  autovacuum: "off",
};

/** Vitest calls this before the first test file, and what it returns after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["MINTRO_TEST_DATABASE_URL"];
  const server = given ? { url: given, stop: async () => {} } : await startInMemory();
  const prefix = `mintro_test_${randomBytes(4).toString("hex")}_`;
  const databases: TestDatabases = { adminUrl: server.url, template: `${prefix}template`, prefix };
  try {
    await makeTemplate(databases);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide("testDatabases", databases);
  return async () => {
    if (given) await dropAll(databases);
    await server.stop();
  };
}

async function startInMemory(): Promise<{ url: string; stop: () => Promise<void> }> {
  const parent = await scratchParent();
  await removeAbandoned(parent);
  const dataDir = await mkdtemp(join(parent, `mintro-tests-${process.pid}-`));
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await startEmbeddedPostgres({ dataDir, settings: SETTINGS, durable: false });
    return { url: server.url, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What runs that were killed left behind. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^mintro-tests-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || (await isRunning(Number(pid)))) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {}); // another user's
  }
}

async function makeTemplate({ adminUrl, template }: TestDatabases): Promise<void> {
  await withClient(adminUrl, (client) => client.query(`create database ${template}`));
  const url = new URL(adminUrl);
  url.pathname = `/${template}`;
  await migrate(url.href);
  await withClient(adminUrl, (client) =>
    client.query(`alter database ${template} with is_template true allow_connections false`),
  );
}

async function dropAll({ adminUrl, template, prefix }: TestDatabases): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(`alter database ${template} with is_template false`);
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1)",
      [prefix],
    );
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  });
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
