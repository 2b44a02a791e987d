import { join } from "node:path";
import { expect, test } from "vitest";
import { isRunning } from "../../src/main/process-table.ts";
import { findWrongs } from "../support/audit.ts";
import { createTestDatabase } from "../support/database.ts";
import { eventually, pay, tryToPay } from "../support/platform.ts";
import { openSink } from "../support/sink.ts";
import {
  afterThisTest,
  databaseOf,
  merchantAt,
  newScratch,
  postgresOf,
  query,
  startMintro,
  stopMintro,
  useSeed,
} from "./mintro.ts";
import { openWay } from "./way.ts";

const seeded = useSeed();

test("while the database is away everything is answered 503 with Retry-After, and goes on by itself when it is back", async () => {
  const database = await createTestDatabase();
  afterThisTest(() => database.drop());
  const way = await openWay(database.url);
  const sink = await openSink();
  afterThisTest(() => sink.close());
  const mintro = startMintro({
    dataDir: join(await newScratch(), "data"),
    env: {
      DATABASE_URL: way.url,
      MINTRO_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
      MINTRO_WEBHOOK_URL: sink.url,
      MINTRO_WEBHOOK_SECRET: sink.secret,
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
    },
  });
  const merchant = await merchantAt(mintro);
  const { url } = await mintro.ready();
  const readiness = async () => (await fetch(`${url}/readyz`)).status;
  const { intent_id, payment_url } = await merchant.createIntent();
  expect(await readiness()).toBe(200);

  await way.down();
  const [ready, created, page, paid] = await Promise.all([
    fetch(`${url}/readyz`),
    merchant.post("/intents", {}),
    fetch(payment_url),
    tryToPay(payment_url),
  ]);
  for (const { status, headers } of [ready, created, page, paid]) {
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
  }
  expect(created.body).toEqual({ success: false, message: expect.any(String), data: [] });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);

  await way.up();
  await eventually(async () => (await readiness()) === 200);
  expect((await pay(payment_url)).status).toBe("succeeded");
  await eventually(() => sink.of("payment.succeeded", intent_id).length === 1);

  way.hang();
  const askedAt = performance.now();
  expect(await readiness()).toBe(503);
  expect(performance.now() - askedAt).toBeLessThan(5_000);
  await way.down(); // what waits need not wait for its time to run out
  await way.up();
  await eventually(async () => (await readiness()) === 200);
  expect((await merchant.intent(intent_id)).status).toBe("succeeded");

  await way.down();
  await stopMintro(mintro);
  expect(await findWrongs(database.url)).toEqual([]);
});

test("it outlives a crash inside its own PostgreSQL, which restarts itself", async () => {
  const mintro = startMintro({ dataDir: await seeded() });
  const merchant = await merchantAt(mintro);
  const { payment_url } = await merchant.createIntent();
  const database = await databaseOf(mintro);
  const [backend] = await query(
    database,
    "select pid from pg_stat_activity where application_name = 'mintro' limit 1",
  );
  const pid = Number(backend?.["pid"]);
  process.kill(pid, "SIGKILL");
  await eventually(async () => !(await isRunning(pid)));
  const view = await eventually(async () => {
    const reply = await tryToPay(payment_url);
    expect([200, 503]).toContain(reply.status);
    return reply.status === 200 && reply.body.data;
  });
  expect(["succeeded", "processing"]).toContain(view.status);
  await stopMintro(mintro);
});

test("it stops with exit code 1 and a clear line when its own PostgreSQL is killed, and starts again with all data", async () => {
  const dataDir = await seeded();
  const mintro = startMintro({ dataDir, via: "npm" });
  const merchant = await merchantAt(mintro);
  const { intent_id, payment_url } = await merchant.createIntent();
  expect((await pay(payment_url)).status).toBe("succeeded");
  const [postgres = 0] = await postgresOf(dataDir);
  process.kill(postgres, "SIGKILL");
  expect((await mintro.exited).code).toBe(1);
  const line = mintro.logLines().find(({ level }) => level === 50);
  expect(line?.["msg"]).toBe("the embedded PostgreSQL ended unexpectedly, so Mintro stops: start it again");

  const again = startMintro({ dataDir });
  const same = await merchantAt(again);
  expect((await same.intent(intent_id)).status).toBe("succeeded");
  expect(await findWrongs(await databaseOf(again))).toEqual([]);
});
