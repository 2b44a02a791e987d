/** What webhooks say: the document's payload for each type of event, with id, event and created_at beside it (contract section 5). */
import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../src/store/sql.ts";
import {
  anIntent,
  answerChallenge,
  CARDS,
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import type { Received } from "../support/sink.ts";

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;
const UUID7 = /^evt_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const METADATA = { internal_id: "999" };

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("the payload of", () => {
  it("payment.succeeded has intent, charge and metadata", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await pay(created.payment_url);
    const [charge] = (await merchant.intent(created.intent_id)).charges;
    expectBody(await the("payment.succeeded", created.intent_id), {
      intent_id: created.intent_id,
      charge_id: charge.charge_id,
      metadata: METADATA,
    });
    expect(Number.isSafeInteger(charge.charge_id) && charge.charge_id > 0).toBe(true);
  });

  it("payment.failed has intent, charge and metadata", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS.insufficientFunds);
    expectBody(await the("payment.failed", created.intent_id), {
      intent_id: created.intent_id,
      charge_id: view.last_failure?.charge_id,
      metadata: METADATA,
    });
  });

  it("payment.canceled has intent, message and metadata", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await merchant.post(`/intents/${created.intent_id}/cancel`);
    expectBody(await the("payment.canceled", created.intent_id), {
      intent_id: created.intent_id,
      message: "The payment intent was canceled.",
      metadata: METADATA,
    });
  });

  it("subscription.created and subscription.renewed has subscription, intent and metadata", async () => {
    const { subscriptionId, intentId } = await subscribe(platform);
    await platform.merchant.advance({ seconds: 30 * 86_400 });
    for (const event of ["subscription.created", "subscription.renewed"]) {
      expectBody(await the(event, intentId), {
        subscription_id: subscriptionId,
        intent_id: intentId,
        metadata: METADATA,
      });
    }
    // A renewal is told by subscription.renewed alone.
    expect(platform.sink.of("payment.succeeded", intentId)).toHaveLength(1);
    await platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`);
  });

  it("subscription.failed and subscription.canceled has subscription, intent, message and metadata", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { number: CARDS.firstOnly });
    await platform.merchant.advance({ seconds: 30 * 86_400 });
    await platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    for (const [event, message] of [
      ["subscription.failed", "The card was declined."],
      ["subscription.canceled", "The subscription was canceled."],
    ] as const) {
      expectBody(await the(event, intentId), {
        subscription_id: subscriptionId,
        intent_id: intentId,
        message,
        metadata: METADATA,
      });
    }
    // A renewal that fails is told by subscription.failed alone.
    expect(platform.sink.of("payment.failed", intentId)).toEqual([]);
  });
});

describe("metadata comes back", () => {
  it.each([
    [
      "byte for byte, whatever is in it",
      '{"a":1.0,"b":12345678901234567890,"c":{"ü":["é",null,true]},"d":""}',
    ],
    ["empty where none was given", undefined],
    ["as an object where an empty list was given", "[]"],
  ])("%s", async (_, metadata) => {
    const { merchant } = platform;
    const { metadata: _example, ...fields } = anIntent();
    const given = JSON.stringify(fields);
    const body = metadata === undefined ? given : `${given.slice(0, -1)},"metadata":${metadata}}`;
    const created = (await merchant.post("/intents", body)).body.data;
    await pay(created.payment_url);
    const received = await the("payment.succeeded", created.intent_id);
    const expected = metadata === undefined || metadata === "[]" ? "{}" : metadata;
    expect(received.body.endsWith(`,"metadata":${expected}}`)).toBe(true);
  });
});

describe("events are told", () => {
  it("for one intent in the order in which they happened", async () => {
    const { merchant, sink } = platform;
    const all = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const created = await merchant.createIntent({ intent_type: "recurring", interval_days: 30 });
        await pay(created.payment_url, CARDS.declined);
        await pay(created.payment_url, CARDS.insufficientFunds);
        await answerChallenge(await pay(created.payment_url, CARDS.challengeThenSucceeds), "fail");
        await pay(created.payment_url);
        const { subscription_id } = await merchant.intent(created.intent_id);
        await merchant.post(`/subscriptions/${subscription_id}/cancel`);
        return created.intent_id;
      }),
    );
    for (const intentId of all) {
      await eventually(() => sink.typesFor(intentId).length === 6);
      expect(sink.typesFor(intentId)).toEqual([
        "payment.failed",
        "payment.failed",
        "payment.failed",
        "payment.succeeded",
        "subscription.created",
        "subscription.canceled",
      ]);
    }
  });

  it("once each, signed, and never for what the document has no event for", async () => {
    const { merchant, sink, running } = platform;
    await merchant.createIntent(); // it will expire
    await merchant.advance({ seconds: 2 * 86_400 });
    await platform.settled();
    const ids = sink.received.map((received) => received.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(sink.received.every((received) => received.verified)).toBe(true);
    const types = await running.platform.db.query<{ type: string }>(
      sql`select distinct type from events order by 1`,
    );
    expect(types.map(({ type }) => type)).toEqual([
      "payment.canceled",
      "payment.failed",
      "payment.succeeded",
      "subscription.canceled",
      "subscription.created",
      "subscription.failed",
      "subscription.renewed",
    ]);
  });
});

/** The one delivery of a type for an intent. */
async function the(event: string, intentId: string): Promise<Received> {
  const [received, ...others] = await eventually(() => {
    const found = platform.sink.of(event, intentId);
    return found.length > 0 && found;
  });
  expect(others).toEqual([]);
  if (!received) throw new Error("eventually gives back what it found");
  return received;
}

/** Exactly these fields beside the three that every event has, and headers that agree with them. */
function expectBody(received: Received, payload: Record<string, unknown>): void {
  expect(received.payload).toEqual({
    id: expect.stringMatching(UUID7),
    event: received.event,
    created_at: expect.stringMatching(ISO),
    ...payload,
  });
  expect(received.verified).toBe(true);
  expect(received.headers["webhook-id"]).toBe(received.payload["id"]);
  expect(received.headers["content-type"]).toBe("application/json");
  expect(Math.abs(Number(received.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
}
