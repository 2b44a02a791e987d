/** Webhook endpoints by API: made, changed, rotated, tested and deleted, and what each of them hears. */

import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDPOINTS } from "../../src/base/limits.ts";
import { EVENT_TYPES } from "../../src/domain/event.ts";
import { newMerchant } from "../support/merchants.ts";
import { walk } from "../support/pages.ts";
import {
  eventually,
  type Json,
  type Merchant,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
const sinks: Sink[] = [];
afterAll(() => Promise.all(sinks.map((sink) => sink.close())));

async function newSink(): Promise<Sink> {
  const sink = await openSink();
  sinks.push(sink);
  return sink;
}

async function create(merchant: Merchant, body: Record<string, unknown>): Promise<Json> {
  const reply = await merchant.post("/webhook-endpoints", body);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
}

const ask = async (merchant: Merchant, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${platform.url}/api/platform${path}`, {
    method,
    headers: {
      "x-client-id": merchant.clientId,
      "x-client-secret": merchant.clientSecret,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
};

const isSignedBy = (secret: string, { body, headers }: Sink["received"][number]) => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

/** An intent that is paid; gives back its id. */
async function payOne(merchant: Merchant): Promise<string> {
  const created = await merchant.createIntent();
  await pay(created.payment_url);
  return created.intent_id;
}

describe("an endpoint", () => {
  it("is created for all events, and its secret is shown in that answer alone", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const { secret, ...made } = await create(merchant, { url: sink.url });
    expect(made).toEqual({
      endpoint_id: expect.stringMatching(/^we_/),
      url: sink.url,
      events: null,
      enabled: true,
      disabled_reason: null,
      failing_since: null,
      previous_secret_until: null,
      from_environment: false,
      created_at: expect.stringMatching(/Z$/),
    });
    expect((await merchant.get(`/webhook-endpoints/${made.endpoint_id}`)).body.data).toEqual(made);
    expect((await merchant.get("/webhook-endpoints")).body.data).toEqual([made]);
    const intentId = await payOne(merchant);
    const [told] = await eventually(() => sink.received.length > 0 && sink.received);
    expect(told?.payload["intent_id"]).toBe(intentId);
    expect(told && isSignedBy(secret, told)).toBe(true);
  });

  it("hears the events that it names and no others, and changes its mind", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const { endpoint_id } = await create(merchant, {
      url: sink.url,
      events: ["payment.canceled", "payment.canceled"],
    });
    const cancelOne = async () => {
      const { intent_id } = await merchant.createIntent();
      await merchant.post(`/intents/${intent_id}/cancel`);
    };
    await payOne(merchant);
    await cancelOne();
    await eventually(() => sink.received.length === 1);
    const path = `/webhook-endpoints/${endpoint_id}`;
    const changed = await ask(merchant, "PATCH", path, { events: ["payment.succeeded"] });
    expect(changed.body.data).toMatchObject({ events: ["payment.succeeded"], url: sink.url, enabled: true });
    await cancelOne();
    await payOne(merchant);
    await eventually(() => sink.received.length === 2);
    expect((await ask(merchant, "PATCH", path, { events: null })).body.data.events).toBeNull();
    await cancelOne();
    await eventually(() => sink.received.length === 3);
    expect(sink.received.map((r) => r.event)).toEqual([
      "payment.canceled",
      "payment.succeeded",
      "payment.canceled",
    ]);
  });

  it("hears nothing while it is disabled; enabled again, it begins with a clean record", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    sink.answer(500);
    const { endpoint_id } = await create(merchant, { url: sink.url });
    const path = `/webhook-endpoints/${endpoint_id}`;
    await payOne(merchant);
    await eventually(async () => (await merchant.get(path)).body.data.failing_since);
    const paused = (await ask(merchant, "PATCH", path, { enabled: false })).body.data;
    expect(paused).toMatchObject({ enabled: false, disabled_reason: "merchant" });
    const heard = sink.received.length;
    sink.answer(200);
    await payOne(merchant);
    await merchant.advance({ seconds: 5 * 86_400 });
    expect(sink.received).toHaveLength(heard);
    const back = (await ask(merchant, "PATCH", path, { enabled: true })).body.data;
    expect(back).toMatchObject({ enabled: true, disabled_reason: null, failing_since: null });
    await payOne(merchant);
    await eventually(() => sink.received.length === heard + 1);
  });

  it("can be made disabled, and moved to another address", async () => {
    const [merchant, before, after] = [await newMerchant(platform), await newSink(), await newSink()];
    const { endpoint_id, disabled_reason } = await create(merchant, { url: before.url, enabled: false });
    expect(disabled_reason).toBe("merchant");
    await payOne(merchant);
    const to = { url: after.url, enabled: true };
    await ask(merchant, "PATCH", `/webhook-endpoints/${endpoint_id}`, to);
    await payOne(merchant);
    await eventually(() => after.received.length === 1);
    expect(before.received).toEqual([]);
  });

  it("that is deleted is gone, what waited for it is given up, and its events stay", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    sink.answer(500);
    const { endpoint_id } = await create(merchant, { url: sink.url });
    await payOne(merchant);
    await eventually(() => sink.received.length === 1);
    const path = `/webhook-endpoints/${endpoint_id}`;
    expect((await ask(merchant, "DELETE", path)).body.data).toEqual({ endpoint_id, deleted: true });
    for (const method of ["GET", "PATCH", "DELETE"])
      expect((await ask(merchant, method, path)).status).toBe(404);
    await payOne(merchant);
    await merchant.advance({ seconds: 4 * 86_400 });
    expect(sink.received).toHaveLength(1);
    expect((await merchant.get("/webhook-endpoints")).body.data).toEqual([]);
  });

  it("that is deleted while payments come in leaves no delivery behind", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    for (let round = 0; round < 5; round++) {
      const { endpoint_id } = await create(merchant, { url: sink.url });
      const intents = await Promise.all(Array.from({ length: 8 }, () => merchant.createIntent()));
      const cancels = intents.map(({ intent_id }) => merchant.post(`/intents/${intent_id}/cancel`));
      await Promise.all([...cancels, ask(merchant, "DELETE", `/webhook-endpoints/${endpoint_id}`)]);
    }
    // An advance waits for all that is due: a delivery that nobody can make would hold it up.
    const startedAt = Date.now();
    await merchant.advance({ seconds: 86_400 });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it("of another account, or the other mode, is not to be had", async () => {
    const name = `Merchant ${Math.random()}`;
    const [test, live] = [
      await newMerchant(platform, { merchant: name }),
      await newMerchant(platform, { merchant: name, mode: "live" }),
    ];
    const { endpoint_id } = await create(test, { url: "http://127.0.0.1:9/" });
    const path = `/webhook-endpoints/${endpoint_id}`;
    for (const client of [live, await newMerchant(platform)]) {
      expect((await client.get("/webhook-endpoints")).body.data).toEqual([]);
      for (const [method, below] of [
        ["GET", ""],
        ["PATCH", ""],
        ["DELETE", ""],
        ["POST", "/rotate-secret"],
        ["POST", "/test"],
      ] as const) {
        const refused = await ask(client, method, `${path}${below}`);
        expect(refused.status, `${method} ${below}`).toBe(404);
        expect(refused.body.message).toBe("No such webhook endpoint.");
      }
    }
    expect((await test.get(path)).status).toBe(200);
  });

  it("of the environment shows up too", async () => {
    const { data } = (await platform.merchant.get("/webhook-endpoints")).body;
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ url: platform.sink.url, from_environment: true, events: null });
  });
});

describe("POST /webhook-endpoints", () => {
  it.each([
    [{}, { url: ["The url field is required."] }],
    [{ url: "example.com" }, { url: ["The url must be a valid URL."] }],
    [{ url: "ftp://example.com/" }, { url: ["The url must be a valid URL."] }],
    [{ url: "https://user:secret@example.com/" }, { url: ["The url must be a valid URL."] }],
    [
      { url: `https://example.com/${"x".repeat(2048)}`, events: "all", enabled: "yes" },
      {
        url: ["The url must not be greater than 2048 characters."],
        events: ["The events must be an array."],
        enabled: ["The enabled field must be true or false."],
      },
    ],
    [
      { url: "https://example.com", events: ["payment.succeeded", "payment.lost", 7] },
      {
        "events.1": ["The selected events.1 is invalid."],
        "events.2": ["The selected events.2 is invalid."],
      },
    ],
    [{ url: "https://example.com", events: [] }, { events: ["The events must have at least 1 items."] }],
  ])("refuses %j", async (body, errors) => {
    const reply = await platform.merchant.post("/webhook-endpoints", body);
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({ message: "The given data was invalid.", errors });
  });

  it("takes every event type by its name", async () => {
    const merchant = await newMerchant(platform);
    const made = await create(merchant, { url: "https://example.com/hook", events: EVENT_TYPES });
    expect(made.events).toEqual(EVENT_TYPES);
  });

  it("lets an account have so many endpoints and no more, however many are asked for at once", async () => {
    const merchant = await newMerchant(platform);
    const replies = await Promise.all(
      Array.from({ length: ENDPOINTS.most + 6 }, (_, at) =>
        merchant.post("/webhook-endpoints", { url: `https://example.com/${at}` }),
      ),
    );
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(ENDPOINTS.most);
    const refused = replies.filter((reply) => reply.status === 400);
    expect(refused).toHaveLength(6);
    expect(refused[0]?.body.message).toBe("An account has at most 16 webhook endpoints. Delete one first.");
    const pages = await walk(merchant, "/webhook-endpoints?limit=5");
    expect(pages.map((page) => page.length)).toEqual([5, 5, 5, 1]);
  });

  it("answers the same secret again under its key, which the database does not hold in the clear", async () => {
    const merchant = await newMerchant(platform);
    const post = () =>
      merchant.post(
        "/webhook-endpoints",
        { url: "https://example.com" },
        { "idempotency-key": "endpoint-1" },
      );
    const replies = await Promise.all([post(), post(), post()]);
    const [first] = replies;
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    const again = await post();
    expect(again.text).toBe(first?.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect((await merchant.get("/webhook-endpoints")).body.data).toHaveLength(1);
    const other = await merchant.post(
      "/webhook-endpoints",
      { url: "https://example.org" },
      { "idempotency-key": "endpoint-1" },
    );
    expect(other.status).toBe(422);
    const rows = await platform.running.platform.db.query<{ stored: string }>({
      text: `select k::text || coalesce(encode(k.sealed_answer, 'escape'), '') as stored from idempotency_keys k
              where key = 'endpoint-1' union all select e::text from webhook_endpoints e`,
      values: [],
    } as never);
    const { secret } = first?.body.data ?? {};
    expect(secret).toMatch(/^whsec_/);
    expect(rows.length).toBeGreaterThan(1);
    for (const { stored } of rows) expect(stored).not.toContain(secret.slice(6, 30));
  });
});

