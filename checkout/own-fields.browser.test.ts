/**
 * The page with a processor's own fields in it (src/samples/fields.ts), in a real browser under the page's policy: what is
 * shown while they come and when they do not, the ways to pay, and that nobody is shut out.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../server/test/support/chromium.ts";
import { type Preview, servePreview } from "./preview.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser: Browser;
let preview: Preview;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [browser, preview] = await Promise.all([launchChromium(), servePreview(0)]);
}, 60_000);

afterAll(async () => {
  await browser.close();
  await preview.close();
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({ locale: "en-US", viewport: { width: 320, height: 640 } });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(error.message));
});

afterEach(async () => {
  await context.close();
});

const open = (token: string) => page.goto(`${preview.url}/pay/${token}`);
const pay = () => page.getByRole("button", { name: /^Pay/ });
const number = () => page.getByLabel("Sample number");
const place = () => page.locator("#own-fields");
const alert = (text: string) => page.getByRole("alert").getByText(text).waitFor();
const LOST = "No connection at the moment";

async function barriers(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)));
  }
  const sideways = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
  return sideways === 0 ? found : [...found, `scrolls sideways by ${sideways}`];
}

/** Holds the module back until the returned function is called. */
async function holdModule(): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  await page.route("**/sample-fields.js", async (route) => {
    await held.promise;
    await route.continue();
  });
  return held.resolve;
}

describe("paying with the keyboard alone", () => {
  test("a token goes where a card would, and the page leads on", async () => {
    await open("pay-fields");
    await number().waitFor();
    await page.locator("summary").focus(); // on a phone, what is ordered comes first
    await page.keyboard.press("Tab");
    await page.locator("#sample-number:focus").waitFor();
    await page.keyboard.type("4242424242424242");
    const sent = page.waitForRequest("**/pay/pay-fields/pay");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect((await sent).postDataJSON()).toEqual({ token: "tok_4242424242424242" });
    await page.waitForURL("**/merchant?status=succeeded");
    expect(complaints).toEqual([]);
  });

  test("what the fields refuse is said, and the focus goes back into them", async () => {
    await open("pay-fields");
    await number().waitFor();
    await pay().press("Enter");
    await page.getByText("Sample: enter the number.").waitFor();
    await page.locator("#sample-number:focus").waitFor();
    expect(await page.locator("#attempt").textContent()).toBe("");
    await number().fill("0000");
    await page.keyboard.press("Enter");
    await alert("Sample: this card is not taken.");
    await page.locator("#sample-number:focus").waitFor();
    expect(await place().getAttribute("aria-describedby")).toBe("attempt");
    expect(await barriers()).toEqual([]);
  });

  test("after a decline the focus is in the new fields, which pay with a new token", async () => {
    await open("pay-fields");
    await number().fill("4000000000009995");
    await pay().press("Enter");
    await alert("sufficient funds");
    await page.locator("#sample-number:focus").waitFor();
    expect(await number().inputValue()).toBe("");
    await page.keyboard.type("4242424242424242");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/merchant?status=succeeded");
  });
});

