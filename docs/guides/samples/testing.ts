/** What the guide to testing shows of a shop's own test: a subscription whose renewal fails, in a second. */
import { Mintro, type Subscription } from "@mintro/sdk";

const mintro = new Mintro({
  baseUrl: process.env["MINTRO_URL"] ?? "http://localhost:3000",
  clientId: process.env["MINTRO_CLIENT_ID"] ?? "",
  clientSecret: process.env["MINTRO_CLIENT_SECRET"] ?? "",
});

/** As the checkout page does it. The request is the page's own, so it may change. */
export async function payAsCustomer(paymentUrl: string, number: string): Promise<void> {
  const card = { name: "John Doe", number, expiry: "12/40", cvc: "123" };
  const answer = await fetch(`${paymentUrl}/pay`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(card),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

export async function renewalThatFails(id: string, url: string): Promise<Subscription> {
  await payAsCustomer(url, "4000000000000341"); // succeeds once
  await mintro.test.clock.advance({ seconds: 30 * 86_400 });
  const { subscription_id: subscription } = await mintro.intents.get(id);
  return await mintro.subscriptions.get(subscription ?? ""); // past_due
}

export async function receiverThatMissesOne(): Promise<void> {
  await mintro.test.faults.arm({ target: "delivery", fault: "drop" });
}
