/** Waiting a moment, for the few loops that wait for another process: everything else waits by a due time in a row. */
import { setTimeout } from "node:timers/promises";

export async function pause(ms: number): Promise<void> {
  await setTimeout(ms);
}
