/** The kills: each kind of part in turn, at moments and for whiles that the seed chooses. */
import type { Part } from "./part.ts";
import type { Database } from "./postgres.ts";
import { POSTGRES, type Recovery } from "./recovery.ts";
import { pause, type Stage, until } from "./stage.ts";

export type Target = {
  readonly kind: "server" | "worker" | "PostgreSQL";
  readonly name: string;
  isUp(): boolean;
  kill(): Promise<void>;
  /** Started; PostgreSQL has then recovered and takes connections. */
  start(): Promise<void>;
};

export type Schedule = {
  readonly kills: number;
  /** Milliseconds between a kill and the next, on average. */
  readonly everyMs: number;
  /** The longest a killed part stays away. */
  readonly awayMs: number;
};

export function targetsOf(servers: readonly Part[], workers: readonly Part[], database: Database): Target[] {
  const ofPart =
    (kind: "server" | "worker") =>
    (part: Part): Target => ({
      kind,
      name: part.name,
      isUp: () => part.isRunning(),
      kill: () => part.kill(),
      start: async () => part.start(),
    });
  return [
    ...servers.map(ofPart("server")),
    ...workers.map(ofPart("worker")),
    {
      kind: POSTGRES,
      name: POSTGRES,
      isUp: () => database.isUp(),
      kill: () => database.kill(),
      start: () => database.start(),
    },
  ];
}

/** Comes back when all kills were done and everything was started again, or the load has ended for another reason. */
export async function killInTurn(
  stage: Stage,
  targets: readonly Target[],
  recovery: Recovery,
  { kills, everyMs, awayMs }: Schedule,
): Promise<void> {
  const chance = stage.chance.fork("kills");
  const starts: Promise<void>[] = [];
  const kinds = ["server", "worker", POSTGRES] as const;
  for (let kill = 0; kill < kills; kill++) {
    await pause(Math.min(chance.about(everyMs), 4 * everyMs));
    if (!stage.isLoading) return;
    const kind = kinds[kill % kinds.length] ?? POSTGRES;
    const target = chance.pick(targets.filter((each) => each.kind === kind));
    await until(`${target.name} runs, to be killed`, 60_000, () => target.isUp());
    await target.kill();
    recovery.killed(kind, target.name);
    stage.count(`kills: ${kind}`);
    const pauseMs = chance.float() * awayMs;
    stage.say(`kill ${kill + 1} of ${kills}: ${target.name}, back in ${(pauseMs / 1_000).toFixed(1)} s`);
    starts.push(startAfter(stage, target, recovery, pauseMs));
  }
  await Promise.all(starts);
}

async function startAfter(stage: Stage, target: Target, recovery: Recovery, pauseMs: number): Promise<void> {
  await pause(pauseMs);
  if (!stage.isLoading) return;
  const startedAt = performance.now();
  await target.start();
  if (target.kind === POSTGRES)
    stage.took("PostgreSQL: start until it takes connections", performance.now() - startedAt);
  recovery.started(target.name);
}
