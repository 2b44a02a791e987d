/**
 * Faults that a merchant arms in test mode (contract section 6): each does what it promises, as often as it was armed for,
 * and in the end everything is charged and told once. Two processes share the database throughout.
 */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/base/log.ts";
import type { WebhookSecret } from "../../src/domain/webhook-signature.ts";
import { type Running, run } from "../../src/main/wire.ts";
import { sql } from "../../src/store/sql.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  answerChallenge,
  CARDS,
  checkoutState,
  eventually,
  type Json,
  type Merchant,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

let platform: TestPlatform;
let other: Running;
/** Begun first and looked at last, since the platform waits ten seconds for an answer. */
let late: Promise<LatePayment[]>;

beforeAll(async () => {
  const secretKey = randomBytes(32);
  platform = await startPlatform({ secretKey });
  const { merchant, sink, databaseUrl } = platform;
  other = await run({
    databaseUrl,
    log: createLog("silent"),
    port: 0,
    host: "127.0.0.1",
    publicUrl: null,
    secretKey,
    client: merchant,
    webhook: { url: sink.url, secret: sink.secret as WebhookSecret },
    allowPrivateWebhooks: true,
    allowedOrigins: null,
    rateLimit: 0,
    trustedProxies: [],
  });
  const merchants = await Promise.all([CARDS.visa, CARDS.declined].map(() => newMerchant(platform)));
  late = Promise.all([
    payLate(merchants[0] ?? merchant, CARDS.visa),
    payLate(merchants[1] ?? merchant, CARDS.declined),
  ]);
  late.catch(() => {}); // it is awaited by the last test
});
afterAll(() => other.stop());
afterEach(async () => {
  expect(await armed(platform.merchant)).toEqual([]);
});

describe("arming", () => {
  it("answers with what was armed, lists it in the order of use, and disarms all of it", async () => {
    const merchant = await newMerchant(platform);
    const first = await merchant.post("/test/faults", { target: "delivery", fault: "drop", count: 3 });
    expect(first.body).toEqual({
      success: true,
      data: { target: "delivery", fault: "drop", count: 3, remaining: 3 },
    });
    await arm(merchant, "charge", "twice");
    await arm(merchant, "charge", "late", 100);
    await arm(merchant, "delivery", "swap");
    await arm(merchant, "charge", "timeout_before", 2);
    expect(await armed(merchant)).toEqual([
      { target: "charge", fault: "twice", count: 1, remaining: 1 },
      { target: "charge", fault: "late", count: 100, remaining: 100 },
      { target: "charge", fault: "timeout_before", count: 2, remaining: 2 },
      { target: "delivery", fault: "drop", count: 3, remaining: 3 },
      { target: "delivery", fault: "swap", count: 1, remaining: 1 },
    ]);
    expect(await disarm(merchant)).toBe(107);
    expect(await armed(merchant)).toEqual([]);
    expect(await disarm(merchant)).toBe(0);
    const { payment_url } = await merchant.createIntent();
    expect((await pay(payment_url)).status).toBe("succeeded");
  });

  it.each([
    [undefined, { target: ["The target field is required."], fault: ["The fault field is required."] }],
    [
      { target: "payout", fault: "explode", count: 0 },
      {
        target: ["The selected target is invalid."],
        fault: ["The selected fault is invalid."],
        count: ["The count must be at least 1."],
      },
    ],
    [{ target: "charge", fault: "drop" }, { fault: ["The selected fault is invalid."] }],
    [
      { target: "delivery", fault: "late", count: 101 },
      { fault: ["The selected fault is invalid."], count: ["The count must not be greater than 100."] },
    ],
    [{ target: "refund", fault: "late" }, { fault: ["The selected fault is invalid."] }],
    [{ target: "payout", fault: "refuse" }, { target: ["The selected target is invalid."] }],
    [{ target: ["charge"], fault: { a: 1 } }, expect.anything()],
    [{ target: "charge", fault: "late", count: 1.5 }, { count: ["The count must be an integer."] }],
  ])("refuses %j", async (body, errors) => {
    const reply = await platform.merchant.post("/test/faults", body);
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({ message: "The given data was invalid.", errors });
  });

  it("under one Idempotency-Key arms once", async () => {
    const merchant = await newMerchant(platform);
    const body = { target: "charge", fault: "twice" };
    const send = (change = {}) =>
      merchant.post("/test/faults", { ...body, ...change }, { "idempotency-key": "faults-1" });
    const replies = await Promise.all([send(), send(), send()]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers.get("idempotency-replayed") === "true")).toHaveLength(2);
    expect(await armed(merchant)).toHaveLength(1);
    expect((await send({ count: 2 })).body.errors).toHaveProperty("idempotency_key");
  });

  it("has a limit of 100 at a time, and those used up do not count", async () => {
    const merchant = await newMerchant(platform);
    for (let times = 0; times < 100; times++) await arm(merchant, "charge", "twice");
    const refused = await merchant.post("/test/faults", { target: "charge", fault: "late" });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      "At most 100 faults can be armed at a time. Disarm them first.",
    ]);
    await pay((await merchant.createIntent()).payment_url);
    await arm(merchant, "charge", "twice");
  });

  it("is refused in live mode", async () => {
    const live = await newMerchant(platform, { mode: "live" });
    const replies = [
      await live.post("/test/faults", { target: "charge", fault: "late" }),
      await live.post("/test/faults", {}),
      await live.get("/test/faults"),
      await ask(live, "DELETE"),
    ];
    for (const { status, body } of replies) {
      expect(status).toBe(400);
      expect(body).toEqual({ success: false, message: "Faults can be armed in test mode only.", data: [] });
    }
  });
});

