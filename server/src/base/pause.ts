/** Waiting a moment, for the few loops that wait for another process: everything else waits by a due time in a row. */
import { setTimeout as pauseFor } from "node:timers/promises";

/** At most `ms`; at once when `signal` is aborted. */
export async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  await pauseFor(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

export async function pause(ms: number): Promise<void> {
  await pauseFor(ms);
}

/** Does `work` after `ms`, unless what it gives back is called before; keeps no process from ending. */
export function later(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
