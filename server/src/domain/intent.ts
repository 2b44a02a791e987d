/**
 * A payment intent and its arrows. `requires_payment → processing → succeeded`, with these ways round:
 *
 *   requires_payment → processing        the customer pays: a charge is written (start)
 *   processing → requires_action         the processor wants a challenge (challenge)
 *   requires_action → processing         the customer came back from it (resume)
 *   processing → succeeded               the money moved (succeed)
 *   processing | requires_action → requires_payment, or failed at the tenth   (decline)
 *   requires_payment | requires_action → cancelled | expired                  (cancel, expire)
 *
 * Each function is one arrow: it takes the state it may start from and gives the state it leads to; the store writes it
 * as compare-and-set. Source: contract section 2, "Statuses".
 */
import type { CreateIntentInput } from "@mintro/contract/create-intent";
import { type Instant, plusDays } from "../base/instant.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { AccountId, ChargeId, CustomerId, IntentId } from "./ids.ts";
import type { Currency } from "./money.ts";

export const MAX_FAILED_CHARGES = 10;
export const INTENT_LIFETIME_DAYS = 1;

/** What never changes after creation. Amounts are minor units of `currency`; metadata and items are JSON texts. */
export type IntentFacts = {
  readonly accountId: AccountId;
  readonly intentId: IntentId;
  readonly paySecret: Buffer;
  readonly customerId: CustomerId;
  readonly customerRefId: string | null;
  readonly referenceId: string;
  readonly email: string;
  readonly name: string;
  readonly integration:
    | { readonly type: "iframe"; readonly successUrl: string | null; readonly cancelUrl: string | null }
    | { readonly type: "url"; readonly successUrl: string; readonly cancelUrl: string };
  readonly intervalDays: number | null;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly tax: bigint;
  readonly discount: bigint;
  readonly orderItems: string;
  readonly metadata: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
};

type Common = { readonly facts: IntentFacts; readonly failedCharges: number };
export type Payable = Common & { readonly status: "requires_payment" };
export type Processing = Common & { readonly status: "processing"; readonly chargeId: ChargeId };
export type RequiresAction = Common & { readonly status: "requires_action"; readonly chargeId: ChargeId };
export type Succeeded = Common & {
  readonly status: "succeeded";
  readonly chargeId: ChargeId;
  readonly paidAt: Instant;
};
export type Ended = Common & { readonly status: "failed" | "cancelled" | "expired" };
export type Intent = Payable | Processing | RequiresAction | Succeeded | Ended;
export type IntentStatus = Intent["status"];

export function createIntent(
  input: CreateIntentInput,
  born: {
    accountId: AccountId;
    intentId: IntentId;
    customerId: CustomerId;
    paySecret: Buffer;
    now: Instant;
  },
): Payable {
  return {
    status: "requires_payment",
    failedCharges: 0,
    facts: {
      accountId: born.accountId,
      intentId: born.intentId,
      paySecret: born.paySecret,
      customerId: born.customerId,
      customerRefId: input.customer_ref_id,
      referenceId: input.reference_id,
      email: input.email,
      name: input.name,
      integration: integrationOf(input),
      intervalDays: input.interval_days,
      currency: input.currency,
      amount: input.amount,
      tax: input.tax,
      discount: input.discount,
      orderItems: input.order_items_json,
      metadata: input.metadata_json,
      createdAt: born.now,
      expiresAt: plusDays(born.now, INTENT_LIFETIME_DAYS),
    },
  };
}

function integrationOf(input: CreateIntentInput): IntentFacts["integration"] {
  return input.integration_type === "url"
    ? { type: "url", successUrl: input.success_url, cancelUrl: input.cancel_url }
    : { type: "iframe", successUrl: input.success_url, cancelUrl: input.cancel_url };
}

export function startCharge(intent: Payable, chargeId: ChargeId): Processing {
  return { ...intent, status: "processing", chargeId };
}

export function challenge(intent: Processing): RequiresAction {
  return { ...intent, status: "requires_action" };
}

export function resume(intent: RequiresAction): Processing {
  return { ...intent, status: "processing" };
}

export function succeed(intent: Processing | RequiresAction, paidAt: Instant): Succeeded {
  return { ...intent, status: "succeeded", paidAt };
}

/** A refused charge: the customer may try again, until the tenth. */
export function decline(intent: Processing | RequiresAction): Payable | Ended {
  const { facts } = intent;
  const failedCharges = intent.failedCharges + 1;
  return failedCharges >= MAX_FAILED_CHARGES
    ? { facts, failedCharges, status: "failed" }
    : { facts, failedCharges, status: "requires_payment" };
}

export type CannotCancelIntent = { readonly kind: "intent_not_cancellable"; readonly status: IntentStatus };

/** Ok with null: it is cancelled already, and nothing more happens. */
export function cancelIntent(intent: Intent): Result<Ended | null, CannotCancelIntent> {
  switch (intent.status) {
    case "requires_payment":
    case "requires_action":
      return ok({ facts: intent.facts, failedCharges: intent.failedCharges, status: "cancelled" });
    case "cancelled":
      return ok(null);
    case "processing":
    case "succeeded":
    case "failed":
    case "expired":
      return fail({ kind: "intent_not_cancellable", status: intent.status });
  }
}

/** Null: its time is not up, or it has ended otherwise. */
export function expire(intent: Intent, now: Instant): Ended | null {
  if (intent.status !== "requires_payment" && intent.status !== "requires_action") return null;
  if (now < intent.facts.expiresAt) return null;
  return { facts: intent.facts, failedCharges: intent.failedCharges, status: "expired" };
}
