/**
 * The simulated time, and the one queue of everything that will happen in it. Each step of each process waits here before
 * it is done, for as long as the seed says; so who overtakes whom is decided by the seed, one step runs at a time, and a
 * process can be killed between any two. Time moves only from one entry to the next.
 */
import { createHash } from "node:crypto";
import type { Instant } from "../../src/base/instant.ts";
import { instantFromMicros } from "../../src/base/instant.ts";

/** What lives and may die: a process of the platform. What belongs to a dead one never happens. */
export type Life = { readonly name: string; alive: boolean };

/** Whatever does not die: networks, customers, receivers, processors. */
export const OUTSIDE: Life = { name: "outside", alive: true };

export type Timeline = {
  now(): Instant;
  /** Runs `what` in that many microseconds, unless its life has ended. Entries of one time run in the order they came. */
  after(micros: number, life: Life, label: string, run: () => void): void;
  /** Resolves then; never, where the life has ended. */
  sleep(micros: number, life: Life, label: string): Promise<void>;
  /** Microseconds until the next entry that will happen; null: there is none. */
  untilNext(): number | null;
  /** Goes to the next entry and runs it. False: there is none. */
  step(): boolean;
  /** Time passes without an entry. */
  skipTo(micros: number): void;
  /** Entries run so far. */
  steps(): number;
  /** The entry that was run last. */
  last(): { readonly life: Life; readonly label: string } | null;
  /** Of everything that happened, and when. */
  hash(): string;
  /** The last things that happened, for a report. */
  recent(): readonly string[];
};

type Entry = {
  readonly at: number;
  readonly order: number;
  readonly life: Life;
  readonly label: string;
  readonly run: () => void;
};

const RECENT = 60;

export function createTimeline(startsAt: Instant, trace?: (line: string) => void): Timeline {
  let now = Number(startsAt);
  const start = now;
  let order = 0;
  let steps = 0;
  let last: Entry | null = null;
  const heap: Entry[] = [];
  const hash = createHash("sha256");
  const recent: string[] = [];

  const timeline: Timeline = {
    now: () => instantFromMicros(BigInt(now)),
    after(micros, life, label, run) {
      push(heap, { at: now + Math.max(0, Math.round(micros)), order: order++, life, label, run });
    },
    sleep: (micros, life, label) => new Promise((resolve) => timeline.after(micros, life, label, resolve)),
    untilNext() {
      dropDead(heap);
      return heap[0] ? heap[0].at - now : null;
    },
    step() {
      dropDead(heap);
      const entry = pop(heap);
      if (!entry) return false;
      now = entry.at;
      last = entry;
      steps++;
      const line = `${((now - start) / 1_000).toFixed(3)} ${entry.life.name} ${entry.label}`;
      hash.update(`${line}\n`);
      recent.push(line);
      if (recent.length > RECENT) recent.shift();
      trace?.(line);
      entry.run();
      return true;
    },
    skipTo(micros) {
      now = Math.max(now, micros);
    },
    steps: () => steps,
    last: () => last,
    hash: () => hash.copy().digest("hex"),
    recent: () => recent,
  };
  return timeline;
}

function dropDead(heap: Entry[]): void {
  while (heap[0] && !heap[0].life.alive) pop(heap);
}

// A binary heap: the earliest entry first, of one time the one that came first.

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Entry;
    if (isBefore(parent, entry)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    if (down + 1 < heap.length && isBefore(heap[down + 1] as Entry, heap[down] as Entry)) down++;
    if (isBefore(last, heap[down] as Entry)) break;
    heap[at] = heap[down] as Entry;
    at = down;
  }
  heap[at] = last;
  return first;
}
