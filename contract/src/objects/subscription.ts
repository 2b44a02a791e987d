/** Subscriptions, as answers show them (contract sections 4 and 6). */
import { z } from "zod";
import { SUBSCRIPTION_STATUSES } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { method } from "./intent.ts";
import { currency, id, instant, instantOrNull, money, said } from "./said.ts";

const subscriptionId = () => id("sub_", "The subscription.", EXAMPLE.subscription);

export const Subscription = z
  .strictObject({
    subscription_id: subscriptionId(),
    intent_id: id("pi_", "The recurring intent that started it.", EXAMPLE.intent),
    customer_id: id("cus_", "Who pays.", EXAMPLE.customer),
    status: said(
      z.enum(SUBSCRIPTION_STATUSES),
      "`active`: paid. `past_due`: a renewal failed and is tried again. `unpaid`: the last try failed, and no further charge is made. `cancelled`: you ended it.",
      "active",
    ),
    amount: money("What each cycle costs.", "80.00"),
    currency: currency(),
    interval_days: said(z.int().min(1), "Days from one charge to the next.", 30),
    current_cycle: said(z.int().min(0), "The newest cycle that was paid; 0 is the first payment.", 1),
    current_cycle_started_at: instant("When that cycle began.", EXAMPLE.later),
    next_charge_at: instantOrNull(
      "The next try; null while a charge is under way, and when none will follow.",
      "2027-01-22T03:39:24.715903Z",
    ),
    ...method,
    anchor_at: instant("The first success, from which all cycles count.", EXAMPLE.paid),
    created_at: instant("When it was created.", EXAMPLE.paid),
    cancelled_at: instantOrNull("When it was cancelled; null if it was not."),
  })
  .meta({ id: "Subscription", description: "A recurring payment." });

export const CancelledSubscription = z
  .strictObject({
    subscription_id: subscriptionId(),
    status: said(z.literal("cancelled"), "It is cancelled.", "cancelled"),
  })
  .meta({ id: "CancelledSubscription", description: "What a cancel answers." });
