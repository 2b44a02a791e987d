/**
 * The database that comes with the platform: a real PostgreSQL from npm, on a loopback port chosen anew at each start,
 * with its data in the data folder. It lives and ends with this process, also when this process is killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { realWorld, type World } from "../base/world.ts";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { holdDataFolder } from "./data-folder.ts";
import { findPostgres, lastLine, nativeFolder, type Postgres } from "./embedded-binaries.ts";
import { clusterFolder, clusterOwner, prepareCluster, readPassword } from "./embedded-cluster.ts";
import { clusterName, endLeftovers, isPostmasterOf, killProcesses, readPostmaster } from "./postmaster.ts";

export type EmbeddedPostgresOptions = {
  /** `MINTRO_DATA_DIR`; made (mode 0700) if absent. */
  readonly dataDir: string;
  /** Receives what PostgreSQL writes, line by line. */
  readonly log?: (line: string) => void;
  /** Further settings of PostgreSQL, or other values for those set here: `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long PostgreSQL may take until it accepts connections, recovery after a crash included. Default 2 minutes. */
  readonly startTimeoutMs?: number;
  /** False: do not wait for the disk when the cluster is made. For tests. */
  readonly durable?: boolean;
  /** Where it listens. Default: any free port. */
  readonly port?: number;
  readonly world?: World;
};

export interface EmbeddedPostgres {
  /** `postgres://mintro:<password>@127.0.0.1:<port>/mintro` */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in an orderly way and frees the data folder. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
  /** Resolves when the server's process is gone, whether it was stopped or died by itself. */
  readonly exited: Promise<Exit>;
}

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** For a small server that also has other things to do. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "128MB",
  timezone: "UTC",
  log_timezone: "UTC",
  logging_collector: "off",
  log_destination: "stderr",
  log_line_prefix: "",
  log_checkpoints: "off",
  // Details and statements of errors may hold customers' data.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
};

const ATTEMPTS = 5;
/** With what ran before it, still within the 10 s that a shutdown may take. */
const QUIT_AFTER_MS = 2_500;
/** A server that is stopped or hangs answers to nothing else; the next start recovers, as after a power cut. */
const KILL_AFTER_MS = 3_000;
const POLL_MS = 10;
/** SQLSTATE invalid_password. */
const WRONG_PASSWORD = "28P01";

/**
 * Starts PostgreSQL on the data folder, making the cluster and the database `mintro` at the first start. Throws
 * `DataFolderInUse` where another platform has the folder, and `CannotStart` for all else an operator can mend.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const native = nativeFolder();
  const folder = await holdDataFolder(options.dataDir);
  try {
    const cluster = clusterFolder(folder.path);
    await endLeftovers(cluster);
    const postgres = await findPostgres(native, folder.path, await clusterOwner(folder.path));
    const world = options.world ?? realWorld();
    const password = await prepareCluster(folder.path, postgres, world, options.durable ?? true);
    const server = await startServer(postgres, cluster, options);
    const exited = server.exited.finally(() => folder.release());
    try {
      await ensureDatabase(server, password, folder.path);
      const url = databaseUrl(password, server.port);
      return { url, port: server.port, pid: server.pid, exited, stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    folder.release();
    throw asCannotStart(error, folder.path);
  }
}

/** The database of a platform that runs on this data folder now; undefined where none does. For other programs. */
export async function runningEmbeddedPostgres(
  dataDir: string,
): Promise<{ url: string; pid: number } | undefined> {
  const path = await realpath(dataDir).catch(() => undefined);
  if (path === undefined) return undefined;
  const cluster = clusterFolder(path);
  const [found, password] = [await readPostmaster(cluster), await readPassword(path)];
  if (!found?.ready || password === undefined || !(await isPostmasterOf(found.pid, cluster)))
    return undefined;
  return { url: databaseUrl(password, found.port), pid: found.pid };
}

function databaseUrl(password: string, port: number, database = "mintro"): string {
  return `postgres://mintro:${password}@127.0.0.1:${port}/${database}`;
}

