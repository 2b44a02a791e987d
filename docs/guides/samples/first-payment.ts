/** What the guide to a first payment shows of a shop's server. */
import { Mintro } from "@mintro/sdk";

const mintro = new Mintro({
  baseUrl: process.env["MINTRO_URL"] ?? "http://localhost:3000",
  clientId: process.env["MINTRO_CLIENT_ID"] ?? "",
  clientSecret: process.env["MINTRO_CLIENT_SECRET"] ?? "",
});

export async function checkOut(orderId: string): Promise<string> {
  const intent = await mintro.intents.create({
    amount: 80,
    currency: "USD",
    intent_type: "one_time",
    email: "customer@example.com",
    name: "John Doe",
    reference_id: orderId,
    integration_type: "url",
    success_url: "https://example.com/success",
    cancel_url: "https://example.com/cancel",
    tax: 5,
    metadata: { cart: "17" },
    order_items: [{ name: "Product 1", quantity: 3, price: 25 }],
  });
  return intent.payment_url; // redirect the customer there
}

export async function isPaid(orderId: string): Promise<boolean> {
  const intent = await mintro.intents.getByReference(orderId);
  return intent.status === "succeeded";
}
