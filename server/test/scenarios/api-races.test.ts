/**
 * Requests that really overlap: one key, one reference or one intent, and hundreds who want it at the same moment; through
 * one server and through two on the same database; and a first request held in the middle while others wait for it.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crowd as crowdOf, keyed, replayed, startTwoServers, statuses, twoWays } from "../support/crowds.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  anIntent,
  eventually,
  type Merchant,
  merchantOf,
  type Reply,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

const CROWD = 200;

let platform: TestPlatform;
/** A second server on the same database: what one process queues for itself, two must settle in SQL. */
let second: TestPlatform;
let database: pg.Client;
let stuck: Awaited<ReturnType<typeof waitForKeysThatAreHeld>>;
beforeAll(async () => {
  ({ platform, second } = await startTwoServers());
  database = new pg.Client({ connectionString: platform.databaseUrl });
  await database.connect();
  stuck = await waitForKeysThatAreHeld();
});
// Before the first platform's database is dropped, which the support does.
afterAll(async () => {
  await stuck.end();
  await database.end();
  await second.stop();
});

function crowd<T>(send: (at: number) => Promise<T>, size = CROWD): Promise<T[]> {
  return crowdOf(send, size);
}

async function countIntents(references: readonly unknown[]): Promise<number> {
  const query = "select count(*)::integer as n from intents where reference_id = any($1)";
  return (await database.query<{ n: number }>(query, [references])).rows[0]?.n ?? 0;
}

describe.each([
  ["one server", async () => newMerchant(platform).then((merchant) => () => merchant)],
  ["two servers", () => twoWays({ platform, second })],
] as const)("through %s", (_, ways) => {
  let way: (at: number) => Merchant;
  beforeAll(async () => {
    way = await ways();
  });

  it("two hundred creations with one key make one intent and get two hundred equal answers", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const replies = await crowd((at) =>
      way(at).post("/intents", body, keyed(at % 3 === 0 ? `"${key}"` : key)),
    );
    expect(statuses(replies)).toEqual({ 200: CROWD });
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies.filter((reply) => !replayed(reply))).toHaveLength(1);
    expect(await countIntents([body["reference_id"]])).toBe(1);
  });

  it("of two bodies under one key one wins, and all that sent the other are refused", async () => {
    const [key, bodies] = [randomUUID(), [anIntent(), anIntent()]];
    const replies = await crowd((at) => way(at >> 1).post("/intents", bodies[at % 2], keyed(key)));
    expect(statuses(replies)).toEqual({ 200: CROWD / 2, 422: CROWD / 2 });
    const won = replies.findIndex((reply) => reply.status === 200) % 2;
    for (const [at, reply] of replies.entries()) {
      expect(reply.status).toBe(at % 2 === won ? 200 : 422);
      if (reply.status === 422) expect(Object.keys(reply.body.errors)).toEqual(["idempotency_key"]);
    }
    expect(await countIntents(bodies.map((body) => body["reference_id"]))).toBe(1);
  });

  it("two hundred creations with keys of their own and one reference make one intent; the others' keys stay free", async () => {
    const reference_id = `ORDER-${randomUUID()}`;
    const keys = Array.from({ length: CROWD }, () => randomUUID());
    const body = anIntent({ reference_id });
    const replies = await crowd((at) => way(at).post("/intents", body, keyed(keys[at] ?? "")));
    expect(statuses(replies)).toEqual({ 200: 1, 422: CROWD - 1 });
    for (const reply of replies.filter(({ status }) => status === 422)) {
      expect(reply.body.errors).toEqual({ reference_id: ["The reference id has already been taken."] });
    }
    expect(await countIntents([reference_id])).toBe(1);
    const losers = keys.filter((_, at) => replies[at]?.status === 422).slice(0, 20);
    const retries = await crowd(
      (at) => way(at).post("/intents", anIntent(), keyed(losers[at] ?? "")),
      losers.length,
    );
    expect(statuses(retries)).toEqual({ 200: losers.length });
    expect(retries.some(replayed)).toBe(false);
  });

  it("a hundred creations of one reference without a key make one intent", async () => {
    const body = anIntent();
    const replies = await crowd((at) => way(at).post("/intents", body), 100);
    expect(statuses(replies)).toEqual({ 200: 1, 422: 99 });
    expect(await countIntents([body["reference_id"]])).toBe(1);
  });

  it("two hundred different creations all succeed, of one customer or of many", async () => {
    const bodies = Array.from({ length: CROWD }, (_, at) =>
      anIntent({ customer_ref_id: at % 2 ? "CUST-1" : `CUST-${at}`, email: `c${at % 7}@example.com` }),
    );
    const replies = await crowd((at) => way(at).post("/intents", bodies[at], keyed(randomUUID())));
    expect(statuses(replies)).toEqual({ 200: CROWD });
    expect(new Set(replies.map((reply) => reply.body.data.intent_id)).size).toBe(CROWD);
    expect(await countIntents(bodies.map((body) => body["reference_id"]))).toBe(CROWD);
    const shown = await Promise.all(
      replies.slice(0, 20).map((reply) => way(0).intent(reply.body.data.intent_id)),
    );
    const regular = shown.filter((intent) => intent.customer.customer_ref_id === "CUST-1");
    expect(new Set(regular.map((intent) => intent.customer.customer_id)).size).toBe(1);
  });

  it("a wrong creation among many spoils only itself", async () => {
    const taken = anIntent();
    await way(0).post("/intents", taken);
    const replies = await crowd((at) => way(at).post("/intents", at % 10 === 3 ? taken : anIntent()), 100);
    expect(statuses(replies)).toEqual({ 200: 90, 422: 10 });
  });

  it("fifty cancels of one intent, with one key, with many and with none, cancel it once", async () => {
    const { intent_id } = await way(0).createIntent();
    const key = randomUUID();
    const replies = await crowd((at) => {
      const headers = [keyed(key), keyed(randomUUID()), undefined][at % 3];
      return way(at).post(`/intents/${intent_id}/cancel`, {}, headers);
    }, 51);
    expect(statuses(replies)).toEqual({ 200: 51 });
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies.filter(replayed)).toHaveLength(16);
    expect(await countEvents("payment.canceled", intent_id)).toBe(1);
  });
});

