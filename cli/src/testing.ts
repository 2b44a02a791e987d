/** For the tests: the command as it is typed, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/mintro.mjs", import.meta.url));

export type Ended = { readonly code: number; readonly out: string; readonly error: string };

export type Started = {
  readonly out: () => string;
  readonly error: () => string;
  /** What `--json` has told so far. */
  readonly records: () => Record<string, unknown>[];
  /** Ctrl-C, or another signal; resolves when the process has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>;
};

const running = new Set<ChildProcess>();

/** Gets `env`, PATH, and nothing else; `input` on its standard input. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Started & { readonly ended: Promise<Ended> } {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { env: { PATH, ...env } });
  running.add(child);
  let [out, error] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  child.stdin.on("error", () => undefined).end(input);
  const ended = once(child, "close").then(() => {
    running.delete(child);
    return { code: child.exitCode ?? -1, out, error };
  });
  return {
    out: () => out,
    error: () => error,
    records: () => recordsIn(out),
    ended,
    async stop(signal = "SIGINT") {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Runs to its end. */
export async function run(...given: Parameters<typeof start>): Promise<Ended> {
  return await start(...given).ended;
}

/** Lines of JSON; one that is not finished yet is left out. */
export function recordsIn(out: string): Record<string, unknown>[] {
  const lines = out.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Ends whatever a failed test left running. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}
