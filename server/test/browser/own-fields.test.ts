/**
 * The checkout page with a processor that collects cards in its own fields, from its own origin (docs/decisions/0020-the-port.md):
 * its module and its frame are let in by the page's policy, and what is typed into them never comes to the platform.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { FrameLocator, Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { type FieldsProcessor, openFieldsProcessor } from "../support/fields-processor.ts";
import { type Checkout, heading, openShop, payButton, urlIntent } from "./customer.ts";
import { useStage } from "./stage.ts";

let fields: FieldsProcessor | null = null;
const stage = useStage(
  async () => {
    fields = await openFieldsProcessor();
    return { processors: [fields] };
  },
  () => fields?.origin ?? null,
);
afterAll(() => fields?.close());

const number = (at: Checkout) => at.frameLocator("iframe[title^=Card]").getByLabel("Number");

async function payWith(at: Page | FrameLocator, typed: string): Promise<void> {
  await number(at).fill(typed);
  await payButton(at).click();
}

test("a card in the processor's frame pays, and the customer comes to success_url", async () => {
  const created = await urlIntent(stage.platform.merchant, stage.site);
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, "1111");
  await page.waitForURL(/\/thanks\?.*status=succeeded/);
  const intent = await stage.platform.merchant.intent(created.intent_id);
  expect(intent).toMatchObject({ status: "succeeded", charges: [{ card: { last4: "1111" } }] });
});

test("nothing that is typed into the frame is sent to the platform", async () => {
  const created = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(stage.platform.url))
      sent.push(`${request.url()} ${request.postData() ?? ""}`);
  });
  await page.goto(created.payment_url);
  await payWith(page, "2222");
  await page.getByText("Your card does not have sufficient funds").first().waitFor();
  expect(sent.some((one) => one.includes("/pay "))).toBe(true);
  expect(sent.filter((one) => one.includes("2222"))).toEqual([]);
});

test("a number that the processor refuses is told above its fields, and the next one pays", async () => {
  const created = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, "9999");
  await page.getByText("Check the number.").first().waitFor();
  expect((await stage.platform.merchant.intent(created.intent_id)).charges).toEqual([]);
  await payWith(page, "1111");
  await heading(page, "Payment successful").waitFor();
});

test("after a decline new fields are set up, since a token serves once", async () => {
  const created = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, "2222");
  await page.getByText("Your card does not have sufficient funds").first().waitFor();
  await payWith(page, "1111");
  await heading(page, "Payment successful").waitFor();
  const { charges } = await stage.platform.merchant.intent(created.intent_id);
  expect(charges.map(({ status }: { status: string }) => status)).toEqual(["succeeded", "failed"]);
});

test("a challenge leads to the processor's page and back, with what it gives the customer", async () => {
  const created = await urlIntent(stage.platform.merchant, stage.site);
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, "3333");
  await page.getByRole("link", { name: "It is me" }).click();
  await page.waitForURL(/\/thanks\?.*status=succeeded/);
});

test("in the merchant's frame the events are the same as with the form", async () => {
  const { merchant } = stage.platform;
  const created = await merchant.createIntent();
  const { reference_id } = await merchant.intent(created.intent_id);
  const about = { intent_id: created.intent_id, client_reference_id: reference_id };
  const { checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
  await payWith(checkout, "1111");
  await heading(checkout, "Payment successful").waitFor();
  expect(await told(2)).toEqual([
    { event: "payment.started", message: "Checkout opened.", ...about },
    { event: "payment.success", message: "Payment successful.", ...about, status: "succeeded" },
  ]);
});

test("a wallet is named on the paid page", async () => {
  const created = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, "5555");
  await heading(page, "Payment successful").waitFor();
  await page.getByText("PayBuddy").waitFor();
});

describe("the page with the processor's fields", () => {
  test.each(["light", "dark"] as const)("has no barrier, in %s", async (colorScheme) => {
    const created = await stage.platform.merchant.createIntent();
    const page = await stage.visit({ colorScheme, viewport: { width: 320, height: 640 } });
    await page.goto(created.payment_url);
    await number(page).waitFor();
    // The frame is the processor's.
    const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
  });
});
