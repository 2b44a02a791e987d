/** The samples of the guide to the checkout on a page: they stand in it word for word, and they work. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import type { ParentEvent } from "../../checkout/src/events.ts";
import type { CheckoutEvent } from "../../sdk/embed/events.ts";
import { heading, payButton } from "../../server/test/browser/customer.ts";
import { type EmbedShops, openEmbedShops, payInEmbed, press } from "../../server/test/browser/embed-shop.ts";
import { useStage } from "../../server/test/browser/stage.ts";
import { CARDS, eventually } from "../../server/test/support/platform.ts";

const GUIDE = new URL("iframe-integration.md", import.meta.url);
const SAMPLES = new URL("embed/", import.meta.url);
const EMBED = new URL("../../sdk/embed/", import.meta.url);

const stage = useStage();
let shops: EmbedShops;
beforeAll(async () => {
  shops = await openEmbedShops();
});
afterAll(() => shops.close());

const sampleOf = (name: string) => readFileSync(new URL(name, SAMPLES), "utf8");

/** Opens a sample with the platform and the link of the test in it, and keeps what its console says. */
async function openSample(page: Page, name: string, paymentUrl: string, more = "") {
  const logged: string[] = [];
  page.on("console", (message) => void logged.push(message.text()));
  const html = sampleOf(name)
    .replaceAll("http://localhost:3000", stage.platform.url)
    .replaceAll("PAYMENT_URL", paymentUrl)
    .replace("</title>", `</title>${more}`);
  await page.goto(shops.serve(html));
  return { checkout: page.frameLocator("iframe"), logged };
}

test("every sample stands in the guide as it is", async () => {
  const guide = readFileSync(GUIDE, "utf8");
  const names = (await readdir(SAMPLES)).filter((name) => name.endsWith(".html"));
  expect(names.sort()).toEqual(["inline.html", "listener.html", "modal.html", "module.html"]);
  for (const name of names) expect(guide).toContain(`\`\`\`html\n${sampleOf(name)}\`\`\`\n`);
});

test("the embed's types are the page's own, event for event", () => {
  expectTypeOf<CheckoutEvent>().toEqualTypeOf<ParentEvent>();
});

test("inline.html takes a payment within the page", async () => {
  const { payment_url } = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  const { checkout } = await openSample(page, "inline.html", payment_url);
  await payInEmbed(checkout);
  await page.getByText("Thank you. We are preparing your order.").waitFor();
});

test("modal.html takes a payment in a dialog, closes it on success and on Cancel, and says what is still to come", async () => {
  const { merchant } = stage.platform;
  const page = await stage.visit();
  const { checkout } = await openSample(page, "modal.html", (await merchant.createIntent()).payment_url);
  const open = page.getByRole("button", { name: "Pay now" });
  const dialog = page.getByRole("dialog", { name: "Payment" });
  await open.click();
  await press(checkout.getByRole("button", { name: "Cancel" }));
  await dialog.waitFor({ state: "detached" });
  await open.click();
  await payInEmbed(checkout, CARDS.challengeThenSucceeds);
  await checkout.getByRole("button", { name: "Complete" }).waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "Close anyway" }).click();
  await page.getByText("We will mail you when your payment has come.").waitFor();
  await open.click();
  await press(checkout.getByRole("button", { name: "Complete" }));
  await page.getByText("Thank you. We are preparing your order.").waitFor();
  await dialog.waitFor({ state: "detached" });
});

test("module.html does so with the package's module, which needs nothing but itself", async () => {
  const { payment_url } = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  const base = `${stage.platform.url}/package/`;
  await page.route(`${base}*`, (route) => {
    const source = readFileSync(new URL(route.request().url().slice(base.length), EMBED), "utf8");
    return route.fulfill({
      contentType: "text/javascript; charset=utf-8",
      headers: { "access-control-allow-origin": "*" },
      body: stripTypeScriptTypes(source),
    });
  });
  const map = JSON.stringify({ imports: { "@mintro/sdk/embed": `${base}index.ts` } });
  const { checkout, logged } = await openSample(
    page,
    "module.html",
    payment_url,
    `<script type="importmap">${map}</script>`,
  );
  await payInEmbed(checkout);
  await heading(checkout, "Payment successful").waitFor();
  await eventually(() => logged.includes("payment.success"));
});

test("listener.html hears of the payment without the embed", async () => {
  const { payment_url, intent_id } = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  const { checkout, logged } = await openSample(page, "listener.html", payment_url);
  await payButton(checkout).waitFor();
  await payInEmbed(checkout);
  await heading(checkout, "Payment successful").waitFor();
  await eventually(() => logged.some((line) => line.startsWith("Payment successful!")));
  expect(logged[0]).toBe(`User opened checkout: ${intent_id}`);
});
