/** The `url` integration (contract section 3): the customer is sent to the checkout, and from there back to the merchant. */
import { describe, expect, test } from "vitest";
import { CARDS, checkoutState, eventually, pay } from "../support/platform.ts";
import { CODE } from "./card-data.ts";
import { heading, numberField, openShop, payButton, payWith, urlIntent } from "./customer.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

function lastVisit() {
  const visit = stage.site.visits.at(-1);
  if (!visit) throw new Error("Nobody has come to the merchant.");
  return visit;
}

test("a customer pays with the keyboard alone and comes to success_url, told which payment succeeded", async () => {
  const { merchant } = stage.platform;
  const { origin } = stage.site;
  const reference_id = `ORDER-keyboard_${Date.now()}`;
  const created = await urlIntent(merchant, stage.site, {
    reference_id,
    success_url: `${origin}/thanks?cart=9&note=a%20b#receipt`,
  });
  const page = await stage.visit();
  await page.goto(created.payment_url);
  const { keyboard } = page;
  const typeInto = async (autocomplete: string, text: string) => {
    await keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.autocomplete")).toBe(autocomplete);
    await keyboard.type(text);
  };
  await payButton(page).waitFor();
  await typeInto("cc-number", CARDS.visa);
  await typeInto("cc-exp", "1240");
  await typeInto("cc-csc", CODE);
  await typeInto("cc-name", "");
  await keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Pay $80.00");
  await keyboard.press("Enter");
  await page.waitForURL(/\/thanks/);

  const added = `intent_id=${created.intent_id}&reference_id=${reference_id}&status=succeeded`;
  expect(page.url()).toBe(`${origin}/thanks?cart=9&note=a%20b&${added}#receipt`);
  expect(lastVisit().url).toBe(`/thanks?cart=9&note=a%20b&${added}`);
  expect(lastVisit().headers.referer).toBeUndefined();
  expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
  const { sink } = stage.platform;
  await eventually(() => sink.of("payment.succeeded", created.intent_id).length === 1);
});

test("Cancel leads to cancel_url and leaves the intent payable, by the page and by the API", async () => {
  const { merchant } = stage.platform;
  const { origin } = stage.site;
  const created = await urlIntent(merchant, stage.site, { cancel_url: `${origin}/basket?step=2#pay` });
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL(/\/basket/);
  const { reference_id } = await merchant.intent(created.intent_id);
  expect(page.url()).toBe(
    `${origin}/basket?step=2&intent_id=${created.intent_id}&reference_id=${reference_id}&status=canceled#pay`,
  );
  expect((await merchant.intent(created.intent_id)).status).toBe("requires_payment");
  expect(stage.platform.sink.typesFor(created.intent_id)).toEqual([]);

  await page.goBack();
  await payWith(page);
  await page.waitForURL(/\/thanks\?/);
  expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
});

test("parameters of the result's names that the merchant's addresses held already are replaced by the result", async () => {
  const { origin } = stage.site;
  const created = await urlIntent(stage.platform.merchant, stage.site, {
    success_url: `${origin}/thanks?status=pending&a=1&reference%5Fid=old&&note=a%20b&intent_id=#x`,
    cancel_url: `${origin}/basket?status=succeeded`,
  });
  const { reference_id } = await stage.platform.merchant.intent(created.intent_id);
  const view = await checkoutState(created.payment_url);
  const result = `intent_id=${created.intent_id}&reference_id=${reference_id}&status`;
  expect(view.success_url).toBe(`${origin}/thanks?a=1&note=a%20b&${result}=succeeded#x`);
  expect(view.cancel_url).toBe(`${origin}/basket?${result}=canceled`);
});

test("a paid link that is opened again shows the receipt, and stays until the customer goes on", async () => {
  const created = await urlIntent(stage.platform.merchant, stage.site);
  await pay(created.payment_url, CARDS.mastercard);
  const page = await stage.visit();
  await page.clock.install();
  await page.goto(created.payment_url);
  await heading(page, "Payment successful").waitFor();
  await page.getByText("Mastercard ending in 4444").waitFor();
  const { year, month } = (await page.evaluate(
    "({ year: new Date().getFullYear(), month: new Date().toLocaleString('en', { month: 'long' }) })",
  )) as { year: number; month: string };
  await page.getByText(new RegExp(`^${month} \\d+, ${year} at \\d+:\\d\\d`)).waitFor();
  expect(await page.getByText("You can close this window.").count()).toBe(0);
  expect(await page.locator("input").count()).toBe(0);
  const visits = stage.site.visits.length;
  await page.clock.fastForward(60_000);
  await page.getByRole("link", { name: /^Return to/ }).hover();
  expect([page.url(), stage.site.visits.length]).toEqual([created.payment_url, visits]);
  await page.getByRole("link", { name: /^Return to/ }).click();
  await page.waitForURL(/\/thanks\?.*status=succeeded$/);
});

describe("nobody may frame it", () => {
  test("neither the page nor its challenge, by their headers", async () => {
    const { merchant } = stage.platform;
    const created = await urlIntent(merchant, stage.site);
    const challenged = await pay(
      (await urlIntent(merchant, stage.site)).payment_url,
      CARDS.challengeThenSucceeds,
    );
    const unknown = `${stage.platform.url}/pay/unknown`;
    for (const url of [created.payment_url, challenged.challenge_url ?? "", unknown]) {
      const { headers } = await fetch(url);
      expect(headers.get("content-security-policy"), url).toMatch(/; frame-ancestors 'none'$/);
      expect(headers.get("x-frame-options"), url).toBe("DENY");
    }
  });

  test("the merchant's own page does not get it into a frame, and hears nothing", async () => {
    stage.expectComplaint(/frame-ancestors 'none'/);
    const created = await urlIntent(stage.platform.merchant, stage.site);
    const shop = await openShop(await stage.visit(), stage.site, created.payment_url);
    await eventually(() => shop.page.frames().some((frame) => frame.url().startsWith("chrome-error:")));
    expect(await numberField(shop.checkout).count()).toBe(0);
    expect(await shop.heard(0)).toEqual([]);
    expect((await checkoutState(created.payment_url)).post_to).toEqual([]);
  });
});
