/** 3-D Secure, in both integrations: the sandbox's challenge page and every way there, back, and out of it. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, type Json, type Merchant, pay } from "../support/platform.ts";
import { type Checkout, heading, numberField, openShop, payWith, urlIntent } from "./customer.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
let merchant: Merchant;
beforeAll(async () => {
  merchant = await newMerchant(stage.platform);
});

const FAILED = "Your bank could not confirm that it is you. Try again, or use another card.";
const ABANDONED = "The confirmation with your bank was not finished. Try again.";
const CHALLENGE_SECONDS = 15 * 60;

type Visit = {
  readonly page: Page;
  readonly checkout: Checkout;
  readonly intentId: string;
  readonly paymentUrl: string;
  /** Waits for the page that a paid intent leads to. */
  readonly paid: () => Promise<void>;
  /** What the merchant's page was told so far, names alone; in the `url` integration nothing. */
  readonly told: (expected: readonly string[]) => Promise<void>;
};

const press = (at: Checkout, name: "Complete" | "Fail") =>
  at.getByRole("button", { name, exact: true }).click();

/** Keeps the challenge's page from noticing that it is over. */
const hearNothing = (page: Page) =>
  page.route(/\/sandbox\/challenges\/[^/]+\/state$/, (route) => route.fulfill({ json: { open: true } }));

async function intent(id: string): Promise<Json> {
  return await merchant.intent(id);
}

async function visitByUrl(): Promise<Visit> {
  const created = await urlIntent(merchant, stage.site);
  const page = await stage.visit();
  await page.goto(created.payment_url);
  return {
    page,
    checkout: page,
    intentId: created.intent_id,
    paymentUrl: created.payment_url,
    paid: () => page.waitForURL(/\/thanks\?.*status=succeeded$/),
    told: async () => {},
  };
}

