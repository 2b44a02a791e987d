/** What the README shows of the client: a payment link, lists and errors. */
import { Mintro, NotFoundError, ValidationError } from "@mintro/sdk";

const mintro = new Mintro({
  baseUrl: process.env["MINTRO_URL"] ?? "http://localhost:3000",
  clientId: process.env["MINTRO_CLIENT_ID"] ?? "",
  clientSecret: process.env["MINTRO_CLIENT_SECRET"] ?? "",
});

export async function paymentLink(order: { id: string; total: string }): Promise<string> {
  const intent = await mintro.intents.create({
    amount: order.total, // "80.00", or the number 80
    currency: "USD",
    intent_type: "one_time",
    email: "customer@example.com",
    name: "John Doe",
    reference_id: order.id,
    integration_type: "url",
    success_url: "https://shop.example.com/thanks",
    cancel_url: "https://shop.example.com/cart",
    order_items: [{ name: "Product 1", quantity: 1, price: order.total }],
  });
  return intent.payment_url; // send the customer there
}

export async function isPaid(orderId: string): Promise<boolean> {
  try {
    const intent = await mintro.intents.getByReference(orderId);
    return intent.status === "succeeded";
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

export async function latestOrders(): Promise<string[]> {
  const page = await mintro.intents.list({ status: "requires_payment", limit: 10 });
  return page.data.map((intent) => intent.reference_id);
}

export async function itemsSoldSince(day: Date): Promise<number> {
  let count = 0;
  for await (const intent of mintro.intents.list({ status: "succeeded", created_from: day }))
    count += intent.order_items.length;
  return count;
}

export async function wrongFields(orderId: string): Promise<Record<string, readonly string[]>> {
  try {
    await paymentLink({ id: orderId, total: "0" });
    return {};
  } catch (error) {
    if (error instanceof ValidationError) return error.errors; // { amount: ["The amount must be at least 1."] }
    throw error;
  }
}

export async function refundHalf(intentId: string, idempotencyKey: string): Promise<string> {
  // The same key after a crash of yours: one refund, however often it is asked for.
  const refund = await mintro.refunds.create(intentId, { amount: "40.00" }, { idempotencyKey });
  return refund.refund_id;
}

export async function daysThatPass(): Promise<number> {
  const before = await mintro.test.clock.get();
  await mintro.test.clock.advance({ seconds: 30 * 86_400 });
  const after = await mintro.test.clock.get();
  return Math.round((Date.parse(after.now) - Date.parse(before.now)) / 86_400_000);
}
