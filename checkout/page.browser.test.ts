/**
 * The page in a real browser, before a preview that can be made to lose answers, and where the focus goes. That it gets on
 * with the platform itself is shown by the platform's own browser tests (server/test/browser).
 */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../server/test/support/chromium.ts";
import { type Preview, servePreview } from "./preview.ts";

let browser: Browser;
let preview: Preview;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [browser, preview] = await Promise.all([launchChromium(), servePreview(0)]);
}, 60_000);

afterAll(async () => {
  await browser.close();
  await preview.close();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: "en-US" });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.clock.install();
});

afterEach(async () => {
  await context.close();
});

async function open(token: string): Promise<void> {
  await page.goto(`${preview.url}/pay/${token}`);
}

async function enter(number: string): Promise<void> {
  await page.locator("[autocomplete=cc-number]").fill(number);
  await page.locator("[autocomplete=cc-exp]").fill("12/40");
  await page.locator("[autocomplete=cc-csc]").fill("123");
}

const pay = () => page.getByRole("button", { name: /^Pay/ });
const hasFocus = (id: string) => page.locator(`#${id}:focus`).waitFor();
const LOST = "Please do not pay again yet";

describe("the focus goes", () => {
  test("after a decline to the card number, where a new one is wanted; the name stays", async () => {
    await open("pay");
    await page.locator("[autocomplete=cc-name]").fill("Jane Roe");
    await enter("4000000000009995");
    await pay().click();
    await page.getByRole("alert").getByText("sufficient funds").waitFor();
    await hasFocus("card-number");
    expect(await page.locator("[autocomplete=cc-number]").inputValue()).toBe("");
    expect(await page.locator("[autocomplete=cc-csc]").inputValue()).toBe("");
    expect(await page.locator("[autocomplete=cc-name]").inputValue()).toBe("Jane Roe");
  });

  test("to the first wrong field, whether the page or the server finds it, and a complaint goes with its cause", async () => {
    await open("pay");
    await enter("4242424242424241");
    await page.locator("[autocomplete=cc-exp]").fill("13/30");
    await pay().click();
    await hasFocus("card-number");
    const number = page.locator("[autocomplete=cc-number]");
    expect(await number.getAttribute("aria-invalid")).toBe("true");
    await number.fill("4111111111111111");
    expect(await number.getAttribute("aria-invalid")).toBe("false");
    await pay().click();
    await hasFocus("card-expiry");
    await page.locator("[autocomplete=cc-exp]").fill("12/40");
    await pay().click();
    await page.getByText("Use a test card").first().waitFor();
    await hasFocus("card-number");
  });

  test("to the heading of another page, when what was waited for is known", async () => {
    await open("processing");
    await page.getByRole("heading", { name: "Confirming your payment" }).waitFor();
    preview.change("processing", { status: "succeeded", success_url: null });
    await page.clock.fastForward(2_000);
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
    await hasFocus("heading");
  });
});

describe("a connection that breaks while paying", () => {
  test("before the payment arrived: says that nothing was charged, keeps the card, and may pay again", async () => {
    await page.route("**/pay/pay/pay", (route) => route.abort(), { times: 1 });
    await open("pay");
    await enter("4242424242424242");
    await pay().click();
    await page.getByText(LOST).waitFor();
    await page.clock.fastForward(1_500);
    await page.getByText("you have not been charged. You can try again.").waitFor();
    expect(await page.locator("[autocomplete=cc-number]").inputValue()).toBe("4242 4242 4242 4242");
    await pay().click();
    await page.waitForURL("**/merchant?status=succeeded");
  });

  test("after the payment arrived: finds that it was made", async () => {
    await page.route("**/pay/pay/pay", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await open("pay");
    await enter("4242424242424242");
    await pay().click();
    await page.getByText(LOST).waitFor();
    await page.clock.fastForward(1_500);
    await page.waitForURL("**/merchant?status=succeeded");
  });

  test("for longer: offers to check, which asks and does not pay", async () => {
    await page.route("**/pay/pay-framed/pay", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.route("**/state", (route) => route.abort());
    await open("pay-framed");
    await enter("4242424242424242");
    await pay().click();
    await page.getByText(LOST).waitFor();
    await Promise.all([page.waitForEvent("requestfailed"), page.clock.fastForward(1_500)]);
    await page.getByText(LOST).waitFor();
    await page.unroute("**/state");
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
  });
});

describe("a payment that is not let in", () => {
  const BUSY = "We are very busy at the moment, and your payment was not tried. Try again in a moment.";
  const refusal = { success: false, message: "The server is busy. Try again in a moment.", data: [] };
  const refused = (headers: Record<string, string>) =>
    page.route(
      "**/pay/pay-framed/pay",
      (route) => route.fulfill({ status: 503, headers: { "retry-after": "7", ...headers }, json: refusal }),
      { times: 1 },
    );

  test("says so where that is certain, keeps the card, and can be made again after the server's pause", async () => {
    await refused({ "mintro-not-tried": "true" });
    await open("pay-framed");
    await enter("4242424242424242");
    await pay().click();
    await page.getByRole("alert").getByText(BUSY).waitFor();
    expect(await pay().getAttribute("aria-disabled")).toBe("true");
    await page.clock.fastForward(6_000);
    expect(await pay().getAttribute("aria-disabled")).toBe("true");
    await page.clock.fastForward(1_000);
    await page.getByText(BUSY).waitFor({ state: "detached" });
    await pay().click();
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
  });

  test("is asked after where it may have been made all the same", async () => {
    await refused({});
    await open("pay-framed");
    await enter("4242424242424242");
    await pay().click();
    await page.getByText(LOST).waitFor();
  });
});

test("no browser corrects what is typed, and only names begin with capitals", async () => {
  await open("pay");
  const attributes = await page
    .locator("input")
    .evaluateAll((inputs) =>
      inputs.map((input) =>
        ["autocomplete", "autocorrect", "autocapitalize"].map((name) => input.getAttribute(name)),
      ),
    );
  expect(attributes).toEqual([
    ["cc-number", "off", "off"],
    ["cc-exp", "off", "off"],
    ["cc-csc", "off", "off"],
    ["cc-name", "off", "words"],
  ]);
});

describe("without its script the page", () => {
  const without = async (token: string) => {
    await context.close();
    context = await browser.newContext({ locale: "en-US", javaScriptEnabled: false });
    page = await context.newPage();
    await open(token);
  };

  test("that takes a card says who is to be paid how much, and that it needs one", async () => {
    await without("pay");
    await page.getByRole("heading", { name: "Pay Northwind Coffee" }).waitFor();
    await page.getByText("$80.00").waitFor();
    expect(await page.locator(".noscript").innerText()).toContain("This page needs JavaScript");
    expect(await page.getByText("Loading…").isVisible()).toBe(false);
  });

  test("of a paid link says so and leads back to the merchant", async () => {
    await without("paid");
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
    expect(await page.getByText("JavaScript").count()).toBe(0);
    await page.getByRole("link", { name: "Return to Northwind Coffee" }).click();
    await page.waitForURL("**/merchant?status=succeeded");
  });
});

test("a long order shows its rest on demand, and hides it again", async () => {
  await open("pay-long");
  await page.getByText("Product 12").waitFor({ state: "hidden" });
  await page.getByText("Show 7 more items").click();
  await page.getByText("Product 12").waitFor();
  await page.getByText("Show fewer items").click();
  await page.getByText("Product 12").waitFor({ state: "hidden" });
});