describe("a charge", () => {
  it("whose request never arrives has moved nothing, and is charged once when it is asked after", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    // The second strikes when the charge is sent again, so that there is time to look at what is not there.
    await arm(merchant, "charge", "timeout_before", 2);
    const startedAt = Date.now();
    expect((await pay(created.payment_url)).status).toBe("processing");
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(await paymentsOf(created.intent_id)).toEqual([]);
    await chargedOnce(created.intent_id);
  });

  it("whose answer is lost has moved the money, which is found and told once", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await arm(merchant, "charge", "timeout_after");
    expect((await pay(created.payment_url)).status).toBe("processing");
    expect(await paymentsOf(created.intent_id)).toEqual(["succeeded"]);
    await chargedOnce(created.intent_id);
  });

  it("that arrives twice is one payment", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await arm(merchant, "charge", "twice");
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    await chargedOnce(created.intent_id);
  });

  it.each(["timeout_before", "timeout_after", "twice"])(
    "(%s) is struck at its completion after a challenge too, and charged once",
    async (fault) => {
      const { merchant } = platform;
      const created = await merchant.createIntent();
      const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
      await arm(merchant, "charge", fault);
      await answerChallenge(view, "complete");
      await chargedOnce(created.intent_id);
    },
  );

  it.each(["timeout_before", "timeout_after", "twice"])(
    "(%s) of a renewal is made once for its cycle",
    async (fault) => {
      const { merchant, sink } = platform;
      const { intentId, subscriptionId } = await subscribe(platform, { intervalDays: 1 });
      await arm(merchant, "charge", fault);
      await merchant.advance({ seconds: 86_400 + 60 });
      const { current_cycle, status } = (await merchant.get(`/subscriptions/${subscriptionId}`)).body.data;
      expect([current_cycle, status]).toEqual([1, "active"]);
      expect(await paymentsOf(intentId)).toEqual(["succeeded", "succeeded"]);
      await eventually(() => sink.of("subscription.renewed", intentId).length === 1);
      await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    },
  );

  it("meets what was armed in the order of arming, and as often", async () => {
    const { merchant } = platform;
    await arm(merchant, "charge", "timeout_after");
    await arm(merchant, "charge", "twice", 2);
    await arm(merchant, "charge", "timeout_after");
    const seen: string[] = [];
    for (let times = 0; times < 5; times++) {
      seen.push((await pay((await merchant.createIntent()).payment_url)).status);
      if (times === 1) {
        expect(await armed(merchant)).toEqual([
          { target: "charge", fault: "twice", count: 2, remaining: 1 },
          { target: "charge", fault: "timeout_after", count: 1, remaining: 1 },
        ]);
      }
    }
    expect(seen).toEqual(["processing", "succeeded", "succeeded", "processing", "succeeded"]);
  });

  it("takes each armed fault once, though many are made at once by two processes", async () => {
    const { merchant } = platform;
    const created = await Promise.all(Array.from({ length: 24 }, () => merchant.createIntent()));
    await arm(merchant, "charge", "timeout_after", 5);
    await arm(merchant, "charge", "timeout_after", 4);
    const there = (url: string) => url.replace(platform.url, other.publicUrl);
    const views = await Promise.all(
      created.map(({ payment_url: url }, at) => pay(at % 2 ? url : there(url))),
    );
    expect(views.filter(({ status }) => status === "processing")).toHaveLength(9);
    expect(views.filter(({ status }) => status === "succeeded")).toHaveLength(15);
    await merchant.advance({ seconds: 60 });
    for (const { intent_id } of created) await chargedOnce(intent_id);
  });

  it("of another account meets none of them", async () => {
    const [one, another] = [await newMerchant(platform), await newMerchant(platform)];
    await arm(one, "charge", "timeout_after");
    expect(await armed(another)).toEqual([]);
    expect((await pay((await another.createIntent()).payment_url)).status).toBe("succeeded");
    expect(await disarm(another)).toBe(0);
    expect((await pay((await one.createIntent()).payment_url)).status).toBe("processing");
    expect(await armed(one)).toEqual([]);
  });
});

