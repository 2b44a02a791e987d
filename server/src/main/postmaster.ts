/**
 * PostgreSQL's main process as its `postmaster.pid` and the kernel show it: the one that serves a cluster now, and
 * what a killed platform left behind.
 */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotStart } from "./cannot-start.ts";
import { commandLine, processIds, processState } from "./process-table.ts";

export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** What `postmaster.pid` says (line 1 process, 4 port, 8 status), believed or not; undefined where there is none. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) ? port : 0, ready: lines[7]?.trim() === "ready" };
}

/** True if the process runs and was started as `postgres … -D <cluster>`. */
export async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  const args = await commandLine(pid);
  return basename(args[0] ?? "") === "postgres" && args[args.indexOf("-D") + 1] === cluster;
}

/**
 * The setting `cluster_name`, which stands in the title of every process of a server, so that children whose main
 * process was killed can be told from those of other servers.
 */
export function clusterName(cluster: string): string {
  return `mintro-${createHash("sha256").update(cluster).digest("hex").slice(0, 12)}`;
}

const ASK_AGAIN_AFTER_MS = 5_000;
const KILL_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 15_000;
const STEP_MS = 25;

/**
 * Ends what still runs on the cluster of a platform that is gone, and clears a `postmaster.pid` that would stop
 * PostgreSQL from starting. The caller holds the data folder's lock, so nobody alive owns what is found.
 */
export async function endLeftovers(cluster: string): Promise<void> {
  const noted = await readPostmaster(cluster);
  if (!noted) return;
  await endProcesses(cluster, await processesOf(cluster));
  // What has the noted id now is a zombie that nobody collects, or another program; PostgreSQL would believe either.
  if (await processState(noted.pid)) await rm(join(cluster, "postmaster.pid"), { force: true });
}

/** The last resort: the main process and its children, which would outlive it where they cannot run either. */
export async function killProcesses(cluster: string): Promise<void> {
  for (const pid of await processesOf(cluster)) send(pid, "SIGKILL");
}

async function endProcesses(cluster: string, found: readonly number[]): Promise<void> {
  let left = found;
  for (let waitedMs = 0; left.length > 0; waitedMs += STEP_MS) {
    if (waitedMs >= GIVE_UP_AFTER_MS) {
      throw new CannotStart(
        `An earlier PostgreSQL still runs on ${cluster} (process ${left[0]}) and does not end: end it, then start again.`,
      );
    }
    if (waitedMs === 0) await askToEnd(cluster, left);
    if (waitedMs === ASK_AGAIN_AFTER_MS) for (const pid of left) send(pid, "SIGQUIT");
    if (waitedMs === KILL_AFTER_MS) for (const pid of left) send(pid, "SIGKILL");
    await sleep(STEP_MS);
    left = await stillOf(cluster, left);
  }
}

/** The main process ends its children in an orderly way. Without it there is nobody left to do so, nor to answer to. */
async function askToEnd(cluster: string, pids: readonly number[]): Promise<void> {
  const main: number[] = [];
  for (const pid of pids) if (await isPostmasterOf(pid, cluster)) main.push(pid);
  for (const pid of main) send(pid, "SIGINT");
  if (main.length === 0) for (const pid of pids) send(pid, "SIGQUIT");
}

/** The main process by its command line, its children by the title that PostgreSQL gives them. */
async function processesOf(cluster: string): Promise<readonly number[]> {
  return stillOf(cluster, await processIds());
}

async function stillOf(cluster: string, pids: readonly number[]): Promise<readonly number[]> {
  const children = `postgres: ${clusterName(cluster)}: `;
  const found: number[] = [];
  for (const pid of pids) {
    const title = (await commandLine(pid))[0] ?? "";
    if (title.startsWith(children) || (await isPostmasterOf(pid, cluster))) found.push(pid);
  }
  return found;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, or is another user's: the wait above finds out which.
  }
}
