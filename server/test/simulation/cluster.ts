/**
 * The platform's processes in a simulation: two of them on one database, or one that has it to itself. Each is killed,
 * restarted or stopped in an orderly way at moments that the seed chooses, and the clients' way to whichever is up. While nothing moves, the
 * cluster's half-second polls are skipped up to the next thing that is due.
 */
import { QueueFull } from "../../src/base/batcher.ts";
import { DatabaseUnavailable, LockTimeout } from "../../src/store/database.ts";
import type { Chance } from "./chance.ts";
import type { PlatformProcess, Surroundings } from "./platform-process.ts";
import { outage, takeSeats } from "./seats.ts";
import { SECOND, type Stage } from "./stage.ts";
import { OUTSIDE } from "./timeline.ts";

/** What a client gets: an answer; a 503; or nothing, where nobody is up, or the process died, or it took too long. */
export type Told<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "refused" }
  | { readonly kind: "nothing" };

export type Cluster = {
  /** A request to one of the processes that are up. */
  ask<T>(what: string, work: (process: PlatformProcess) => Promise<T>): Promise<Told<T>>;
  /**
   * What is due `inMicros` from now (or was) is found as late as half a second after, by whose poll comes first; at times
   * by those of all processes at the same moment.
   */
  pollIn(inMicros: number): void;
  /** Called before each entry of the timeline: whether it is a moment at which a process dies. */
  maybeKill(): Promise<void>;
  /** Forgets and tidies, as the workers do every ten seconds. */
  sweep(): void;
  isUp(): boolean;
  /** Ends all processes. */
  end(): Promise<void>;
};

/** A process dies between any two steps; where one has just become visible to others, more often than chance would have it. */
const MOMENTS = { anywhere: 40, "after a commit": 40, "after a call": 20 } as const;
type Moment = keyof typeof MOMENTS;

function isAt(moment: Moment, label: string): boolean {
  switch (moment) {
    case "anywhere":
      return true;
    case "after a commit":
      return label === "commit";
    case "after a call":
      return /^(?:sends|arrives|webhook arrives) /.test(label);
  }
}

/** A long outage is planned, and comes once. */
const FATES = { "process killed": 70, "all processes killed": 10, "process stopped": 20 } as const;

const CLIENT_TIMEOUT_MICROS = 60 * SECOND;
const POLL_MICROS = SECOND / 2;

export type Deadly = {
  /** Entries of the timeline between two deaths, on average. */
  readonly killEvery: number;
  readonly spanMicros: number;
};

export function createCluster(
  stage: Stage,
  around: Surroundings,
  { killEvery, spanMicros }: Deadly,
): Cluster {
  const chance = stage.chance.fork("cluster");
  const deathComes = createDeath(stage, chance, killEvery);
  const { seats, up, deaths, kill, stop } = takeSeats(stage, around, chance);
  return {
    ask: (what, work) => ask(stage, { chance, up, deaths }, what, work),
    pollIn(inMicros) {
      const together = chance.flip(0.35);
      const at = Math.max(0, inMicros) + chance.between(0, POLL_MICROS);
      for (const process of together ? up() : [chance.pick(up())])
        stage.timeline.after(at + chance.about(1_000), process.life, "polls", () => process.poll());
    },
    async maybeKill() {
      const planned = stage.troubled ? stage.faults.death() : null;
      if (!deathComes(planned !== null)) return;
      const doer = seats.find(({ process }) => process?.life === stage.timeline.last()?.life);
      const seat = doer ?? chance.pick(seats);
      const death = planned ?? chance.weighted(FATES);
      const living = seats.filter(({ process }) => process?.life.alive).length;
      if (living < (death === "long outage" ? seats.length : 1)) return;
      if (death === "process stopped") return stop(seat);
      if (death === "process killed") return await kill([seat]);
      stage.count(death);
      await kill(seats, death === "long outage" ? outage(chance, spanMicros) : undefined);
    },
    sweep() {
      for (const process of up()) process.sweep();
    },
    isUp: () => up().length > 0,
    async end() {
      for (const { process } of seats) if (process?.life.alive) await process.kill((cut) => cut());
    },
  };
}

/** True at the moments at which a process dies: `every` entries of the timeline apart, on average, or at the next if planned. */
function createDeath(stage: Stage, chance: Chance, every: number): (isPlanned: boolean) => boolean {
  let stepsLeft = chance.about(every);
  let moment: Moment = "anywhere";
  return (isPlanned) => {
    if (!stage.troubled || (--stepsLeft > 0 && !isPlanned)) return false;
    const last = stage.timeline.last();
    if (!last || !isAt(moment, last.label)) return false;
    stepsLeft = chance.about(every);
    moment = chance.weighted(MOMENTS);
    return true;
  };
}

type Ways = {
  readonly chance: Chance;
  readonly up: () => PlatformProcess[];
  readonly deaths: Set<(process: PlatformProcess) => void>;
};

async function ask<T>(
  stage: Stage,
  { chance, up, deaths }: Ways,
  what: string,
  work: (process: PlatformProcess) => Promise<T>,
): Promise<Told<T>> {
  stage.count(`request: ${what}`);
  await stage.timeline.sleep(200 + chance.about(3_000), OUTSIDE, `request ${what}`);
  const living = up();
  if (living.length === 0) return { kind: "nothing" };
  const process = chance.pick(living);
  return await new Promise<Told<T>>((resolve) => {
    const settle = (told: Told<T>) => {
      deaths.delete(onDeath);
      resolve(told);
    };
    const onDeath = (dead: PlatformProcess) => {
      if (dead === process) settle({ kind: "nothing" });
    };
    deaths.add(onDeath);
    stage.timeline.after(CLIENT_TIMEOUT_MICROS, OUTSIDE, "client gives up", () =>
      settle({ kind: "nothing" }),
    );
    const answered = (told: Told<T>) =>
      stage.timeline.after(200 + chance.about(2_000), OUTSIDE, `answer to ${what}`, () => settle(told));
    work(process).then(
      (value) => answered({ kind: "answer", value }),
      (error: unknown) => {
        if (!isUnavailable(error))
          stage.wrong(
            "no-unexpected-error",
            `${process.life.name}: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
          );
        answered({ kind: "refused" });
      },
    );
  });
}

/** What the API answers with 503 and Retry-After. */
function isUnavailable(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || error instanceof LockTimeout || error instanceof QueueFull;
}
