/**
 * The SDK against the platform itself: every operation of docs/openapi.json has its method, every method its operation,
 * and each is used here once at least.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../../server/test/support/platform.ts";
import {
  AuthenticationError,
  BadRequestError,
  type CreateIntentRequest,
  type Fetch,
  Mintro,
  NotFoundError,
  PermissionError,
  ValidationError,
} from "../src/index.ts";

const document = JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8")) as {
  paths: Record<string, Record<string, unknown>>;
};
const METHODS = ["get", "post", "patch", "put", "delete"];
const OPERATIONS = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.keys(item)
    .filter((key) => METHODS.includes(key))
    .map((method) => `${method.toUpperCase()} ${path}`),
);

/** `POST /api/platform/intents/{id}/cancel`, of what was sent; the literal path before the one with a parameter. */
function operationOf(method: string, path: string): string {
  const fits = OPERATIONS.filter((operation) => {
    const [name, template = ""] = operation.split(" ");
    return name === method && new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  });
  return (
    fits.find((operation) => operation === `${method} ${path}`) ?? fits[0] ?? `unknown: ${method} ${path}`
  );
}

const asked = new Set<string>();
const used = new Set<string>();
const recording: Fetch = async (url, init) => {
  asked.add(operationOf(init.method, new URL(url).pathname));
  return await fetch(url, init);
};

/** Notes each method by its name, as in `intents.create`. */
function watched<T extends object>(target: T, name: string): T {
  return new Proxy(target, {
    get(from, key) {
      const value: unknown = Reflect.get(from, key);
      const path = name === "" ? String(key) : `${name}.${String(key)}`;
      if (typeof value === "object" && value !== null) return watched(value, path);
      if (typeof value === "function") used.add(path);
      return typeof value === "function" ? value.bind(from) : value;
    },
  });
}

function methodsOf(target: object, name: string): string[] {
  return Object.entries(target).flatMap(([key, value]: [string, unknown]) => {
    const path = name === "" ? key : `${name}.${key}`;
    if (typeof value === "function") return [path];
    return typeof value === "object" && value !== null ? methodsOf(value, path) : [];
  });
}

const anIntent = (change: Partial<CreateIntentRequest> = {}): CreateIntentRequest => ({
  amount: 80,
  currency: "USD",
  intent_type: "one_time",
  email: "customer@example.com",
  name: "John Doe",
  reference_id: `ORDER-${randomUUID()}`,
  integration_type: "iframe",
  order_items: [{ name: "Product 1", quantity: 1, price: "50.00" }],
  ...change,
});

let platform: TestPlatform;
let plain: Mintro;
let mintro: Mintro;
beforeAll(async () => {
  platform = await startPlatform();
  const { clientId, clientSecret } = platform.merchant;
  plain = new Mintro({ baseUrl: platform.url, clientId, clientSecret, fetch: recording });
  mintro = watched(plain, "");
});

afterAll(() => {
  expect([...asked].sort()).toEqual([...OPERATIONS].sort());
  const methods = [...methodsOf(plain, ""), "request"];
  expect([...used].sort()).toEqual(methods.sort());
});

async function paid(change: Partial<CreateIntentRequest> = {}): Promise<string> {
  const created = await mintro.intents.create(anIntent(change));
  await pay(created.payment_url);
  return created.intent_id;
}

describe("payment intents and customers", () => {
  it("are created, found by both ids, listed and cancelled; amounts are numbers or texts", async () => {
    const given = anIntent({
      amount: "12.50",
      customer_ref_id: `CUST-${randomUUID()}`,
      metadata: { a: [1] },
    });
    const created = await mintro.intents.create(given);
    expect(created).toMatchObject({ status: "requires_payment", amount: "12.50" });
    const intent = await mintro.intents.get(created.intent_id);
    expect(intent).toMatchObject({ reference_id: given.reference_id, metadata: { a: [1] }, charges: [] });
    expect(await mintro.intents.getByReference(given.reference_id)).toEqual(intent);
    const filters = { customer_ref_id: given.customer_ref_id ?? "", created_from: new Date(0) };
    const page = await mintro.intents.list(filters);
    expect(page).toMatchObject({ hasMore: false, nextCursor: null });
    expect(page.data.map(({ intent_id }) => intent_id)).toEqual([created.intent_id]);
    expect(await mintro.intents.list({ ...filters, created_to: new Date(1) })).toMatchObject({ data: [] });
    expect(await mintro.intents.cancel(created.intent_id)).toMatchObject({ status: "cancelled" });

    const { customer } = intent;
    const found = await mintro.customers.get(customer.customer_id);
    expect(found).toMatchObject({ email: "customer@example.com", name: "John Doe" });
    expect(await mintro.customers.getByReference(given.customer_ref_id ?? "")).toEqual(found);
    expect((await mintro.customers.list()).data).toContainEqual(found);
  });

  it("are iterated over all pages", async () => {
    const customer_ref_id = `CUST-${randomUUID()}`;
    const made = await Promise.all(
      Array.from({ length: 7 }, () => mintro.intents.create(anIntent({ customer_ref_id }))),
    );
    const found: string[] = [];
    for await (const intent of mintro.intents.list({ customer_ref_id, limit: 3 }))
      found.push(intent.intent_id);
    expect(found.sort()).toEqual(made.map(({ intent_id }) => intent_id).sort());
  });
});

