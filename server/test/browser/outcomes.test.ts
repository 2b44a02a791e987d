/** Links that cannot be paid any more, customers in a hurry, and outcomes that are not known yet: never a second charge. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createFaultyLink } from "../support/faulty-link.ts";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, eventually, type Merchant, pay, tryToPay } from "../support/platform.ts";
import {
  enterCard,
  heading,
  nextQuestion,
  numberField,
  openShop,
  payButton,
  payWith,
  urlIntent,
} from "./customer.ts";
import { useStage } from "./stage.ts";

const link = createFaultyLink();
const stage = useStage({ sandboxLink: link });
let merchant: Merchant;
beforeAll(async () => {
  merchant = await newMerchant(stage.platform);
});

async function chargesOf(intentId: string): Promise<string[]> {
  const { charges } = await merchant.intent(intentId);
  return charges.map((charge: { status: string }) => charge.status);
}

async function openAt(url: string): Promise<Page> {
  const page = await stage.visit();
  await page.clock.install();
  await page.goto(url);
  return page;
}

const WAITING = "Confirming your payment";

describe("a link that nobody can pay", () => {
  test.each([
    ["paid", "Payment successful"],
    ["cancelled", "Payment canceled"],
    ["expired", "This payment link has expired"],
    ["failed", "The payment failed"],
  ])(
    "because it is %s has its own page, takes no card, and leads back to the merchant",
    async (state, title) => {
      const own = await newMerchant(stage.platform);
      const { intent_id, payment_url } = await urlIntent(own, stage.site);
      if (state === "paid") await pay(payment_url);
      if (state === "cancelled") await own.post(`/intents/${intent_id}/cancel`);
      if (state === "expired") await own.advance({ seconds: 24 * 3_600 });
      if (state === "failed")
        for (let failures = 0; failures < 10; failures += 1) await pay(payment_url, CARDS.declined);
      const before = await own.intent(intent_id);
      const page = await openAt(payment_url);
      await heading(page, title).waitFor();
      expect(await page.title()).toContain(title);
      expect(await page.locator("input").count()).toBe(0);
      const reply = await tryToPay(payment_url);
      expect([reply.status, reply.body.data.status]).toEqual([200, before.status]);
      expect((await own.intent(intent_id)).charges).toEqual(before.charges);
      await page.getByRole("link", { name: /^Return to/ }).click();
      await page.waitForURL(state === "paid" ? /\/thanks\?/ : /\/basket\?/);
    },
  );

  test("because nobody knows it is not found, whatever is wrong with it", async () => {
    const { payment_url } = await merchant.createIntent();
    const forged = `${payment_url.slice(0, -1)}${payment_url.endsWith("A") ? "B" : "A"}`;
    for (const url of [`${stage.platform.url}/pay/nonsense`, forged, payment_url.slice(0, -4)]) {
      const page = await stage.visit();
      const response = await page.goto(url);
      expect(response?.status()).toBe(404);
      await heading(page, "Payment link not found").waitFor();
      expect(await page.locator("input").count()).toBe(0);
    }
    expect((await fetch(`${forged}/state`)).status).toBe(404);
    expect((await tryToPay(forged)).status).toBe(404);
  });
});

describe("one payment is made", () => {
  test.each([
    ["the button is pressed twice", (page: Page) => payButton(page).dblclick()],
    [
      "Enter is pressed twice",
      async (page: Page) => {
        await page.locator("[autocomplete=cc-csc]").focus();
        await page.keyboard.press("Enter");
        await page.keyboard.press("Enter");
      },
    ],
  ])("where %s", async (_, press) => {
    const created = await urlIntent(merchant, stage.site);
    const page = await openAt(created.payment_url);
    const late = link.nextCharge("late");
    await enterCard(page, CARDS.visa);
    await press(page);
    await late.struck;
    await page.getByRole("button", { name: "Processing payment…" }).click({ force: true });
    late.release();
    await page.waitForURL(/\/thanks/);
    expect(await chargesOf(created.intent_id)).toEqual(["succeeded"]);
  });

  test("where the page is reloaded while paying, and the customer still comes to the merchant", async () => {
    const created = await urlIntent(merchant, stage.site);
    const page = await openAt(created.payment_url);
    const late = link.nextCharge("late");
    await payWith(page);
    await late.struck;
    await page.reload();
    await heading(page, WAITING).waitFor();
    expect(await page.locator("input").count()).toBe(0);
    late.release();
    await eventually(async () => (await chargesOf(created.intent_id))[0] === "succeeded");
    await page.clock.fastForward(2_000);
    await page.waitForURL(/\/thanks\?.*status=succeeded$/);
    expect(await chargesOf(created.intent_id)).toEqual(["succeeded"]);
  });

  test("where two tabs pay at once, and both are told of it", async () => {
    const created = await urlIntent(merchant, stage.site);
    const tabs = await Promise.all([openAt(created.payment_url), openAt(created.payment_url)]);
    await Promise.all([enterCard(tabs[0], CARDS.visa), enterCard(tabs[1], CARDS.mastercard)]);
    const late = link.nextCharge("late");
    await Promise.all(tabs.map((tab) => payButton(tab).click()));
    await late.struck;
    // Whichever was first is still being charged; the other one finds it so and waits with it.
    await Promise.any(tabs.map((tab) => heading(tab, WAITING).waitFor()));
    expect(await chargesOf(created.intent_id)).toEqual(["pending"]);
    late.release();
    await eventually(async () => (await chargesOf(created.intent_id))[0] === "succeeded");
    await Promise.all(
      tabs.map(async (tab) => {
        await tab.clock.fastForward(2_000);
        await tab.waitForURL(/\/thanks\?.*status=succeeded$/);
      }),
    );
    expect(await chargesOf(created.intent_id)).toEqual(["succeeded"]);
  });

  test("where one tab is open beside another that is paid", async () => {
    const created = await merchant.createIntent();
    const shop = await openShop(await stage.visit(), stage.site, created.payment_url);
    await enterCard(shop.checkout, CARDS.visa);
    await pay(created.payment_url, CARDS.mastercard);
    await payButton(shop.checkout).click();
    await shop.checkout.getByText("Mastercard ending in 4444").waitFor();
    expect(await shop.told(2)).toMatchObject([{ event: "payment.started" }, { event: "payment.success" }]);
    expect(await chargesOf(created.intent_id)).toEqual(["succeeded"]);
  });
});

describe("an answer of the processor that does not come", () => {
  test.each([["timeout_after"], ["timeout_before"]] as const)(
    "(%s) is waited for: the page says so, takes no card, and follows it to the success",
    async (fault) => {
      const created = await merchant.createIntent();
      const { page, checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
      link.nextCharge(fault);
      const lookUp = link.next("lookUp", "late");
      await payWith(checkout);
      await heading(checkout, WAITING).waitFor();
      await checkout.getByText("Please do not pay again: this page updates by itself.").waitFor();
      expect(await checkout.locator("input").count()).toBe(0);
      await lookUp.struck;
      await nextQuestion(page);
      expect((await merchant.intent(created.intent_id)).status).toBe("processing");
      expect((await merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(400);
      expect(await told(1)).toMatchObject([{ event: "payment.started" }]);

      await page.reload();
      await heading(checkout, WAITING).waitFor();
      expect(await numberField(checkout).count()).toBe(0);
      lookUp.release();
      await eventually(async () => (await chargesOf(created.intent_id))[0] === "succeeded");
      await nextQuestion(page);
      await heading(checkout, "Payment successful").waitFor();
      expect(await told(1)).toMatchObject([{ event: "payment.success", status: "succeeded" }]);
      expect(await chargesOf(created.intent_id)).toEqual(["succeeded"]);
    },
  );
});
