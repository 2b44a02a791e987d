/**
 * What Linux knows about other processes. A process id alone proves nothing: it may belong to a program started
 * since, or to a zombie that has ended but was not yet collected. Everything here reads /proc and never throws.
 */
import { readdir, readFile } from "node:fs/promises";

/** `startTicks` (clock ticks since boot) tells a process from a later one with the same id. */
export type ProcessState = { readonly startTicks: string; readonly zombie: boolean };

/** The state of a process, from /proc/PID/stat (proc(5): the state is field 3, the start time field 22). */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  const stat = await readOrEmpty(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTicks] = [fields[0], fields[19]];
  if (!state || !startTicks) return undefined;
  return { startTicks, zombie: state === "Z" || state === "X" };
}

/** True for a process that still runs: it exists, has not ended, and started when `startTicks` says (if given). */
export async function isRunning(pid: number, startTicks?: string): Promise<boolean> {
  const state = await processState(pid);
  return (
    state !== undefined && !state.zombie && (startTicks === undefined || state.startTicks === startTicks)
  );
}

/** The arguments a process was started with; empty for zombies and for processes that are gone. */
export async function commandLine(pid: number): Promise<readonly string[]> {
  const text = await readOrEmpty(`/proc/${pid}/cmdline`);
  return text.split("\0").slice(0, -1);
}

export async function processIds(): Promise<readonly number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
