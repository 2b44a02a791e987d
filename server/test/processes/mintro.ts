/**
 * Mintro as its operator runs it: a process of its own, through `npm start` or Node, with nothing but environment variables
 * to tell it what to do. Each is ended, and its folder removed, after the test that started it.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { runningEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { isPostmasterOf } from "../../src/main/postmaster.ts";
import { isRunning, processIds } from "../../src/main/process-table.ts";
import { eventually, type Merchant, merchantOf } from "../support/platform.ts";
import { scratchParent } from "../support/scratch.ts";

// A start takes a second, and several on a machine that has much else to do.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** What the welcome says. */
export type Ready = {
  readonly url: string;
  readonly clientId: string;
  /** The secret at the first start, else where it is. */
  readonly secretLine: string;
  readonly demoUrl: string;
  /** As printed, over several lines. */
  readonly curl: string;
};

export type Mintro = {
  /** npm's process, or Mintro's own. */
  readonly child: ChildProcess & { readonly pid: number };
  readonly dataDir: string;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** The lines of standard output that are JSON. */
  logLines(): Record<string, unknown>[];
  ready(): Promise<Ready>;
  /** Mintro's own process, also where npm started it. */
  pid(): Promise<number>;
};

export type StartOptions = {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly via?: "node" | "npm";
  /** The project's folder. */
  readonly root?: string;
  /** A command that runs the rest as somebody else. */
  readonly prefix?: readonly string[];
  /** Another Node than that of the tests. */
  readonly node?: string;
};

/** Where Node keeps what it compiled for the next start of the same test file; it halves the work of a start. */
let compiled = "";
const started: Mintro[] = [];
const cleanups: (() => Promise<unknown>)[] = [];
const cleanUp = async () => {
  const all = started.splice(0);
  for (const { child } of all) killGroup(child.pid, "SIGKILL");
  for (const { exited } of all) await exited;
  for (const { dataDir } of all) await eventually(async () => (await postgresOf(dataDir)).length === 0);
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
};
afterEach(cleanUp);

/** For what else a test leaves behind; done after the test, when its processes are gone, the last first. */
export function afterThisTest(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export async function newScratch(): Promise<string> {
  const folder = await mkdtemp(join(await scratchParent(), "mintro-process-"));
  afterThisTest(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts it on a free port, and comes back at once. */
export function startMintro(options: StartOptions): Mintro {
  const { dataDir, env = {}, root = ROOT, prefix = [], node = process.execPath } = options;
  const command =
    options.via === "npm" ? ["npm", "start"] : [...DIES_WITH_US, node, join(root, "server/start.mjs")];
  const [file = "", ...args] = [...prefix, ...command];
  const child = spawn(file, args, {
    cwd: root,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: join(dataDir, ".."),
      npm_config_update_notifier: "false",
      ...(compiled && { NODE_COMPILE_CACHE: compiled }),
      PORT: "0",
      MINTRO_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group of its own, as a terminal gives it
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const pid = child.pid ?? 0;
  let gone = false;
  void exited.then(() => (gone = true));
  const mintro: Mintro = {
    child: child as Mintro["child"],
    dataDir,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    logLines: () =>
      stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line)),
    async ready() {
      return await eventually(() => {
        const read = readWelcome(stdout);
        if (!read && gone) throw new Error(`It ended before it was ready: ${stdout}${stderr}`);
        return read;
      }, 60_000);
    },
    pid: async () => (options.via === "npm" ? await childOf(pid) : pid),
  };
  started.push(mintro);
  return mintro;
}

function readWelcome(text: string): Ready | undefined {
  const line = (start: string) => new RegExp(`^  ${start} +(\\S.*)$`, "m").exec(text)?.[1] ?? "";
  const curl = /^ {2}curl [\s\S]*?\n {4}\}'\n/m.exec(text)?.[0];
  if (!curl) return undefined;
  return {
    url: line("Mintro is ready at"),
    clientId: line("Client ID"),
    secretLine: line("Client secret"),
    demoUrl: line("Demo payment").split(" ")[0] ?? "",
    curl,
  };
}

/** The npm that came with a machine may warn of settings that it does not know; ours says nothing there. */
export function complaints(mintro: Mintro): string {
  return mintro
    .stderr()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("npm "))
    .join("\n");
}

/** npm's child, which its shell has become (`exec`). */
async function childOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "pid=", "--ppid", String(pid)]);
  const pids = stdout.trim().split(/\s+/).map(Number);
  expect(pids, "npm start is one process below npm").toHaveLength(1);
  return pids[0] ?? 0;
}

/** To every process of the group, as a terminal sends Ctrl-C. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it is gone
  }
}

/** A test run that is itself killed leaves no Mintro behind, where this machine has the tool. */
const DIES_WITH_US = existsSync("/usr/bin/setpriv") ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];

const NOBODY = 65534;

/** How root runs something as a user who owns nothing. */
export const asNobody = ["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups", "--"];

/** False where the project lies in somebody's own folder. */
export async function nobodyMayRead(): Promise<boolean> {
  const [file, ...args] = [...asNobody, "test", "-r", join(ROOT, "package.json")];
  return await promisify(execFile)(file, args).then(
    () => true,
    () => false,
  );
}

/** The PostgreSQL that runs on a data folder; empty when none does. */
export async function postgresOf(dataDir: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await processIds())
    if ((await isPostmasterOf(pid, join(dataDir, "postgres"))) && (await isRunning(pid))) found.push(pid);
  return found;
}

/** Asks it to stop and expects it gone, with its database, in time. */
export async function stopMintro(mintro: Mintro, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  mintro.child.kill(signal);
  expect(await mintro.exited, mintro.stdout() + mintro.stderr()).toEqual({ code: 0, signal: null });
  expect(await postgresOf(mintro.dataDir)).toEqual([]);
}

/** How a request ends that is under way when its server is killed. */
export function endOf(request: Promise<unknown>): Promise<"answered" | "cut off"> {
  return request.then(
    () => "answered",
    () => "cut off",
  );
}

/** Ends it as a crash does, and waits until nothing of it is left. */
export async function crash(mintro: Mintro): Promise<void> {
  process.kill(await mintro.pid(), "SIGKILL");
  await mintro.exited;
  await eventually(async () => (await postgresOf(mintro.dataDir)).length === 0);
}

export async function merchantAt(mintro: Mintro): Promise<Merchant> {
  const { url, clientId } = await mintro.ready();
  return merchantOf(url, { clientId, clientSecret: await readSecret(mintro.dataDir) });
}

export async function readSecret(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, "client-secret"), "utf8")).trim();
}

/** The address of the database of a Mintro that runs. */
export async function databaseOf(mintro: Mintro): Promise<string> {
  const found = await runningEmbeddedPostgres(mintro.dataDir);
  if (!found) throw new Error("There is no database.");
  return found.url;
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A data folder as a first start leaves it, made once for a test file, of which each test takes a copy. */
export function useSeed(): () => Promise<string> {
  let [parent, seed] = ["", ""];
  afterAll(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
  beforeAll(async () => {
    parent = await mkdtemp(join(await scratchParent(), "mintro-process-"));
    seed = join(parent, "seed");
    compiled = join(parent, "compiled");
    const first = startMintro({ dataDir: seed });
    await first.ready();
    await stopMintro(first);
    await cleanUp();
  });
  return async () => {
    const dataDir = join(await newScratch(), "data");
    await promisify(execFile)("cp", ["-a", seed, dataDir]);
    return dataDir;
  };
}
