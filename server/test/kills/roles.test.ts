import { join } from "node:path";
import { expect, test } from "vitest";
import {
  afterThisTest,
  merchantAt,
  newScratch,
  query,
  type StartOptions,
  startMintro,
  stopMintro,
} from "../processes/mintro.ts";
import { findWrongs } from "../support/audit.ts";
import { createTestDatabase } from "../support/database.ts";
import { eventually, pay } from "../support/platform.ts";
import { openSink } from "../support/sink.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

async function emptied(): Promise<{ url: string; folder: string }> {
  const database = await createTestDatabase();
  afterThisTest(() => database.drop());
  return { url: database.url, folder: await newScratch() };
}

function startWorker(at: { url: string; folder: string }, env: StartOptions["env"] = {}) {
  const worker = startMintro({
    dataDir: join(at.folder, "worker"),
    env: {
      MINTRO_ROLE: "worker",
      DATABASE_URL: at.url,
      MINTRO_SECRET_KEY: KEY,
      MINTRO_PUBLIC_URL: "http://localhost:3000",
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
      ...env,
    },
  });
  const port = () =>
    eventually(() => worker.logLines().find(({ msg }) => msg === "Mintro is ready")?.["port"], 60_000);
  return { ...worker, url: async () => `http://127.0.0.1:${String(await port())}` };
}

test("requests and work apart: the server takes payments, and the worker tells of them", async () => {
  const at = await emptied();
  const sink = await openSink();
  afterThisTest(() => sink.close());
  const server = startMintro({
    dataDir: join(at.folder, "server"),
    env: {
      MINTRO_ROLE: "api",
      DATABASE_URL: at.url,
      MINTRO_SECRET_KEY: KEY,
      MINTRO_WEBHOOK_URL: sink.url,
      MINTRO_WEBHOOK_SECRET: sink.secret,
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
    },
  });
  const merchant = await merchantAt(server);
  const { intent_id, payment_url } = await merchant.createIntent();
  expect((await pay(payment_url)).status).toBe("succeeded");
  const untried = () => query(at.url, "select 1 from deliveries where tries = 0 and lease_until is null");
  expect(await untried()).toHaveLength(1);

  const before = await query(at.url, "select count(*) from clients");
  const worker = startWorker(at);
  const [told] = await eventually(() => {
    const found = sink.of("payment.succeeded", intent_id);
    return found.length > 0 && found;
  }, 60_000);
  expect(told?.verified).toBe(true);
  expect(await query(at.url, "select count(*) from clients")).toEqual(before);
  expect(await query(at.url, "select enabled from webhook_endpoints")).toEqual([{ enabled: true }]);

  const url = await worker.url();
  const asked = await Promise.all(
    ["/healthz", "/readyz", "/metrics", "/pay/demo", "/api/platform/intents"].map(async (path) => {
      const { status } = await fetch(url + path);
      return `${path} ${status}`;
    }),
  );
  expect(asked).toEqual([
    "/healthz 200",
    "/readyz 200",
    "/metrics 200",
    "/pay/demo 404",
    "/api/platform/intents 404",
  ]);
  await stopMintro(worker);
  await stopMintro(server);
  expect(await findWrongs(at.url)).toEqual([]);
});

test("a worker with another secret key does not start, and says so in one line", async () => {
  const at = await emptied();
  const server = startMintro({
    dataDir: join(at.folder, "server"),
    env: {
      DATABASE_URL: at.url,
      MINTRO_SECRET_KEY: KEY,
      MINTRO_WEBHOOK_URL: "https://shop.example/hook",
    },
  });
  await server.ready();
  const worker = startWorker(at, { MINTRO_SECRET_KEY: Buffer.alloc(32, 8).toString("base64") });
  expect(await worker.exited).toEqual({ code: 1, signal: null });
  expect(worker.stderr()).toMatch(/^MINTRO_SECRET_KEY [^\n]+\n$/);
});
