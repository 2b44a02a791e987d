/** What all parts of a run of kills share: the seed's chance, the counts, and what was found wrong. */
import { type Chance, createChance } from "../simulation/chance.ts";

export type Wrong = { readonly rule: string; readonly seen: string };

export type Stage = {
  readonly seed: number;
  readonly chance: Chance;
  readonly counts: Map<string, number>;
  /** Milliseconds, by what took them. */
  readonly times: Map<string, number[]>;
  readonly wrongs: Wrong[];
  /** True while shops sell and parts are killed. */
  readonly isLoading: boolean;
  count(what: string, by?: number): void;
  took(what: string, ms: number): void;
  wrong(rule: string, seen: string): void;
  /** A line of progress, with the time since the start. */
  say(line: string): void;
  endLoad(): void;
};

const WRONGS_SAID = 50;

/** @param print receives each line of progress */
export function createStage(seed: number, print: (line: string) => void): Stage {
  const startedAt = performance.now();
  let loading = true;
  const stage: Stage = {
    seed,
    chance: createChance(`kills/${seed}`),
    counts: new Map(),
    times: new Map(),
    wrongs: [],
    get isLoading() {
      return loading;
    },
    count(what, by = 1) {
      stage.counts.set(what, (stage.counts.get(what) ?? 0) + by);
    },
    took(what, ms) {
      stage.times.set(what, [...(stage.times.get(what) ?? []), ms]);
    },
    wrong(rule, seen) {
      stage.wrongs.push({ rule, seen });
      if (stage.wrongs.length <= WRONGS_SAID) stage.say(`WRONG ${rule}: ${seen.slice(0, 500)}`);
    },
    say(line) {
      print(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
    },
    endLoad() {
      loading = false;
    },
  };
  return stage;
}

/** Waits for `holds`, which is asked again and again. Throws with `what` where it does not come in time. */
export async function until<T>(
  what: string,
  withinMs: number,
  holds: () => Promise<T | null | false | undefined> | T | null | false | undefined,
): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (performance.now() > giveUpAt) throw new Error(`Not within ${withinMs / 1_000} s: ${what}`);
    await pause(20);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