it("fifty cancels of one subscription cancel it once", async () => {
  const { intentId, subscriptionId } = await subscribe(platform);
  const other = merchantOf(second.url, platform.merchant);
  const replies = await crowd(
    (at) => (at % 2 ? other : platform.merchant).post(`/subscriptions/${subscriptionId}/cancel`),
    50,
  );
  expect(statuses(replies)).toEqual({ 200: 50 });
  expect(await countEvents("subscription.canceled", intentId)).toBe(1);
});

async function countEvents(type: string, intentId: string): Promise<number> {
  const query = "select count(*)::integer as n from events where type = $1 and intent_id = $2";
  return (await database.query<{ n: number }>(query, [type, intentId.slice(3)])).rows[0]?.n ?? 0;
}

describe("while the first request with a key is held in the middle", () => {
  /** Takes a lock that lets everybody read intents and nobody add one, until it is released. */
  async function holdCreations() {
    const holder = new pg.Client({ connectionString: platform.databaseUrl });
    await holder.connect();
    await holder.query("begin");
    await holder.query("lock table intents in share mode");
    return {
      release: async () => {
        await holder.query("rollback");
        await holder.end();
      },
    };
  }

  const waiting = async (kind: string): Promise<number[]> => {
    const query = `select pid from pg_stat_activity
      where datname = current_database() and application_name = 'mintro' and wait_event_type = 'Lock' and wait_event = $1`;
    return (await database.query<{ pid: number }>(query, [kind])).rows.map((row) => row.pid);
  };

  it.each(["the same server", "another server"])(
    "a second one on %s waits and gets its answer",
    async (where) => {
      const one = await newMerchant(platform);
      const two = where === "the same server" ? one : merchantOf(second.url, one);
      const [key, body] = [randomUUID(), anIntent()];
      const held = await holdCreations();
      let answered = 0;
      const count = (reply: Reply) => {
        answered++;
        return reply;
      };
      const first = one.post("/intents", body, keyed(key)).then(count);
      await eventually(async () => (await waiting("relation")).length === 1);
      const others = [
        two.post("/intents", body, keyed(key)).then(count),
        two.post("/intents", JSON.stringify(body, null, 2), keyed(`"${key}"`)).then(count),
        two.post("/intents", { ...body, amount: 5 }, keyed(key)).then(count),
      ] as const;
      // Who waits for the key waits for the transaction that writes it.
      await eventually(async () => (await waiting("transactionid")).length >= 1);
      // Nor is the held one in anybody else's way: another merchant is read and refused as ever.
      expect((await (await newMerchant(platform)).get("/intents/x")).status).toBe(404);
      expect(answered).toBe(0);
      await held.release();
      const [done, same, spelt, other] = await Promise.all([first, ...others]);
      expect(done.status).toBe(200);
      expect(replayed(done)).toBe(false);
      for (const reply of [same, spelt]) {
        expect(reply.text).toBe(done.text);
        expect(replayed(reply)).toBe(true);
      }
      expect(other.status).toBe(422);
      expect(other.body.errors).toHaveProperty("idempotency_key");
      expect(await countIntents([body["reference_id"]])).toBe(1);
    },
  );

  it("and then fails, the second does the work itself", async () => {
    const one = await newMerchant(platform);
    const two = merchantOf(second.url, one);
    const [key, body] = [randomUUID(), anIntent()];
    const held = await holdCreations();
    const first = one.post("/intents", body, keyed(key));
    const [pid] = await eventually(async () => {
      const found = await waiting("relation");
      return found.length === 1 && found;
    });
    const other = two.post("/intents", body, keyed(key));
    await eventually(async () => (await waiting("transactionid")).length === 1);
    await database.query("select pg_terminate_backend($1)", [pid]);
    const lost = await first;
    expect(lost.status).toBe(503);
    expect(lost.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await held.release();
    const done = await other;
    expect(done.status).toBe(200);
    expect(replayed(done)).toBe(false);
    const again = await one.post("/intents", body, keyed(key));
    expect(again.text).toBe(done.text);
    expect(replayed(again)).toBe(true);
    expect(await countIntents([body["reference_id"]])).toBe(1);
  });

  it("cancels wait for each other in the same way", async () => {
    const one = await newMerchant(platform);
    const two = merchantOf(second.url, one);
    const [key, { intent_id }] = [randomUUID(), await one.createIntent()];
    const held = await holdCreations(); // an update needs the same lock as an insert
    const first = one.post(`/intents/${intent_id}/cancel`, {}, keyed(key));
    await eventually(async () => (await waiting("relation")).length === 1);
    const other = two.post(`/intents/${intent_id}/cancel`, {}, keyed(key));
    await eventually(async () => (await waiting("transactionid")).length === 1);
    await held.release();
    const [done, again] = await Promise.all([first, other]);
    expect(done.status).toBe(200);
    expect(again.text).toBe(done.text);
    expect([replayed(done), replayed(again)]).toEqual([false, true]);
    expect(await countEvents("payment.canceled", intent_id)).toBe(1);
  });
});

it("of a first request that never ends, the others are told after half a minute to try again", async () => {
  const { took, replies, again } = await stuck.outcome;
  expect(took).toBeGreaterThan(29_000);
  for (const reply of replies) {
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
  }
  expect(again.status).toBe(200);
}, 60_000);

/** Requests whose keys another transaction holds, on a platform of their own; they wait while the other tests run. */
async function waitForKeysThatAreHeld() {
  const { merchant, databaseUrl } = await startPlatform();
  const [createKey, cancelKey, body] = [randomUUID(), randomUUID(), anIntent()];
  const { intent_id } = await merchant.createIntent();
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query("begin");
  for (const key of [createKey, cancelKey]) {
    await holder.query(
      `insert into idempotency_keys (account_id, key, fingerprint, created_at)
       select account_id, $2, sha256('held'), clock_timestamp() from clients where client_id = $1`,
      [merchant.clientId, key],
    );
  }
  const since = Date.now();
  const waiting = Promise.all([
    merchant.post("/intents", body, keyed(createKey)),
    merchant.post("/intents", body, keyed(createKey)),
    merchant.post(`/intents/${intent_id}/cancel`, {}, keyed(cancelKey)),
  ]);
  const outcome = waiting.then(async (replies) => {
    const took = Date.now() - since;
    await holder.query("rollback");
    return { took, replies, again: await merchant.post("/intents", body, keyed(createKey)) };
  });
  return {
    outcome,
    /** Where the test for which they wait does not run, nobody need wait on. */
    end: async () => {
      await holder.query("rollback");
      await outcome;
      await holder.end();
    },
  };
}
