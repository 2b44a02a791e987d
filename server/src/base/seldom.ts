/**
 * Says seldom what goes on and on: when it begins, then once in a while with how often it happened, and when it is over.
 * A log line for each refused request would be one more thing that a flood fills.
 */
import { type Instant, plusMs } from "./instant.ts";
import { LOGGED } from "./limits.ts";
import type { World } from "./world.ts";

export type Seldom = {
  /** It happened. `say` is called where it is time for a line, with how often it happened since the line before. */
  happened(say: (times: number) => void): void;
  /** It seems over. `say` is called where anything was said of it and it is calm, with how often it happened in all. */
  over(say: (times: number) => void): void;
};

/** `calmMs`: how long it must not have happened before it counts as over. */
export function createSeldom(world: World, calmMs = 0): Seldom {
  let nextAt: Instant | null = null;
  let calmAt: Instant | null = null;
  let [sinceLine, inAll] = [0, 0];
  return {
    happened(say) {
      sinceLine++;
      inAll++;
      const now = world.now();
      calmAt = plusMs(now, calmMs);
      if (nextAt !== null && now < nextAt) return;
      nextAt = plusMs(now, LOGGED.everyMs);
      say(sinceLine);
      sinceLine = 0;
    },
    over(say) {
      if (nextAt === null || calmAt === null || world.now() < calmAt) return;
      say(inAll);
      nextAt = null;
      [sinceLine, inAll] = [0, 0];
    },
  };
}
