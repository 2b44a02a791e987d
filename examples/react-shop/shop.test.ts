/**
 * The React example in a real Chromium against the platform itself: as `vite build` makes it, and as `vite` serves it in
 * development, where StrictMode mounts everything twice.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FrameLocator, Page } from "playwright-core";
import { build, createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { payButton } from "../../server/test/browser/customer.ts";
import { payInEmbed, press } from "../../server/test/browser/embed-shop.ts";
import { barriersOf, useExampleShop } from "../../server/test/browser/example-shop.ts";
import { useStage } from "../../server/test/browser/stage.ts";
import { CARDS, eventually } from "../../server/test/support/platform.ts";
import { scratchParent } from "../../server/test/support/scratch.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const DELIVERED = "Your coffee is on its way.";
const NOT_PAID = "You have not paid, and nothing was charged.";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(await scratchParent(), "mintro-react-shop-"));
  await build({ root: ROOT, logLevel: "warn", build: { outDir: join(folder, "dist"), emptyOutDir: false } });
});
afterAll(() => rm(folder, { recursive: true }));

const stage = useStage();
const shop = useExampleShop(stage, "examples/react-shop/server/main.ts", () => ({
  SHOP_PAGES: join(folder, "dist"),
}));

const PLACES = ["on this page", "in a dialog"] as const;
type Place = (typeof PLACES)[number];

/** Opens the shop, chooses a coffee, and has the checkout shown. */
async function order(page: Page, place: Place, url = shop.url): Promise<FrameLocator> {
  await page.goto(url);
  await page.getByLabel("Noon").check();
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByRole("button", { name: `Pay ${place}` }).click();
  const checkout = page.frameLocator("iframe");
  await payButton(checkout).waitFor();
  return checkout;
}

async function newestIntent() {
  const [intent] = await shop.intents();
  return await shop.merchant.intent(intent.intent_id);
}

describe.each(PLACES)("a checkout %s", (place) => {
  test("takes the payment, and the order is delivered by the webhook", async () => {
    const page = await shop.visit();
    const checkout = await order(page, place);
    await payInEmbed(checkout);
    await page.getByText(DELIVERED).waitFor();
    expect(await page.locator("iframe").count()).toBe(0);
    const intent = await newestIntent();
    expect(intent).toMatchObject({ amount: "13.50", status: "succeeded" });
    expect(shop.deliveriesOf(intent.reference_id)).toBe(1);
    await page.getByRole("button", { name: "Order something else" }).click();
    await page.getByRole("button", { name: `Pay ${place}` }).waitFor();
  });

  test("that is cancelled leaves no open payment behind, and the next order is another one", async () => {
    const page = await shop.visit();
    const checkout = await order(page, place);
    await press(checkout.getByRole("button", { name: "Cancel" }));
    await page.getByText(NOT_PAID).waitFor();
    expect(await page.locator("iframe").count()).toBe(0);
    const cancelled = await newestIntent();
    await eventually(async () => (await shop.merchant.intent(cancelled.intent_id)).status === "cancelled");
    expect(await page.getByLabel("Name").inputValue()).toBe("Grace Hopper");
    await page.getByRole("button", { name: `Pay ${place}` }).click();
    await payInEmbed(checkout);
    await page.getByText(DELIVERED).waitFor();
    expect((await newestIntent()).intent_id).not.toBe(cancelled.intent_id);
    expect(shop.deliveriesOf(cancelled.reference_id)).toBe(0);
  });

  test("that is declined stays, takes the next card, and delivers once", async () => {
    const page = await shop.visit();
    const checkout = await order(page, place);
    await payInEmbed(checkout, CARDS.declined);
    await checkout.getByRole("alert").getByText("Your card was declined.").waitFor();
    const { intent_id, reference_id } = await newestIntent();
    await shop.thanked(intent_id, "payment.failed");
    expect(shop.deliveriesOf(reference_id)).toBe(0);
    await payInEmbed(checkout);
    await page.getByText(DELIVERED).waitFor();
    expect(shop.deliveriesOf(reference_id)).toBe(1);
  });

  test("survives the error of a form that is filled in wrongly", async () => {
    const page = await shop.visit();
    const checkout = await order(page, place);
    await press(payButton(checkout));
    await checkout.getByText("Enter the card number.").first().waitFor();
    await payInEmbed(checkout);
    await page.getByText(DELIVERED).waitFor();
  });
});

