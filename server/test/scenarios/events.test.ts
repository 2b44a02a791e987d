/** Events by API: what happened, each try of each delivery, and sending again what did not arrive. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { walk } from "../support/pages.ts";
import {
  eventually,
  type Json,
  type Merchant,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
const sinks: Sink[] = [];
afterAll(() => Promise.all(sinks.map((sink) => sink.close())));

type Shop = { readonly merchant: Merchant; readonly sink: Sink; readonly endpointId: string };

/** A merchant of its own with one endpoint. */
async function newShop(endpoint: Record<string, unknown> = {}): Promise<Shop> {
  const merchant = await newMerchant(platform);
  const sink = await openSink();
  sinks.push(sink);
  return { merchant, sink, endpointId: await addEndpoint(merchant, sink, endpoint) };
}

async function addEndpoint(
  merchant: Merchant,
  sink: Sink,
  more: Record<string, unknown> = {},
): Promise<string> {
  const reply = await merchant.post("/webhook-endpoints", { url: sink.url, ...more });
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data.endpoint_id;
}

const patch = (merchant: Merchant, endpointId: string, body: unknown) =>
  fetch(`${platform.url}/api/platform/webhook-endpoints/${endpointId}`, {
    method: "PATCH",
    headers: {
      "x-client-id": merchant.clientId,
      "x-client-secret": merchant.clientSecret,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });

/** An intent that is cancelled, which is one event; gives back the event's id. */
async function happen(merchant: Merchant): Promise<string> {
  const { intent_id } = await merchant.createIntent();
  await merchant.post(`/intents/${intent_id}/cancel`);
  const { data } = (await merchant.get(`/events?intent_id=${intent_id}`)).body;
  return data[0].event_id;
}

async function deliveriesOf(merchant: Merchant, eventId: string): Promise<Json[]> {
  const reply = await merchant.get(`/events/${eventId}/deliveries`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
}

const becomes = (shop: Shop, eventId: string, status: string) =>
  eventually(async () => (await deliveriesOf(shop.merchant, eventId)).every((d) => d.status === status));

describe("GET /events", () => {
  it("shows what happened, newest first, each with what its webhook says", async () => {
    const { merchant, sink } = await newShop();
    const { intentId, subscriptionId } = await subscribe({ merchant });
    await eventually(() => sink.received.length === 2);
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    await eventually(() => sink.received.length === 3);
    const { data } = (await merchant.get("/events")).body;
    expect(data.map((event: Json) => event.event)).toEqual([
      "subscription.canceled",
      "subscription.created",
      "payment.succeeded",
    ]);
    expect(data[2]).toEqual({
      event_id: sink.received[0]?.id,
      event: "payment.succeeded",
      intent_id: intentId,
      subscription_id: null,
      charge_id: sink.received[0]?.payload["charge_id"],
      created_at: sink.received[0]?.payload["created_at"],
      payload: sink.received[0]?.payload,
    });
    expect(data[0]).toMatchObject({ subscription_id: subscriptionId, charge_id: null });
    for (const event of data) {
      expect((await merchant.get(`/events/${event.event_id}`)).body.data).toEqual(event);
      expect((await merchant.get(`/events/${event.event_id.slice(4)}`)).body.data).toEqual(event);
    }
  });

  it("can be narrowed to a type and an intent, and goes page by page while others are added", async () => {
    const merchant = await newMerchant(platform);
    const { intentId } = await subscribe({ merchant });
    const ids = [];
    for (let count = 0; count < 5; count++) ids.push(await happen(merchant));
    const idsOf = (rows: Json[]) => rows.map((row) => row.event_id);
    const cancels = await walk(merchant, "/events?type=payment.canceled&limit=2", () => happen(merchant));
    expect(idsOf(cancels.flat())).toEqual(ids.toReversed());
    const ofOne = (await merchant.get(`/events?intent_id=${intentId}`)).body.data;
    expect(ofOne).toHaveLength(2);
    const both = await merchant.get(`/events?intent_id=${intentId}&type=subscription.created`);
    expect(both.body.data).toHaveLength(1);
    expect((await merchant.get(`/events?intent_id=pi_${randomUUID()}`)).body.data).toEqual([]);
    const refused = await merchant.get("/events?type=payment.lost&intent_id=x&limit=0&cursor=y");
    expect(refused.status).toBe(422);
    expect(Object.keys(refused.body.errors)).toEqual(["type", "intent_id", "limit", "cursor"]);
  });

  it("answers 404 for what nobody has, or another account", async () => {
    const [ours, other] = [await newShop(), await newMerchant(platform)];
    const eventId = await happen(ours.merchant);
    for (const id of [eventId, `evt_${randomUUID()}`, "x"]) {
      const asked = [
        await other.get(`/events/${id}`),
        await other.get(`/events/${id}/deliveries`),
        await other.post(`/events/${id}/redeliver`),
      ];
      for (const reply of asked) {
        expect(reply.status).toBe(404);
        expect(reply.body.message).toBe("No such event.");
      }
    }
    const theirs = await other.post(`/webhook-endpoints/${ours.endpointId}/replay`, {
      since: "2020-01-01T00:00:00Z",
    });
    expect(theirs.status).toBe(404);
    expect((await other.get("/events")).body.data).toEqual([]);
  });
});

describe("an event's deliveries", () => {
  it("show each try with its status, time taken and answer's start, and when the next one is", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    sink.answer(503);
    const eventId = await happen(merchant);
    await eventually(async () => (await deliveriesOf(merchant, eventId))[0]?.tries_made === 1);
    const [waiting] = await deliveriesOf(merchant, eventId);
    expect(waiting).toEqual({
      endpoint_id: endpointId,
      url: sink.url,
      status: "pending",
      tries_made: 1,
      next_try_at: expect.any(String),
      tries: [
        {
          try: 1,
          tried_at: expect.any(String),
          duration_ms: expect.any(Number),
          status_code: 503,
          error: expect.any(String),
          response_start: "not now",
        },
      ],
    });
    const wait = Date.parse(waiting.next_try_at) - Date.parse(waiting.tries[0].tried_at);
    expect(wait).toBeGreaterThanOrEqual(5_000);
    expect(wait).toBeLessThanOrEqual(5_500);
    sink.answer(200);
    await merchant.advance({ seconds: 10 });
    await becomes(shop, eventId, "delivered");
    const [done] = await deliveriesOf(merchant, eventId);
    expect(done).toMatchObject({ tries_made: 2, next_try_at: null });
    expect(done.tries.map((t: Json) => [t.try, t.status_code, t.error, t.response_start])).toEqual([
      [1, 503, expect.any(String), "not now"],
      [2, 200, null, "ok"],
    ]);
  });

  it("are one for each endpoint that wanted it, also one that has been deleted since", async () => {
    const shop = await newShop();
    const { merchant, sink } = shop;
    const picky = await addEndpoint(merchant, sink, { events: ["payment.succeeded"] });
    const leaving = await addEndpoint(merchant, sink);
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    await fetch(`${platform.url}/api/platform/webhook-endpoints/${leaving}`, {
      method: "DELETE",
      headers: { "x-client-id": merchant.clientId, "x-client-secret": merchant.clientSecret },
    });
    const found = await deliveriesOf(merchant, eventId);
    expect(found.map((d) => [d.endpoint_id, d.url])).toEqual([
      [leaving, null],
      [shop.endpointId, sink.url],
    ]);
    expect(found.map((d) => d.endpoint_id)).not.toContain(picky);
  });
});

describe("an event's deliveries in pages", () => {
  it("are all there, the newest endpoint first, each with its own tries", async () => {
    const shop = await newShop();
    const { merchant, sink } = shop;
    const endpoints = [shop.endpointId];
    for (let made = 0; made < 4; made++) endpoints.push(await addEndpoint(merchant, sink));
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    const path = `/events/${eventId}/deliveries`;
    const whole = await deliveriesOf(merchant, eventId);
    expect(whole.map((delivery) => delivery.endpoint_id)).toEqual(endpoints.toReversed());
    for (const delivery of whole) expect(delivery.tries).toHaveLength(1);
    for (const [limit, sizes] of [
      [2, [2, 2, 1]],
      [5, [5]],
    ] as const) {
      const pages = await walk(merchant, `${path}?limit=${limit}`);
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(pages.flat()).toEqual(whole);
    }
  });

  it("are more than one page where endpoints came and went, and twenty a page if nothing else is asked for", async () => {
    const shop = await newShop();
    const { merchant } = shop;
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    // By SQL, as of endpoints that were deleted since: an account has sixteen at a time.
    await platform.running.platform.db.query({
      text: `insert into deliveries (account_id, event_id, endpoint_id, intent_id, seq, status, created_at)
             select account_id, event_id, gen_random_uuid(), intent_id, seq, 'failed', created_at
               from deliveries, generate_series(1, 120)
              where event_id = '${eventId.slice("evt_".length)}'::uuid`,
      values: [],
    } as never);
    const pages = await walk(merchant, `/events/${eventId}/deliveries`);
    expect(pages.map((page) => page.length)).toEqual([20, 20, 20, 20, 20, 20, 1]);
    const ids: string[] = pages.flat().map((delivery) => delivery.endpoint_id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(new Set(ids).size).toBe(121);
    expect(
      (await walk(merchant, `/events/${eventId}/deliveries?limit=100`)).map((page) => page.length),
    ).toEqual([100, 21]);
    await platform.running.platform.db.query({
      text: `delete from deliveries where event_id = '${eventId.slice("evt_".length)}'::uuid and tries = 0`,
      values: [],
    } as never);
  });

  it("are refused for a limit or a cursor that is none, after the event was looked for", async () => {
    const { merchant } = await newShop();
    const eventId = await happen(merchant);
    const refused = await merchant.get(`/events/${eventId}/deliveries?limit=101&cursor=x`);
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      { limit: ["The limit must not be greater than 100."], cursor: ["The selected cursor is invalid."] },
    ]);
    expect((await merchant.get(`/events/evt_${randomUUID()}/deliveries?limit=0`)).status).toBe(404);
  });
});

