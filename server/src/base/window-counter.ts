/** Counts by key in windows of wall time, with bounded memory: where there are too many keys, the oldest are forgotten. */
import { type Instant, plusMs } from "./instant.ts";
import type { World } from "./world.ts";

export type WindowCounter = {
  /** Counts one, and gives back how many there are now in the key's window. */
  count(key: string): number;
  /** Takes one back that was counted, while its window lasts. */
  uncount(key: string): void;
  /** Where `most` are used up: whole seconds, at least 1, until the window ends. Else null. */
  waitSeconds(key: string, most: number): number | null;
  /** Keys remembered. */
  size(): number;
};

type Window = { readonly endsAt: Instant; count: number };

export function createWindowCounter(world: World, windowMs: number, keys: number): WindowCounter {
  const windows = new Map<string, Window>();
  const open = (key: string): Window | undefined => {
    const window = windows.get(key);
    return window && window.endsAt > world.now() ? window : undefined;
  };
  return {
    count(key) {
      const known = open(key);
      if (known) {
        known.count += 1;
        return known.count;
      }
      windows.delete(key); // so that the new window stands last: the map's first key is the oldest
      if (windows.size >= keys) forgetOldest(windows);
      windows.set(key, { endsAt: plusMs(world.now(), windowMs), count: 1 });
      return 1;
    },
    uncount(key) {
      const window = open(key);
      if (window && window.count > 0) window.count -= 1;
    },
    waitSeconds(key, most) {
      const window = open(key);
      if (!window || window.count < most) return null;
      return Math.max(1, Math.ceil(Number(window.endsAt - world.now()) / 1_000_000));
    },
    size: () => windows.size,
  };
}

/** Also for other maps and sets that remember so much and no more. */
export function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  for (const key of entries.keys()) {
    entries.delete(key);
    return;
  }
}