describe("a delivery", () => {
  it("that is dropped is no try at the receiver, but a failed one in the log, and is made again", async () => {
    const { merchant, sink } = platform;
    const { intent_id } = await paid({ faults: ["drop"] });
    await eventually(async () => (await triesOf(intent_id)).length === 1);
    expect(sink.of("payment.succeeded", intent_id)).toEqual([]);
    await merchant.advance({ seconds: 10 });
    expect(sink.of("payment.succeeded", intent_id)).toHaveLength(1);
    await triedAs(intent_id, [
      { try: 1, status: null, error: "A rehearsed fault dropped this try." },
      { try: 2, status: 200, error: null },
    ]);
  });

  it("that is dropped at all its tries is given up, as with a dead receiver", async () => {
    const { merchant, sink } = platform;
    const { intent_id } = await paid({ faults: ["drop"], count: 10 });
    await merchant.advance({ seconds: 4 * 86_400 });
    expect(await triesOf(intent_id)).toHaveLength(10);
    expect(sink.of("payment.succeeded", intent_id)).toEqual([]);
    await paid();
  });

  it("that is doubled arrives twice under one webhook-id, and is one try", async () => {
    const { merchant, sink } = platform;
    const { intent_id } = await paid({ faults: ["double"] });
    const [first, second] = await eventually(() => {
      const seen = sink.of("payment.succeeded", intent_id);
      return seen.length === 2 && seen;
    });
    expect(first?.verified && second?.verified).toBe(true);
    expect(second).toEqual({ ...first, headers: second?.headers });
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    await merchant.advance({ seconds: 86_400 });
    expect(sink.of("payment.succeeded", intent_id)).toHaveLength(2);
    await triedAs(intent_id, [{ try: 1, status: 200, error: null }]);
  });

  it("that is delayed is sent ten seconds later by the account's clock, and later events after it", async () => {
    const { merchant, sink } = platform;
    const { intent_id, payment_url } = await merchant.createIntent({
      intent_type: "recurring",
      interval_days: 30,
    });
    await arm(merchant, "delivery", "delay");
    await pay(payment_url);
    await eventually(async () => (await armed(merchant)).length === 0);
    expect(sink.typesFor(intent_id)).toEqual([]);
    await merchant.advance({ seconds: 15 });
    expect(sink.typesFor(intent_id)).toEqual(["payment.succeeded", "subscription.created"]);
    const [delayed] = await platform.running.platform.db.query<{ seconds: number; tries: number }>(sql`
      select extract(epoch from t.tried_at - e.created_at)::float as seconds, d.tries
        from delivery_tries t join events e using (account_id, event_id) join deliveries d using (account_id, event_id)
       where e.intent_id = ${bare(intent_id)} and e.type = 'payment.succeeded'`);
    expect(delayed?.tries).toBe(1);
    expect(delayed?.seconds).toBeGreaterThanOrEqual(10);
  });

  it("that is swapped arrives after the payment's next event", async () => {
    const { merchant, sink } = platform;
    await arm(merchant, "delivery", "swap");
    const { intentId } = await subscribe(platform);
    await eventually(() => sink.typesFor(intentId).length === 2);
    expect(sink.typesFor(intentId)).toEqual(["subscription.created", "payment.succeeded"]);
    await triedAs(intentId, [
      { try: 1, status: 200, error: null },
      { try: 1, status: 200, error: null },
    ]);
  });

  it("that is swapped arrives after the next payment's event, where its own has no other", async () => {
    const { merchant, sink } = platform;
    const held = await paid({ faults: ["swap"] });
    await eventually(async () => (await armed(merchant)).length === 0);
    expect(sink.typesFor(held.intent_id)).toEqual([]);
    const next = await paid();
    await eventually(() => sink.typesFor(held.intent_id).length === 1);
    const order = sink.received.map(({ payload }) => payload["intent_id"]).slice(-2);
    expect(order).toEqual([next.intent_id, held.intent_id]);
  });

  it("that is swapped, and no other follows, is sent after a minute all the same", async () => {
    const { merchant, sink } = platform;
    const { intent_id } = await paid({ faults: ["swap"] });
    await eventually(async () => (await armed(merchant)).length === 0);
    await merchant.advance({ seconds: 30 });
    expect(sink.typesFor(intent_id)).toEqual([]);
    await merchant.advance({ seconds: 45 });
    expect(sink.typesFor(intent_id)).toEqual(["payment.succeeded"]);
  });

  it("and another, many at once, are swapped in pairs: none is left waiting", async () => {
    const { merchant, sink } = platform;
    const created = await Promise.all(Array.from({ length: 16 }, () => merchant.createIntent()));
    await arm(merchant, "delivery", "swap", 8);
    await Promise.all(created.map(({ payment_url }) => pay(payment_url)));
    for (const { intent_id } of created) {
      await eventually(() => sink.typesFor(intent_id).length === 1);
      await triedAs(intent_id, [{ try: 1, status: 200, error: null }]);
    }
  });

  it("and many more, under every fault, all arrive", async () => {
    const { merchant, sink } = platform;
    const created = await Promise.all(
      Array.from({ length: 20 }, () =>
        merchant.createIntent({ intent_type: "recurring", interval_days: 300 }),
      ),
    );
    const faults = ["swap", "delay", "double", "drop", "swap", "drop"];
    for (const fault of faults) await arm(merchant, "delivery", fault, 4);
    await Promise.all(created.map(({ payment_url }) => pay(payment_url)));
    await merchant.advance({ seconds: 7_200 });
    for (const { intent_id } of created) {
      expect(new Set(sink.typesFor(intent_id))).toEqual(
        new Set(["payment.succeeded", "subscription.created"]),
      );
    }
  });

  it("that is held back is given up with its endpoint, and its mark with it", async () => {
    const merchant = await newMerchant(platform);
    const { endpoint_id } = (await merchant.post("/webhook-endpoints", { url: platform.sink.url })).body.data;
    const { intent_id, payment_url } = await merchant.createIntent();
    await arm(merchant, "delivery", "delay");
    await pay(payment_url);
    const held = () =>
      platform.running.platform.db.query<{ status: string; held: string | null }>(sql`
        select status, held from deliveries where intent_id = ${bare(intent_id)}`);
    await eventually(async () => (await armed(merchant)).length === 0);
    expect(await held()).toEqual([{ status: "pending", held: "in_turn" }]);
    expect((await ask(merchant, "DELETE", `/webhook-endpoints/${endpoint_id}`)).status).toBe(200);
    expect(await held()).toEqual([{ status: "failed", held: null }]);
  });

  it("of an account whose faults are used up costs nothing any more", async () => {
    const { sink } = platform;
    const rows = () =>
      platform.running.platform.db.query(sql`
        select fault_id from test_faults where account_id = ${platform.running.accountId} and target = 'delivery'`);
    await paid({ faults: ["swap"] });
    for (const _ of ["the other half", "and one that meets nothing"]) {
      const { intent_id } = await paid();
      await eventually(() => sink.typesFor(intent_id).length === 1);
    }
    expect(await rows()).toEqual([]);
  });

  it("meets nothing any more once its faults are disarmed", async () => {
    const { merchant, sink } = platform;
    await arm(merchant, "delivery", "drop", 7);
    await arm(merchant, "delivery", "double");
    expect(await disarm(merchant)).toBe(8);
    const { intent_id } = await paid();
    await eventually(() => sink.typesFor(intent_id).length === 1);
    await triedAs(intent_id, [{ try: 1, status: 200, error: null }]);
  });
});

