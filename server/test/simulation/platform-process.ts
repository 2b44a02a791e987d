/**
 * One process of the platform in a simulation: the real flows, the real worker and the real sandbox processor, wired as in
 * main/wire.ts to a database, a network and a sender that the simulation controls. It may be stopped in an orderly way, and
 * it may die between any two steps: then its connections are cut, and nothing it was at goes on.
 */
import { createCipher } from "../../src/base/cipher.ts";
import type { Log } from "../../src/base/log.ts";
import type { World } from "../../src/base/world.ts";
import { createChargeIds } from "../../src/flows/charges/charge-ids.ts";
import { createIntentCreator, type IntentCreator } from "../../src/flows/intents/create.ts";
import type { Platform } from "../../src/flows/platform.ts";
import { createTryRecorder } from "../../src/flows/webhooks/deliver.ts";
import type { Processor } from "../../src/processors/processor.ts";
import { createRegistry } from "../../src/processors/registry.ts";
import { createSandbox, type Sandbox } from "../../src/processors/sandbox/sandbox.ts";
import { releaseAbandonedClocks } from "../../src/store/accounts.ts";
import { assertNoTransaction, type Db, openDatabase } from "../../src/store/database.ts";
import { endAllLeases } from "../../src/store/due.ts";
import { startWorker, type Worker } from "../../src/worker/loop.ts";
import type { Chance } from "./chance.ts";
import type { ChargeWatch } from "./charge-watch.ts";
import { gateDatabase } from "./gated-database.ts";
import { createFaultyNetwork } from "./network.ts";
import type { Notifier } from "./notifications.ts";
import type { Receivers } from "./receivers.ts";
import { createSimulatedSender } from "./sender.ts";
import type { Stage } from "./stage.ts";
import type { Life } from "./timeline.ts";
import type { TryWatch } from "./try-watch.ts";

export const PUBLIC_URL = "https://pay.example";

/** What all processes of a run share. */
export type Surroundings = {
  readonly databaseUrl: string;
  readonly sandboxDb: Db;
  readonly secretKey: Buffer;
  readonly receivers: Receivers;
  readonly notifier: Notifier;
  readonly tries: TryWatch;
  readonly charges: ChargeWatch;
  /** One process at a time has the database to itself. */
  readonly takesOver: boolean;
};

export type PlatformProcess = {
  readonly life: Life;
  readonly platform: Platform;
  readonly creator: IntentCreator;
  readonly sandbox: Sandbox;
  /** False from the moment a stop begins: it takes no more requests. */
  accepting(): boolean;
  /** Looks for what is due, as every half second. */
  poll(): void;
  /** Forgets old keys and ends broken-off advances, as every ten seconds. */
  sweep(): void;
  /** Dies on the spot. Resolves when PostgreSQL has noticed; `within` says how it is asked: between steps, or within one. */
  kill(within: Within): Promise<void>;
  /** As after SIGTERM; resolves when it has finished what it was at. */
  stop(): Promise<void>;
};

export type Within = (ask: () => Promise<void>) => Promise<void>;

/** More connections than a process can have steps under way, so that none waits for another's. */
const POOL_SIZE = 120;

const WAKE_MICROS = 20_000;

const CUT = `
  select pg_terminate_backend(pid) from pg_stat_activity
   where datname = current_database() and application_name = $1`;
const LEFT = "select 1 from pg_stat_activity where datname = current_database() and application_name = $1";

