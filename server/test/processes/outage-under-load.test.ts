import { join } from "node:path";
import { expect, test } from "vitest";
import { startEmbeddedPostgres } from "../../src/main/embedded-postgres.ts";
import { findWrongs } from "../support/audit.ts";
import { createTestDatabase } from "../support/database.ts";
import { eventually } from "../support/platform.ts";
import { openSink } from "../support/sink.ts";
import {
  afterThisTest,
  type Mintro,
  merchantAt,
  newScratch,
  query,
  startMintro,
  stopMintro,
} from "./mintro.ts";
import { expectAllPaid, startTraffic } from "./traffic.ts";
import { openWay } from "./way.ts";

const LANES = 12;

async function startOn(databaseUrl: string): Promise<Mintro> {
  const sink = await openSink();
  afterThisTest(() => sink.close());
  return startMintro({
    dataDir: join(await newScratch(), "data"),
    env: {
      DATABASE_URL: databaseUrl,
      MINTRO_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
      MINTRO_WEBHOOK_URL: sink.url,
      MINTRO_WEBHOOK_SECRET: sink.secret,
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
    },
  });
}

/** Whether it can serve, asked through a connection of its own each time. */
async function readiness(mintro: Mintro): Promise<number> {
  return (await fetch(`${(await mintro.ready()).url}/readyz`)).status;
}

/** While `work` runs, as if the waits before a lost answer is asked after, and the leases of those who lost it, were over. */
async function withoutWaits(databaseUrl: string, work: Promise<void>): Promise<void> {
  const due = "update charges set look_up_at = now() where look_up_at > now()";
  await query(databaseUrl, "update charges set lease_until = null where lease_until is not null");
  const hurrying = setInterval(() => void query(databaseUrl, due).catch(() => []), 500);
  await work.finally(() => clearInterval(hurrying));
}

/** Not a line for each request, nor one for each look of each lane: some dozen at an outage, however long. */
function expectQuiet(mintro: Mintro): void {
  const lines = mintro.logLines().filter(({ level }) => Number(level) >= 40);
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  expect(lines.length, JSON.stringify(lines.map(({ msg }) => msg))).toBeLessThan(20);
}

test("PostgreSQL restarted under load: 503 meanwhile, everybody is served in the end, and nothing happened twice", async () => {
  const folder = join(await newScratch(), "database");
  const options = { dataDir: folder, durable: false, settings: { fsync: "off" } };
  let database = await startEmbeddedPostgres(options);
  afterThisTest(() => database.stop());
  const mintro = await startOn(database.url);
  const merchant = await merchantAt(mintro);
  const traffic = startTraffic(merchant, { lanes: LANES, persistent: true });

  for (let times = 1; times <= 2; times++) {
    const before = traffic.served();
    await eventually(() => traffic.served() > before + LANES, 30_000);
    await database.stop();
    const refused = traffic.unavailable();
    await eventually(() => traffic.unavailable() > refused + LANES);
    await eventually(async () => (await readiness(mintro)) === 503);
    database = await startEmbeddedPostgres({ ...options, port: database.port });
    await eventually(async () => (await readiness(mintro)) === 200);
  }
  const after = traffic.served();
  await eventually(() => traffic.served() > after + LANES, 30_000);
  const told = await traffic.stop();
  await withoutWaits(database.url, expectAllPaid(merchant, told));
  expectQuiet(mintro);
  await stopMintro(mintro);
  expect(await findWrongs(database.url)).toEqual([]);
});

test("a network that swallows everything, under load: fast 503 at the door, and full speed again though no connection was closed", async () => {
  const database = await createTestDatabase();
  afterThisTest(() => database.drop());
  const way = await openWay(database.url);
  const mintro = await startOn(way.url);
  const merchant = await merchantAt(mintro);
  const { url } = await mintro.ready();
  const traffic = startTraffic(merchant, { lanes: LANES, persistent: true });
  await eventually(() => traffic.served() > LANES, 30_000);

  way.hang();
  await eventually(async () => (await readiness(mintro)) === 503, 20_000);
  const atTheDoor = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^mintro_http_shed_total\{kind="creating",why="database"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  await eventually(async () => {
    expect((await merchant.post("/intents", {})).status).toBe(503);
    return (await atTheDoor()) > 0;
  }, 20_000);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  way.goOn();
  const before = traffic.served();
  await eventually(async () => (await readiness(mintro)) === 200, 20_000);
  // Those who were waiting on a connection that will never answer are let go, long before their statements' time is out.
  await eventually(() => traffic.served() > before + 3 * LANES, 20_000);
  const told = await traffic.stop();
  await withoutWaits(database.url, expectAllPaid(merchant, told));
  expectQuiet(mintro);
  await stopMintro(mintro);
  expect(await findWrongs(database.url)).toEqual([]);
});
