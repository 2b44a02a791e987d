/** What the guide to subscriptions shows: starting one, and who has access when. */
import type { Mintro, Subscription } from "@mintro/sdk";

export async function join(
  mintro: Mintro,
  member: { id: string; email: string; name: string },
): Promise<string> {
  const intent = await mintro.intents.create({
    amount: 15,
    currency: "USD",
    intent_type: "recurring",
    interval_days: 30,
    email: member.email,
    name: member.name,
    reference_id: `MEMBER-${member.id}`,
    customer_ref_id: member.id,
    integration_type: "iframe",
    order_items: [{ name: "Membership", quantity: 1, price: 15 }],
  });
  return intent.payment_url;
}

export function hasAccess(subscription: Subscription): boolean {
  return subscription.status === "active" || subscription.status === "past_due";
}
