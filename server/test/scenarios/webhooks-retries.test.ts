/** Receivers that fail: the whole schedule of tries by the test clock, giving up, disabling, and an outage of days (contract section 5). */
import { beforeAll, describe, expect, it } from "vitest";
import type { Instant } from "../../src/base/instant.ts";
import { sql } from "../../src/store/sql.ts";
import { CARDS, eventually, pay, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Seconds between one try and the next. */
const WAITS = [5, 5 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

type Made = { readonly try: number; readonly tried_at: Instant; readonly status_code: number | null };

describe("a receiver that answers 500", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });

  it("is tried ten times, each wait as in the schedule and at most a tenth longer, and then given up", async () => {
    const { merchant, sink } = platform;
    sink.answer(500);
    const eventId = await cancelledIntent(platform);
    await merchant.advance({ seconds: 4 * DAY });
    const made = await triesOf(platform, eventId);
    expect(made).toHaveLength(10);
    expect(new Set(made.map(({ status_code }) => status_code))).toEqual(new Set([500]));
    for (const [index, wait] of WAITS.entries()) {
      const waited = Number((made[index + 1]?.tried_at ?? 0n) - (made[index]?.tried_at ?? 0n)) / 1e6;
      expect(waited).toBeGreaterThanOrEqual(wait);
      expect(waited).toBeLessThanOrEqual(wait * 1.1);
    }
    const tries = sink.received.filter((received) => received.id === eventId);
    expect(tries).toHaveLength(10);
    expect(tries.every(({ verified }) => verified)).toBe(true);
    expect(await deliveryOf(platform, eventId)).toEqual({ status: "failed", tries: 10, due_at: null });
    await merchant.advance({ seconds: 10 * HOUR });
    expect(sink.received.filter((received) => received.id === eventId)).toHaveLength(10);
  });

  it("is spread by jitter: deliveries that failed together are not tried again together", async () => {
    const { merchant, sink } = platform;
    const ids = await Promise.all(Array.from({ length: 8 }, () => cancelledIntent(platform)));
    await merchant.advance({ seconds: 2 * HOUR });
    const waits = await Promise.all(
      ids.map(async (id) => {
        const made = await triesOf(platform, id);
        return Number((made[3]?.tried_at ?? 0n) - (made[2]?.tried_at ?? 0n)) / 1e6;
      }),
    );
    expect(new Set(waits).size).toBe(ids.length);
    sink.answer(200);
    await merchant.advance({ seconds: 4 * HOUR });
    for (const id of ids) expect((await deliveryOf(platform, id))?.status).toBe("delivered");
  });

  it("is disabled when it has failed for five days, and not before", async () => {
    const { merchant, sink } = platform;
    sink.answer(200);
    await delivered(platform, await cancelledIntent(platform));
    sink.answer(503);
    const [made] = await triesOf(platform, await tried(platform, await cancelledIntent(platform)));
    const failingSince = made?.tried_at ?? 0n;
    await advanceTo(platform, failingSince, 4.9 * DAY);
    const late = await tried(platform, await cancelledIntent(platform));
    expect(await endpointOf(platform)).toEqual({ enabled: true, disabled_reason: null });

    await advanceTo(platform, failingSince, 5.3 * DAY);
    expect(await endpointOf(platform)).toEqual({ enabled: false, disabled_reason: "failing" });
    const tries = await triesOf(platform, late);
    for (const { tried_at } of tries) expect(tried_at - failingSince).toBeLessThan(5 * DAY * 1_000_000);
    expect(await deliveryOf(platform, late)).toMatchObject({ status: "failed", due_at: null });

    const sent = sink.received.length;
    sink.answer(200);
    const created = await merchant.createIntent();
    await merchant.post(`/intents/${created.intent_id}/cancel`);
    await merchant.advance({ seconds: 10 * DAY });
    expect(sink.received).toHaveLength(sent);
  });
});

