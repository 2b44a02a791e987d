import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../server/src/main/embedded-postgres.ts";
import { migrate } from "../server/src/store/migrate.ts";
import { scratchParent } from "../server/test/support/scratch.ts";
import { accountNotFirst } from "./schema/account-first.ts";
import { readCatalog } from "./schema/catalog.ts";
import { renderSchema } from "./schema/render.ts";

/**
 * Writes server/schema.sql, what all migrations together come to, so that a change of the schema is read in a review
 * as what it is. `--check` writes nothing and exits 1 where the file is not what the migrations give.
 * The embedded PostgreSQL has no pg_dump; with `--url` an empty database elsewhere is migrated and read instead.
 */
const FILE = new URL("../server/schema.sql", import.meta.url);
const REDO = "run `npx node tools/dump-schema.ts`";

async function withEmptyDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(await scratchParent(), "mintro-schema-"));
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false, settings: { fsync: "off" } });
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The schema that the migrations give an empty database, and what is wrong with it. */
async function schemaOf(url: string): Promise<{ text: string; wrong: string[] }> {
  await migrate(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    const catalog = await readCatalog(client);
    return { text: renderSchema(catalog), wrong: accountNotFirst(catalog) };
  } finally {
    await client.end();
  }
}

/** Where the file first departs from the migrations; undefined if nowhere. */
export function firstDifference(file: string, migrated: string): string | undefined {
  if (file === migrated) return undefined;
  const [kept, given] = [file.split("\n"), migrated.split("\n")];
  const index = given.findIndex((line, at) => line !== kept[at]);
  const at = index === -1 ? given.length : index;
  const shown = (line: string | undefined): string => (line === undefined ? "the end" : `\`${line.trim()}\``);
  return `server/schema.sql:${at + 1}: schema: ${shown(kept[at])} stands where the migrations give ${shown(given[at])}; ${REDO}`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, url: { type: "string" } } });
  const { text, wrong } = await (values.url === undefined
    ? withEmptyDatabase(schemaOf)
    : schemaOf(values.url));
  for (const sentence of wrong) console.log(`server/migrations: schema: ${sentence}`);
  if (values.check) {
    const difference = firstDifference(await readFile(FILE, "utf8").catch(() => ""), text);
    if (difference !== undefined) console.log(difference);
    process.exitCode = difference !== undefined || wrong.length > 0 ? 1 : 0;
  } else {
    await writeFile(FILE, text);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  }
}