async function visitInFrame(): Promise<Visit> {
  const created = await merchant.createIntent();
  const { page, checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
  return {
    page,
    checkout,
    intentId: created.intent_id,
    paymentUrl: created.payment_url,
    paid: () => heading(checkout, "Payment successful").waitFor(),
    told: async (expected) => {
      const events = (await told(expected.length)) as { event: string }[];
      expect(events.map(({ event }) => event)).toEqual(expected);
    },
  };
}

describe.each([
  ["url", visitByUrl],
  ["iframe", visitInFrame],
] as const)("a challenge in the %s integration", (_, visit) => {
  test("that is completed pays", async () => {
    const { checkout, intentId, paid, told } = await visit();
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    expect((await intent(intentId)).status).toBe("requires_action");
    expect(await checkout.getByRole("button").allTextContents()).toEqual(["Complete", "Fail"]);
    await press(checkout, "Complete");
    await paid();
    expect((await intent(intentId)).status).toBe("succeeded");
    await told(["payment.started", "payment.success"]);
  });

  test("that is failed is told, and another card may be tried", async () => {
    const { page, checkout, intentId, paid, told } = await visit();
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await press(checkout, "Fail");
    await checkout.getByRole("alert").getByText(FAILED).waitFor();
    expect(page.url()).not.toContain("returned");
    await told(["payment.started", "payment.failed"]);
    expect((await intent(intentId)).charges[0].failure_code).toBe("authentication_failed");
    await payWith(checkout);
    await paid();
    await told(["payment.started", "payment.failed", "payment.success"]);
  });

  test("may be completed and the card be declined all the same", async () => {
    const { checkout, intentId, paid, told } = await visit();
    await payWith(checkout, CARDS.challengeThenDeclined);
    await press(checkout, "Complete");
    await checkout.getByRole("alert").getByText("Your card was declined.").waitFor();
    expect((await intent(intentId)).status).toBe("requires_payment");
    await payWith(checkout);
    await paid();
    await told(["payment.started", "payment.failed", "payment.success"]);
  });

  test("is shown again by a reload, of itself and of the payment's link", async () => {
    const { page, checkout, intentId, paymentUrl, paid } = await visit();
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    await page.reload();
    await heading(checkout, "Confirm your payment").waitFor();
    const elsewhere = await stage.visit();
    await elsewhere.goto(paymentUrl);
    await heading(elsewhere, "Confirm your payment").waitFor();
    await press(checkout, "Complete");
    await paid();
    expect((await intent(intentId)).charges).toHaveLength(1);
    await elsewhere.waitForURL((url) => !url.pathname.startsWith("/sandbox/"));
  });

  test("is left by itself within seconds of the merchant's cancel, and the cancel is told", async () => {
    const { checkout, intentId, told } = await visit();
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    await merchant.post(`/intents/${intentId}/cancel`);
    await heading(checkout, "Payment canceled").waitFor({ timeout: 8_000 });
    await told(["payment.started", "payment.canceled"]);
  });

  test("is left by itself when its 15 minutes are over: that is told, and another card may be tried", async () => {
    const { checkout, paid, told } = await visit();
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    await merchant.advance({ seconds: CHALLENGE_SECONDS });
    await checkout.getByRole("alert").getByText(ABANDONED).waitFor({ timeout: 8_000 });
    await told(["payment.started", "payment.failed"]);
    await payWith(checkout);
    await paid();
    await told(["payment.started", "payment.failed", "payment.success"]);
  });

  test("of an intent that the merchant cancels meanwhile moves no money, whatever is answered", async () => {
    const { page, checkout, intentId, told } = await visit();
    await hearNothing(page);
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    const reply = await merchant.post(`/intents/${intentId}/cancel`);
    expect(reply.body.data.status).toBe("cancelled");
    await press(checkout, "Complete");
    await heading(checkout, "Payment canceled").waitFor();
    await told(["payment.started", "payment.canceled"]);
    const after = await intent(intentId);
    expect([after.status, after.charges[0].status]).toEqual(["cancelled", "failed"]);
  });

  test("that is left for 15 minutes fails the attempt, with a notice, and the intent is payable again", async () => {
    const { page, checkout, intentId, paid, told } = await visit();
    await hearNothing(page);
    await payWith(checkout, CARDS.challengeThenSucceeds);
    await heading(checkout, "Confirm your payment").waitFor();
    await merchant.advance({ seconds: CHALLENGE_SECONDS - 60 });
    expect((await intent(intentId)).status).toBe("requires_action");
    await merchant.advance({ seconds: 60 });
    const after = await intent(intentId);
    expect([after.status, after.charges[0].failure_code]).toEqual([
      "requires_payment",
      "authentication_abandoned",
    ]);
    await press(checkout, "Complete");
    await checkout.getByRole("alert").getByText(ABANDONED).waitFor();
    expect(await numberField(checkout).inputValue()).toBe("");
    await told(["payment.started", "payment.failed"]);
    await payWith(checkout);
    await paid();
    await told(["payment.started", "payment.failed", "payment.success"]);
  });
});

test("the browser's Back to a challenge that was answered leads on to the paid page, and not to the merchant again", async () => {
  const created = await urlIntent(merchant, stage.site);
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, CARDS.challengeThenSucceeds);
  await press(page, "Complete");
  await page.waitForURL(/\/thanks\?.*status=succeeded$/);
  await page.goBack();
  await heading(page, "Payment successful").waitFor();
  expect(page.url()).toBe(created.payment_url);
});

test("Back in a frame does not show the challenge again", async () => {
  const { page, checkout, paid, paymentUrl } = await visitInFrame();
  await payWith(checkout, CARDS.challengeThenSucceeds);
  await press(checkout, "Complete");
  await paid();
  const again = page.waitForResponse((response) => response.url().endsWith(new URL(paymentUrl).pathname));
  await page.evaluate("history.back()");
  await again;
  await heading(checkout, "Payment successful").waitFor();
});

test("without scripts, a challenge whose time is up leads back to the checkout page all the same", async () => {
  const created = await urlIntent(merchant, stage.site);
  const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
  const page = await stage.visit({ javaScriptEnabled: false });
  await merchant.advance({ seconds: CHALLENGE_SECONDS - 1 });
  await page.goto(view.challenge_url ?? "");
  await heading(page, "Confirm your payment").waitFor();
  await merchant.advance({ seconds: 1 });
  await page.waitForURL((url) => url.pathname.startsWith("/pay/"));
});

test("a card that wants a challenge once renews without one", async () => {
  const created = await urlIntent(merchant, stage.site, { intent_type: "recurring", interval_days: 30 });
  const page = await stage.visit();
  await page.goto(created.payment_url);
  await payWith(page, CARDS.challengeOnce);
  await press(page, "Complete");
  await page.waitForURL(/\/thanks\?.*status=succeeded$/);
  await merchant.advance({ seconds: 61 * 86_400 });
  const { charges } = await intent(created.intent_id);
  expect(charges.map((charge: Json) => [charge.cycle, charge.status])).toEqual([
    [2, "succeeded"],
    [1, "succeeded"],
    [0, "succeeded"],
  ]);
});
