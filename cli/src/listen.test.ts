/** `mintro listen` against the platform itself: bursts, restarts, receivers that fail. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@mintro/server/base/log";
import { newWebhookSecret } from "@mintro/server/domain/webhook-signature";
import { run as runPlatform, type Wiring } from "@mintro/server/main/wire";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findWrongs } from "../../server/test/support/audit.ts";
import { createTestDatabase } from "../../server/test/support/database.ts";
import { freePort } from "../../server/test/support/free-ports.ts";
import {
  eventually,
  type Merchant,
  merchantOf,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../../server/test/support/platform.ts";
import { openSink, type Sink } from "../../server/test/support/sink.ts";
import { endAll, run, type Started, start } from "./testing.ts";

/** Of the platform that is restarted. */
const client = { clientId: "test_listen", clientSecret: randomBytes(24).toString("base64url") };
let platform: TestPlatform;
let receiver: Sink;
let folder: string;
let env: Record<string, string>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  folder = await mkdtemp(join(tmpdir(), "mintro-listen-"));
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(endAll);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(url: string, ...options: string[]): Promise<Started> {
  const sink = await openSink();
  receiver = sink;
  closing.push(() => sink.close());
  env = {
    MINTRO_URL: url,
    MINTRO_CLIENT_ID: url === platform.url ? platform.merchant.clientId : client.clientId,
    MINTRO_CLIENT_SECRET: url === platform.url ? platform.merchant.clientSecret : client.clientSecret,
    MINTRO_WEBHOOK_SECRET: receiver.secret,
    XDG_CONFIG_HOME: folder,
  };
  const started = start(["listen", "--forward-to", receiver.url, "--json", ...options], env);
  closing.push(() => started.stop("SIGKILL"));
  await eventually(() => started.records().some(({ type }) => type === "ready"));
  return started;
}

const forwarded = (started: Started) => started.records().filter(({ type }) => type === "forwarded");

/** An intent that is created and cancelled: one event, the cheapest. */
async function oneEvent(merchant: Merchant = platform.merchant): Promise<string> {
  const { intent_id: id } = await merchant.createIntent();
  const reply = await merchant.post(`/intents/${id}/cancel`);
  expect(reply.status, reply.text).toBe(200);
  return id;
}