interface Server {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

async function startServer(
  postgres: Postgres,
  cluster: string,
  options: EmbeddedPostgresOptions,
): Promise<Server> {
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const server = await tryToStart(postgres, cluster, options, options.port ?? (await freePort()));
    if (typeof server !== "string") return server;
    reason = server;
    const portTaken = /address already in use/i.test(reason);
    // The children of a killed server end by themselves, but not at once.
    const stillInUse = /pre-existing shared memory|lock file .* already exists/i.test(reason);
    if (!portTaken && !stillInUse) break;
    if (stillInUse) await sleep(1_000);
  }
  const line = reason.split("\n").findLast((text) => /FATAL:|PANIC:/.test(text)) ?? lastLine(reason);
  throw new CannotStart(`PostgreSQL did not start on ${cluster}: ${line}`);
}

/** The running server, or what it wrote before it gave up. */
async function tryToStart(
  postgres: Postgres,
  cluster: string,
  options: EmbeddedPostgresOptions,
  port: number,
): Promise<Server | string> {
  const settings = Object.entries({
    ...SETTINGS,
    ...options.settings,
    cluster_name: clusterName(cluster),
    port: String(port),
  });
  const args = ["-D", cluster, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const command = postgres.command("postgres", args);
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const written: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (written.length < 100) written.push(line);
    options.log?.(line);
  });
  const exited = exitOf(child);
  const server: Server = {
    pid: child.pid ?? 0,
    port,
    exited,
    stop: once(() => stopProcess(child, exited, cluster)),
  };
  const timeoutMs = options.startTimeoutMs ?? 120_000;
  let gone = false;
  void exited.then(() => (gone = true));
  for (let waitedMs = 0; waitedMs < timeoutMs && !gone; waitedMs += POLL_MS) {
    const found = await readPostmaster(cluster);
    if (found?.ready && found.pid === child.pid && found.port === port) return server;
    await sleep(POLL_MS);
  }
  if (gone) return written.join("\n") || "it ended without a word";
  await server.stop();
  return `it was not ready after ${timeoutMs / 1000} s`;
}

/** `exit` alone does not come where the program could not be started at all. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/** SIGINT ends sessions and writes everything down; SIGQUIT, the fallback, leaves the rest to the next start; then SIGKILL. */
async function stopProcess(child: ChildProcess, exited: Promise<Exit>, cluster: string): Promise<void> {
  child.kill("SIGINT");
  const quit = setTimeout(() => child.kill("SIGQUIT"), QUIT_AFTER_MS);
  const kill = setTimeout(() => void killProcesses(cluster), KILL_AFTER_MS);
  await exited;
  clearTimeout(quit);
  clearTimeout(kill);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= action());
}

/** A port of the loopback address that is free now. It may be taken a moment later: then start again. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function ensureDatabase(server: Server, password: string, dataDir: string): Promise<void> {
  const admin = new Client({
    connectionString: databaseUrl(password, server.port, "postgres"),
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  admin.on("error", () => {}); // the query that meets the loss reports it
  try {
    await admin.connect();
    const { rowCount } = await admin.query("select 1 from pg_database where datname = 'mintro'");
    if (rowCount !== 0) return;
    // A failing statement is reported to the platform that sent it; the log is for what happens in the background.
    await admin.query("alter role mintro set log_min_messages = 'log'");
    await admin.query("create database mintro");
  } catch (error) {
    if (systemErrorCode(error) !== WRONG_PASSWORD) throw error;
    throw new CannotStart(
      `The password in ${dataDir}/postgres-password is not this database's: restore the file from the backup of this folder.`,
    );
  } finally {
    await admin.end();
  }
}

/** What the file system refuses on the way (a full disk, a folder that cannot be written) is the operator's to mend. */
function asCannotStart(error: unknown, dataDir: string): unknown {
  const code = systemErrorCode(error);
  if (error instanceof CannotStart || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const message = error instanceof Error ? error.message : code;
  return new CannotStart(`The data folder ${dataDir} cannot be used (${message}).`, { cause: error });
}
