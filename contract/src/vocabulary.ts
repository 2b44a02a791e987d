/**
 * The words that cross the wire as values, each list in one place: for the tables that check requests, for the schemas of
 * answers, and for the platform's own types.
 */

export const PERMISSIONS = [
  "intents:read",
  "intents:write",
  "subscriptions:read",
  "subscriptions:write",
  "customers:read",
  "refunds:write",
  "webhooks:read",
  "webhooks:write",
  "events:read",
  "clients:write",
  "test:write",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const INTENT_STATUSES = [
  "requires_payment",
  "processing",
  "requires_action",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
] as const;

export const CHARGE_STATUSES = ["pending", "requires_action", "succeeded", "failed", "late"] as const;

/** Why a charge failed. */
export const FAILURE_CODES = [
  "generic_decline",
  "insufficient_funds",
  "lost_card",
  "stolen_card",
  "expired_card",
  "incorrect_cvc",
  "processing_error",
  "authentication_required",
  "authentication_failed",
  "authentication_abandoned",
  "canceled",
  "expired",
] as const;

export const REFUND_STATUSES = ["pending", "succeeded", "failed"] as const;

export const SUBSCRIPTION_STATUSES = ["active", "past_due", "unpaid", "cancelled"] as const;

/** In the document's order, then those beyond it. */
export const EVENT_TYPES = [
  "payment.succeeded",
  "payment.failed",
  "payment.canceled",
  "payment.refunded",
  "refund.failed",
  "subscription.created",
  "subscription.renewed",
  "subscription.failed",
  "subscription.canceled",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;

/** Why an endpoint is disabled. */
export const DISABLED_REASONS = ["gone", "failing", "removed", "merchant"] as const;

/** On the way to the sandbox and back, at a charge or at the completion of one after its challenge. */
export const CHARGE_FAULTS = [
  /** The request never reaches the sandbox. */
  "timeout_before",
  /** The sandbox did its work, and its answer is lost. */
  "timeout_after",
  /** The sandbox did its work, and answers when the platform has given up waiting. */
  "late",
  /** The request arrives twice at the same moment. */
  "twice",
] as const;

/** On the way to the receiver of webhooks, at any try. */
const DELIVERY_FAULTS = [
  /** The try is not made, and counts as failed. */
  "drop",
  /** The receiver gets it twice at the same moment. */
  "double",
  /** It is sent later, and the payment's later events after it. */
  "delay",
  /** It arrives after the next one to the same endpoint. */
  "swap",
] as const;

/** At a refund that is sent to the sandbox. */
const REFUND_FAULTS = [
  /** The sandbox says no, and no money moves. */
  "refuse",
] as const;

export const FAULTS_OF = { charge: CHARGE_FAULTS, refund: REFUND_FAULTS, delivery: DELIVERY_FAULTS } as const;
export const FAULT_TARGETS = ["charge", "refund", "delivery"] as const;
export const ALL_FAULTS = [...CHARGE_FAULTS, ...REFUND_FAULTS, ...DELIVERY_FAULTS] as const;

/** How much of something one request may ask for. */
export const REQUEST_LIMITS = {
  /** Ten years: further is a mistake in the unit. */
  clockDays: 3_660,
  /** How many calls or tries one fault may be armed for. */
  faultCount: 100,
  /** Rows of one page, and where none is named. */
  pageRows: 100,
  pageRowsByDefault: 20,
} as const;
