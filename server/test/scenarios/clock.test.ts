/** The test clock: it goes forward only, everything due on the way happens before the answer, and live mode has none (contract section 6). */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS } from "../../src/domain/account.ts";
import { createClient } from "../../src/flows/clients/create.ts";
import { sql } from "../../src/store/sql.ts";
import {
  anIntent,
  eventually,
  type Merchant,
  merchantOf,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

const DAY = 86_400;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;
let platform: TestPlatform;
let merchant: Merchant;
beforeAll(async () => {
  platform = await startPlatform();
  merchant = platform.merchant;
});

describe("the clock of an account", () => {
  it("is wall time until it is moved, and then runs ahead by as much", async () => {
    const fresh = await newMerchant("test");
    expect(await aheadMs(fresh)).toBeLessThan(1_000);
    await fresh.advance({ seconds: 3 * DAY });
    const ahead = await aheadMs(fresh);
    expect(ahead).toBeGreaterThan(3 * DAY * 1000 - 1_000);
    expect(ahead).toBeLessThan(3 * DAY * 1000 + 10_000);
    const first = await fresh.clockNow();
    expect(first).toMatch(ISO);
    await eventually(async () => (await fresh.clockNow()) > first);
  });

  it("is its own: another merchant's stays where it is", async () => {
    const [one, two] = [await newMerchant("test"), await newMerchant("test")];
    await one.advance({ seconds: 400 * DAY });
    expect(await aheadMs(two)).toBeLessThan(1_000);
  });

  it("shows in all times: what happens next is dated by it", async () => {
    const now = await merchant.advance({ seconds: 10 * DAY });
    const created = await merchant.createIntent();
    const { created_at, expires_at } = await merchant.intent(created.intent_id);
    expect(created_at >= now).toBe(true);
    expect(Date.parse(created_at) - Date.parse(now)).toBeLessThan(10_000);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(DAY * 1000);
  });
});

describe("an advance", () => {
  it("answers with the very instant asked for, in any zone", async () => {
    const from = Date.parse(await merchant.clockNow());
    const at = (hours: number) => new Date(Math.floor(from / 1000) * 1000 + hours * 3_600_000);
    expect(await merchant.advance({ to: at(1).toISOString() })).toBe(
      at(1).toISOString().replace("000Z", "000000Z"),
    );
    const plusTwo = at(4).toISOString().replace(".000Z", ".123456+02:00");
    expect(await merchant.advance({ to: plusTwo })).toBe(at(2).toISOString().replace("000Z", "123456Z"));
    const reply = await merchant.post("/test/clock/advance", { seconds: 0 });
    expect(Object.keys(reply.body.data)).toEqual(["now", "done"]);
  });

  it.each([
    [{}, ["seconds", "to"], "Give either seconds or to."],
    [{ seconds: 1, to: "2040-01-01T00:00:00Z" }, ["seconds", "to"], "Give either seconds or to."],
    [{ seconds: -1 }, ["seconds"], "The seconds must be at least 0."],
    [{ seconds: 1.5 }, ["seconds"], "The seconds must be an integer."],
    [{ seconds: "soon" }, ["seconds"], "The seconds must be an integer."],
    [{ seconds: 3_661 * DAY }, ["seconds"], "The seconds must not be greater than 316224000."],
    [{ to: "tomorrow" }, ["to"], "The to is not a valid date."],
    [{ to: "2040-01-01" }, ["to"], "The to is not a valid date."],
    [{ to: "2040-13-01T00:00:00Z" }, ["to"], "The to is not a valid date."],
    [{ to: "2039-02-29T00:00:00Z" }, ["to"], "The to is not a valid date."],
    [{ seconds: 1, skip: "maybe" }, ["skip"], "The skip field must be true or false."],
  ])("refuses %j with 422", async (body, fields, text) => {
    const before = await merchant.clockNow();
    const reply = await merchant.post("/test/clock/advance", body);
    expect(reply.status).toBe(422);
    expect(reply.body.message).toBe("The given data was invalid.");
    expect(reply.body.errors).toEqual(Object.fromEntries(fields.map((field) => [field, [text]])));
    expect(Date.parse(await merchant.clockNow()) - Date.parse(before)).toBeLessThan(10_000);
  });

  it("never goes back, and not further than ten years at a time", async () => {
    const now = await merchant.clockNow();
    const past = await merchant.post("/test/clock/advance", {
      to: new Date(Date.parse(now) - 1000).toISOString(),
    });
    expect(past.status).toBe(422);
    expect(past.body.errors.to[0]).toMatch(/^The to must not be before the account's present time, .*Z\.$/);
    const far = await merchant.post("/test/clock/advance", {
      to: new Date(Date.parse(now) + 3_700 * DAY * 1000).toISOString(),
    });
    expect(far.body.errors.to).toEqual(["The to must not be more than 3660 days ahead."]);
    expect((await merchant.clockNow()) >= now).toBe(true);
  });

  it("is refused in live mode, where the clock cannot be asked either", async () => {
    const live = await newMerchant("live");
    for (const reply of [
      await live.post("/test/clock/advance", { seconds: 1 }),
      await live.get("/test/clock"),
    ]) {
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({
        success: false,
        message: "The clock can be moved in test mode only.",
        data: [],
      });
    }
  });
});

describe("an advance with an Idempotency-Key", () => {
  it("moves the clock once: sent again, also at once, it is the first answer byte for byte", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const before = Date.parse(await merchant.clockNow());
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => merchant.post("/test/clock/advance", { seconds: 5 * DAY }, headers)),
    );
    replies.push(await merchant.post("/test/clock/advance", { seconds: 5 * DAY }, headers));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200]));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies.at(-1)?.headers.get("idempotency-replayed")).toBe("true");
    const passed = Date.parse(await merchant.clockNow()) - before;
    expect(passed).toBeGreaterThanOrEqual(5 * DAY * 1000);
    expect(passed).toBeLessThan(6 * DAY * 1000);
    const other = await merchant.post("/test/clock/advance", { seconds: 6 * DAY }, headers);
    expect(other.status).toBe(422);
    expect(Object.keys(other.body.errors)).toEqual(["idempotency_key"]);
  });

  it("leaves the keys of others on wall time: a simulated week does not forget them", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = anIntent();
    const first = await merchant.post("/intents", body, headers);
    await merchant.advance({ seconds: 7 * DAY });
    const again = await merchant.post("/intents", body, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  });
});

