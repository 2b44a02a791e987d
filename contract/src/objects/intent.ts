/** Intents and their charges, as answers show them (contract section 2; the document, "Get Payment Intent"). */
import { z } from "zod";
import { CHARGE_STATUSES, FAILURE_CODES, INTENT_STATUSES } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { chargeId, currency, id, instant, money, said } from "./said.ts";

const intentId = () => id("pi_", "The intent.", EXAMPLE.intent);
const status = () =>
  said(
    z.enum(INTENT_STATUSES),
    "`requires_payment`: the customer may pay, after a declined charge again. `processing`: a charge is under way, or its outcome is being found out. `requires_action`: a 3-D Secure challenge is open. `succeeded`: paid. `failed`: ten charges were declined. `cancelled`: you cancelled it. `expired`: nobody paid within 24 hours.",
    "succeeded",
  );
const paymentUrl = () =>
  said(
    z.url(),
    "The checkout page of this intent. Whoever has it can see and pay this one intent.",
    EXAMPLE.paymentUrl,
  );
const amount = () => money("What the customer pays, in the currency's digits.", "80.00");

export const CreatedIntent = z
  .strictObject({
    intent_id: intentId(),
    status: said(z.enum(INTENT_STATUSES), "A new intent waits for its payment.", "requires_payment"),
    amount: amount(),
    payment_url: paymentUrl(),
  })
  .meta({ id: "CreatedIntent", description: "A new intent, and the link to send the customer to." });

export const OrderItem = z
  .strictObject({
    name: said(z.string(), "What is sold.", "Product 1"),
    quantity: said(z.int().min(1), "How many of it.", 1),
    price: money("The price of one.", "50.00"),
  })
  .meta({ id: "OrderItem", description: "One item of what the customer buys." });

export const Card = z
  .strictObject({
    brand: said(z.string(), "The card's brand, in small letters.", "visa"),
    last4: said(z.string().regex(/^\d{4}$/), "The last four digits of its number.", "4242"),
    exp_month: said(z.int().min(1).max(12), "The month in which it expires.", 12),
    exp_year: said(z.int(), "The year in which it expires.", 2040),
  })
  .meta({ id: "Card", description: "What may be shown of a card. Numbers and codes are never stored." });

/** What a charge or subscription takes its money from: one of the two. */
export const method = {
  card: said(Card.nullable(), "The card that pays; null where a wallet does.", {
    brand: "visa",
    last4: "4242",
    exp_month: 12,
    exp_year: 2040,
  }),
  wallet: said(
    z.string().nullable(),
    "The wallet that pays, such as `PayPal`; null where a card does.",
    null,
  ),
};

export const Charge = z
  .strictObject({
    charge_id: chargeId(),
    status: said(
      z.enum(CHARGE_STATUSES),
      "`pending`: sent, and the outcome not known yet. `requires_action`: a challenge is open. `succeeded`: the money moved. `failed`: it did not. `late`: it moved after the attempt had been given up, and goes back by itself.",
      "succeeded",
    ),
    amount: money("What was charged.", "80.00"),
    currency: currency(),
    amount_refunded: money("What was refunded of it, refunds under way included.", "0.00"),
    cycle: said(z.int().min(0), "0 for the first payment; a subscription's renewals count from 1.", 0),
    ...method,
    failure_code: said(z.enum(FAILURE_CODES).nullable(), "Why it failed; null if it did not.", null),
    failure_message: said(z.string().nullable(), "The same in a sentence.", null),
    created_at: instant("When it was made.", EXAMPLE.paid),
  })
  .meta({ id: "Charge", description: "One attempt to take the money." });

export const IntentCustomer = z
  .strictObject({
    customer_id: id("cus_", "The customer.", EXAMPLE.customer),
    customer_ref_id: said(z.string().nullable(), "Your own id for the customer.", EXAMPLE.customerReference),
    email: said(z.string(), "The e-mail address given with this intent.", "customer@example.com"),
    name: said(z.string(), "The name given with this intent.", "John Doe"),
  })
  .meta({ id: "IntentCustomer", description: "Who pays, as given with this intent." });

const fields = {
  intent_id: intentId(),
  reference_id: said(z.string(), "Your own id for it.", EXAMPLE.reference),
  amount: amount(),
  currency: currency(),
  status: status(),
  payment_url: paymentUrl(),
  type: said(z.enum(["one_time", "recurring"]), "Whether it starts a subscription.", "recurring"),
  interval_days: said(
    z.int().min(1).nullable(),
    "Days from one charge to the next; null for `one_time`.",
    30,
  ),
  expires_at: instant("Until when it can be paid: 24 hours after its creation.", EXAMPLE.expires),
  tax: money("The tax that `amount` holds.", "10.00"),
  discount: money("The discount that was taken off `amount`.", "5.00"),
  order_items: said(z.array(OrderItem), "What the customer buys.", [
    { name: "Product 1", quantity: 1, price: "50.00" },
  ]),
  integration_type: said(
    z.enum(["iframe", "url"]),
    "Whether the page stays in your frame, or the customer is sent back to you.",
    "iframe",
  ),
  success_url: said(
    z.string().nullable(),
    "Where the customer goes after paying.",
    "https://example.com/success",
  ),
  cancel_url: said(z.string().nullable(), "Where the customer goes on Cancel.", "https://example.com/cancel"),
  customer: IntentCustomer,
  subscription_id: said(
    z.string().nullable(),
    "The subscription that it started, once its first payment succeeded.",
    EXAMPLE.subscription,
  ),
};
const created_at = instant("When it was created.");
const metadata = said(z.record(z.string(), z.unknown()), "What you gave at its creation, untouched.", {
  internal_id: "999",
});

export const ListedIntent = z
  .strictObject({ ...fields, created_at, metadata })
  .meta({ id: "ListedIntent", description: "An intent in a list: all of it but its charges." });

export const Intent = z
  .strictObject({
    ...fields,
    charges: z.array(Charge).meta({ description: "The newest 100, a subscription's renewals among them." }),
    created_at,
    metadata,
  })
  .meta({ id: "Intent", description: "A payment intent." });

export const CancelledIntent = z
  .strictObject({
    intent_id: intentId(),
    status: said(z.literal("cancelled"), "It is cancelled.", "cancelled"),
  })
  .meta({ id: "CancelledIntent", description: "What a cancel answers." });