export function startProcess(stage: Stage, name: string, around: Surroundings): PlatformProcess {
  const life: Life = { name, alive: true };
  const chance = stage.chance.fork(`process/${name}`);
  const world: World = { now: () => stage.timeline.now(), random: (count) => chance.bytes(count) };
  const log = watchedLog(stage, life);
  const real = openDatabase({ url: around.databaseUrl, log, poolSize: POOL_SIZE, applicationName: name });
  const db = gateDatabase(stage, life, real);
  const sandbox = createSandbox({
    db: around.sandboxDb,
    world,
    publicUrl: PUBLIC_URL,
    link: createFaultyNetwork(stage, life),
    notifications: { secrets: [around.notifier.secret], outbox: around.notifier.outbox },
  });
  const stopping = new AbortController();
  let wake = () => {};
  const onDisabled: Platform["onDisabled"] = (_, reason) => stage.count(`endpoint disabled: ${reason}`);
  const platform: Platform = {
    db,
    world,
    log,
    cipher: createCipher(around.secretKey, world),
    processors: createRegistry([announced(sandbox, around.charges)], assertNoTransaction),
    sender: createSimulatedSender(stage, life, around.receivers, around.tries),
    publicUrl: PUBLIC_URL,
    nextChargeId: createChargeIds(db),
    tryRecorder: createTryRecorder(db, onDisabled),
    onDisabled,
    stopping: stopping.signal,
    breakingOff: stopping.signal,
    onTry: () => {},
    wake: () => wake(),
  };
  let started: ReturnType<typeof startWorkerWithoutTimers> | null = null;
  const begin = () => {
    started = startWorkerWithoutTimers(platform);
    wake = onceForMany(stage, life, chance, started.worker.wake);
  };
  if (around.takesOver) void takeOver(db, world).then(begin);
  else begin();
  return {
    life,
    platform,
    creator: createIntentCreator(platform),
    sandbox,
    accepting: () => life.alive && started !== null && !stopping.signal.aborted,
    poll: () => started?.worker.wake(),
    sweep: () => started?.sweep(),
    async kill(within) {
      life.alive = false;
      stage.work.forget(life);
      await within(() => cutConnections(stage, name));
      void real.close().catch(() => {});
    },
    async stop() {
      stopping.abort();
      await started?.worker.stop();
    },
  };
}

/** pg_terminate_backend would wait for one connection after the other, a tenth of a second at a time; so they are counted. */
async function cutConnections(stage: Stage, name: string): Promise<void> {
  await stage.look(CUT, [name]);
  while ((await stage.look(LEFT, [name])).length > 0);
}

/** As at the start on an embedded database, which no other process uses (main/wire.ts): the dead one's leases end at once. */
async function takeOver(db: Db, world: World): Promise<void> {
  try {
    await endAllLeases(db, world.now());
    await releaseAbandonedClocks(db, world.now());
  } catch {
    await takeOver(db, world); // the start fails, and whoever keeps the process running starts it again
  }
}

/** A moment later, and once for all that woke it in the meantime: looking is most of what a run costs. */
function onceForMany(stage: Stage, life: Life, chance: Chance, look: () => void): () => void {
  let isWoken = false;
  return () => {
    if (isWoken) return;
    isWoken = true;
    stage.timeline.after(chance.between(0, WAKE_MICROS), life, "wakes", () => {
      isWoken = false;
      look();
    });
  };
}

/** The processor with a watcher at its door: what it is asked to charge is seen before it is sent. */
function announced(sandbox: Sandbox, watch: ChargeWatch): Processor {
  return {
    ...sandbox,
    async charge(request) {
      await watch.onCharge(request);
      return await sandbox.charge(request);
    },
    async lookUp(attempt) {
      watch.onLookUp(attempt.attemptKey);
      return await sandbox.lookUp(attempt);
    },
  };
}

/** Its half seconds pass in the simulation, which calls it when there is something to find. */
function startWorkerWithoutTimers(platform: Platform): { worker: Worker; sweep: () => void } {
  const callbacks: (() => void)[] = [];
  const real = globalThis.setInterval;
  globalThis.setInterval = ((callback: () => void) => {
    callbacks.push(callback);
    return undefined;
  }) as unknown as typeof setInterval;
  try {
    const worker = startWorker(platform);
    const sweep = callbacks[1];
    if (callbacks.length !== 2 || !sweep)
      throw new Error("The worker has other timers than the simulation knows.");
    return { worker, sweep };
  } finally {
    globalThis.setInterval = real;
  }
}

/** Whatever the platform reports as an error, beside a lost database, is one. */
function watchedLog(stage: Stage, life: Life): Log {
  const error = (fields: { err?: unknown }, message: string) => {
    if (!life.alive) return;
    const { err } = fields;
    stage.wrong(
      "no-unexpected-error",
      `${life.name}: ${message}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`,
    );
  };
  const quiet = () => {};
  return { debug: quiet, info: quiet, warn: quiet, error } as unknown as Log;
}
