import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMicros } from "../base/instant.ts";
import { EVENT_TYPES, type EventDraft, newEvent, withRawField } from "./event.ts";
import type { ChargeId, EventId, IntentId, RefundId, SubscriptionId } from "./ids.ts";

const UUID = "0199b0de-0000-7000-8000-000000000001";
const chargeId = 105n as ChargeId;
const subscriptionId = UUID as SubscriptionId;
const intentId = UUID as IntentId;
const message = "The card was declined.";
const refund = { chargeId, refundId: UUID as RefundId, amount: "8.00", currency: "USD", reason: null };

const DRAFTS: readonly EventDraft[] = [
  { type: "payment.succeeded", chargeId },
  { type: "payment.failed", chargeId },
  { type: "payment.canceled", message },
  { type: "payment.refunded", ...refund },
  { type: "refund.failed", ...refund, message },
  { type: "subscription.created", subscriptionId },
  { type: "subscription.renewed", subscriptionId },
  { type: "subscription.failed", subscriptionId, message },
  { type: "subscription.canceled", subscriptionId, message },
];

/** The fields of the document's table, beside those that every event has. */
const PAYLOADS: Record<string, readonly string[]> = {
  "payment.succeeded": ["intent_id", "charge_id", "metadata"],
  "payment.failed": ["intent_id", "charge_id", "metadata"],
  "payment.canceled": ["intent_id", "message", "metadata"],
  "subscription.created": ["subscription_id", "intent_id", "metadata"],
  "subscription.renewed": ["subscription_id", "intent_id", "metadata"],
  "subscription.failed": ["subscription_id", "intent_id", "message", "metadata"],
  "subscription.canceled": ["subscription_id", "intent_id", "message", "metadata"],
};

function written(draft: EventDraft, metadata = '{"a":1}') {
  const at = instantFromMicros(1_735_689_599_123_456n);
  return newEvent(draft, { intentId, metadata }, { eventId: UUID as EventId, at });
}

describe("an event's body", () => {
  test("has id, event and created_at first, then exactly the document's fields", () => {
    for (const draft of DRAFTS) {
      const { body } = written(draft);
      const fields = JSON.parse(body);
      expect(fields).toMatchObject({
        id: `evt_${UUID}`,
        event: draft.type,
        created_at: "2024-12-31T23:59:59.123456Z",
        intent_id: `pi_${UUID}`,
        metadata: { a: 1 },
      });
      const expected = PAYLOADS[draft.type];
      if (expected) expect(Object.keys(fields)).toEqual(["id", "event", "created_at", ...expected]);
    }
  });

  test("names a charge by its number and the others by their prefixed ids", () => {
    expect(JSON.parse(written({ type: "payment.succeeded", chargeId }).body).charge_id).toBe(105);
    const renewed = JSON.parse(written({ type: "subscription.renewed", subscriptionId }).body);
    expect(renewed.subscription_id).toBe(`sub_${UUID}`);
  });

  test("carries metadata as the very text that was given", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (metadata) => {
        const text = JSON.stringify(metadata);
        expect(
          written({ type: "payment.canceled", message }, text).body.endsWith(`,"metadata":${text}}`),
        ).toBe(true);
      }),
    );
    const exact = '{"n":1.0,"big":12345678901234567890123}';
    expect(written({ type: "payment.canceled", message }, exact).body).toContain(`"metadata":${exact}`);
  });
});

test("every type of event is listed, so that an endpoint can ask for it", () => {
  expect(DRAFTS.map(({ type }) => type).toSorted()).toEqual([...EVENT_TYPES].toSorted());
});

test("an event knows what it is about, and of what is not its matter nothing", () => {
  const paid = written({ type: "payment.succeeded", chargeId });
  expect([paid.intentId, paid.chargeId, paid.subscriptionId]).toEqual([intentId, chargeId, null]);
  const renewed = written({ type: "subscription.renewed", subscriptionId });
  expect([renewed.chargeId, renewed.subscriptionId]).toEqual([null, subscriptionId]);
});

test("a raw field is added to any object as JSON", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), fc.jsonValue(), (fields, raw) => {
      const text = withRawField({ first: 1, ...fields }, "raw", JSON.stringify(raw));
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ first: 1, ...fields, raw })));
    }),
  );
});