describe("private addresses", () => {
  it("are refused at once where the platform does not call them, also when an endpoint is moved there", async () => {
    const guarded = await startPlatform({ allowPrivateWebhooks: false });
    for (const url of [
      "http://127.0.0.1/",
      "http://10.0.0.1:8080/x",
      "http://[::1]/",
      "http://169.254.169.254/",
      "http://2130706433/",
    ]) {
      const reply = await guarded.merchant.post("/webhook-endpoints", { url });
      expect(reply.status, url).toBe(422);
      expect(reply.body.errors.url[0], url).toMatch(/^The url may not be called: .* address\.$/);
    }
    const made = await guarded.merchant.post("/webhook-endpoints", { url: "https://example.com/" });
    expect(made.status).toBe(200);
    const moved = await fetch(`${guarded.url}/api/platform/webhook-endpoints/${made.body.data.endpoint_id}`, {
      method: "PATCH",
      headers: {
        "x-client-id": guarded.merchant.clientId,
        "x-client-secret": guarded.merchant.clientSecret,
        "content-type": "application/json",
      },
      body: '{"url":"http://192.168.0.1/"}',
    });
    expect(moved.status).toBe(422);
  });
});

describe("rotating a secret", () => {
  it("shows the new one once, and both sign from then on", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const made = await create(merchant, { url: sink.url });
    const path = `/webhook-endpoints/${made.endpoint_id}`;
    const rotated = await merchant.post(`${path}/rotate-secret`);
    expect(rotated.status).toBe(200);
    const { secret, previous_secret_until } = rotated.body.data;
    expect(secret).toMatch(/^whsec_/);
    expect(secret).not.toBe(made.secret);
    const hours = (Date.parse(previous_secret_until) - Date.now()) / 3_600_000;
    expect(Math.round(hours * 10) / 10).toBe(24);
    expect((await merchant.get(path)).body.data.secret).toBeUndefined();
    await payOne(merchant);
    const [told] = await eventually(() => sink.received.length > 0 && sink.received);
    expect(told && isSignedBy(secret, told) && isSignedBy(made.secret, told)).toBe(true);
  });

  it("twice leaves each its 24 hours, so that a lost answer shuts nobody out; under one key it happens once", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const made = await create(merchant, { url: sink.url });
    const rotate = (key: string) =>
      merchant.post(`/webhook-endpoints/${made.endpoint_id}/rotate-secret`, undefined, {
        "idempotency-key": key,
      });
    const together = await Promise.all([rotate("r1"), rotate("r1"), rotate("r1")]);
    expect(new Set(together.map((reply) => reply.text)).size).toBe(1);
    const second = together[0]?.body.data.secret;
    const third = (await rotate("r2")).body.data.secret;
    expect((await rotate("r1")).body.data.secret).toBe(second);
    await payOne(merchant);
    const [told] = await eventually(() => sink.received.length > 0 && sink.received);
    expect(told && [made.secret, second, third].map((secret) => isSignedBy(secret, told))).toEqual([
      true,
      true,
      true,
    ]);
    expect(String(told?.headers["webhook-signature"]).split(" ")).toHaveLength(3);
  });

  it("is refused once five secrets sign, however many ask at once, until the oldest has ended", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const made = await create(merchant, { url: sink.url });
    const path = `/webhook-endpoints/${made.endpoint_id}`;
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => merchant.post(`${path}/rotate-secret`)),
    );
    const secrets = replies.flatMap(({ status, body }) => (status === 200 ? [body.data.secret] : []));
    expect(secrets).toHaveLength(4);
    for (const { status, body } of replies.filter((reply) => reply.status !== 200)) {
      expect([status, body.message]).toEqual([
        400,
        "At most 5 secrets sign for a webhook endpoint. Each ends 24 hours after it was rotated away: rotate again then.",
      ]);
    }
    const signers = async () => {
      const before = sink.received.length;
      await merchant.post(`${path}/test`);
      const told = sink.received[before];
      expect(told).toBeDefined();
      const count = String(told?.headers["webhook-signature"]).split(" ").length;
      const known = [made.secret, ...secrets].filter((secret) => told && isSignedBy(secret, told));
      return { count, known: new Set(known) };
    };
    expect(await signers()).toEqual({ count: 5, known: new Set([made.secret, ...secrets]) });

    // A day passes for the oldest alone.
    const { db } = platform.running.platform;
    await db.query({
      text: `update webhook_endpoints set older_secrets_until[cardinality(older_secrets_until)] = now()
              where '${String(made.endpoint_id).slice("we_".length)}'::uuid = endpoint_id`,
      values: [],
    } as never);
    expect(await signers()).toEqual({ count: 4, known: new Set(secrets) });
    secrets.push((await merchant.post(`${path}/rotate-secret`)).body.data.secret);
    expect(await signers()).toEqual({ count: 5, known: new Set(secrets) });
    expect((await merchant.post(`${path}/rotate-secret`)).status).toBe(400);
  });
});