describe("mintro listen", () => {
  it("forwards what the platform sends, byte for byte and signed, from the start on", async () => {
    const earlier = await oneEvent();
    const started = await listen(platform.url);
    const metadata = '{"price":1.0,"order":12345678901234567890,"note":"Café \\u2615 1/2 \\"x\\""}';
    const body = `{"amount":"80.00","currency":"USD","intent_type":"recurring","interval_days":30,"email":"a@example.com",
      "name":"A","reference_id":"BYTES-1","integration_type":"iframe","order_items":[{"name":"P","quantity":1,"price":1}],
      "metadata":${metadata}}`;
    const created = await platform.merchant.post("/intents", body);
    await pay(created.body.data.payment_url);
    const { intent_id: id } = created.body.data;
    await eventually(() => platform.sink.typesFor(id).length === 2 && receiver.typesFor(id).length === 2);
    const theirs = platform.sink.received.filter(({ payload }) => payload["intent_id"] === id);
    const ours = receiver.received.filter(({ payload }) => payload["intent_id"] === id);
    expect(ours.map((each) => each.body)).toEqual(theirs.map((each) => each.body));
    expect(ours[0]?.body).toContain('"price":1.0,"order":12345678901234567890');
    for (const [index, mine] of ours.entries()) {
      expect(mine.verified).toBe(true);
      for (const name of ["content-type", "user-agent", "webhook-id"])
        expect(mine.headers[name]).toBe(theirs[index]?.headers[name]);
    }
    expect(receiver.typesFor(earlier)).toEqual([]);
    expect(forwarded(started)[0]).toMatchObject({
      event: "payment.succeeded",
      intent_id: id,
      ok: true,
      status: 200,
      duration_ms: expect.any(Number),
    });
    const { code, error } = await started.stop();
    expect([code, error]).toEqual([0, ""]);
    expect(started.records().at(-1)).toEqual({
      type: "ended",
      delivered: 2,
      failed: 0,
      unsent: 0,
      since: null,
    });
    expect(started.out()).not.toContain(platform.merchant.clientSecret);
  });

  it("misses and doubles nothing in bursts of 200, nor where a clock's advance makes many at one instant", async () => {
    const started = await listen(platform.url, "--events", "payment.canceled,subscription.renewed");
    const burst = await Promise.all(Array.from({ length: 200 }, () => oneEvent()));
    const subscriptions = await Promise.all(
      Array.from({ length: 5 }, () => subscribe(platform, { intervalDays: 1 })),
    );
    // Skipped over, all are renewed at the same present; then three days one by one.
    await platform.merchant.advance({ seconds: 86_400, skip: true });
    await platform.merchant.advance({ seconds: 3 * 86_400 });
    const ids = new Set([...burst, ...subscriptions.map(({ intentId }) => intentId)]);
    const told = () => platform.sink.received.filter((each) => ids.has(String(each.payload["intent_id"])));
    const wanted = () =>
      told().filter(({ event }) => event === "payment.canceled" || event === "subscription.renewed");
    await eventually(() => receiver.received.length >= 200 + 5 * 4, 60_000);
    const got = receiver.received.map(({ id }) => id);
    expect(new Set(got).size).toBe(got.length);
    expect([...got].sort()).toEqual([...new Set(wanted().map(({ id }) => id))].sort());
    for (const { intentId } of subscriptions) {
      const times = receiver.received
        .filter(({ payload }) => payload["intent_id"] === intentId)
        .map(({ payload }) => String(payload["created_at"]));
      expect(times).toEqual([...times].sort());
    }
    const { code } = await started.stop();
    expect(code).toBe(0);
    expect(started.records().at(-1)).toMatchObject({ delivered: got.length, failed: 0, unsent: 0 });
  }, 90_000);

  it("shows an answer that is not 2xx and does not repeat it; resend does, when asked", async () => {
    const started = await listen(platform.url);
    receiver.answer(500);
    const id = await oneEvent();
    await eventually(() => forwarded(started).length === 1);
    const [line] = forwarded(started);
    expect(line).toMatchObject({ ok: false, status: 500, error: "answered 500", response_start: "not now" });
    const resend = ["events", "resend", String(line?.["event_id"]), "--forward-to", receiver.url];
    const failed = await run(resend, env);
    expect(failed.code).toBe(1);
    expect(failed.out).toContain("answered 500");
    receiver.answer(200);
    const again = await run(resend, env);
    expect([again.code, again.error]).toEqual([0, ""]);
    expect(receiver.of("payment.canceled", id).map(({ status }) => status)).toEqual([500, 500, 200]);
    expect(new Set(receiver.of("payment.canceled", id).map((each) => each.body)).size).toBe(1);
    await started.stop();
    expect(started.records().at(-1)).toMatchObject({ delivered: 0, failed: 1 });
  });

  it("waits for a receiver that takes no connection, and says so once", async () => {
    const started = await listen(platform.url);
    await receiver.down();
    const { intentId } = await subscribe(platform);
    const others = await Promise.all([oneEvent(), oneEvent(), oneEvent()]);
    await eventually(() => started.error().includes("takes no connection"));
    expect(started.error()).toContain("connection refused");
    await receiver.up();
    await eventually(() => receiver.received.length === 5, 15_000);
    expect(receiver.typesFor(intentId)).toEqual(["payment.succeeded", "subscription.created"]);
    for (const id of others) expect(receiver.typesFor(id)).toEqual(["payment.canceled"]);
    const { error } = await started.stop();
    expect(error.trim().split("\n")).toHaveLength(2);
    expect(error).toMatch(/is there again, after/);
  });

  it("says at its end what it could not send any more, and begins with that when told to", async () => {
    const started = await listen(platform.url);
    await receiver.down();
    const first = await oneEvent();
    await eventually(() => started.records().some(({ type }) => type === "receiver_down"));
    const second = await oneEvent();
    await platform.settled();
    await eventually(
      async () => (await platform.merchant.get(`/events?intent_id=${second}`)).body.data.length === 1,
    );
    const { code } = await started.stop();
    expect(code).toBe(0);
    const last = started.records().at(-1);
    expect(last).toMatchObject({ type: "ended", delivered: 0 });
    const next = await listen(platform.url, "--since", String(last?.["since"]));
    await eventually(() => receiver.received.length >= 2);
    expect(receiver.received.map(({ payload }) => payload["intent_id"])).toEqual([first, second]);
    await next.stop("SIGTERM");
  });

  it("ends a receiver's hanging try with Ctrl-C, within three seconds", async () => {
    const started = await listen(platform.url);
    receiver.answer(() => new Promise(() => {}));
    await oneEvent();
    await eventually(() => started.records().length > 0 && platform.sink.received.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 700)); // the try is under way: nothing shows it from outside
    const startedAt = performance.now();
    const { code } = await started.stop();
    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});

describe("its secret", () => {
  it("is made once, kept for its owner alone, the same at each run, and printed for scripts", async () => {
    const own = join(folder, "own");
    const first = await run(["listen", "--print-secret"], { XDG_CONFIG_HOME: own });
    expect(first).toMatchObject({ code: 0, error: "" });
    expect(first.out).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    expect((await run(["listen", "--print-secret"], { XDG_CONFIG_HOME: own })).out).toBe(first.out);
    const file = join(own, "mintro", "listen-secret");
    expect(await readFile(file, "utf8")).toBe(first.out);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("is refused on the command line and where it is none, without being repeated", async () => {
    const secret = newWebhookSecret(randomBytes);
    const given = ["listen", "--forward-to", "localhost:1", "--secret", secret];
    const onCommandLine = await run(given, {});
    expect(onCommandLine.code).toBe(1);
    expect(onCommandLine.error).toMatch(/command line.*MINTRO_WEBHOOK_SECRET/);
    const wrong = await run(["listen", "--print-secret"], { MINTRO_WEBHOOK_SECRET: "whsec_short" });
    expect(wrong.code).toBe(1);
    expect(wrong.error).toMatch(/^MINTRO_WEBHOOK_SECRET: /);
    for (const { out, error } of [onCommandLine, wrong])
      expect(out + error).not.toMatch(/whsec_[A-Za-z0-9]{3}/);
  });
});

describe("while the platform restarts", () => {
  it("waits, says so once, and forwards what happened meanwhile", async () => {
    const database = await createTestDatabase();
    const wiring: Wiring = {
      databaseUrl: database.url,
      log: createLog("silent"),
      port: await freePort(),
      host: "127.0.0.1",
      publicUrl: null,
      secretKey: randomBytes(32),
      client,
      webhook: null,
      allowPrivateWebhooks: true,
      allowedOrigins: null,
      rateLimit: 0,
      trustedProxies: [],
    };
    let running = await runPlatform(wiring);
    closing.push(async () => {
      await running.stop();
      const wrongs = await findWrongs(database.url);
      await database.drop();
      expect(wrongs).toEqual([]);
    });
    const merchant = merchantOf(running.publicUrl, client);
    const started = await listen(running.publicUrl);
    await oneEvent(merchant);
    await eventually(() => receiver.received.length === 1);
    const { intent_id: open } = await merchant.createIntent();
    await running.stop();
    await eventually(() => started.error().includes("does not answer now"));
    running = await runPlatform(wiring);
    const afterwards = await Promise.all(Array.from({ length: 20 }, () => oneEvent(merchant)));
    await merchant.post(`/intents/${open}/cancel`);
    await eventually(() => receiver.received.length === 22);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(22);
    for (const id of [open, ...afterwards]) expect(receiver.typesFor(id)).toEqual(["payment.canceled"]);
    const { code, error } = await started.stop();
    expect(code).toBe(0);
    expect(error.match(/does not answer now/g)).toHaveLength(1);
    expect(error.match(/answers again/g)).toHaveLength(1);
  });
});