describe("advances at once", () => {
  it("happen one after the other, and none is lost", async () => {
    for (let round = 0; round < 3; round++) {
      const before = await merchant.clockNow();
      const seen: string[] = [];
      await Promise.all([
        ...Array.from({ length: 20 }, () => merchant.advance({ seconds: 3_600 })),
        (async () => {
          for (let times = 0; times < 40; times++) seen.push(await merchant.clockNow());
        })(),
      ]);
      const passed = Date.parse(await merchant.clockNow()) - Date.parse(before);
      expect(passed).toBeGreaterThanOrEqual(20 * 3_600_000);
      expect(passed).toBeLessThan(21 * 3_600_000);
      expect(seen).toEqual(seen.toSorted());
    }
  });

  it("to two instants: the later one is where the clock ends, the other is there or too late", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { intervalDays: 10 });
    const from = Date.parse(await merchant.clockNow());
    const to = (days: number) => ({ to: new Date(from + days * DAY * 1000).toISOString() });
    const [near, far] = await Promise.all([
      merchant.post("/test/clock/advance", to(15)),
      merchant.post("/test/clock/advance", to(35)),
    ]);
    expect(far.status).toBe(200);
    expect([200, 422]).toContain(near.status);
    expect(Date.parse(await merchant.clockNow())).toBeGreaterThanOrEqual(from + 35 * DAY * 1000);
    expect(platform.sink.of("subscription.renewed", intentId)).toHaveLength(3);
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
  });
});