describe("testing an endpoint", () => {
  it("sends it one signed endpoint.test at once and tells what came of it", async () => {
    const [merchant, sink, other] = [await newMerchant(platform), await newSink(), await newSink()];
    await create(merchant, { url: other.url });
    const { endpoint_id, secret } = await create(merchant, {
      url: sink.url,
      events: ["payment.failed"],
      enabled: false,
    });
    const reply = await merchant.post(`/webhook-endpoints/${endpoint_id}/test`);
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual({
      webhook_id: expect.stringMatching(/^evt_/),
      delivered: true,
      status_code: 200,
      duration_ms: expect.any(Number),
      error: null,
      response_start: "ok",
    });
    const [told] = sink.received;
    expect(told?.payload).toMatchObject({
      id: reply.body.data.webhook_id,
      event: "endpoint.test",
      endpoint_id,
    });
    expect(told && isSignedBy(secret, told)).toBe(true);
    expect(sink.received).toHaveLength(1);
    expect(other.received).toEqual([]);
  });

  it("tells a failure too, without repeating it or holding it against the endpoint", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const { endpoint_id } = await create(merchant, { url: sink.url });
    const path = `/webhook-endpoints/${endpoint_id}`;
    sink.answer(410);
    const gone = await merchant.post(`${path}/test`);
    expect(gone.body.data).toMatchObject({ delivered: false, status_code: 410, response_start: "not now" });
    await sink.down();
    const down = await merchant.post(`${path}/test`);
    expect(down.body.data).toMatchObject({ delivered: false, status_code: null, error: expect.any(String) });
    await merchant.advance({ seconds: 86_400 });
    await sink.up();
    expect(sink.received).toHaveLength(1);
    expect((await merchant.get(path)).body.data).toMatchObject({ enabled: true, failing_since: null });
  });

  it("under a key happens once", async () => {
    const [merchant, sink] = [await newMerchant(platform), await newSink()];
    const { endpoint_id } = await create(merchant, { url: sink.url });
    const test = () =>
      merchant.post(`/webhook-endpoints/${endpoint_id}/test`, undefined, { "idempotency-key": "t" });
    const first = await test();
    expect((await test()).text).toBe(first.text);
    expect(sink.received).toHaveLength(1);
  });
});
