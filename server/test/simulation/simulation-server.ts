/** A PostgreSQL for simulations: in memory where there is room, thrown away afterwards; each seed has a database of its own. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { migrate } from "../../src/store/migrate.ts";
import { scratchParent } from "../support/scratch.ts";

export type SimulationServer = {
  readonly adminUrl: string;
  stop(): Promise<void>;
};

const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "600",
  max_wal_size: "512MB",
  // Its timing would not come from the seed, and its workers stand in the way of copying databases.
  autovacuum: "off",
};

export async function startSimulationServer(): Promise<SimulationServer> {
  const dataDir = await mkdtemp(join(await scratchParent(), `mintro-simulation-${process.pid}-`));
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await startEmbeddedPostgres({ dataDir, settings: SETTINGS, durable: false });
    return { adminUrl: server.url, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

export type SimulationDatabases = {
  /** Runs `work` on a migrated, empty database of its own, which is dropped afterwards. */
  withOne<T>(work: (databaseUrl: string) => Promise<T>): Promise<T>;
  end(): Promise<void>;
};

/** Databases on a server whose role may create them, copied from a template that is made first. */
export async function openDatabases(adminUrl: string): Promise<SimulationDatabases> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  const prefix = `simulation_${randomBytes(5).toString("hex")}`;
  const urlOf = (name: string) => {
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    return url.href;
  };
  const template = `${prefix}_template`;
  await admin.query(`create database ${template}`);
  await migrate(urlOf(template));
  let made = 0;
  return {
    async withOne(work) {
      const name = `${prefix}_${made++}`;
      await admin.query(`create database ${name} template ${template} strategy file_copy`);
      try {
        return await work(urlOf(name));
      } finally {
        await admin.query(`drop database if exists ${name} with (force)`);
      }
    },
    async end() {
      await admin.query(`drop database if exists ${template} with (force)`);
      await admin.end();
    },
  };
}
