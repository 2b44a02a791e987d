/**
 * Events: what merchants hear. Each change that the document names writes its event in the transaction that makes the
 * change; the body is fixed then, and every delivery of it sends the same bytes. Source: the document's "Webhooks" table
 * for the payload fields, contract section 5 for `id`, `event` and `created_at` beside them.
 */
import type { PAYLOADS } from "@mintro/contract/objects/payload";
import type { Wire } from "@mintro/contract/objects/said";
import { formatInstant, type Instant } from "../base/instant.ts";
import {
  type ChargeId,
  type EventId,
  type IntentId,
  type RefundId,
  type SubscriptionId,
  showChargeId,
  showEventId,
  showIntentId,
  showRefundId,
  showSubscriptionId,
} from "./ids.ts";

/** What happened, before it has its own id and place in the intent's order. */
export type EventDraft =
  | { readonly type: "payment.succeeded" | "payment.failed"; readonly chargeId: ChargeId }
  | { readonly type: "payment.canceled"; readonly message: string }
  | {
      readonly type: "payment.refunded" | "refund.failed";
      readonly chargeId: ChargeId;
      readonly refundId: RefundId;
      /** Decimal string in the currency's digits. */
      readonly amount: string;
      readonly currency: string;
      /** Why the refund was asked for. */
      readonly reason: string | null;
      /** For `refund.failed`: why it was not made. */
      readonly message?: string;
    }
  | {
      readonly type: "subscription.created" | "subscription.renewed";
      readonly subscriptionId: SubscriptionId;
    }
  | {
      readonly type: "subscription.failed" | "subscription.canceled";
      readonly subscriptionId: SubscriptionId;
      readonly message: string;
    };
export type EventType = EventDraft["type"];
export { EVENT_TYPES } from "@mintro/contract/vocabulary";

/** What an event is about: the intent, whose metadata (a JSON text) comes back in every payload. */
export type EventSubject = { readonly intentId: IntentId; readonly metadata: string };

export type NewEvent = {
  readonly eventId: EventId;
  readonly intentId: IntentId;
  readonly type: EventType;
  readonly subscriptionId: SubscriptionId | null;
  readonly chargeId: ChargeId | null;
  readonly body: string;
  readonly createdAt: Instant;
};

export function newEvent(
  draft: EventDraft,
  subject: EventSubject,
  born: { eventId: EventId; at: Instant },
): NewEvent {
  const head = { id: showEventId(born.eventId), event: draft.type, created_at: formatInstant(born.at) };
  return {
    eventId: born.eventId,
    intentId: subject.intentId,
    type: draft.type,
    subscriptionId: "subscriptionId" in draft ? draft.subscriptionId : null,
    chargeId: "chargeId" in draft ? draft.chargeId : null,
    body: withRawField({ ...head, ...payload(draft, subject.intentId) }, "metadata", subject.metadata),
    createdAt: born.at,
  };
}

/** What stands between the head and the metadata, as the reference tells it. */
type Payload = {
  readonly [Type in EventType]: Omit<
    Wire<(typeof PAYLOADS)[Type]>,
    "id" | "event" | "created_at" | "metadata"
  >;
}[EventType];

function payload(draft: EventDraft, intentId: IntentId): Payload {
  const intent_id = showIntentId(intentId);
  switch (draft.type) {
    case "payment.succeeded":
    case "payment.failed":
      return { intent_id, charge_id: showChargeId(draft.chargeId) };
    case "payment.canceled":
      return { intent_id, message: draft.message };
    case "payment.refunded":
    case "refund.failed":
      return {
        refund_id: showRefundId(draft.refundId),
        intent_id,
        charge_id: showChargeId(draft.chargeId),
        amount: draft.amount,
        currency: draft.currency,
        reason: draft.reason,
        ...(draft.message !== undefined && { message: draft.message }),
      };
    case "subscription.created":
    case "subscription.renewed":
      return { subscription_id: showSubscriptionId(draft.subscriptionId), intent_id };
    case "subscription.failed":
    case "subscription.canceled":
      return { subscription_id: showSubscriptionId(draft.subscriptionId), intent_id, message: draft.message };
  }
}

/** JSON of `fields` and one more whose value is a JSON text already: so metadata comes back untouched. */
export function withRawField(fields: Record<string, unknown>, name: string, rawJson: string): string {
  return `${JSON.stringify(fields).slice(0, -1)},${JSON.stringify(name)}:${rawJson}}`;
}
