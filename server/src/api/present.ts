/** How the books look on the wire: the document's fields, and those beyond it (contract sections 2 and 6). */
import type { CheckoutView, DeclineReason } from "@mintro/contract/checkout";
import { formatInstant } from "../base/instant.ts";
import type { Account } from "../domain/account.ts";
import { cycleDueAt } from "../domain/billing-cycle.ts";
import { type Charge, failureText } from "../domain/charge.ts";
import { withRawField } from "../domain/event.ts";
import {
  type IntentId,
  type SubscriptionId,
  showChargeId,
  showCustomerId,
  showIntentId,
  showRefundId,
  showSubscriptionId,
} from "../domain/ids.ts";
import type { Intent } from "../domain/intent.ts";
import { formatMinor } from "../domain/money.ts";
import type { Refund } from "../domain/refund.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { ListedIntent, ShownIntent } from "../flows/intents/show.ts";
import type { Customer } from "../store/customers.ts";

/** The answer to a creation. JSON text. */
export function presentCreated(intent: Intent, paymentUrl: string): string {
  const { facts } = intent;
  return JSON.stringify({
    intent_id: showIntentId(facts.intentId),
    status: intent.status,
    amount: formatMinor(facts.amount, facts.currency),
    payment_url: paymentUrl,
  });
}

export function presentIntent(shown: ShownIntent, paymentUrl: string): string {
  return intentJson(shown, paymentUrl, { charges: shown.charges.map(presentCharge) });
}

/** Without its charges. */
export function presentListedIntent(listed: ListedIntent, paymentUrl: string): string {
  return intentJson(listed, paymentUrl, {});
}

function intentJson(
  { intent, subscriptionId }: ListedIntent,
  paymentUrl: string,
  more: { charges?: readonly unknown[] },
): string {
  const { facts } = intent;
  const fields = {
    intent_id: showIntentId(facts.intentId),
    reference_id: facts.referenceId,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    status: intent.status,
    payment_url: paymentUrl,
    type: facts.intervalDays === null ? "one_time" : "recurring",
    interval_days: facts.intervalDays,
    expires_at: formatInstant(facts.expiresAt),
    tax: formatMinor(facts.tax, facts.currency),
    discount: formatMinor(facts.discount, facts.currency),
    order_items: JSON.parse(facts.orderItems) as unknown,
    integration_type: facts.integration.type,
    success_url: facts.integration.successUrl,
    cancel_url: facts.integration.cancelUrl,
    customer: {
      customer_id: showCustomerId(facts.customerId),
      customer_ref_id: facts.customerRefId,
      email: facts.email,
      name: facts.name,
    },
    subscription_id: subscriptionId && showSubscriptionId(subscriptionId),
    ...more,
    created_at: formatInstant(facts.createdAt),
  };
  return withRawField(fields, "metadata", facts.metadata);
}

function presentCharge(charge: Charge) {
  const { facts } = charge;
  return {
    charge_id: showChargeId(facts.chargeId),
    status: charge.status,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    amount_refunded: formatMinor("refunded" in charge ? charge.refunded : 0n, facts.currency),
    cycle: facts.cycle,
    card: {
      brand: facts.card.brand,
      last4: facts.card.last4,
      exp_month: facts.card.expMonth,
      exp_year: facts.card.expYear,
    },
    failure_code: charge.status === "failed" ? charge.reason : null,
    failure_message: charge.status === "failed" ? failureText(charge.reason) : null,
    created_at: formatInstant(facts.createdAt),
  };
}

export function presentCustomer(customer: Customer): string {
  return JSON.stringify({
    customer_id: showCustomerId(customer.customerId),
    customer_ref_id: customer.customerRefId,
    email: customer.email,
    name: customer.name,
    created_at: formatInstant(customer.createdAt),
  });
}

export function presentRefund(refund: Refund): string {
  const { facts } = refund;
  return JSON.stringify({
    refund_id: showRefundId(facts.refundId),
    intent_id: showIntentId(facts.intentId),
    charge_id: showChargeId(facts.chargeId),
    status: refund.status,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    reason: facts.reason,
    failure_message: refund.status === "failed" ? refund.failure : null,
    created_at: formatInstant(facts.createdAt),
  });
}