describe("five days of failures", () => {
  it("are over with a success, also where a try that ran beside it fails after it", async () => {
    const platform = await startPlatform();
    const { merchant, sink } = platform;
    const failingFor = await failsForALongTime(platform);

    const arrived: string[] = [];
    const answers: (() => void)[] = [];
    sink.answer(async ({ id }) => {
      const status = arrived.push(id) === 1 ? 200 : 500;
      await new Promise<void>((resolve) => answers.push(resolve));
      return status;
    });
    const events = await Promise.all([cancelledIntent(platform), cancelledIntent(platform)]);
    await eventually(() => answers.length === 2);
    expect(arrived.toSorted()).toEqual(events.toSorted());
    const [acknowledged = "", refused = ""] = arrived;
    answers[0]?.();
    await delivered(platform, acknowledged);
    answers[1]?.();
    await tried(platform, refused);
    expect(await endpointOf(platform)).toEqual({ enabled: true, disabled_reason: null });
    const since = await failingSince(platform);
    const [made] = await triesOf(platform, refused);
    expect([null, made?.tried_at]).toContain(since);
    expect(made?.tried_at).toBeGreaterThan(failingFor);
    sink.answer(200);
    await merchant.advance({ seconds: 10 });
    await delivered(platform, refused);
    expect(await failingSince(platform)).toBeNull();
  });

  it("disable at their end, though nothing is tried then, and give up what waits", async () => {
    const platform = await startPlatform();
    const { sink } = platform;
    sink.answer(500);
    const first = await tried(platform, await cancelledIntent(platform));
    const [began] = await triesOf(platform, first);
    const from = began?.tried_at ?? 0n;
    await advanceTo(platform, from, 4.9 * DAY);
    const late = await tried(platform, await cancelledIntent(platform));
    expect(await deliveryOf(platform, first)).toEqual({ status: "failed", tries: 10, due_at: null });
    await advanceTo(platform, from, 5 * DAY - 1);
    expect(await endpointOf(platform)).toEqual({ enabled: true, disabled_reason: null });
    await advanceTo(platform, from, 5 * DAY + 1);
    expect(await endpointOf(platform)).toEqual({ enabled: false, disabled_reason: "failing" });
    expect(await deliveryOf(platform, late)).toMatchObject({ status: "failed", due_at: null });
  });

  it("disable also where the clock jumps over their end", async () => {
    const platform = await startPlatform();
    platform.sink.answer(500);
    await tried(platform, await cancelledIntent(platform));
    await platform.merchant.advance({ seconds: 6 * DAY, skip: true });
    await eventually(async () => (await endpointOf(platform))?.enabled === false);
  });
});

describe("a receiver that fails now and then", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });

  it("is never disabled: each success begins its five days anew", async () => {
    const { merchant, sink } = platform;
    for (let round = 0; round < 4; round++) {
      sink.answer(500);
      const failing = await tried(platform, await cancelledIntent(platform));
      await merchant.advance({ seconds: 2 * DAY });
      sink.answer(200);
      await merchant.advance({ seconds: 30 * HOUR });
      expect(await deliveryOf(platform, failing)).toMatchObject({ status: "delivered" });
    }
    expect(await endpointOf(platform)).toEqual({ enabled: true, disabled_reason: null });
  });

  it("gets what follows for the same intent though an earlier event has failed once", async () => {
    const { merchant, sink } = platform;
    sink.answer(({ event }) => (event === "payment.failed" ? 500 : 200));
    const created = await merchant.createIntent();
    await pay(created.payment_url, CARDS.declined);
    await pay(created.payment_url);
    await eventually(() => sink.typesFor(created.intent_id).length === 1);
    expect(sink.typesFor(created.intent_id)).toEqual(["payment.succeeded"]);
    sink.answer(200);
    await merchant.advance({ seconds: 10 });
    expect(sink.typesFor(created.intent_id)).toEqual(["payment.succeeded", "payment.failed"]);
  });
});