describe("redelivering", () => {
  it("sends a delivered event again under the same id, and the tries go on counting", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    const reply = await merchant.post(`/events/${eventId}/redeliver`);
    expect(reply.body).toEqual({ success: true, data: { event_id: eventId, endpoint_ids: [endpointId] } });
    await eventually(() => sink.received.length === 2);
    await becomes(shop, eventId, "delivered");
    expect(sink.received.map((r) => r.id)).toEqual([eventId, eventId]);
    expect(sink.received[1]?.body).toBe(sink.received[0]?.body);
    const [delivery] = await deliveriesOf(merchant, eventId);
    expect(delivery.tries.map((t: Json) => t.try)).toEqual([1, 2]);
  });

  it("begins the schedule anew, also of what was given up after the last try", async () => {
    const shop = await newShop();
    const { merchant, sink } = shop;
    sink.answer(500);
    const eventId = await happen(merchant);
    await merchant.advance({ seconds: 4 * 86_400 });
    const [given] = await deliveriesOf(merchant, eventId);
    expect(given).toMatchObject({ status: "failed", tries_made: 10, next_try_at: null });
    await merchant.post(`/events/${eventId}/redeliver`, {});
    await eventually(async () => (await deliveriesOf(merchant, eventId))[0]?.tries_made === 11);
    const [again] = await deliveriesOf(merchant, eventId);
    expect(again.status).toBe("pending");
    const wait = Date.parse(again.next_try_at) - Date.parse(again.tries.at(-1).tried_at);
    expect(wait).toBeLessThanOrEqual(5_500);
    sink.answer(200);
    await merchant.advance({ seconds: 10 });
    await becomes(shop, eventId, "delivered");
    expect(sink.received).toHaveLength(12);
  });

  it("goes to one endpoint where that is asked for, also one that was not there or wants other types", async () => {
    const shop = await newShop();
    const { merchant } = shop;
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    const late = await openSink();
    sinks.push(late);
    const lateId = await addEndpoint(merchant, late, { events: ["payment.succeeded"] });
    const reply = await merchant.post(`/events/${eventId}/redeliver`, { endpoint_id: lateId });
    expect(reply.body.data.endpoint_ids).toEqual([lateId]);
    await eventually(() => late.received.length === 1);
    expect(late.received[0]?.id).toBe(eventId);
    expect(shop.sink.received).toHaveLength(1);
    const toAll = await merchant.post(`/events/${eventId}/redeliver`);
    expect(toAll.body.data.endpoint_ids).toEqual([shop.endpointId]);
  });

  it("is refused where nobody would get it", async () => {
    const { merchant, endpointId } = await newShop({ events: ["payment.succeeded"] });
    const eventId = await happen(merchant);
    const post = (body: unknown) => merchant.post(`/events/${eventId}/redeliver`, body);
    expect((await post({})).status).toBe(400);
    expect((await post({ endpoint_id: `we_${randomUUID()}` })).status).toBe(404);
    expect((await post({ endpoint_id: "x" })).body.errors).toEqual({
      endpoint_id: ["The selected endpoint id is invalid."],
    });
    await patch(merchant, endpointId, { enabled: false });
    const disabled = await post({ endpoint_id: endpointId });
    expect(disabled.status).toBe(400);
    expect(disabled.body.message).toBe("This webhook endpoint is disabled. Enable it first.");
  });

  it("under one key happens once, and while a try is under way adds no second one", async () => {
    const shop = await newShop();
    const { merchant, sink } = shop;
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "delivered");
    const post = () =>
      merchant.post(`/events/${eventId}/redeliver`, {}, { "idempotency-key": `again-${eventId}` });
    const replies = await Promise.all([post(), post(), post(), post()]);
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    await eventually(() => sink.received.length === 2);
    await becomes(shop, eventId, "delivered");
    expect((await post()).headers.get("idempotency-replayed")).toBe("true");

    let finish: ((status: number) => void) | null = null;
    sink.answer(
      () =>
        new Promise<number>((resolve) => {
          finish = resolve;
        }),
    );
    const slowId = await happen(merchant);
    const end = await eventually(() => finish);
    await Promise.all([1, 2, 3].map(() => merchant.post(`/events/${slowId}/redeliver`)));
    end(200);
    await becomes(shop, slowId, "delivered");
    expect(sink.received.filter((r) => r.id === slowId)).toHaveLength(1);
  });

  it("during a try that then fails goes out at once, also where that was the last", async () => {
    const shop = await newShop();
    const { merchant, sink } = shop;
    sink.answer(500);
    const eventId = await happen(merchant);
    await merchant.advance({ seconds: 60 * 3_600 });
    let finish: ((status: number) => void) | null = null;
    let waiting = true;
    sink.answer(async () => {
      if (!waiting) return 200;
      waiting = false;
      return await new Promise<number>((resolve) => {
        finish = resolve;
      });
    });
    await eventually(async () => (await deliveriesOf(merchant, eventId))[0].tries_made === 9);
    const advanced = merchant.advance({ seconds: 2 * 86_400 });
    const end = await eventually(() => finish);
    await merchant.post(`/events/${eventId}/redeliver`);
    end(500);
    await advanced;
    await becomes(shop, eventId, "delivered");
    expect(sink.received.map((r) => r.status)).toEqual([...Array(10).fill(500), 200]);
  });
});