test("a dialog that is closed cancels the order, and gives the focus back", async () => {
  const page = await shop.visit();
  await order(page, "in a dialog");
  await page.getByRole("button", { name: "Close" }).press("Enter");
  await page.getByText(NOT_PAID).waitFor();
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Pay in a dialog");
});

test("a webhook that comes twice delivers once", async () => {
  const page = await shop.visit();
  const checkout = await order(page, "on this page");
  await shop.merchant.post("/test/faults", { target: "delivery", fault: "double" });
  await payInEmbed(checkout);
  await page.getByText(DELIVERED).waitFor();
  const { intent_id, reference_id } = await newestIntent();
  const { event_id } = await shop.thanked(intent_id, "payment.succeeded");
  await shop.merchant.post(`/events/${event_id}/redeliver`);
  await shop.thanked(intent_id, "payment.succeeded", 2);
  expect(shop.deliveriesOf(reference_id)).toBe(1);
});

test("a message that says success delivers nothing", async () => {
  const page = await shop.visit();
  await order(page, "on this page");
  const { reference_id, intent_id } = await newestIntent();
  const forged = { event: "payment.success", message: "", intent_id, client_reference_id: reference_id };
  await page.evaluate(`postMessage(${JSON.stringify({ ...forged, status: "succeeded" })}, "*")`);
  const answer = await fetch(`${shop.url}/api/orders/${reference_id}`);
  expect(await answer.json()).toEqual({ status: "requires_payment", delivered: false });
  expect(await page.locator("iframe").count()).toBe(1);
});

test("what the API refuses is told in its own words, and the form keeps what was typed", async () => {
  shop.expectComplaint(/422/);
  const page = await shop.visit();
  await page.goto(shop.url);
  await page.evaluate("document.querySelector('form').noValidate = true");
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.getByLabel("E-mail").fill("grace@-");
  await page.getByRole("button", { name: "Pay on this page" }).click();
  await page.getByRole("alert").getByText("The email must be a valid email address.").waitFor();
  expect(await page.getByLabel("Name").inputValue()).toBe("Grace Hopper");
});

test("a price that the browser names counts for nothing", async () => {
  const answer = await fetch(`${shop.url}/api/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id: crypto.randomUUID(),
      product: "dusk",
      price: "0.01",
      amount: "0.01",
      name: "Eve",
      email: "eve@example.com",
    }),
  });
  expect(answer.status).toBe(200);
  expect((await newestIntent()).amount).toBe("12.00");
});

describe("in development", () => {
  let vite: ViteDevServer;
  beforeAll(async () => {
    vite = await createServer({
      root: ROOT,
      logLevel: "warn",
      cacheDir: join(folder, "cache"),
      server: { host: "127.0.0.1", port: 0, proxy: { "/api": shop.url }, watch: null, ws: false },
    });
    await vite.listen();
  });
  afterAll(() => vite.close());

  test.each(PLACES)("the checkout %s is mounted once where StrictMode mounts twice", async (place) => {
    const { port } = vite.config.server;
    const address = vite.httpServer?.address();
    const url = `http://127.0.0.1:${address && typeof address === "object" ? address.port : port}`;
    const page = await shop.visit();
    const checkout = await order(page, place, url);
    expect(await page.locator("iframe").count()).toBe(1);
    await payInEmbed(checkout);
    await page.getByText(DELIVERED).waitFor();
    expect(shop.deliveriesOf((await newestIntent()).reference_id)).toBe(1);
  });
});

test.each(["light", "dark"] as const)("no barrier is found on any page in %s", async (colorScheme) => {
  const page = await shop.visit({ colorScheme, viewport: { width: 320, height: 640 } });
  await page.goto(shop.url);
  await page.getByLabel("Name").waitFor();
  expect(await barriersOf(page), "choosing").toEqual([]);
  const checkout = await order(page, "on this page");
  expect(await barriersOf(page), "paying").toEqual([]);
  await payInEmbed(checkout);
  await page.getByText(DELIVERED).waitFor();
  expect(await barriersOf(page), "ordered").toEqual([]);
});