describe("while the fields come", () => {
  test("the place is kept, says that it is busy, and Pay waits", async () => {
    const release = await holdModule();
    await open("pay-fields-recurring");
    await page.getByRole("status").getByText("Loading…").waitFor();
    expect(await place().getAttribute("aria-busy")).toBe("true");
    expect((await place().boundingBox())?.height).toBeGreaterThan(150);
    expect(await pay().getAttribute("aria-disabled")).toBe("true");
    await pay().click({ force: true });
    expect(await barriers()).toEqual([]);
    release();
    await number().waitFor();
    expect(await place().getAttribute("aria-busy")).toBe("false");
    expect(await pay().getAttribute("aria-disabled")).toBe("false");
    await page.getByText("to charge your payment method $80.00 every 30 days").waitFor();
    expect(await page.getByText("Use card").count()).toBe(0);
    expect(await barriers()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("they are told the page's language and colours", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${preview.url}/pay/pay-fields?lang=ar`);
    await page.locator("[data-mounted='dark ar']").waitFor();
    expect(await barriers()).toEqual([]);
  });
});

describe("fields that do not come", () => {
  test.each([
    ["the server cannot set them up", "**/pay/pay-fields-recurring/fields"],
    ["their module is not there", "**/sample-fields.js"],
  ])("since %s: says so here and to the merchant's page, and tries again when asked", async (_, what) => {
    await page.route(what, (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.goto(`${preview.url.replace("127.0.0.1", "localhost")}/frame/pay-fields-recurring`);
    const frame = page.frameLocator("iframe");
    await frame.getByRole("alert").getByText(LOST).waitFor();
    await page.getByText('"event": "error"').waitFor();
    expect(JSON.parse((await page.locator("pre").textContent()) ?? "")).toMatchObject([
      { event: "payment.started" },
      { event: "error", type: "error", message: expect.stringContaining(LOST) },
    ]);
    await page.unroute(what);
    await frame.getByRole("button", { name: "Check now" }).click();
    await frame.getByLabel("Sample number").waitFor();
    await frame.getByText(LOST).waitFor({ state: "detached" });
  });

  test("since their module is none, or takes longer than 20 seconds", async () => {
    await page.clock.install();
    await page.route("**/sample-fields.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: "export const other = 1;" }),
    );
    await open("pay-fields");
    await alert(LOST);
    expect(await barriers()).toEqual([]);
    await page.unroute("**/sample-fields.js");
    const release = await holdModule();
    await page.getByRole("button", { name: "Check now" }).click();
    await page.clock.fastForward(20_000);
    release();
    await alert(LOST);
    await page.unroute("**/sample-fields.js");
    await page.clock.fastForward(10_000);
    await number().waitFor();
    expect(await page.locator("#sample-number").count()).toBe(1);
  });

  test("any more, since they broke: nothing is paid, and new ones come", async () => {
    await open("pay-fields");
    await number().fill("broken");
    await pay().click();
    await alert(LOST);
    await page.getByRole("button", { name: "Check now" }).click();
    await number().fill("4242424242424242");
    await pay().click();
    await page.waitForURL("**/merchant?status=succeeded");
  });
});

test("a lost answer is found again, and the fields are new where nothing was charged", async () => {
  await page.clock.install();
  await page.route("**/pay/pay-fields/pay", (route) => route.abort(), { times: 1 });
  await open("pay-fields");
  await number().fill("4242424242424242");
  await pay().click();
  await alert("Please do not pay again yet");
  expect(await number().getAttribute("readonly")).toBe("");
  await page.clock.fastForward(1_500);
  await alert("you have not been charged. You can try again.");
  await page.locator("#sample-number:focus:not([readonly])").waitFor();
  await number().fill("4242424242424242");
  await pay().click();
  await page.waitForURL("**/merchant?status=succeeded");
});

test("a card that the server refuses is complained about above the fields", async () => {
  await open("pay-fields");
  await number().fill("4111111111111111");
  await pay().click();
  await alert("Use a test card");
  await page.locator("#sample-number:focus").waitFor();
});

test("a Cancel while the fields are still at work leads to the merchant", async () => {
  await open("pay-fields");
  await number().fill("never");
  await pay().click();
  await page.getByRole("button", { name: "Processing payment…" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL("**/merchant?status=canceled");
});

test("fields with a button of their own pay without ours, and the paid page names the wallet", async () => {
  preview.change("pay-button", { success_url: null });
  await page.goto(`${preview.url}/pay/pay-button?returned=1`);
  const wallet = page.getByRole("button", { name: "Sample wallet" });
  await wallet.waitFor();
  expect(await pay().count()).toBe(0);
  expect(await barriers()).toEqual([]);
  await wallet.click();
  await page.getByRole("heading", { name: "Payment successful" }).waitFor();
  await page.getByText("Paid with").waitFor();
  await page.getByText("Sample wallet").waitFor();
  expect(await page.locator("html").getAttribute("data-wallet-paid")).toBe("true");
  expect(await barriers()).toEqual([]);
});
