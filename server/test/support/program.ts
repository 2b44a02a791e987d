/** Another program for a test: an example's server, in whatever language, started as its README says. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually } from "./platform.ts";

export type Program = {
  /** Everything that it has printed so far. */
  readonly printed: () => string;
  readonly stop: () => Promise<void>;
};

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Starts it in the repository's root and waits until it listens on `env.PORT`. Its own words are in the error otherwise. */
export async function startProgram(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> & { readonly PORT: string },
  options: { readonly withinMs?: number; readonly cwd?: string } = {},
): Promise<Program> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.on("error", (error) => (printed += error.message));
  const isUp = () =>
    fetch(`http://127.0.0.1:${env.PORT}/`).then(
      () => true,
      () => false,
    );
  try {
    await eventually(() => child.exitCode !== null || isUp(), options.withinMs ?? 15_000);
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
  } catch (error) {
    await end(child);
    throw new Error(`${command} ${args.join(" ")} did not start: ${printed}`, { cause: error });
  }
  return { printed: () => printed, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(force);
}