describe("an answer that comes when the platform has given up", () => {
  it("changes nothing any more: what the look-up found stands, charged and told once", async () => {
    for (const { merchant, intentId, view, waitedMs, startedAt } of await late) {
      expect(waitedMs).toBeGreaterThan(9_900);
      expect(view.status).toBe("processing");
      const known = await eventually(async () => {
        const intent = await merchant.intent(intentId);
        return intent.status !== "processing" && intent;
      });
      await eventually(() => Date.now() - startedAt > 12_500); // the answer has come
      expect(await merchant.intent(intentId)).toEqual(known);
      expect(known.charges).toHaveLength(1);
      const paidFor = known.status === "succeeded";
      expect(await paymentsOf(intentId)).toEqual([paidFor ? "succeeded" : "declined"]);
      expect(await eventsOf(intentId)).toEqual([paidFor ? "payment.succeeded" : "payment.failed"]);
    }
  });
});

type LatePayment = {
  merchant: Merchant;
  intentId: string;
  view: Json;
  startedAt: number;
  waitedMs: number;
};

async function payLate(merchant: Merchant, card: string): Promise<LatePayment> {
  const created = await merchant.createIntent();
  await arm(merchant, "charge", "late");
  const startedAt = Date.now();
  const view = await pay(created.payment_url, card);
  return { merchant, intentId: created.intent_id, view, startedAt, waitedMs: Date.now() - startedAt };
}

