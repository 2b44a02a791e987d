/**
 * A server or a worker of a run: a process of the real platform with a role of its own, started again whenever it ended.
 * What it should not do by itself is noted: end, complain, log an error.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pause, type Stage, until } from "./stage.ts";

export type Part = {
  readonly name: string;
  readonly url: string;
  /** When it was started last, in milliseconds of this process. */
  readonly startedAt: number;
  isRunning(): boolean;
  start(): void;
  /** SIGKILL; it is started again by whoever killed it. */
  kill(): Promise<void>;
  /** Until /readyz says so. */
  ready(): Promise<void>;
  /** SIGTERM: it must end with 0, within the contract's 10 s. */
  stop(): Promise<void>;
};

export type PartOptions = {
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** For its log, and what Node compiled. */
  readonly folder: string;
};

const ENTRY = fileURLToPath(new URL("../../start.mjs", import.meta.url));
/** A run that is itself killed leaves nothing behind, where this machine has the tool. */
const DIES_WITH_US = existsSync("/usr/bin/setpriv") ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
/** What a start says while the database is away. */
const DATABASE_AWAY = /^DATABASE_URL is "[^"]*": .*\n$/;
const ERROR_LEVEL = 50;
/** It is broken, and would be started for ever. */
const GIVE_UP_AFTER_ENDS = 5;

export function createPart(stage: Stage, options: PartOptions): Part {
  const { name, port } = options;
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let exited: Promise<number | null> = Promise.resolve(null);
  let startedAt = 0;
  let ending = false;
  let selfEnded = 0;

  const start = (): void => {
    ending = false;
    startedAt = performance.now();
    const started = launch(options);
    child = started;
    let complaint = "";
    started.stderr?.on("data", (text: Buffer) => (complaint += text.toString()));
    if (started.stdout) {
      createInterface({ input: started.stdout }).on("line", (line) => note(stage, options, line));
    }
    exited = new Promise((resolve) => started.once("close", (code) => resolve(code)));
    void exited.then((code) => onExit(started, code, complaint));
  };

  /** As a service manager does it: started again, and noted unless the database was away. */
  const onExit = async (ended: ChildProcess, code: number | null, complaint: string) => {
    if (ended !== child) return;
    child = null;
    if (ending) return;
    if (code === 1 && DATABASE_AWAY.test(complaint))
      stage.count("starts refused while the database was away");
    else {
      selfEnded++;
      stage.wrong("lives-until-killed", `${name} ended by itself with ${code}: ${complaint}`);
    }
    if (selfEnded >= GIVE_UP_AFTER_ENDS) return;
    await pause(300);
    if (child === null && !ending) start();
  };

  return {
    name,
    url,
    get startedAt() {
      return startedAt;
    },
    isRunning: () => child !== null,
    start,
    async kill() {
      ending = true;
      if (child?.pid) process.kill(child.pid, "SIGKILL");
      await exited;
    },
    async ready() {
      await until(`${name} is ready`, 60_000, async () => {
        if (selfEnded >= GIVE_UP_AFTER_ENDS) throw new Error(`${name} keeps ending by itself.`);
        const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(() => null);
        return answer?.status === 200;
      });
    },
    async stop() {
      ending = true;
      const askedAt = performance.now();
      if (child?.pid) process.kill(child.pid, "SIGTERM");
      const code = await exited;
      if (code !== 0) stage.wrong("stops-in-order", `${name} ended with ${code}`);
      if (performance.now() - askedAt > 10_000) stage.wrong("stops-in-order", `${name} took more than 10 s`);
    },
  };
}

function launch({ port, env, folder }: PartOptions): ChildProcess {
  const [file, ...args] = [...DIES_WITH_US, process.execPath, ENTRY];
  return spawn(file, args, {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      NODE_COMPILE_CACHE: join(folder, "compiled"),
      PORT: String(port),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a signal from the terminal is for the harness
  });
}

function note(stage: Stage, { name, folder }: PartOptions, line: string): void {
  void appendFile(join(folder, `${name}.log`), `${line}\n`).catch(() => undefined);
  if (!line.startsWith("{")) return;
  const { level } = JSON.parse(line) as { level?: number };
  if ((level ?? 0) >= ERROR_LEVEL) stage.wrong("no-unexpected-error", `${name} logged ${line}`);
}
