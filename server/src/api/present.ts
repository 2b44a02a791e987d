/** How the books look on the wire: the document's fields, and those beyond it (contract sections 2 and 6). */
import type { CheckoutView, DeclineReason } from "@mintro/contract/checkout";
import type * as customers from "@mintro/contract/objects/customer";
import type * as intents from "@mintro/contract/objects/intent";
import type * as refunds from "@mintro/contract/objects/refund";
import type { Wire } from "@mintro/contract/objects/said";
import type * as subscriptions from "@mintro/contract/objects/subscription";
import type * as testMode from "@mintro/contract/objects/test-mode";
import { formatInstant } from "../base/instant.ts";
import type { Account } from "../domain/account.ts";
import { cycleDueAt } from "../domain/billing-cycle.ts";
import { type Charge, failureText, type PaymentMethod } from "../domain/charge.ts";
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
  const created: Wire<typeof intents.CreatedIntent> = {
    intent_id: showIntentId(facts.intentId),
    status: intent.status,
    amount: formatMinor(facts.amount, facts.currency),
    payment_url: paymentUrl,
  };
  return JSON.stringify(created);
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
  more: { readonly charges?: Wire<typeof intents.Intent>["charges"] },
): string {
  const { facts } = intent;
  const fields: Omit<Wire<typeof intents.ListedIntent>, "metadata"> & typeof more = {
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
    order_items: JSON.parse(facts.orderItems) as Wire<typeof intents.OrderItem>[],
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

function presentCharge(charge: Charge): Wire<typeof intents.Charge> {
  const { facts } = charge;
  return {
    charge_id: showChargeId(facts.chargeId),
    status: charge.status,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    amount_refunded: formatMinor("refunded" in charge ? charge.refunded : 0n, facts.currency),
    cycle: facts.cycle,
    ...presentMethod(facts.method),
    failure_code: charge.status === "failed" ? charge.reason : null,
    failure_message: charge.status === "failed" ? failureText(charge.reason) : null,
    created_at: formatInstant(facts.createdAt),
  };
}

function presentMethod(method: PaymentMethod): Pick<Wire<typeof intents.Charge>, "card" | "wallet"> {
  if (method.kind === "wallet") return { card: null, wallet: method.name };
  const { brand, last4, expMonth, expYear } = method;
  return { card: { brand, last4, exp_month: expMonth, exp_year: expYear }, wallet: null };
}

export function presentCustomer(customer: Customer): string {
  const fields: Wire<typeof customers.Customer> = {
    customer_id: showCustomerId(customer.customerId),
    customer_ref_id: customer.customerRefId,
    email: customer.email,
    name: customer.name,
    created_at: formatInstant(customer.createdAt),
  };
  return JSON.stringify(fields);
}

export function presentRefund(refund: Refund): string {
  const { facts } = refund;
  const fields: Wire<typeof refunds.Refund> = {
    refund_id: showRefundId(facts.refundId),
    intent_id: showIntentId(facts.intentId),
    charge_id: showChargeId(facts.chargeId),
    status: refund.status,
    amount: formatMinor(facts.amount, facts.currency),
    currency: facts.currency,
    reason: facts.reason,
    failure_message: refund.status === "failed" ? refund.failure : null,
    created_at: formatInstant(facts.createdAt),
  };
  return JSON.stringify(fields);
}

export function presentCancelledIntent(intentId: IntentId): string {
  const cancelled: Wire<typeof intents.CancelledIntent> = {
    intent_id: showIntentId(intentId),
    status: "cancelled",
  };
  return JSON.stringify(cancelled);
}

export function presentCancelledSubscription(subscriptionId: SubscriptionId): string {
  const cancelled: Wire<typeof subscriptions.CancelledSubscription> = {
    subscription_id: showSubscriptionId(subscriptionId),
    status: "cancelled",
  };
  return JSON.stringify(cancelled);
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
  const fields: Wire<typeof subscriptions.Subscription> = {
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
    ...presentMethod(facts.method),
    anchor_at: formatInstant(facts.anchorAt),
    created_at: formatInstant(facts.createdAt),
    cancelled_at: subscription.status === "cancelled" ? formatInstant(subscription.cancelledAt) : null,
  };
  return JSON.stringify(fields);
}

export function presentClock(now: string): string {
  const clock: Wire<typeof testMode.Clock> = { now };
  return JSON.stringify(clock);
}

export function presentAdvancedClock(now: string, done: boolean): string {
  const clock: Wire<typeof testMode.AdvancedClock> = { now, done };
  return JSON.stringify(clock);
}

/** What the checkout page shows. */
export function presentCheckout(
  account: Account,
  shown: { readonly intent: Intent; readonly charge: Charge | null },
  page: { readonly postTo: readonly string[]; readonly collection: CheckoutView["collection"] },
): CheckoutView {
  const { intent, charge } = shown;
  const { postTo, collection } = page;
  const method = charge ? presentMethod(charge.facts.method) : { card: null, wallet: null };
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
    card: method.card && { brand: method.card.brand, last4: method.card.last4 },
    wallet: method.wallet,
    collection,
    paid_at: intent.status === "succeeded" ? formatInstant(intent.paidAt) : null,
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

/**
 * The merchant's URL as given, with what happened added to its query. Parameters of the same names that the merchant had
 * given go: whoever reads the first of two would take an old one for the result.
 */
function withResult(url: string, intent: Intent, status: string): string {
  const { intentId, referenceId } = intent.facts;
  const result = new URLSearchParams({
    intent_id: showIntentId(intentId),
    reference_id: referenceId,
    status,
  });
  const [address = "", ...fragment] = url.split("#");
  const [path = "", ...query] = address.split("?");
  const pairs = query.join("?").split("&");
  const kept = pairs.filter((pair) => {
    const [name] = new URLSearchParams(pair).keys();
    return name !== undefined && !result.has(name);
  });
  return `${path}?${[...kept, result.toString()].join("&")}${fragment.length > 0 ? `#${fragment.join("#")}` : ""}`;
}
