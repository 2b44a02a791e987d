/** Attempts that do not pay: declined by the sandbox, refused as input, or one too many. What each says, and what comes after. */
import { beforeAll, describe, expect, test } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, type Merchant, pay } from "../support/platform.ts";
import { AMEX_CODE, UNLISTED } from "./card-data.ts";
import {
  type Checkout,
  enterCard,
  heading,
  numberField,
  openShop,
  payButton,
  payWith,
  urlIntent,
} from "./customer.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
let merchant: Merchant;
beforeAll(async () => {
  merchant = await newMerchant(stage.platform);
});

/** What the page says, the field that has the focus afterwards, and whether it is said to be wrong. The number goes where it has the focus. */
const DECLINES = [
  [CARDS.declined, "Your card was declined. Try again, or use another card.", "cc-number", false],
  [
    CARDS.insufficientFunds,
    "Your card does not have sufficient funds. Use another card.",
    "cc-number",
    false,
  ],
  [CARDS.lost, "Your card was declined. Use another card, or contact your bank.", "cc-number", false],
  [CARDS.stolen, "Your card was declined. Use another card, or contact your bank.", "cc-number", false],
  [CARDS.expired, "Your card has expired. Use another card.", "cc-exp", true],
  [CARDS.wrongCode, "The security code was not correct. Check it and try again.", "cc-csc", true],
  [
    CARDS.processingError,
    "Something went wrong while processing your card. Try again in a moment.",
    "cc-csc",
    false,
  ],
] as const;

test("every declined card says why, on the page and to the merchant, and the next may be tried", async () => {
  const created = await merchant.createIntent();
  const { checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
  let heard = 1;
  for (const [number, text, focused, isWrong] of DECLINES) {
    await payWith(checkout, number);
    heard += 1;
    expect((await told(heard)).at(-1)).toMatchObject({ event: "payment.failed", message: text });
    expect(await checkout.getByRole("alert").filter({ hasText: text }).isVisible()).toBe(true);
    const kept = focused !== "cc-number";
    expect((await numberField(checkout).inputValue()).replaceAll(" ", "")).toBe(kept ? number : "");
    expect(await checkout.locator("[autocomplete=cc-exp]").inputValue()).toBe("12 / 40");
    expect(await checkout.locator("[autocomplete=cc-csc]").inputValue()).toBe("");
    const field = checkout.locator(`[autocomplete=${focused}]:focus`);
    await field.waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe(String(isWrong));
    if (focused !== "cc-csc" || isWrong)
      expect(await field.getAttribute("aria-describedby")).toMatch(/^attempt\b/);
    expect(await checkout.locator("[autocomplete=cc-name]").inputValue()).toBe("John Doe");
  }
  await enterCard(checkout, CARDS.amex, { code: AMEX_CODE });
  await payButton(checkout).click();
  await checkout.getByText("American Express ending in 0005").waitFor();
  expect(await told(heard + 1)).toHaveLength(DECLINES.length + 2);
  const { charges } = await merchant.intent(created.intent_id);
  expect(charges).toHaveLength(DECLINES.length + 1);
});

test("the tenth failure is the last: the page takes no card any more, and the intent has failed", async () => {
  const created = await merchant.createIntent();
  for (let failures = 0; failures < 9; failures += 1) await pay(created.payment_url, CARDS.declined);
  const { page, checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
  await payWith(checkout, CARDS.insufficientFunds);
  await heading(checkout, "The payment failed").waitFor();
  expect(await checkout.locator("input").count()).toBe(0);
  expect(await told(2)).toMatchObject([
    { event: "payment.started" },
    { event: "payment.failed", status: "failed", message: DECLINES[1][1] },
  ]);
  expect((await merchant.intent(created.intent_id)).status).toBe("failed");
  await page.reload();
  await heading(checkout, "The payment failed").waitFor();
  expect(await told(1)).toMatchObject([{ event: "payment.failed", status: "failed" }]);
  expect((await pay(created.payment_url)).status).toBe("failed");
});

describe("a card that cannot be charged", () => {
  const complaint = async (at: Checkout, autocomplete: string) => {
    const field = at.locator(`[autocomplete=${autocomplete}]`);
    const id = await field.getAttribute("aria-describedby");
    const text = id === null ? "" : await at.locator(`#${id}`).textContent();
    return { text, invalid: await field.getAttribute("aria-invalid") };
  };

  test("is told by its fields without being sent, and only what is wrong", async () => {
    const created = await urlIntent(merchant, stage.site);
    const page = await stage.visit();
    let sent = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") sent += 1;
    });
    await page.goto(created.payment_url);
    await enterCard(page, "4242424242424241", { expiry: "13/40", code: "12" });
    await page.locator("[autocomplete=cc-name]").fill(" ");
    await payButton(page).click();
    const name = { text: "Enter the name on the card.", invalid: "true" };
    expect([
      await complaint(page, "cc-number"),
      await complaint(page, "cc-exp"),
      await complaint(page, "cc-csc"),
      await complaint(page, "cc-name"),
    ]).toEqual([
      { text: "This card number is not valid. Check it for typos.", invalid: "true" },
      { text: "Enter the expiration date as MM / YY.", invalid: "true" },
      { text: "The security code is not complete.", invalid: "true" },
      name,
    ]);
    await enterCard(page, CARDS.visa, { expiry: "01/20" });
    expect(await complaint(page, "cc-number")).toEqual({ text: "", invalid: "false" });
    await payButton(page).click();
    expect(await complaint(page, "cc-exp")).toEqual({ text: "This card has expired.", invalid: "true" });
    expect(await complaint(page, "cc-name")).toEqual(name);
    expect(sent).toBe(0);
    await page.locator("[autocomplete=cc-name]").fill("Jane Roe");
    await page.locator("[autocomplete=cc-exp]").fill("12/40");
    await payButton(page).click();
    await page.waitForURL(/\/thanks/);
    expect(sent).toBe(1);
  });

  test("is refused by the platform where it is no test card, without a charge", async () => {
    const created = await merchant.createIntent();
    const { checkout, told } = await openShop(await stage.visit(), stage.site, created.payment_url);
    await payWith(checkout, UNLISTED);
    const text = "This is a test payment. Use a test card, such as 4242\u00a04242\u00a04242\u00a04242.";
    expect((await told(2)).at(-1)).toEqual({ event: "error", type: "error", message: text });
    expect(await complaint(checkout, "cc-number")).toEqual({ text, invalid: "true" });
    const intent = await merchant.intent(created.intent_id);
    expect([intent.status, intent.charges]).toEqual(["requires_payment", []]);
    await payWith(checkout);
    await heading(checkout, "Payment successful").waitFor();
  });
});