describe("while the clock is being advanced", () => {
  it("what the worker had begun is finished first: a hanging receiver's answer is waited for", async () => {
    const { sink } = platform;
    const answer = Promise.withResolvers<number>();
    const created = await merchant.createIntent();
    sink.answer(({ payload }) => (payload["intent_id"] === created.intent_id ? answer.promise : 200));
    const began = eventually(async () => {
      const rows = await platform.running.platform.db.query(sql`
        select 1 from deliveries where lease_until is not null and intent_id = ${created.intent_id.replace("pi_", "")}`);
      return rows.length > 0;
    });
    await merchant.post(`/intents/${created.intent_id}/cancel`);
    await began;
    let isAnswered = false;
    const advanced = merchant.advance({ seconds: 30 * DAY }).then(() => {
      isAnswered = true;
    });
    await eventually(async () => {
      const [account] = await platform.running.platform.db.query<{ frozen: boolean }>(sql`
        select clock_frozen_at is not null as frozen from accounts where account_id = ${platform.running.accountId}`);
      return account?.frozen;
    });
    // The platform serves everybody meanwhile, and the account's time stands still.
    const [one, two] = [await merchant.createIntent(), await merchant.createIntent()];
    await pay(one.payment_url);
    const times = [await merchant.intent(one.intent_id), await merchant.intent(two.intent_id)];
    expect(times[0].created_at).toBe(times[1].created_at);
    expect(isAnswered).toBe(false);
    answer.resolve(200);
    await advanced;
    expect(sink.of("payment.canceled", created.intent_id)).toHaveLength(1);
    expect(sink.of("payment.succeeded", one.intent_id)).toHaveLength(1);
    expect((await merchant.intent(two.intent_id)).status).toBe("expired");
    sink.answer(200);
  });

  it("payments and cancels go on, and each is told once", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { intervalDays: 1 });
    const created = await Promise.all(Array.from({ length: 16 }, () => merchant.createIntent()));
    const advanced = merchant.advance({ seconds: 20 * DAY });
    await Promise.all(
      created.map((one, index) =>
        index % 2 === 0 ? pay(one.payment_url) : merchant.post(`/intents/${one.intent_id}/cancel`),
      ),
    );
    await advanced;
    expect(platform.sink.of("subscription.renewed", intentId)).toHaveLength(20);
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    await merchant.advance({ seconds: 60 });
    for (const [index, { intent_id }] of created.entries()) {
      const { status } = await merchant.intent(intent_id);
      expect([index % 2 === 0 ? "succeeded" : "cancelled", "expired"]).toContain(status);
      const told =
        status === "expired" ? [] : [status === "succeeded" ? "payment.succeeded" : "payment.canceled"];
      expect(platform.sink.typesFor(intent_id)).toEqual(told);
    }
  });

  it("an error ends the advance but not the clock: it runs on, and the same advance can be asked for again", async () => {
    const { db } = platform.running.platform;
    const { subscriptionId, intentId } = await subscribe(platform);
    const bare = subscriptionId.replace("sub_", "");
    // Its processor is not there, as when an operator has taken it out of the configuration.
    await db.query(sql`update subscriptions set processor = 'gone' where subscription_id = ${bare}`);
    const to = new Date(Date.parse(await merchant.clockNow()) + 31 * DAY * 1000).toISOString();
    const broken = await merchant.post("/test/clock/advance", { to });
    expect(broken.status).toBe(500);
    const stands = await merchant.clockNow();
    await eventually(async () => (await merchant.clockNow()) > stands);
    await db.query(sql`update subscriptions set processor = 'sandbox' where subscription_id = ${bare}`);
    await db.query(sql`update charges set processor = 'sandbox' where subscription_id = ${bare}`);
    await merchant.advance({ to });
    expect(platform.sink.of("subscription.renewed", intentId)).toHaveLength(1);
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
  });
});

async function newMerchant(mode: "test" | "live"): Promise<Merchant> {
  const { db, world } = platform.running.platform;
  const wanted = { merchant: `Shop ${randomUUID()}`, mode, name: "its server", permissions: PERMISSIONS };
  return merchantOf(platform.url, await createClient(db, world, wanted));
}

async function aheadMs(of: Merchant): Promise<number> {
  return Date.parse(await of.clockNow()) - Date.now();
}
