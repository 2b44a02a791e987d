/**
 * The PostgreSQL of a run: the embedded one's programs and launcher, on a port that stays, so that servers and workers
 * live on while it is killed and started again.
 */
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { clusterName } from "../../src/main/postmaster.ts";
import { commandLine, isRunning, processIds } from "../../src/main/process-table.ts";
import { type Stage, until } from "./stage.ts";

export type Database = {
  readonly url: string;
  isUp(): boolean;
  start(): Promise<void>;
  /** SIGKILL to each of its processes. */
  kill(): Promise<void>;
  /** In an orderly way. */
  stop(): Promise<void>;
};

/** @param durable false: it does not wait for the disk, which only a power cut could tell from the real thing */
export async function openPostgres(
  stage: Stage,
  { dataDir, port, durable }: { dataDir: string; port: number; durable: boolean },
): Promise<Database> {
  const settings = { max_connections: "200", ...(durable ? {} : { fsync: "off" }) };
  let server: EmbeddedPostgres | null = null;
  const start = async () => {
    server = await startEmbeddedPostgres({ dataDir, port, settings, durable });
    return server;
  };
  const { url } = await start();
  return {
    url,
    isUp: () => server !== null,
    async start() {
      await start();
    },
    async kill() {
      const running = server;
      if (!running) return;
      server = null;
      const children = await childrenOn(dataDir);
      stage.count("processes of PostgreSQL killed", children.length + 1);
      for (const pid of [running.pid, ...children]) sendKill(pid);
      await running.exited;
      await until("the processes of PostgreSQL are gone", 20_000, async () => {
        const left = await childrenOn(dataDir);
        for (const pid of left) sendKill(pid); // forked at the last moment
        return left.length === 0;
      });
    },
    async stop() {
      await server?.stop();
      server = null;
    },
  };
}

/** By the title that PostgreSQL gives them, in which this cluster's own name stands. */
async function childrenOn(dataDir: string): Promise<number[]> {
  const title = `postgres: ${clusterName(join(dataDir, "postgres"))}: `;
  const found: number[] = [];
  for (const pid of await processIds())
    if ((await commandLine(pid))[0]?.startsWith(title) && (await isRunning(pid))) found.push(pid);
  return found;
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended with its main process
  }
}
