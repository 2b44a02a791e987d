/**
 * What the API takes and answers. Written by tools/dump-sdk-types.ts from docs/openapi.json: change it there. Answers may
 * get further fields later.
 */

/** What every delivery of an event sends, by its type. */
export type EventPayload =
  | PaymentSucceededEvent
  | PaymentFailedEvent
  | PaymentCanceledEvent
  | PaymentRefundedEvent
  | RefundFailedEvent
  | SubscriptionCreatedEvent
  | SubscriptionRenewedEvent
  | SubscriptionFailedEvent
  | SubscriptionCanceledEvent;

/** Create a payment intent: the body. */
export interface CreateIntentRequest {
  /** What the customer pays, all in all. A number or a decimal string, with the currency's decimals at most. Items, tax and discount are shown to the customer and not added up. */
  amount: number | string;
  /** Code of ISO 4217. Small letters are taken too, and answered as capitals. */
  currency: string;
  /** `recurring` starts a subscription with its first successful payment. */
  intent_type: "one_time" | "recurring";
  /** Days from one charge to the next. Required for `recurring`, ignored for `one_time`. */
  interval_days?: number | null;
  /** The customer's e-mail address. */
  email: string;
  /** The customer's full name. */
  name: string;
  /** Your own id for this payment: letters, digits, `_` and `-`. It can be used once in an account and mode. */
  reference_id: string;
  /** Your own id for the customer. Payments with the same one belong to the same customer; without one, those with the same e-mail address do. */
  customer_ref_id?: string | null;
  /**
   * What the customer buys, 1 to 100 items, shown on the checkout page.
   *
   * @minItems 1
   * @maxItems 100
   */
  order_items: {
    /** What is sold. */
    name: string;
    /** How many of it. */
    quantity: number;
    /** The price of one, as a number or a decimal string. */
    price: number | string;
  }[];
  /** `url`: the customer is sent to the payment link, and back to you afterwards. `iframe`: the page stays in your frame and tells it what happens. */
  integration_type: "iframe" | "url";
  /** Where the customer goes after paying, with `intent_id`, `reference_id` and `status` added to its query. Required for `url`. */
  success_url?: string | null;
  /** Where the customer goes on Cancel, with the same additions. Required for `url`. */
  cancel_url?: string | null;
  /** The tax that `amount` holds, shown to the customer. Zero if absent. */
  tax?: number | string | null;
  /** The discount that was taken off `amount`, shown to the customer. Zero if absent. */
  discount?: number | string | null;
  /** Anything of your own, at most 50 keys and 16 KiB as JSON. It comes back untouched in answers and webhooks. */
  metadata?: {
    [k: string]: unknown;
  } | null;
}
/** Refund a charge: the body. */
export interface CreateRefundRequest {
  /** How much, greater than 0. All that is left if absent. */
  amount?: number | string | null;
  /** Which charge of the intent, for example a renewal. The one that paid it if absent. */
  charge_id?: number | null;
  /** Why. It comes back in the answer and in the event. */
  reason?: string | null;
}
/** Create a webhook endpoint: the body. */
export interface CreateWebhookEndpointRequest {
  /** Where events are sent: http or https, not a private address unless the operator allows that. */
  url: string;
  /**
   * The types that it wants, at least one. `null`: all, those of later versions too.
   *
   * @maxItems 50
   */
  events?:
    | (
        | "payment.succeeded"
        | "payment.failed"
        | "payment.canceled"
        | "payment.refunded"
        | "refund.failed"
        | "subscription.created"
        | "subscription.renewed"
        | "subscription.failed"
        | "subscription.canceled"
      )[]
    | null;
  /** Whether events are sent to it. Disabling gives up what waits for it. */
  enabled?: boolean | null;
}
/** Change a webhook endpoint: the body. */
export interface UpdateWebhookEndpointRequest {
  /** Where events are sent: http or https, not a private address unless the operator allows that. */
  url?: string | null;
  /**
   * The types that it wants, at least one. `null`: all, those of later versions too.
   *
   * @maxItems 50
   */
  events?:
    | (
        | "payment.succeeded"
        | "payment.failed"
        | "payment.canceled"
        | "payment.refunded"
        | "refund.failed"
        | "subscription.created"
        | "subscription.renewed"
        | "subscription.failed"
        | "subscription.canceled"
      )[]
    | null;
  /** Whether events are sent to it. Disabling gives up what waits for it. */
  enabled?: boolean | null;
}
/** Send again all that failed: the body. */
export interface ReplayWebhookEndpointRequest {
  /** Events that happened at this time or later. */
  since: string;
  /** Events that happened before this time. The present if absent. */
  until?: string | null;
}
/** Send an event again: the body. */
export interface RedeliverEventRequest {
  /** Where to. If absent, to every enabled endpoint that wants its type. */
  endpoint_id?: string | null;
}
/** Create a client: the body. */
export interface CreateClientRequest {
  /** For people. */
  name: string;
  /**
   * What it may do.
   *
   * @minItems 1
   * @maxItems 50
   */
  permissions: (
    | "intents:read"
    | "intents:write"
    | "subscriptions:read"
    | "subscriptions:write"
    | "customers:read"
    | "refunds:write"
    | "webhooks:read"
    | "webhooks:write"
    | "events:read"
    | "clients:write"
    | "test:write"
  )[];
}
/** Advance the test clock: the body. */
export interface AdvanceClockRequest {
  /** How far, in seconds. This or `to`. */
  seconds?: number | null;
  /** To when: not before the account's present time, and at most 3660 days ahead. This or `seconds`. */
  to?: string | null;
  /** `true`: the clock jumps first and the work catches up after, as after an outage. */
  skip?: boolean | null;
}
/** Arm a fault: the body. */
export interface ArmFaultRequest {
  /** What it strikes. */
  target: "charge" | "refund" | "delivery";
  /** What goes wrong: one of the target's. */
  fault:
    | "timeout_before"
    | "timeout_after"
    | "late"
    | "twice"
    | "refuse"
    | "drop"
    | "double"
    | "delay"
    | "swap";
  /** How many times it strikes. Once if absent. */
  count?: number | null;
}
/** An error. */
export interface Error {
  /** It did not work. */
  success: false;
  /** What is wrong, in a sentence. */
  message: string;
  /**
   * Always empty.
   *
   * @maxItems 0
   */
  data: unknown[];
}
/** Fields that are wrong, all of them at once. */
export interface ValidationError {
  /** What is wrong, in a sentence. */
  message: string;
  /** By the field's name (`order_items.0.name` in a list), what is wrong with it. */
  errors: {
    /** @minItems 1 */
    [k: string]: string[];
  };
}
/** A new intent, and the link to send the customer to. */
export interface CreatedIntent {
  /** The intent. */
  intent_id: string;
  /** A new intent waits for its payment. */
  status:
    | "requires_payment"
    | "processing"
    | "requires_action"
    | "succeeded"
    | "failed"
    | "cancelled"
    | "expired";
  /** What the customer pays, in the currency's digits. */
  amount: string;
  /** The checkout page of this intent. Whoever has it can see and pay this one intent. */
  payment_url: string;
}
/** An intent in a list: all of it but its charges. */
export interface ListedIntent {
  /** The intent. */
  intent_id: string;
  /** Your own id for it. */
  reference_id: string;
  /** What the customer pays, in the currency's digits. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** `requires_payment`: the customer may pay, after a declined charge again. `processing`: a charge is under way, or its outcome is being found out. `requires_action`: a 3-D Secure challenge is open. `succeeded`: paid. `failed`: ten charges were declined. `cancelled`: you cancelled it. `expired`: nobody paid within 24 hours. */
  status:
    | "requires_payment"
    | "processing"
    | "requires_action"
    | "succeeded"
    | "failed"
    | "cancelled"
    | "expired";
  /** The checkout page of this intent. Whoever has it can see and pay this one intent. */
  payment_url: string;
  /** Whether it starts a subscription. */
  type: "one_time" | "recurring";
  /** Days from one charge to the next; null for `one_time`. */
  interval_days: number | null;
  /** Until when it can be paid: 24 hours after its creation. */
  expires_at: string;
  /** The tax that `amount` holds. */
  tax: string;
  /** The discount that was taken off `amount`. */
  discount: string;
  /** What the customer buys. */
  order_items: OrderItem[];
  /** Whether the page stays in your frame, or the customer is sent back to you. */
  integration_type: "iframe" | "url";
  /** Where the customer goes after paying. */
  success_url: string | null;
  /** Where the customer goes on Cancel. */
  cancel_url: string | null;
  customer: IntentCustomer;
  /** The subscription that it started, once its first payment succeeded. */
  subscription_id: string | null;
  /** When it was created. */
  created_at: string;
  /** What you gave at its creation, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** One item of what the customer buys. */
export interface OrderItem {
  /** What is sold. */
  name: string;
  /** How many of it. */
  quantity: number;
  /** The price of one. */
  price: string;
}
/** Who pays, as given with this intent. */
export interface IntentCustomer {
  /** The customer. */
  customer_id: string;
  /** Your own id for the customer. */
  customer_ref_id: string | null;
  /** The e-mail address given with this intent. */
  email: string;
  /** The name given with this intent. */
  name: string;
}
/** Where the list goes on. */
export interface Pagination {
  /** Whether there is another page. */
  has_more: boolean;
  /** What to send as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}
/** A payment intent. */
export interface Intent {
  /** The intent. */
  intent_id: string;
  /** Your own id for it. */
  reference_id: string;
  /** What the customer pays, in the currency's digits. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** `requires_payment`: the customer may pay, after a declined charge again. `processing`: a charge is under way, or its outcome is being found out. `requires_action`: a 3-D Secure challenge is open. `succeeded`: paid. `failed`: ten charges were declined. `cancelled`: you cancelled it. `expired`: nobody paid within 24 hours. */
  status:
    | "requires_payment"
    | "processing"
    | "requires_action"
    | "succeeded"
    | "failed"
    | "cancelled"
    | "expired";
  /** The checkout page of this intent. Whoever has it can see and pay this one intent. */
  payment_url: string;
  /** Whether it starts a subscription. */
  type: "one_time" | "recurring";
  /** Days from one charge to the next; null for `one_time`. */
  interval_days: number | null;
  /** Until when it can be paid: 24 hours after its creation. */
  expires_at: string;
  /** The tax that `amount` holds. */
  tax: string;
  /** The discount that was taken off `amount`. */
  discount: string;
  /** What the customer buys. */
  order_items: OrderItem[];
  /** Whether the page stays in your frame, or the customer is sent back to you. */
  integration_type: "iframe" | "url";
  /** Where the customer goes after paying. */
  success_url: string | null;
  /** Where the customer goes on Cancel. */
  cancel_url: string | null;
  customer: IntentCustomer;
  /** The subscription that it started, once its first payment succeeded. */
  subscription_id: string | null;
  /** The newest 100, a subscription's renewals among them. */
  charges: Charge[];
  /** When it was created. */
  created_at: string;
  /** What you gave at its creation, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** One attempt to take the money. */
export interface Charge {
  /** The charge. A whole number, unique on the platform. */
  charge_id: number;
  /** `pending`: sent, and the outcome not known yet. `requires_action`: a challenge is open. `succeeded`: the money moved. `failed`: it did not. `late`: it moved after the attempt had been given up, and goes back by itself. */
  status: "pending" | "requires_action" | "succeeded" | "failed" | "late";
  /** What was charged. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** What was refunded of it, refunds under way included. */
  amount_refunded: string;
  /** 0 for the first payment; a subscription's renewals count from 1. */
  cycle: number;
  /** The card that pays; null where a wallet does. */
  card: Card | null;
  /** The wallet that pays, such as `PayPal`; null where a card does. */
  wallet: string | null;
  /** Why it failed; null if it did not. */
  failure_code:
    | "generic_decline"
    | "insufficient_funds"
    | "lost_card"
    | "stolen_card"
    | "expired_card"
    | "incorrect_cvc"
    | "processing_error"
    | "authentication_required"
    | "authentication_failed"
    | "authentication_abandoned"
    | "canceled"
    | "expired"
    | null;
  /** The same in a sentence. */
  failure_message: string | null;
  /** When it was made. */
  created_at: string;
}
/** What may be shown of a card. Numbers and codes are never stored. */
export interface Card {
  /** The card's brand, in small letters. */
  brand: string;
  /** The last four digits of its number. */
  last4: string;
  /** The month in which it expires. */
  exp_month: number;
  /** The year in which it expires. */
  exp_year: number;
}
/** What a cancel answers. */
export interface CancelledIntent {
  /** The intent. */
  intent_id: string;
  /** It is cancelled. */
  status: "cancelled";
}
/** Money that goes back. */
export interface Refund {
  /** The refund. */
  refund_id: string;
  /** The intent whose charge it gives back. */
  intent_id: string;
  /** The charge that it gives back. */
  charge_id: number;
  /** `pending`: the processor is being asked. `succeeded`: the money is on its way back. `failed`: it was refused, and its amount is free to be refunded again. */
  status: "pending" | "succeeded" | "failed";
  /** How much goes back. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** Why, as you gave it. `late_success` where the platform refunded by itself. */
  reason: string | null;
  /** Why it failed; null if it did not. */
  failure_message: string | null;
  /** When it was asked for. */
  created_at: string;
}
/** A recurring payment. */
export interface Subscription {
  /** The subscription. */
  subscription_id: string;
  /** The recurring intent that started it. */
  intent_id: string;
  /** Who pays. */
  customer_id: string;
  /** `active`: paid. `past_due`: a renewal failed and is tried again. `unpaid`: the last try failed, and no further charge is made. `cancelled`: you ended it. */
  status: "active" | "past_due" | "unpaid" | "cancelled";
  /** What each cycle costs. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** Days from one charge to the next. */
  interval_days: number;
  /** The newest cycle that was paid; 0 is the first payment. */
  current_cycle: number;
  /** When that cycle began. */
  current_cycle_started_at: string;
  /** The next try; null while a charge is under way, and when none will follow. */
  next_charge_at: string | null;
  /** The card that pays; null where a wallet does. */
  card: Card | null;
  /** The wallet that pays, such as `PayPal`; null where a card does. */
  wallet: string | null;
  /** The first success, from which all cycles count. */
  anchor_at: string;
  /** When it was created. */
  created_at: string;
  /** When it was cancelled; null if it was not. */
  cancelled_at: string | null;
}
/** What a cancel answers. */
export interface CancelledSubscription {
  /** The subscription. */
  subscription_id: string;
  /** It is cancelled. */
  status: "cancelled";
}
/** One per `customer_ref_id`; where you give none, one per e-mail address. */
export interface Customer {
  /** The customer. */
  customer_id: string;
  /** Your own id for the customer; null where you gave none. */
  customer_ref_id: string | null;
  /** The e-mail address of the newest intent. */
  email: string;
  /** The name of the newest intent. */
  name: string;
  /** When the first intent came. */
  created_at: string;
}
/** An endpoint, with the secret that was made just now. */
export interface WebhookEndpointWithSecret {
  /** The endpoint. */
  endpoint_id: string;
  /** Where events are sent. */
  url: string;
  /** The types that it wants; null: all, those of later versions too. */
  events:
    | (
        | "payment.succeeded"
        | "payment.failed"
        | "payment.canceled"
        | "payment.refunded"
        | "refund.failed"
        | "subscription.created"
        | "subscription.renewed"
        | "subscription.failed"
        | "subscription.canceled"
      )[]
    | null;
  /** Whether events are sent to it. */
  enabled: boolean;
  /** What signs for it, shown this once. Keep it where your receiver can read it. */
  secret: string;
  /** Why it is disabled. `merchant`: you did it. `gone`: it answered 410. `failing`: five days of failures. `removed`: the server's environment no longer names it. */
  disabled_reason: "gone" | "failing" | "removed" | "merchant" | null;
  /** The first failed try since the last success; null if it is well. */
  failing_since: string | null;
  /** Until when the secret before the last rotation signs too. Those before it end earlier. */
  previous_secret_until: string | null;
  /** Whether the server's environment made it. */
  from_environment: boolean;
  /** When it was made. */
  created_at: string;
}
/** Where your server hears of events. */
export interface WebhookEndpoint {
  /** The endpoint. */
  endpoint_id: string;
  /** Where events are sent. */
  url: string;
  /** The types that it wants; null: all, those of later versions too. */
  events:
    | (
        | "payment.succeeded"
        | "payment.failed"
        | "payment.canceled"
        | "payment.refunded"
        | "refund.failed"
        | "subscription.created"
        | "subscription.renewed"
        | "subscription.failed"
        | "subscription.canceled"
      )[]
    | null;
  /** Whether events are sent to it. */
  enabled: boolean;
  /** Why it is disabled. `merchant`: you did it. `gone`: it answered 410. `failing`: five days of failures. `removed`: the server's environment no longer names it. */
  disabled_reason: "gone" | "failing" | "removed" | "merchant" | null;
  /** The first failed try since the last success; null if it is well. */
  failing_since: string | null;
  /** Until when the secret before the last rotation signs too. Those before it end earlier. */
  previous_secret_until: string | null;
  /** Whether the server's environment made it. */
  from_environment: boolean;
  /** When it was made. */
  created_at: string;
}
/** What a deletion answers. */
export interface DeletedWebhookEndpoint {
  /** The endpoint that is gone. */
  endpoint_id: string;
  /** It is deleted. */
  deleted: true;
}
/** What came of a test. */
export interface WebhookTest {
  /** The `webhook-id` that was sent. */
  webhook_id: string;
  /** Whether your server took it. */
  delivered: boolean;
  /** The status that your server answered; null if it did not. */
  status_code: number | null;
  /** How long the try took, in milliseconds. */
  duration_ms: number;
  /** Why the try failed; null if it did not. */
  error: string | null;
  /** The first kilobyte of what your server answered. */
  response_start: string;
}
/** How much is sent again. */
export interface Replay {
  /** The endpoint. */
  endpoint_id: string;
  /** How many deliveries are sent again, at most 5000 at a time. */
  replayed: number;
  /** Whether there are more: then ask again. */
  has_more: boolean;
}
/** Something that happened. */
export interface Event {
  /** The event. */
  event_id: string;
  /** Its type. */
  event:
    | "payment.succeeded"
    | "payment.failed"
    | "payment.canceled"
    | "payment.refunded"
    | "refund.failed"
    | "subscription.created"
    | "subscription.renewed"
    | "subscription.failed"
    | "subscription.canceled";
  /** The intent that it happened to. */
  intent_id: string;
  /** The subscription that it happened to, if to one. */
  subscription_id: string | null;
  /** The charge that it is about, if about one. */
  charge_id: number | null;
  /** When it happened. */
  created_at: string;
  payload: EventPayload;
}
/** A charge was successful: a one-time payment, or the first of a recurring one. */
export interface PaymentSucceededEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "payment.succeeded";
  /** When it happened. */
  created_at: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The charge. A whole number, unique on the platform. */
  charge_id: number;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A charge attempt failed. The customer may try again, up to ten times. */
export interface PaymentFailedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "payment.failed";
  /** When it happened. */
  created_at: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The charge. A whole number, unique on the platform. */
  charge_id: number;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** An intent was cancelled by the API. */
export interface PaymentCanceledEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "payment.canceled";
  /** When it happened. */
  created_at: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The same in a sentence. */
  message: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A refund succeeded. */
export interface PaymentRefundedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "payment.refunded";
  /** When it happened. */
  created_at: string;
  /** The refund. */
  refund_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The charge that it gives back. */
  charge_id: number;
  /** How much goes back. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** Why it was asked for. `late_success`: the money had moved after the attempt was given up, and went back by itself. */
  reason: string | null;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A refund was refused. Its amount is free to be refunded again. */
export interface RefundFailedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "refund.failed";
  /** When it happened. */
  created_at: string;
  /** The refund. */
  refund_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The charge that it gives back. */
  charge_id: number;
  /** How much goes back. */
  amount: string;
  /** Code of ISO 4217. */
  currency: string;
  /** Why it was asked for. `late_success`: the money had moved after the attempt was given up, and went back by itself. */
  reason: string | null;
  /** Why it was not made. */
  message: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A recurring intent's first payment succeeded. `payment.succeeded` comes too. */
export interface SubscriptionCreatedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "subscription.created";
  /** When it happened. */
  created_at: string;
  /** The subscription that it happened to. */
  subscription_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A renewal was charged. */
export interface SubscriptionRenewedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "subscription.renewed";
  /** When it happened. */
  created_at: string;
  /** The subscription that it happened to. */
  subscription_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A renewal's charge failed. The subscription is `past_due`, or `unpaid` after the last try. */
export interface SubscriptionFailedEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "subscription.failed";
  /** When it happened. */
  created_at: string;
  /** The subscription that it happened to. */
  subscription_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** Why. */
  message: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** A subscription was cancelled by the API. */
export interface SubscriptionCanceledEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "subscription.canceled";
  /** When it happened. */
  created_at: string;
  /** The subscription that it happened to. */
  subscription_id: string;
  /** The intent that it happened to. */
  intent_id: string;
  /** The same in a sentence. */
  message: string;
  /** The intent's metadata, untouched. */
  metadata: {
    [k: string]: unknown;
  };
}
/** How an event is told to one endpoint. */
export interface Delivery {
  /** The endpoint that it goes to. */
  endpoint_id: string;
  /** The endpoint's address; null where it was deleted. */
  url: string | null;
  /** `pending`: a try is under way or to come. `delivered`: your server took it. `failed`: given up. */
  status: "pending" | "delivered" | "failed";
  /** How many tries have been made. */
  tries_made: number;
  /** When the next one is due; null if none is. */
  next_try_at: string | null;
  /** The tries, the newest 50 of them. */
  tries: DeliveryTry[];
}
/** One try to tell an event to an endpoint. */
export interface DeliveryTry {
  /** Which try it was, from 1. */
  try: number;
  /** When it was made. */
  tried_at: string;
  /** How long the try took, in milliseconds. */
  duration_ms: number;
  /** The status that your server answered; null if it did not. */
  status_code: number | null;
  /** Why the try failed; null if it did not. */
  error: string | null;
  /** The first kilobyte of what your server answered. */
  response_start: string;
}
/** Where an event is sent again. */
export interface Redelivery {
  /** The event. */
  event_id: string;
  /** The endpoints that it is sent to again. */
  endpoint_ids: string[];
}
/** A client, with the secret that was made just now. */
export interface ClientWithSecret {
  /** What goes into `X-Client-ID`. */
  client_id: string;
  /** What goes into `X-Client-Secret`, shown this once. */
  client_secret: string;
  /** For people. */
  name: string;
  /** What it may do. */
  permissions: (
    | "intents:read"
    | "intents:write"
    | "subscriptions:read"
    | "subscriptions:write"
    | "customers:read"
    | "refunds:write"
    | "webhooks:read"
    | "webhooks:write"
    | "events:read"
    | "clients:write"
    | "test:write"
  )[];
  /** Its last use, to the minute; null: never used. */
  last_used_at: string | null;
  /** Until when the secret before the last rotation opens too. */
  previous_secret_until: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was revoked; null if it is in force. */
  revoked_at: string | null;
}
/** A key of the API, without its secret. */
export interface Client {
  /** What goes into `X-Client-ID`. */
  client_id: string;
  /** For people. */
  name: string;
  /** What it may do. */
  permissions: (
    | "intents:read"
    | "intents:write"
    | "subscriptions:read"
    | "subscriptions:write"
    | "customers:read"
    | "refunds:write"
    | "webhooks:read"
    | "webhooks:write"
    | "events:read"
    | "clients:write"
    | "test:write"
  )[];
  /** Its last use, to the minute; null: never used. */
  last_used_at: string | null;
  /** Until when the secret before the last rotation opens too. */
  previous_secret_until: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was revoked; null if it is in force. */
  revoked_at: string | null;
}
/** The account's time. */
export interface Clock {
  /** What time it is in the account. */
  now: string;
}
/** The account's time after an advance. */
export interface AdvancedClock {
  /** What time it is in the account. */
  now: string;
  /** Whether all that was due on the way is done. If not, send the same `to` again. */
  done: boolean;
}
/** Something that goes wrong on purpose. */
export interface Fault {
  /** What it strikes. */
  target: "charge" | "refund" | "delivery";
  /** What goes wrong. */
  fault:
    | "timeout_before"
    | "timeout_after"
    | "late"
    | "twice"
    | "refuse"
    | "drop"
    | "double"
    | "delay"
    | "swap";
  /** How many times it was armed to strike. */
  count: number;
  /** How many of them are still to come. */
  remaining: number;
}
/** What a disarming answers. */
export interface DisarmedFaults {
  /** How many strikes that spares. */
  disarmed: number;
}
/** Sent by the endpoint's test operation. Nothing happened; it is in no list and is not repeated. */
export interface EndpointTestEvent {
  /** The event. It is the same on every try, so take each id once. */
  id: string;
  /** What happened. */
  event: "endpoint.test";
  /** When it happened. */
  created_at: string;
  /** The endpoint that is tested. */
  endpoint_id: string;
  /** The same in a sentence. */
  message: string;
}