export function presentCancelledIntent(intentId: IntentId): string {
  return JSON.stringify({ intent_id: showIntentId(intentId), status: "cancelled" });
}

export function presentCancelledSubscription(subscriptionId: SubscriptionId): string {
  return JSON.stringify({ subscription_id: showSubscriptionId(subscriptionId), status: "cancelled" });
}

export function presentSubscription(subscription: Subscription): string {
  const { facts, currentCycle } = subscription;
  const alive = subscription.status === "active" || subscription.status === "past_due";
  const { dueAt } = alive ? subscription.next : { dueAt: null };
  const cycleStart = cycleDueAt({
    anchor: facts.anchorAt,
    intervalDays: facts.intervalDays,
    cycle: currentCycle,
  });
  return JSON.stringify({
    subscription_id: showSubscriptionId(facts.subscriptionId),
    intent_id: showIntentId(facts.intentId),
    customer_id: showCustomerId(facts.customerId),
    status: subscription.status,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    interval_days: facts.intervalDays,
    current_cycle: currentCycle,
    current_cycle_started_at: formatInstant(cycleStart),
    next_charge_at: dueAt && formatInstant(dueAt),
    card: {
      brand: facts.card.brand,
      last4: facts.card.last4,
      exp_month: facts.card.expMonth,
      exp_year: facts.card.expYear,
    },
    anchor_at: formatInstant(facts.anchorAt),
    created_at: formatInstant(facts.createdAt),
    cancelled_at: subscription.status === "cancelled" ? formatInstant(subscription.cancelledAt) : null,
  });
}

export function presentClock(now: string, done?: boolean): string {
  return JSON.stringify(done === undefined ? { now } : { now, done });
}

/** What the checkout page shows. */
export function presentCheckout(
  account: Account,
  shown: { readonly intent: Intent; readonly charge: Charge | null },
  postTo: readonly string[],
): CheckoutView {
  const { intent, charge } = shown;
  const { facts } = intent;
  const money = (minor: bigint) => formatMinor(minor, facts.currency);
  const isUrl = facts.integration.type === "url";
  const back = (url: string | null, status: string) =>
    isUrl && url !== null ? withResult(url, intent, status) : null;
  return {
    status: intent.status,
    intent_id: showIntentId(facts.intentId),
    reference_id: facts.referenceId,
    integration_type: facts.integration.type,
    merchant: account.name,
    test_mode: account.mode === "test",
    amount: money(facts.amount),
    tax: money(facts.tax),
    discount: money(facts.discount),
    currency: facts.currency,
    items: JSON.parse(facts.orderItems) as CheckoutView["items"],
    interval_days: facts.intervalDays,
    customer: { name: facts.name, email: facts.email },
    success_url: back(facts.integration.successUrl, "succeeded"),
    cancel_url: back(facts.integration.cancelUrl, "canceled"),
    post_to: isUrl ? [] : postTo,
    challenge_url:
      intent.status === "requires_action" && charge?.status === "requires_action"
        ? charge.challengeUrl
        : null,
    last_failure: lastFailure(intent, charge),
    card: charge && { brand: charge.facts.card.brand, last4: charge.facts.card.last4 },
    expires_at: formatInstant(facts.expiresAt),
  };
}

function lastFailure(intent: Intent, charge: Charge | null): CheckoutView["last_failure"] {
  if (charge?.status !== "failed") return null;
  if (intent.status !== "requires_payment" && intent.status !== "failed") return null;
  const { reason } = charge;
  if (reason === "canceled" || reason === "expired") return null;
  return { charge_id: showChargeId(charge.facts.chargeId), reason: reason satisfies DeclineReason };
}

/** The merchant's URL as given, with what happened added to its query. */
export function withResult(url: string, intent: Intent, status: string): string {
  const { intentId, referenceId } = intent.facts;
  const added = new URLSearchParams({ intent_id: showIntentId(intentId), reference_id: referenceId, status });
  const [address = "", ...fragment] = url.split("#");
  const joint = address.includes("?") ? (/[?&]$/.test(address) ? "" : "&") : "?";
  return `${address}${joint}${added.toString()}${fragment.length > 0 ? `#${fragment.join("#")}` : ""}`;
}
