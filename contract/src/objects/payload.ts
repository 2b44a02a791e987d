/** What webhooks send: the document's fields, with `id`, `event` and `created_at` beside them (contract section 5). */
import { z } from "zod";
import type { EventType } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { chargeId, currency, id, instant, money, said } from "./said.ts";

const head = <const Type extends string>(type: Type, at: string = EXAMPLE.paid) => ({
  id: id("evt_", "The event. It is the same on every try, so take each id once.", EXAMPLE.event),
  event: said(z.literal(type), "What happened.", type),
  created_at: instant("When it happened.", at),
});
const intent_id = id("pi_", "The intent that it happened to.", EXAMPLE.intent);
const subscription_id = id("sub_", "The subscription that it happened to.", EXAMPLE.subscription);
const metadata = said(z.record(z.string(), z.unknown()), "The intent's metadata, untouched.", {
  internal_id: "999",
});
const message = (description: string, example: string) => said(z.string(), description, example);

const PaymentSucceeded = z
  .strictObject({ ...head("payment.succeeded"), intent_id, charge_id: chargeId(), metadata })
  .meta({
    id: "PaymentSucceededEvent",
    description: "A charge was successful: a one-time payment, or the first of a recurring one.",
  });

const PaymentFailed = z
  .strictObject({ ...head("payment.failed"), intent_id, charge_id: chargeId(), metadata })
  .meta({
    id: "PaymentFailedEvent",
    description: "A charge attempt failed. The customer may try again, up to ten times.",
  });

const PaymentCanceled = z
  .strictObject({
    ...head("payment.canceled"),
    intent_id,
    message: message("The same in a sentence.", "The payment intent was canceled."),
    metadata,
  })
  .meta({ id: "PaymentCanceledEvent", description: "An intent was cancelled by the API." });

const refund = {
  refund_id: id("re_", "The refund.", EXAMPLE.refund),
  intent_id,
  charge_id: chargeId("The charge that it gives back."),
  amount: money("How much goes back.", "5.00"),
  currency: currency(),
  reason: said(
    z.string().nullable(),
    "Why it was asked for. `late_success`: the money had moved after the attempt was given up, and went back by itself.",
    "damaged",
  ),
};

const PaymentRefunded = z
  .strictObject({ ...head("payment.refunded"), ...refund, metadata })
  .meta({ id: "PaymentRefundedEvent", description: "A refund succeeded." });

const RefundFailed = z
  .strictObject({
    ...head("refund.failed"),
    ...refund,
    message: message("Why it was not made.", "The card's account is closed."),
    metadata,
  })
  .meta({
    id: "RefundFailedEvent",
    description: "A refund was refused. Its amount is free to be refunded again.",
  });

const SubscriptionCreated = z
  .strictObject({ ...head("subscription.created"), subscription_id, intent_id, metadata })
  .meta({
    id: "SubscriptionCreatedEvent",
    description: "A recurring intent's first payment succeeded. `payment.succeeded` comes too.",
  });

const SubscriptionRenewed = z
  .strictObject({ ...head("subscription.renewed"), subscription_id, intent_id, metadata })
  .meta({ id: "SubscriptionRenewedEvent", description: "A renewal was charged." });

const SubscriptionFailed = z
  .strictObject({
    ...head("subscription.failed"),
    subscription_id,
    intent_id,
    message: message("Why.", "The card has insufficient funds."),
    metadata,
  })
  .meta({
    id: "SubscriptionFailedEvent",
    description: "A renewal's charge failed. The subscription is `past_due`, or `unpaid` after the last try.",
  });

const SubscriptionCanceled = z
  .strictObject({
    ...head("subscription.canceled"),
    subscription_id,
    intent_id,
    message: message("The same in a sentence.", "The subscription was canceled."),
    metadata,
  })
  .meta({ id: "SubscriptionCanceledEvent", description: "A subscription was cancelled by the API." });

const EndpointTest = z
  .strictObject({
    ...head("endpoint.test"),
    endpoint_id: id("we_", "The endpoint that is tested.", EXAMPLE.endpoint),
    message: message("The same in a sentence.", "This is a test of your webhook endpoint. Nothing was paid."),
  })
  .meta({
    id: "EndpointTestEvent",
    description:
      "Sent by the endpoint's test operation. Nothing happened; it is in no list and is not repeated.",
  });

/** The body of a webhook of each type. */
export const PAYLOADS = {
  "payment.succeeded": PaymentSucceeded,
  "payment.failed": PaymentFailed,
  "payment.canceled": PaymentCanceled,
  "payment.refunded": PaymentRefunded,
  "refund.failed": RefundFailed,
  "subscription.created": SubscriptionCreated,
  "subscription.renewed": SubscriptionRenewed,
  "subscription.failed": SubscriptionFailed,
  "subscription.canceled": SubscriptionCanceled,
  "endpoint.test": EndpointTest,
} as const satisfies { readonly [Type in EventType | "endpoint.test"]: z.ZodType };

/** Everything that is an event of a payment. */
export const EventPayload = z
  .discriminatedUnion("event", [
    PaymentSucceeded,
    PaymentFailed,
    PaymentCanceled,
    PaymentRefunded,
    RefundFailed,
    SubscriptionCreated,
    SubscriptionRenewed,
    SubscriptionFailed,
    SubscriptionCanceled,
  ])
  .meta({ id: "EventPayload", description: "What every delivery of an event sends, by its type." });
