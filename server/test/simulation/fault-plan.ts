/**
 * Every kind of thing that goes wrong in a simulation, and the plan that sees to it that none is left out: each kind has a
 * time, drawn from the seed, after which its first occasion is taken for certain; else chance decides.
 */
import type { Chance } from "./chance.ts";

/** What a call to the processor is for: its failures mean different things. */
const CALLS = [
  /** The money of a payment moves, or may: to charge, and to complete after a challenge. */
  "charge",
  "refund",
  /** To save a card, to give an attempt up, to ask what became of one. */
  "question",
] as const;
export type Call = (typeof CALLS)[number];

const WAYS = [
  /** It never arrives, and nobody says so: nothing was done. */
  "request lost",
  "request refused",
  /** It arrives when its sender has given up waiting, but before it asks after it. */
  "request late",
  /** It arrives twice, the second time later, and the first or the second answer comes back. */
  "request doubled",
  /** The processor did its work, and nobody says so. */
  "answer lost",
  "answer broken off",
  /** While it is on its way, other things happen; it may come after its sender has given up. */
  "answer late",
] as const;
export type Way = (typeof WAYS)[number];

const MOODS = ["failing", "refusing", "hanging", "busy", "slow", "forgetful", "gone"] as const;
/** `gone`: it answers 410. `forgetful`: it takes the webhook, and its answer is lost. `hanging`: it never answers. */
export type BadMood = (typeof MOODS)[number];

const NEWS = ["early", "late", "doubled", "swapped", "lost"] as const;
/** A notification of the processor's: before the answer; long after; twice; after the next one; never. */
export type BadNews = (typeof NEWS)[number];

const LOSSES = ["database lost before", "database lost after"] as const;
/** Before or after a statement or a commit was done. */
export type Loss = (typeof LOSSES)[number];

const DEATHS = ["process killed", "all processes killed", "process stopped", "long outage"] as const;
/** `process stopped`: in an orderly way, as after SIGTERM. `long outage`: all are killed, and stay down for hours or days. */
export type Death = (typeof DEATHS)[number];

export type FaultKind =
  | `${Call}: ${Way}`
  | `receiver: ${BadMood}`
  | `notification: ${BadNews}`
  | Loss
  | Death;

const FAULT_KINDS: readonly FaultKind[] = [
  ...CALLS.flatMap((call) => WAYS.map((way) => `${call}: ${way}` as const)),
  ...MOODS.map((mood) => `receiver: ${mood}` as const),
  ...NEWS.map((way) => `notification: ${way}` as const),
  ...LOSSES,
  ...DEATHS,
];

export type FaultPlan = {
  /** A way for this call to fail that is overdue; null: chance decides. */
  way(call: Call): Way | null;
  mood(): BadMood | null;
  news(): BadNews | null;
  loss(): Loss | null;
  death(): Death | null;
  /** The kinds that have not happened at all. */
  missing(): FaultKind[];
};

/** The earliest and the latest planned time, as parts of the days. */
const BETWEEN = [0.03, 0.6] as const;

/** `counts`: how often each kind has happened, by its name. `now` and `spanMicros` in microseconds. */
export function planFaults(
  chance: Chance,
  spanMicros: number,
  now: () => number,
  counts: ReadonlyMap<string, number>,
): FaultPlan {
  const start = now();
  const [early, late] = BETWEEN;
  const planned = new Map(
    FAULT_KINDS.map((kind) => [kind, start + spanMicros * chance.between(early, late)]),
  );
  const isOverdue = (kind: FaultKind) => !counts.has(kind) && now() >= (planned.get(kind) ?? 0);
  const firstOf = <T extends string>(names: readonly T[], kindOf: (name: T) => FaultKind): T | null =>
    names.find((name) => isOverdue(kindOf(name))) ?? null;
  return {
    way: (call) => firstOf(WAYS, (way) => `${call}: ${way}`),
    mood: () => firstOf(MOODS, (mood) => `receiver: ${mood}`),
    news: () => firstOf(NEWS, (way) => `notification: ${way}`),
    loss: () => firstOf(LOSSES, (loss) => loss),
    death: () => firstOf(DEATHS, (death) => death),
    missing: () => FAULT_KINDS.filter((kind) => !counts.has(kind)),
  };
}
