/**
 * One run: a PostgreSQL, servers and workers as processes, shops and publishers that load them, kills in turn, and in the
 * end the books beside what everybody was told. The seed decides what is killed when, and what clients do; how that
 * meets, the machine does, so the same seed is the same plan and not the same run.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createLog } from "../../src/base/log.ts";
import { realWorld } from "../../src/base/world.ts";
import { PERMISSIONS } from "../../src/domain/account.ts";
import { createClient } from "../../src/flows/clients/create.ts";
import { runningEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { openDatabase } from "../../src/store/database.ts";
import { freePorts } from "../support/free-ports.ts";
import { createCheckout } from "./customer.ts";
import { createMerchant } from "./merchant.ts";
import { createNet, type Net } from "./net.ts";
import { createPart, type Part } from "./part.ts";
import { type Database, openPostgres } from "./postgres.ts";
import { type Clock, createClock, keepPublishing } from "./publisher.ts";
import { type Moods, openReceiver, type Receiver } from "./receiver.ts";
import { createRecovery } from "./recovery.ts";
import { killInTurn, type Schedule, targetsOf } from "./schedule.ts";
import { keepShopping, type Loading, openShop, type Shop } from "./shop.ts";
import { createStage, type Stage, until, type Wrong } from "./stage.ts";
import { type Client, createTold, type Told } from "./told.ts";
import { compare, settle, totals } from "./verdict.ts";

export type RunOptions = Schedule & {
  readonly seed: number;
  readonly servers: number;
  readonly workers: number;
  /** Shops, and shoppers in each. */
  readonly shops: number;
  readonly shoppers: number;
  /** Publishers, and subscribers of each. */
  readonly publishers: number;
  readonly subscribers: number;
  readonly paceMs: number;
  /** Where database and logs go; the caller removes it. */
  readonly folder: string;
  /** False: the database does not wait for the disk, which only a power cut could tell. */
  readonly durable: boolean;
  /** True: it settles on one process that takes the database over as its embedded one, and with it all leases at once. */
  readonly takesOver: boolean;
  readonly print: (line: string) => void;
};

export type RunResult = {
  readonly wrongs: readonly Wrong[];
  readonly counts: ReadonlyMap<string, number>;
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly totals: Readonly<Record<string, number>>;
};

/** Of a shop; an advance waits for each try, so a publisher's receiver hangs less often. */
const SHOP_MOODS: Moods = { fails: 0.08, "hangs up": 0.05, hangs: 0.01, "is slow": 0.1 };
const PUBLISHER_MOODS: Moods = { fails: 0.05, "hangs up": 0.03, hangs: 0.002, "is slow": 0.01 };

/** So that there is something to lose. */
const PAID_BEFORE_KILLS = 5;

export async function run(options: RunOptions): Promise<RunResult> {
  const stage = createStage(options.seed, options.print);
  const dataDir = join(options.folder, "data");
  const [databasePort = 0, ...ports] = await freePorts(1 + options.servers + options.workers);
  const database = await openPostgres(stage, { dataDir, port: databasePort, durable: options.durable });
  const parts = createParts(stage, options, database, ports);
  const receiver = await openReceiver(stage);
  try {
    for (const part of parts.all) part.start();
    await Promise.all(parts.all.map((part) => part.ready()));
    stage.say(`${parts.all.map(({ name }) => name).join(", ")} are ready on one PostgreSQL`);
    let rest: { url: string; parts: readonly Part[] } = { url: database.url, parts: parts.all };
    const { net, told, shops, clocks } = await loadAndKill(
      stage,
      options,
      { database, parts, receiver },
      async () => {
        if (options.takesOver) rest = await takeOver(stage, options, database, parts);
        else await Promise.all(parts.all.map((part) => part.ready()));
      },
    );
    const databaseUrl = rest.url;
    await settle(stage, databaseUrl, clocks);
    await compare(stage, { databaseUrl, net, told, shops });
    const found = await totals(databaseUrl);
    for (const part of rest.parts) await part.stop();
    return { wrongs: stage.wrongs, counts: stage.counts, times: stage.times, totals: found };
  } finally {
    stage.endLoad(); // also where it was broken off
    await Promise.all([...parts.all, parts.whole].map((part) => part.kill()));
    await database.stop();
    await receiver.close();
  }
}

type Parts = {
  readonly servers: readonly Part[];
  readonly workers: readonly Part[];
  readonly all: readonly Part[];
  /** Both roles in one process, in the end, in the first server's place. */
  readonly whole: Part;
};

