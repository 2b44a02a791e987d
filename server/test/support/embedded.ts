/** Embedded databases for the tests of the launcher: each in a folder of its own, ended and removed after its test. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterEach } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { scratchParent } from "./scratch.ts";

export const LAUNCHER = new URL("../../src/main/embedded-postgres.ts", import.meta.url);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function newFolder(name = "data"): Promise<string> {
  const parent = await mkdtemp(join(await scratchParent(), "mintro-embedded-"));
  cleanups.push(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
  return join(parent, name);
}

export async function start(
  dataDir: string,
  settings: Record<string, string> = {},
): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { fsync: "off", ...settings },
  });
  cleanups.push(() => database.stop());
  return database;
}

export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

export type Owner = { readonly process: ChildProcess; readonly pid: number; readonly url: string };

/** A platform of its own that does nothing but own an embedded PostgreSQL; `prefix` may make it another user's. */
export async function startOwner(
  dataDir: string,
  prefix: readonly string[] = [],
  env = process.env,
): Promise<Owner> {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(LAUNCHER.href)});
    const options = { dataDir: process.argv[1], durable: false, settings: { fsync: "off" } };
    const database = await startEmbeddedPostgres(options);
    process.once("SIGTERM", () => database.stop());
    console.log(JSON.stringify({ pid: database.pid, url: database.url }));`;
  const [file, ...args] = [...prefix, process.execPath, "--input-type=module", "-e", script, dataDir];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"], env });
  cleanups.push(() => child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, ...JSON.parse(line) };
  throw new Error("The owner ended before it had a database.");
}

export async function endOwner(owner: Owner, signal: NodeJS.Signals): Promise<void> {
  const exited = new Promise((resolve) => owner.process.once("exit", resolve));
  owner.process.kill(signal);
  await exited;
}

/** A PATH on which one program always fails, as if the machine forbade what it does. */
export async function pathWithout(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mintro-path-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, program), "#!/bin/sh\necho forbidden >&2\nexit 1\n", { mode: 0o755 });
  return `${folder}:${process.env["PATH"] ?? ""}`;
}
