/**
 * The `iframe` integration: the merchant's page, on another origin, hears exactly the events and payloads of the
 * platform's document ("Iframe Integration"), with what the contract's section 3 adds.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, eventually, type Merchant, pay, type TestPlatform } from "../support/platform.ts";
import { heading, nextQuestion, numberField, openShop, payButton, payWith } from "./customer.ts";
import { type MerchantSite, openMerchantSite } from "./merchant-site.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
let merchant: Merchant;
beforeAll(async () => {
  merchant = await newMerchant(stage.platform);
});

/** The four events about one payment, field for field. */
async function eventsOf(created: { intent_id: string }, of: Merchant = merchant) {
  const { reference_id } = await of.intent(created.intent_id);
  const about = { intent_id: created.intent_id, client_reference_id: reference_id };
  return {
    started: { event: "payment.started", message: "Checkout opened.", ...about },
    success: { event: "payment.success", message: "Payment successful.", ...about, status: "succeeded" },
    canceled: { event: "payment.canceled", message: "Payment canceled.", ...about, status: "canceled" },
    failed: (message: string) => ({ event: "payment.failed", message, ...about, status: "failed" }),
    error: (message: string) => ({ event: "error", type: "error", message }),
  };
}

describe("the merchant's page hears", () => {
  test("the opening, a decline and the success of the next try, each once and from the platform's origin", async () => {
    const created = await merchant.createIntent();
    const event = await eventsOf(created);
    const { page, checkout, heard } = await openShop(await stage.visit(), stage.site, created.payment_url);
    await payWith(checkout, CARDS.declined);
    await heard(2);
    await nextQuestion(page);
    await payWith(checkout);
    await heading(checkout, "Payment successful").waitFor();
    const origin = new URL(stage.platform.url).origin;
    expect(await heard(3)).toEqual([
      { origin, data: event.started },
      { origin, data: event.failed("Your card was declined. Try again, or use another card.") },
      { origin, data: event.success },
    ]);
    expect(page.url()).toBe(stage.site.shopWith(created.payment_url));
    await checkout.getByText("Visa ending in 4242").waitFor();
    await checkout.getByText("You can close this window.").waitFor();
    expect(await checkout.getByRole("link").count()).toBe(0);
  });

  test("what is wrong with the card, in an alert that the document's listener shows", async () => {
    const created = await merchant.createIntent();
    const event = await eventsOf(created);
    const page = await stage.visit();
    const alerts: string[] = [];
    page.on("dialog", (dialog) => {
      alerts.push(dialog.message());
      void dialog.accept();
    });
    const { checkout, told } = await openShop(page, stage.site, created.payment_url);
    await payButton(checkout).click();
    const message = "Enter the card number. Enter the expiration date. Enter the security code.";
    expect(await told(2)).toEqual([event.started, event.error(message)]);
    await eventually(() => alerts.includes(message));
  });

  test("the customer's Cancel, which leaves the intent payable", async () => {
    const created = await merchant.createIntent();
    const event = await eventsOf(created);
    const { checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
    await checkout.getByRole("button", { name: "Cancel" }).click();
    await heading(checkout, "You canceled the payment").waitFor();
    expect(await told(2)).toEqual([event.started, event.canceled]);
    expect((await merchant.intent(created.intent_id)).status).toBe("requires_payment");
    await checkout.getByRole("button", { name: "Back to payment" }).click();
    await payWith(checkout);
    expect(await told(3)).toEqual([event.started, event.canceled, event.success]);
  });

  test("a cancel by the API while the page is open", async () => {
    const created = await merchant.createIntent();
    const event = await eventsOf(created);
    const { page, checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
    await told(1);
    await merchant.post(`/intents/${created.intent_id}/cancel`);
    await nextQuestion(page);
    await heading(checkout, "Payment canceled").waitFor();
    expect(await told(2)).toEqual([event.started, event.canceled]);
    expect(await checkout.locator("input").count()).toBe(0);
  });

  test("that the intent expired while the page is open, and the same on opening it", async () => {
    const late = await newMerchant(stage.platform);
    const created = await late.createIntent();
    const event = await eventsOf(created, late);
    const { page, checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
    await told(1);
    await late.advance({ seconds: 24 * 3_600 });
    await nextQuestion(page);
    await heading(checkout, "This payment link has expired").waitFor();
    const expired = event.error("This payment link has expired");
    expect(await told(2)).toEqual([event.started, expired]);
    await page.reload();
    expect(await told(1)).toEqual([expired]);
  });

  test("on opening a paid link the success, on opening a cancelled one the cancel, after a decline the start", async () => {
    const [paid, cancelled, declined] = await Promise.all([
      merchant.createIntent(),
      merchant.createIntent(),
      merchant.createIntent(),
    ]);
    await pay(paid.payment_url);
    await pay(declined.payment_url, CARDS.declined);
    await merchant.post(`/intents/${cancelled.intent_id}/cancel`);
    const page = await stage.visit();
    const first = await openShop(page, stage.site, paid.payment_url);
    expect(await first.told(1)).toEqual([(await eventsOf(paid)).success]);
    const second = await openShop(page, stage.site, cancelled.payment_url);
    expect(await second.told(1)).toEqual([(await eventsOf(cancelled)).canceled]);
    const third = await openShop(page, stage.site, declined.payment_url);
    expect(await third.told(1)).toEqual([(await eventsOf(declined)).started]);
    await third.checkout.getByRole("alert").getByText("Your card was declined.").waitFor();
  });

  test("a call that failed as an error, once, however often it is tried again", async () => {
    stage.expectComplaint(/ERR_FAILED/);
    const created = await merchant.createIntent();
    const event = await eventsOf(created);
    const page = await stage.visit();
    await page.route("**/state", (route) => route.abort());
    const { checkout, told } = await openShop(page, stage.site, created.payment_url);
    await payButton(checkout).waitFor();
    for (const waitMs of [2_000, 4_000]) {
      await Promise.all([page.waitForEvent("requestfailed"), page.clock.fastForward(waitMs)]);
    }
    const lost = event.error("No connection at the moment. We keep trying.");
    expect(await told(2)).toEqual([event.started, lost]);
    await page.unroute("**/state");
    await checkout.getByRole("button", { name: "Check now" }).click();
    await checkout.getByRole("button", { name: "Check now" }).waitFor({ state: "detached" });
    expect(await told(2)).toEqual([event.started, lost]);
  });
});

/** Stands between the checkout and its parent window, and passes everything on. */
const WRITE_POSTS_DOWN = `if (parent !== window) {
  const real = parent;
  const posts = (window.posts = []);
  Object.defineProperty(window, "parent", { value: {
    postMessage(data, targetOrigin) {
      posts.push({ data, targetOrigin });
      real.postMessage(data, targetOrigin);
    },
  } });
}`;

describe("with a list of allowed origins", () => {
  let platform: TestPlatform;
  let other: MerchantSite;
  let stranger: MerchantSite;

  beforeAll(async () => {
    [other, stranger] = await Promise.all([openMerchantSite(), openMerchantSite()]);
    platform = await stage.startAnother({ allowedOrigins: [stage.site.origin, other.origin] });
    return () => Promise.all([other.close(), stranger.close()]);
  });

  test("each of them may frame the page, and gets the one post that is meant for it", async () => {
    const created = await platform.merchant.createIntent();
    const { started } = await eventsOf(created, platform.merchant);
    for (const site of [stage.site, other]) {
      const page = await stage.visit();
      await page.addInitScript(WRITE_POSTS_DOWN);
      const { checkout, heard } = await openShop(page, site, created.payment_url);
      await payButton(checkout).waitFor();
      expect(await heard(1)).toEqual([{ origin: platform.url, data: started }]);
      const frame = page.frames().find((found) => found.url() === created.payment_url);
      expect(await frame?.evaluate("posts")).toEqual([
        { data: started, targetOrigin: stage.site.origin },
        { data: started, targetOrigin: other.origin },
      ]);
    }
    const { headers } = await fetch(created.payment_url);
    expect(headers.get("content-security-policy")).toContain(
      `frame-ancestors ${stage.site.origin} ${other.origin}`,
    );
    expect(headers.get("x-frame-options")).toBeNull();
  });

  test("any other may not frame it, nor its challenge, and hears nothing", async () => {
    stage.expectComplaint(/frame-ancestors http:/);
    const created = await platform.merchant.createIntent();
    const { challenge_url } = await pay(
      (await platform.merchant.createIntent()).payment_url,
      CARDS.challengeThenSucceeds,
    );
    for (const url of [created.payment_url, challenge_url ?? ""]) {
      const shop = await openShop(await stage.visit(), stranger, url);
      await eventually(() => shop.page.frames().some((frame) => frame.url().startsWith("chrome-error:")));
      expect(await numberField(shop.checkout).count()).toBe(0);
      expect(await shop.heard(0)).toEqual([]);
    }
  });
});
