/** The platform's processes in a simulation, each in its seat: started, killed, stopped in an orderly way, and started again. */
import type { Chance } from "./chance.ts";
import { type PlatformProcess, type Surroundings, startProcess, type Within } from "./platform-process.ts";
import { DAY, HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";
import { OUTSIDE } from "./timeline.ts";

const betweenSteps: Within = (cut) => cut();

export type Seat = { readonly place: number; process: PlatformProcess | null; generation: number };

export type Seats = {
  readonly seats: readonly Seat[];
  /** Those that take requests. */
  readonly up: () => PlatformProcess[];
  /** Who wants to hear of a death. */
  readonly deaths: Set<(process: PlatformProcess) => void>;
  /** `downFor`: microseconds until they start again; absent: chance decides. */
  readonly kill: (some: readonly Seat[], downFor?: number) => Promise<void>;
  readonly stop: (seat: Seat) => void;
};

/** Two processes on one database, or one that has it to itself; they run. */
export function takeSeats(stage: Stage, around: Surroundings, chance: Chance): Seats {
  const seats = Array.from(
    { length: around.takesOver ? 1 : 2 },
    (_, place): Seat => ({ place, process: null, generation: 0 }),
  );
  const deaths = new Set<(process: PlatformProcess) => void>();

  const start = (seat: Seat) => {
    seat.generation++;
    seat.process = startProcess(stage, `p${seat.place}.${seat.generation}`, around);
  };
  const up = () => seats.flatMap(({ process }) => (process?.accepting() ? [process] : []));

  async function bury(
    seat: Seat,
    process: PlatformProcess,
    within: Within,
    downFor = downtime(chance),
  ): Promise<void> {
    seat.process = null;
    await process.kill(within);
    for (const told of deaths) told(process);
    stage.timeline.after(downFor, OUTSIDE, `starts p${seat.place}`, () => start(seat));
  }

  async function kill(some: readonly Seat[], downFor?: number): Promise<void> {
    for (const seat of some) {
      if (!seat.process?.life.alive) continue;
      stage.count("process killed");
      await bury(seat, seat.process, betweenSteps, downFor);
    }
  }

  function stop(seat: Seat): void {
    const { process } = seat;
    if (!process?.accepting()) return;
    stage.count("process stopped");
    void process.stop().then(async () => {
      if (process.life.alive) await bury(seat, process, (cut) => stage.really(OUTSIDE, cut)); // else killed while it was stopping
    });
  }

  for (const seat of seats) start(seat);
  return { seats, up, deaths, kill, stop };
}

/** Seconds as a rule, an hour now and then, and at times longer than a billing cycle. */
function downtime(chance: Chance): number {
  const kind = chance.weighted({ seconds: 75, minutes: 18, hours: 6, days: 1 });
  switch (kind) {
    case "seconds":
      return SECOND + chance.about(10 * SECOND);
    case "minutes":
      return chance.about(10 * MINUTE);
    case "hours":
      return chance.about(4 * HOUR);
    case "days":
      return chance.between(HOUR, 3 * DAY);
  }
}

/** Longer than a billing cycle, where the days allow it. */
export function outage(chance: Chance, spanMicros: number): number {
  return chance.between(HOUR, Math.min(3 * DAY, spanMicros / 10));
}