function createParts(stage: Stage, options: RunOptions, database: Database, ports: readonly number[]): Parts {
  const { folder, servers, workers } = options;
  const shared = {
    MINTRO_SECRET_KEY: randomBytes(32).toString("base64"),
    MINTRO_CLIENT_ID: "test_harness",
    MINTRO_CLIENT_SECRET: randomBytes(24).toString("hex"),
    MINTRO_PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
    MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
    MINTRO_TRUSTED_PROXIES: "loopback",
  };
  const apart = { ...shared, DATABASE_URL: database.url };
  const part = (role: "api" | "worker", name: string, at: number) => {
    const env = { ...apart, MINTRO_ROLE: role, MINTRO_DATA_DIR: join(folder, `kept-${name}`) };
    return createPart(stage, { name, port: ports[at] ?? 0, env, folder });
  };
  const made = {
    servers: Array.from({ length: servers }, (_, at) => part("api", `server-${at + 1}`, at)),
    workers: Array.from({ length: workers }, (_, at) => part("worker", `worker-${at + 1}`, servers + at)),
  };
  const env = { ...shared, MINTRO_DATA_DIR: join(folder, "data") };
  const whole = createPart(stage, { name: "whole", port: ports[0] ?? 0, env, folder });
  return { ...made, all: [...made.servers, ...made.workers], whole };
}

type Around = { readonly database: Database; readonly parts: Parts; readonly receiver: Receiver };
type Loaded = {
  readonly net: Net;
  readonly told: Told;
  readonly shops: readonly Shop[];
  readonly clocks: readonly Clock[];
};

async function loadAndKill(
  stage: Stage,
  options: RunOptions,
  { database, parts, receiver }: Around,
  /** Brings everything up for the rest. */
  bringUp: () => Promise<void>,
): Promise<Loaded> {
  const recovery = createRecovery(stage);
  const nameOf = new Map(parts.servers.map(({ url, name }) => [url, name]));
  const net = createNet(
    stage,
    options.takesOver ? [...nameOf.keys()].slice(0, 1) : [...nameOf.keys()],
    (url, begunAt) => recovery.serverSucceeded(nameOf.get(url) ?? "", begunAt),
  );
  const told = createTold(stage);
  const open = async (name: string, moods: Moods) => {
    const merchant = createMerchant(stage, net, told, await newClient(database.url, name));
    return await openShop(merchant, receiver.hook(name, moods));
  };
  const shops = await times(options.shops, (at) => open(`shop-${at}`, SHOP_MOODS));
  const publishers = await times(options.publishers, (at) => open(`publisher-${at}`, PUBLISHER_MOODS));
  const clocks = [...shops, ...publishers].map((shop) => createClock(stage, shop));
  const loading: Loading = {
    stage,
    told,
    checkout: createCheckout(stage, net, told),
    paceMs: options.paceMs,
  };
  const load = [
    ...shops.flatMap((shop) => Array.from({ length: options.shoppers }, () => keepShopping(loading, shop))),
    ...publishers.map((shop, at) => {
      const clock = clocks[shops.length + at] as Clock;
      return keepPublishing(loading, shop, clock, options.subscribers);
    }),
  ];
  const watching = new AbortController();
  const watched = recovery.watchWorkers(parts.workers, watching.signal);
  const loaded = Promise.all(load);
  void loaded.catch(() => undefined); // awaited below
  await until("customers pay", 60_000, () => (stage.counts.get("payments told") ?? 0) >= PAID_BEFORE_KILLS);
  // The first that fails ends the run.
  await Promise.race([
    killInTurn(stage, targetsOf(parts.servers, parts.workers, database), recovery, options),
    loaded.then(() => undefined),
  ]);
  stage.endLoad();
  receiver.calm();
  stage.say("no more kills: what was begun is brought to its end");
  await Promise.all([bringUp(), loaded]);
  watching.abort();
  await watched;
  return { net, told, shops: [...shops, ...publishers], clocks };
}

/** One process after another starts on the very files: it may believe that nobody else holds a lease. */
async function takeOver(
  stage: Stage,
  { folder }: RunOptions,
  database: Database,
  { all, whole }: Parts,
): Promise<{ url: string; parts: readonly Part[] }> {
  for (const part of all) await part.kill();
  await database.kill();
  whole.start();
  await whole.ready();
  stage.say("one process has taken over the database");
  const found = await runningEmbeddedPostgres(join(folder, "data"));
  if (!found) throw new Error("There is no database.");
  return { url: found.url, parts: [whole] };
}

/** As `mintro clients create` makes one: a merchant of its own, with every permission. */
async function newClient(databaseUrl: string, name: string): Promise<Client> {
  const log = createLog("silent");
  const db = openDatabase({ url: databaseUrl, log, poolSize: 1, applicationName: "mintro-kills" });
  try {
    const wanted = { merchant: name, mode: "test", name: "kills", permissions: PERMISSIONS } as const;
    const { clientId, clientSecret } = await createClient(db, realWorld(), wanted);
    return { name, headers: { "x-client-id": clientId, "x-client-secret": clientSecret } };
  } finally {
    await db.close();
  }
}

async function times<T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let at = 0; at < count; at++) made.push(await make(at));
  return made;
}