describe("replaying", () => {
  it("sends again all that failed in the span, in each payment's order, and nothing else", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    const arrived = await happen(merchant);
    await becomes(shop, arrived, "delivered");
    await sink.down();
    const before = await happen(merchant);
    await merchant.advance({ seconds: 60 });
    const since = await merchant.clockNow();
    const failed = [];
    for (let count = 0; count < 6; count++) failed.push((await subscribe({ merchant })).intentId);
    await merchant.advance({ seconds: 60 });
    const until = await merchant.clockNow();
    const after = await happen(merchant);
    await merchant.advance({ seconds: 4 * 86_400 });
    await becomes(shop, before, "failed");
    await sink.up();
    const reply = await merchant.post(`/webhook-endpoints/${endpointId}/replay`, { since, until });
    expect(reply.body.data).toEqual({ endpoint_id: endpointId, replayed: 12, has_more: false });
    await eventually(() => sink.received.length === 13);
    for (const intentId of failed)
      expect(sink.typesFor(intentId)).toEqual(["payment.succeeded", "subscription.created"]);
    for (const eventId of [before, after])
      expect((await deliveriesOf(merchant, eventId))[0].status).toBe("failed");
    await merchant.advance({ seconds: 60 });
    const again = await merchant.post(`/webhook-endpoints/${endpointId}/replay`, { since, until });
    expect(again.body.data.replayed).toBe(0);
    expect(sink.received).toHaveLength(13);
  });

  it("also sends what was given up when the endpoint was disabled, once it is enabled again", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    const since = await merchant.clockNow();
    sink.answer(410);
    const eventId = await happen(merchant);
    await becomes(shop, eventId, "failed");
    const path = `/webhook-endpoints/${endpointId}/replay`;
    await eventually(
      async () =>
        (await merchant.get(`/webhook-endpoints/${endpointId}`)).body.data.disabled_reason === "gone",
    );
    expect((await merchant.post(path, { since })).status).toBe(400);
    await patch(merchant, endpointId, { enabled: true });
    sink.answer(200);
    const key = { "idempotency-key": `replay-${endpointId}` };
    const replies = await Promise.all([1, 2, 3].map(() => merchant.post(path, { since }, key)));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies[0]?.body.data.replayed).toBe(1);
    await becomes(shop, eventId, "delivered");
    expect(sink.received).toHaveLength(2);
  });

  it("also sends at once what failed and waits for its next try, each once however often it is asked for", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    const since = await merchant.clockNow();
    sink.answer(500);
    const eventIds = [await happen(merchant), await happen(merchant)];
    await merchant.advance({ seconds: 4 * 3_600 });
    for (const eventId of eventIds) {
      const [waiting] = await deliveriesOf(merchant, eventId);
      expect(waiting).toMatchObject({ status: "pending", tries_made: 5 });
    }
    sink.answer(200);
    const replay = () => merchant.post(`/webhook-endpoints/${endpointId}/replay`, { since });
    const replies = await Promise.all([replay(), replay(), replay()]);
    expect(replies.reduce((sum, reply) => sum + reply.body.data.replayed, 0)).toBe(2);
    for (const eventId of eventIds) await becomes(shop, eventId, "delivered");
    expect(sink.received).toHaveLength(12);
    expect((await replay()).body.data).toMatchObject({ replayed: 0, has_more: false });
  });

  it("leaves a try that is under way to end", async () => {
    const shop = await newShop();
    const { merchant, sink, endpointId } = shop;
    const since = await merchant.clockNow();
    sink.answer(500);
    const eventId = await happen(merchant);
    await eventually(async () => (await deliveriesOf(merchant, eventId))[0]?.tries_made === 1);
    let finish: ((status: number) => void) | null = null;
    sink.answer(() => new Promise<number>((resolve) => (finish = resolve)));
    const advanced = merchant.advance({ seconds: 10 });
    const end = await eventually(() => finish);
    const reply = await merchant.post(`/webhook-endpoints/${endpointId}/replay`, { since });
    expect(reply.body.data.replayed).toBe(0);
    end(200);
    await advanced;
    await becomes(shop, eventId, "delivered");
    expect(sink.received).toHaveLength(2);
  });

  it("wants a span", async () => {
    const { merchant, endpointId } = await newShop();
    const post = (body: unknown) => merchant.post(`/webhook-endpoints/${endpointId}/replay`, body);
    expect((await post({})).body.errors).toEqual({ since: ["The since field is required."] });
    expect((await post({ since: "monday", until: 5 })).body.errors).toEqual({
      since: ["The since is not a valid date."],
      until: ["The until is not a valid date."],
    });
    const noDay = { since: "2026-02-29T00:00:00Z", until: "2026-04-31T00:00:00Z" };
    expect((await post(noDay)).body.errors).toEqual({
      since: ["The since is not a valid date."],
      until: ["The until is not a valid date."],
    });
    const turned = { since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" };
    expect((await post(turned)).body.errors).toEqual({ until: ["The until must be a date after since."] });
  });
});
