/** The Express example from its first page to the delivery, in a real Chromium against the platform itself. */
import { signWebhook } from "@mintro/sdk/webhooks";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { heading, payWith } from "../../server/test/browser/customer.ts";
import { barriersOf, useExampleShop } from "../../server/test/browser/example-shop.ts";
import { useStage } from "../../server/test/browser/stage.ts";
import { CARDS, eventually, pay } from "../../server/test/support/platform.ts";

const stage = useStage();
const shop = useExampleShop(stage, "examples/express-shop/src/main.ts");

const press = (page: Page, name: string) => page.getByRole("button", { name }).click();

/** Puts two prints into the cart: $24.00 and $28.50. */
async function fillCart(page: Page): Promise<void> {
  for (const name of ["The lighthouse", "The last ferry"]) {
    await page.goto(shop.url);
    await press(page, `Add to cart: ${name}`);
    await heading(page, "Your cart").waitFor();
  }
}

async function checkOut(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await press(page, "Check out");
  await page.waitForURL(`${stage.platform.url}/pay/**`);
}

/** The newest intent of the shop: the order's id is its reference. */
async function newestIntent() {
  const [intent] = await shop.intents();
  return await shop.merchant.intent(intent.intent_id);
}

test("a customer fills a cart, pays, comes back, and sees the order delivered by the webhook", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await press(page, "One more of The lighthouse");
  await page.getByText("$76.50").waitFor();
  await checkOut(page);
  await payWith(page);
  await page.waitForURL(`${shop.url}/orders/**`);
  await page.getByText("has been delivered to the post").waitFor();
  await heading(page, "Thank you").waitFor();
  const intent = await newestIntent();
  expect(intent).toMatchObject({ amount: "76.50", currency: "USD", status: "succeeded" });
  expect(new URL(page.url()).pathname).toBe(`/orders/${intent.reference_id}`);
  expect(shop.deliveriesOf(intent.reference_id)).toBe(1);
  await page.goto(`${shop.url}/cart`);
  await heading(page, "Your cart is empty").waitFor();
});

test("Cancel charges nothing, and the order can still be paid", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  await press(page, "Cancel");
  await page.waitForURL(`${shop.url}/orders/**`);
  await heading(page, "Not paid yet").waitFor();
  await page.getByRole("link", { name: "Pay now" }).click();
  await payWith(page);
  await page.getByText("has been delivered to the post").waitFor();
  expect(shop.deliveriesOf((await newestIntent()).reference_id)).toBe(1);
});

test("a cancelled order cannot be paid any more, and its cart becomes a new order", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  await press(page, "Cancel");
  await press(page, "Cancel the order");
  await heading(page, "Cancelled").waitFor();
  const cancelled = await newestIntent();
  expect(cancelled.status).toBe("cancelled");
  await page.getByRole("link", { name: "Back to your cart" }).click();
  await checkOut(page);
  const next = await newestIntent();
  expect([next.amount, next.status]).toEqual(["52.50", "requires_payment"]);
  expect(next.intent_id).not.toBe(cancelled.intent_id);
});

test("a declined card delivers nothing, and the next one delivers once", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  await payWith(page, CARDS.declined);
  await page.getByRole("alert").getByText("Your card was declined.").waitFor();
  const { intent_id, reference_id } = await newestIntent();
  await shop.thanked(intent_id, "payment.failed");
  expect(shop.deliveriesOf(reference_id)).toBe(0);
  await payWith(page);
  await page.getByText("has been delivered to the post").waitFor();
  expect(shop.deliveriesOf(reference_id)).toBe(1);
});

test("an address that says succeeded convinces nobody: the order's page asks the API", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  const { intent_id, reference_id } = await newestIntent();
  await page.goto(`${shop.url}/orders/${reference_id}?intent_id=${intent_id}&status=succeeded`);
  await heading(page, "Not paid yet").waitFor();
  expect(shop.deliveriesOf(reference_id)).toBe(0);
});

test("the webhook delivers also when the customer never comes back", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  const { payment_url, reference_id } = await newestIntent();
  await page.close();
  await pay(payment_url);
  await eventually(() => shop.deliveriesOf(reference_id) === 1);
});

test("a webhook that comes twice delivers once", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  const { intent_id, payment_url, reference_id } = await newestIntent();
  await shop.merchant.post("/test/faults", { target: "delivery", fault: "double" });
  await pay(payment_url);
  const { event_id } = await shop.thanked(intent_id, "payment.succeeded");
  await shop.merchant.post(`/events/${event_id}/redeliver`);
  await shop.thanked(intent_id, "payment.succeeded", 2);
  expect(shop.deliveriesOf(reference_id)).toBe(1);
});

test("two clicks on Check out make one order with one payment", async () => {
  const page = await shop.visit();
  await fillCart(page);
  const before = (await shop.intents()).length;
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const click = async () => {
    const answer = await fetch(`${shop.url}/checkout`, {
      method: "POST",
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      body: "name=Ada+Lovelace&email=ada%40example.com",
      redirect: "manual",
    });
    return answer.headers.get("location");
  };
  const [first, second] = await Promise.all([click(), click()]);
  expect(first).toMatch(/\/pay\//);
  expect(second).toBe(first);
  expect(await click()).toMatch(/^\/orders\//); // later: to the order that there is
  expect((await shop.intents()).length).toBe(before + 1);
});

test("a wrong e-mail address is told at its field, in the words of the API", async () => {
  shop.expectComplaint(/422/);
  const page = await shop.visit();
  await fillCart(page);
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@-");
  await page.evaluate("document.querySelector('form.customer').noValidate = true");
  await press(page, "Check out");
  await page.getByText("The email must be a valid email address.").waitFor();
  expect(await page.getByLabel("E-mail").getAttribute("aria-invalid")).toBe("true");
  await checkOut(page);
});

test("what is not signed, or with another secret, delivers nothing", async () => {
  const page = await shop.visit();
  await fillCart(page);
  await checkOut(page);
  const { intent_id, reference_id } = await newestIntent();
  const event = { event: "payment.succeeded", intent_id, charge_id: 1, metadata: {} } as const;
  const signed = signWebhook({ event, secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` });
  const post = (init: RequestInit) => fetch(`${shop.url}/webhooks`, { method: "POST", ...init });
  expect((await post(signed)).status).toBe(400);
  expect((await post({ body: JSON.stringify(event) })).status).toBe(400);
  expect(shop.deliveriesOf(reference_id)).toBe(0);
});

test("nothing that a customer types becomes anything but text", async () => {
  shop.expectComplaint(/422/);
  const page = await shop.visit();
  await fillCart(page);
  await page.getByLabel("Name").fill('"><script>document.title = "broken"</script>');
  await page.getByLabel("E-mail").fill('"><img>@-');
  await page.evaluate("document.querySelector('form.customer').noValidate = true");
  await press(page, "Check out");
  await page.getByText("must be a valid email address").waitFor();
  expect(await page.title()).toBe("Your cart · Harbour Prints");
  expect(await page.locator("main img").count()).toBe(2);
});

test.each(["light", "dark"] as const)("no barrier is found on any page in %s", async (colorScheme) => {
  const page = await shop.visit({ colorScheme, viewport: { width: 320, height: 640 } });
  await page.goto(shop.url);
  expect(await barriersOf(page), "products").toEqual([]);
  await fillCart(page);
  expect(await barriersOf(page), "cart").toEqual([]);
  await checkOut(page);
  await press(page, "Cancel");
  await heading(page, "Not paid yet").waitFor();
  expect(await barriersOf(page), "order").toEqual([]);
});