describe("refunds and subscriptions", () => {
  it("give money back, in part and whole", async () => {
    const intentId = await paid();
    const part = await mintro.refunds.create(intentId, { amount: 5, reason: "damaged" });
    expect(part).toMatchObject({ status: "pending", amount: "5.00", reason: "damaged" });
    const rest = await mintro.refunds.create(intentId);
    expect(rest.amount).toBe("75.00");
    await eventually(async () => (await mintro.refunds.get(rest.refund_id)).status === "succeeded");
  });

  it("are found and cancelled", async () => {
    const { subscriptionId } = await subscribe(platform);
    const subscription = await mintro.subscriptions.get(subscriptionId);
    expect(subscription).toMatchObject({ status: "active", interval_days: 30, card: { last4: "4242" } });
    expect((await mintro.subscriptions.list({ status: "active" })).data).toContainEqual(subscription);
    expect(await mintro.subscriptions.cancel(subscriptionId)).toEqual({
      subscription_id: subscriptionId,
      status: "cancelled",
    });
  });
});

describe("webhook endpoints and events", () => {
  it("are made, changed, tested, rotated and deleted", async () => {
    const url = platform.sink.url;
    const made = await mintro.webhookEndpoints.create({ url, events: ["payment.failed"] });
    expect(made.secret).toMatch(/^whsec_/);
    const { secret: _, ...shown } = made;
    expect(await mintro.webhookEndpoints.get(made.endpoint_id)).toEqual(shown);
    expect((await mintro.webhookEndpoints.list()).data).toContainEqual(shown);
    const changed = await mintro.webhookEndpoints.update(made.endpoint_id, {
      events: null,
      enabled: undefined,
    });
    expect(changed).toMatchObject({ events: null, enabled: true });
    const tried = await mintro.webhookEndpoints.test(made.endpoint_id);
    expect(tried).toMatchObject({ delivered: true, status_code: 200 });
    const rotated = await mintro.webhookEndpoints.rotateSecret(made.endpoint_id);
    expect(rotated.secret).not.toBe(made.secret);
    expect(rotated.previous_secret_until).not.toBeNull();
    const gone = { endpoint_id: made.endpoint_id, deleted: true };
    expect(await mintro.webhookEndpoints.delete(made.endpoint_id)).toEqual(gone);
  });

  it("are listed with their deliveries, and sent again", async () => {
    const since = new Date(Date.now() - 60_000);
    const intentId = await paid();
    await platform.settled();
    const { data } = await mintro.events.list({ intent_id: intentId, type: "payment.succeeded" });
    const [event] = data;
    if (!event) throw new Error("the payment has no event");
    expect(await mintro.events.get(event.event_id)).toEqual(event);
    if (event.payload.event === "payment.succeeded") expect(event.payload.charge_id).toBe(event.charge_id);
    const [delivery] = (await mintro.events.deliveries(event.event_id)).data;
    expect(delivery).toMatchObject({ status: "delivered", tries_made: 1 });
    expect((await mintro.events.deliveries(event.event_id, { limit: 1 })).data).toEqual([delivery]);
    for await (const each of mintro.events.deliveries(event.event_id)) expect(each).toEqual(delivery);
    const endpoint_id = delivery?.endpoint_id ?? "";
    const again = { event_id: event.event_id, endpoint_ids: [endpoint_id] };
    expect(await mintro.events.redeliver(event.event_id)).toEqual(again);
    expect(await mintro.events.redeliver(event.event_id, { endpoint_id })).toEqual(again);
    const replay = await mintro.webhookEndpoints.replay(endpoint_id, { since, until: new Date() });
    expect(replay).toEqual({ endpoint_id, replayed: 0, has_more: false });
    await platform.settled();
  });
});

