/**
 * What all parts of a simulation stand on: its time, its chance, the work that is really done, and the log of what went
 * wrong. One stage a run.
 */
import { showViolation, type Violation } from "../../src/audit/audit.ts";
import type { Instant } from "../../src/base/instant.ts";
import { MICROS_PER_SECOND } from "../../src/base/instant.ts";
import { type Chance, createChance } from "./chance.ts";
import { type FaultPlan, planFaults } from "./fault-plan.ts";
import type { Observer } from "./observer.ts";
import { type Cancelled, createRealWork, type RealWork } from "./real-work.ts";
import { statementName } from "./statement-names.ts";
import { createTimeline, type Life, OUTSIDE, type Timeline } from "./timeline.ts";
import type { Watched } from "./watched.ts";

export const SECOND = Number(MICROS_PER_SECOND);
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A violated invariant: its name as in docs/operate/invariants.md, and what was seen, with ids. */
export type Wrong = { readonly invariant: string; readonly seen: string };

export type Stage = {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly work: RealWork;
  readonly observer: Observer;
  readonly wrongs: Wrong[];
  /** How often each thing happened, by its name. */
  readonly counts: Map<string, number>;
  readonly faults: FaultPlan;
  /** Trouble of all kinds: while false, nothing new goes wrong, so that all can settle. */
  troubled: boolean;
  count(what: string): void;
  /** Something that must not be was seen: the run ends at the first. */
  wrong(invariant: Watched, seen: string): void;
  /** The auditor has found something. */
  violated(violation: Violation): void;
  /** One step of a life: it happens a moment later, and others may come first. */
  pause(life: Life, label: string): Promise<void>;
  /** Runs what really takes time. The result comes in this life's turn; never, where it has died. */
  really<T>(life: Life, run: () => Promise<T>): Promise<T>;
  /** A question of the simulation's own to the database, within a step of somebody's. */
  readonly observe: Ask;
  /** The same between two steps. */
  readonly look: Ask;
};
export type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export function createStage(
  { seed, spanMicros, startsAt }: { seed: string; spanMicros: number; startsAt: Instant },
  observer: Observer,
  trace?: (line: string) => void,
): Stage {
  const timeline = createTimeline(startsAt, trace);
  const chance = createChance(seed);
  const pace = chance.fork("pace");
  const work = createRealWork(observer);
  const counts = new Map<string, number>();
  const stage: Stage = {
    timeline,
    chance,
    work,
    observer,
    wrongs: [],
    counts,
    faults: planFaults(chance.fork("faults"), spanMicros, () => Number(timeline.now()), counts),
    troubled: true,
    count: (what) => counts.set(what, (counts.get(what) ?? 0) + 1),
    wrong: (invariant, seen) => stage.wrongs.push({ invariant, seen }),
    violated(violation) {
      if (stage.wrongs.some((known) => known.invariant === violation.rule)) return;
      stage.wrongs.push({ invariant: violation.rule, seen: showViolation(violation) });
    },
    pause: (life, label) => timeline.sleep(latency(pace), life, label),
    async really(life, run) {
      const piece = work.begin(life);
      const done = await run().then(
        (value) => () => value,
        (error: unknown) => {
          const named = isCancelled(error) ? new StatementCancelled(work.cancelledAs()) : error;
          return () => {
            throw named;
          };
        },
      );
      await piece.arrive();
      return done();
    },
    observe: <Row>(text: string, values: readonly unknown[] = []) =>
      stage.really(OUTSIDE, () => stage.look<Row>(text, values)),
    look: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await observer.query({ name: statementName(text), text, values: [...values] })).rows as Row[],
  };
  return stage;
}

/** The simulation has called a statement back from PostgreSQL. */
export class StatementCancelled extends Error {
  readonly as: Cancelled;
  constructor(as: Cancelled) {
    super(`cancelled: ${as}`);
    this.as = as;
  }
}

/** SQLSTATE query_canceled, as `pg` has it or in the platform's own wrapping. */
function isCancelled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "57014") || isCancelled(error.cause);
}

/** Mostly a millisecond; now and then a step hangs for up to a second, while others go on. */
function latency(pace: Chance): number {
  return pace.flip(0.01) ? pace.between(20_000, SECOND) : 50 + pace.about(1_000);
}
