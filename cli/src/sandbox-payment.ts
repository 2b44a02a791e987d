/**
 * Makes and pays test intents as a customer's browser does: by the checkout page's own request, with the sandbox's cards. That
 * request is the page's and no part of the API; page, server and this command are released together.
 */
import { randomBytes } from "node:crypto";
import type { CheckoutView, PayAnswer } from "@mintro/contract/checkout";
import type { Mintro } from "@mintro/sdk/src/index.ts";
import { Refused, Unreachable } from "./refused.ts";

export type NewIntent = Parameters<Mintro["intents"]["create"]>[0];

export const CARDS = {
  succeeds: "4242424242424242",
  declined: "4000000000000002",
  firstOnly: "4000000000000341",
} as const;

/** A number that was not used before, so that the same command works again and again. */
function newReference(): string {
  return `CLI-${Date.now().toString(36)}-${randomBytes(4).toString("hex")}`.toUpperCase();
}

/** All that an intent needs, with sensible values for what is not in `change`. */
export function exampleIntent(change: Partial<NewIntent> = {}): NewIntent {
  const amount = change.amount ?? "80.00";
  return {
    amount,
    currency: "USD",
    intent_type: "one_time",
    email: "customer@example.com",
    name: "Test Customer",
    reference_id: newReference(),
    integration_type: "iframe",
    order_items: [{ name: "Example item", quantity: 1, price: amount }],
    ...change,
  };
}

/** Pays; throws `Refused` where the page would show that no charge was made. */
export async function payAsCustomer(paymentUrl: string, number: string): Promise<CheckoutView> {
  const year = new Date().getUTCFullYear() + 5;
  const card = { name: "Test Customer", number, expiry: `12/${year}`, cvc: "123" };
  let answer: Response;
  try {
    answer = await fetch(`${paymentUrl}/pay`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(card),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    const { origin } = new URL(paymentUrl);
    throw new Unreachable(
      `The checkout page at ${origin} does not answer. That is where payment links lead: is MINTRO_PUBLIC_URL of this Mintro right?`,
      { cause: error },
    );
  }
  const body = (await answer.json().catch(() => null)) as PayAnswer | { message?: string } | null;
  if (answer.ok && body && "data" in body) return body.data;
  const why = body && "message" in body && body.message ? body.message : `it answered ${answer.status}`;
  throw new Refused(`The checkout page took no payment: ${why}`);
}