describe("a receiver that is down for 72 hours", () => {
  it("gets every event of those days afterwards, each acknowledged once, none missing", async () => {
    const platform = await startPlatform();
    const { merchant, sink, running } = platform;
    const { subscriptionId } = await subscribe(platform, { intervalDays: 1 });
    await platform.settled();
    await sink.down();
    for (let hour = 0; hour < 72; hour += 6) {
      const paid = await merchant.createIntent();
      await pay(paid.payment_url, CARDS.declined);
      await pay(paid.payment_url);
      const cancelled = await merchant.createIntent();
      await merchant.post(`/intents/${cancelled.intent_id}/cancel`);
      await merchant.advance({ seconds: 6 * HOUR });
    }
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    const acknowledgedBefore = sink.received.length;
    await sink.up();
    await merchant.advance({ seconds: 2 * DAY });

    const events = await running.platform.db.query<{ id: string }>(
      sql`select 'evt_' || event_id as id from events`,
    );
    const acknowledged = sink.received.filter(({ status }) => status < 300).map(({ id }) => id);
    expect(events.length).toBeGreaterThan(12 * 3 + 3);
    expect(acknowledged.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
    expect(acknowledgedBefore).toBe(2);
    expect(sink.received.every(({ verified }) => verified)).toBe(true);
    expect(await endpointOf(platform)).toEqual({ enabled: true, disabled_reason: null });
  });
});

describe("where private addresses are not allowed", () => {
  it.each(["http://127.0.0.1", "http://localhost", "http://[::1]", "http://2130706433"])(
    "a webhook to %s is never sent, and its tries say why",
    async (host) => {
      const platform = await startPlatform({ allowPrivateWebhooks: false });
      const { merchant, sink, running } = platform;
      await running.platform.db.query(sql`
        update webhook_endpoints set url = ${`${host}:${new URL(sink.url).port}/hook`}`);
      const eventId = await tried(platform, await cancelledIntent(platform));
      await merchant.advance({ seconds: 10 * 60 });
      expect(sink.received).toEqual([]);
      const rows = await running.platform.db.query<{ status_code: number | null; error: string }>(sql`
        select status_code, error from delivery_tries where event_id = ${eventId.replace("evt_", "")}`);
      expect(rows.length).toBeGreaterThanOrEqual(3);
      for (const { status_code, error } of rows) {
        expect(status_code).toBeNull();
        expect(error).toMatch(/address|name/);
      }
    },
  );
});

/** Gives back the id of its one event. */
async function cancelledIntent({ merchant, running }: TestPlatform): Promise<string> {
  const created = await merchant.createIntent();
  expect((await merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(200);
  const [event] = await running.platform.db.query<{ id: string }>(sql`
    select 'evt_' || event_id as id from events where intent_id = ${created.intent_id.replace("pi_", "")}`);
  return event?.id ?? "";
}

/** Waits for the first try of an event, and gives its id back. */
async function tried(platform: TestPlatform, eventId: string): Promise<string> {
  await eventually(async () => (await triesOf(platform, eventId)).length > 0);
  return eventId;
}

async function delivered(platform: TestPlatform, eventId: string): Promise<void> {
  await eventually(async () => (await deliveryOf(platform, eventId))?.status === "delivered");
}

function triesOf({ running }: TestPlatform, eventId: string): Promise<Made[]> {
  return running.platform.db.query<Made>(sql`
    select try, tried_at, status_code from delivery_tries where event_id = ${eventId.replace("evt_", "")} order by try`);
}

async function deliveryOf({ running }: TestPlatform, eventId: string) {
  const [row] = await running.platform.db.query<{
    status: string;
    tries: number;
    due_at: Instant | null;
  }>(sql`
    select status, tries, due_at from deliveries where event_id = ${eventId.replace("evt_", "")}`);
  return row;
}

async function endpointOf({ running }: TestPlatform) {
  const [row] = await running.platform.db.query<{ enabled: boolean; disabled_reason: string | null }>(sql`
    select enabled, disabled_reason from webhook_endpoints`);
  return row;
}

async function failingSince({ running }: TestPlatform): Promise<Instant | null> {
  const [row] = await running.platform.db.query<{ at: Instant | null }>(sql`
    select failing_since as at from webhook_endpoints`);
  return row?.at ?? null;
}

/** Lets all fail until shortly before five days; gives back since when. */
async function failsForALongTime(platform: TestPlatform): Promise<bigint> {
  const { sink } = platform;
  sink.answer(500);
  const [began] = await triesOf(platform, await tried(platform, await cancelledIntent(platform)));
  const from = began?.tried_at ?? 0n;
  await advanceTo(platform, from, 4.9 * DAY);
  expect(await failingSince(platform)).toBe(from);
  return from;
}

async function advanceTo({ merchant }: TestPlatform, from: bigint, seconds: number): Promise<void> {
  await merchant.advance({ to: new Date(Number(from / 1000n) + seconds * 1000).toISOString() });
}