async function ask(
  merchant: Merchant,
  method: string,
  path = "/test/faults",
): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${platform.url}/api/platform${path}`, {
    method,
    headers: { "x-client-id": merchant.clientId, "x-client-secret": merchant.clientSecret },
  });
  return { status: response.status, body: await response.json() };
}

async function arm(merchant: Merchant, target: string, fault: string, count?: number): Promise<void> {
  const reply = await merchant.post("/test/faults", { target, fault, count });
  expect(reply.status, reply.text).toBe(200);
}

async function armed(merchant: Merchant): Promise<Json> {
  return (await merchant.get("/test/faults")).body.data;
}

async function disarm(merchant: Merchant): Promise<number> {
  const { status, body } = await ask(merchant, "DELETE");
  expect(status).toBe(200);
  return body.data.disarmed;
}

/** A one-time payment made under faults of its delivery. */
async function paid(options: { faults?: readonly string[]; count?: number } = {}) {
  const { merchant } = platform;
  const created = await merchant.createIntent();
  for (const fault of options.faults ?? []) await arm(merchant, "delivery", fault, options.count);
  expect((await pay(created.payment_url)).status).toBe("succeeded");
  return created;
}

/** In the end: one payment at the sandbox, one charge in the books, one event, acknowledged once. */
async function chargedOnce(intentId: string): Promise<void> {
  const { merchant, sink } = platform;
  await merchant.advance({ seconds: 60 });
  const { status, charges, payment_url } = await merchant.intent(intentId);
  expect([status, charges.length]).toEqual(["succeeded", 1]);
  expect((await checkoutState(payment_url)).status).toBe("succeeded");
  expect(await paymentsOf(intentId)).toEqual(["succeeded"]);
  await eventually(() => sink.typesFor(intentId).length > 0);
  expect(sink.typesFor(intentId)).toEqual(["payment.succeeded"]);
}

const bare = (id: string) => id.replace(/^\w+_/, "");

/** What the sandbox's own books say of an intent's payments. */
async function paymentsOf(intentId: string): Promise<string[]> {
  const rows = await platform.running.platform.db.query<{ status: string }>(sql`
    select p.status from sandbox.payments p
      join charges c on c.account_id = p.account_id and c.attempt_key = p.idempotency_key
     where c.intent_id = ${bare(intentId)} order by p.created_at`);
  return rows.map(({ status }) => status);
}

async function eventsOf(intentId: string): Promise<string[]> {
  const rows = await platform.running.platform.db.query<{ type: string }>(sql`
    select type from events where intent_id = ${bare(intentId)} order by seq`);
  return rows.map(({ type }) => type);
}

type Try = { try: number; status: number | null; error: string | null };

/** A try is logged a moment after the receiver has seen it. */
async function triedAs(intentId: string, tries: readonly Try[]): Promise<void> {
  await eventually(async () => (await triesOf(intentId)).length >= tries.length);
  expect(await triesOf(intentId)).toEqual(tries);
}

/** The log of tries of an intent's deliveries. */
function triesOf(intentId: string): Promise<Try[]> {
  return platform.running.platform.db.query(sql`
    select t.try, t.status_code as status, t.error
      from delivery_tries t join deliveries d using (account_id, event_id, endpoint_id)
     where d.intent_id = ${bare(intentId)} order by d.seq, t.try`);
}