describe("clients and test mode", () => {
  it("clients are made, rotated, revoked and listed", async () => {
    const made = await mintro.clients.create({ name: "Reports", permissions: ["intents:read"] });
    const reports = new Mintro({
      baseUrl: platform.url,
      clientId: made.client_id,
      clientSecret: made.client_secret,
    });
    expect((await reports.intents.list({ limit: 1 })).data).toHaveLength(1);
    const denied = await reports.intents.create(anIntent()).catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(PermissionError);
    expect(denied).toMatchObject({
      message: "This API key lacks the permission intents:write.",
      status: 403,
    });
    expect((await mintro.clients.rotate(made.client_id)).client_secret).not.toBe(made.client_secret);
    expect((await mintro.clients.revoke(made.client_id)).revoked_at).not.toBeNull();
    await expect(reports.intents.list()).rejects.toBeInstanceOf(AuthenticationError);
    const ids = (await mintro.clients.list()).data.map(({ client_id }) => client_id);
    expect(ids).toContain(made.client_id);
  });

  it("the clock is read and moved", async () => {
    const before = await mintro.test.clock.get();
    const { now, done } = await mintro.test.clock.advance({ seconds: 60 });
    expect(done).toBe(true);
    expect(Date.parse(now) - Date.parse(before.now)).toBeGreaterThanOrEqual(60_000);
    const to = new Date(Date.parse(now) + 60_000);
    expect(Date.parse((await mintro.test.clock.advance({ to, skip: true })).now)).toBeGreaterThanOrEqual(+to);
  });

  it("faults are armed, listed and disarmed", async () => {
    const fault = await mintro.test.faults.arm({ target: "charge", fault: "twice", count: 2 });
    expect(await mintro.test.faults.list()).toEqual([fault]);
    expect(await mintro.test.faults.disarm()).toEqual({ disarmed: 2 });
  });
});

describe("when something is wrong", () => {
  it("every wrong field is named", async () => {
    const error = await mintro.intents.create(anIntent({ amount: 0, email: "me" })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      message: "The given data was invalid.",
      errors: {
        amount: ["The amount must be at least 1."],
        email: ["The email must be a valid email address."],
      },
      requestId: expect.stringMatching(/./) as string,
      retryable: false,
    });
  });

  it("each refusal has its class, also by request()", async () => {
    const unknown = `pi_${randomUUID()}`;
    await expect(mintro.request({ method: "GET", path: `/intents/${unknown}` })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    await expect(mintro.intents.cancel(await paid())).rejects.toBeInstanceOf(BadRequestError);
    const { clientId } = platform.merchant;
    const stranger = new Mintro({ baseUrl: platform.url, clientId, clientSecret: "x".repeat(40) });
    await expect(stranger.intents.list()).rejects.toMatchObject({
      name: "AuthenticationError",
      message: "Invalid API Key provided. Check both X-Client-ID and X-Client-Secret.",
    });
  });

  it("one key makes one intent, and is refused for another", async () => {
    const params = anIntent();
    const idempotencyKey = randomUUID();
    const first = await mintro.intents.create(params, { idempotencyKey });
    expect(await mintro.intents.create(params, { idempotencyKey })).toEqual(first);
    await expect(mintro.intents.create(anIntent(), { idempotencyKey })).rejects.toMatchObject({
      name: "ValidationError",
      errors: { idempotency_key: [expect.stringContaining("already used")] },
    });
  });

  it("an answer that is lost on its way is fetched again, and the intent is made once", async () => {
    const { clientId, clientSecret } = platform.merchant;
    let lost = 0;
    const losing: Fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (lost++ > 0) return response;
      await response.text();
      throw new TypeError("fetch failed");
    };
    const unlucky = new Mintro({ baseUrl: platform.url, clientId, clientSecret, fetch: losing });
    const customer_ref_id = `CUST-${randomUUID()}`;
    // A second attempt in earnest would be refused, as the reference is taken.
    const created = await unlucky.intents.create(anIntent({ customer_ref_id }));
    expect(lost).toBe(2);
    const { data } = await mintro.intents.list({ customer_ref_id });
    expect(data.map(({ intent_id }) => intent_id)).toEqual([created.intent_id]);
  });
});
