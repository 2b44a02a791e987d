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

test("a long order shows its rest on demand, and hides it again", async () => {
  await open("pay-long");
  await page.getByText("Product 12").waitFor({ state: "hidden" });
  await page.getByText("Show 7 more items").click();
  await page.getByText("Product 12").waitFor();
  await page.getByText("Show fewer items").click();
  await page.getByText("Product 12").waitFor({ state: "hidden" });
});
