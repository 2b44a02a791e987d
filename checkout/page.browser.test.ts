/**
 * The page in a real browser, before a preview that can be made to lose answers. That it gets on with the platform
 * itself is shown by the platform's own browser tests.
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
});

afterEach(async () => {
  await context.close();
});

async function open(token: string): Promise<void> {
  await page.goto(`${preview.url}/pay/${token}`);
}

async function enter(number: string, at: Pick<Page, "locator"> = page): Promise<void> {
  await at.locator("[autocomplete=cc-number]").fill(number);
  await at.locator("[autocomplete=cc-exp]").fill("12/30");
  await at.locator("[autocomplete=cc-csc]").fill("123");
}

const pay = () => page.getByRole("button", { name: /^Pay/ });
const focused = (): Promise<unknown> => page.evaluate("document.activeElement.id");

describe("paying", () => {
  test("leads to the merchant, with the keyboard alone", async () => {
    await open("pay");
    await page.locator("[autocomplete=cc-number]").focus();
    await page.keyboard.type("4242424242424242");
    await page.keyboard.press("Tab");
    await page.keyboard.type("1230");
    await page.keyboard.press("Tab");
    await page.keyboard.type("123");
    expect(await page.locator("[autocomplete=cc-number]").inputValue()).toBe("4242 4242 4242 4242");
    expect(await page.locator("[autocomplete=cc-exp]").inputValue()).toBe("12 / 30");
    expect(await page.locator("[autocomplete=cc-name]").inputValue()).toBe("John Doe");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/merchant?status=succeeded");
  });

  test("is asked of the server once, however often the button is pressed", async () => {
    let attempts = 0;
    await page.route("**/pay/pay-framed/pay", async (route) => {
      attempts += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await open("pay-framed");
    await enter("4242424242424242");
    await pay().dblclick();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
    expect(attempts).toBe(1);
  });

  test("passes through the bank's challenge and comes back", async () => {
    await open("pay");
    await enter("4000000000003220");
    await pay().click();
    await page.getByRole("button", { name: "Complete" }).click();
    await page.waitForURL("**/merchant?status=succeeded");
  });

  test("that fails at the bank says so, forgets `returned`, and takes another card", async () => {
    await open("pay-framed");
    await enter("4000000000003220");
    await pay().click();
    await page.getByRole("button", { name: "Fail" }).click();
    await page.getByText("could not confirm that it is you").waitFor();
    expect(page.url()).not.toContain("returned");
    await enter("5555555555554444");
    await pay().click();
    await page.getByText("Visa ending in 4444").waitFor();
  });

  test("that is declined keeps the name, clears the card, and puts the caret where a new one goes", async () => {
    await open("pay");
    await page.locator("[autocomplete=cc-name]").fill("Jane Roe");
    await enter("4000000000009995");
    await pay().click();
    await page.getByRole("alert").getByText("sufficient funds").waitFor();
    await page.waitForFunction("document.activeElement.id === 'card-number'");
    expect(await page.locator("[autocomplete=cc-number]").inputValue()).toBe("");
    expect(await page.locator("[autocomplete=cc-csc]").inputValue()).toBe("");
    expect(await page.locator("[autocomplete=cc-name]").inputValue()).toBe("Jane Roe");
    await enter("4242424242424242");
    await pay().click();
    await page.waitForURL("**/merchant?status=succeeded");
  });
});

describe("a card that cannot be right", () => {
  test("is told at its fields, and the first wrong one gets the focus", async () => {
    await open("pay");
    await enter("4242424242424241");
    await page.locator("[autocomplete=cc-exp]").fill("13/30");
    await pay().click();
    await page.waitForFunction("document.activeElement.id === 'card-number'");
    const number = page.locator("[autocomplete=cc-number]");
    expect(await number.getAttribute("aria-invalid")).toBe("true");
    const note = await number.getAttribute("aria-describedby");
    expect(await page.locator(`#${note}`).textContent()).toContain("not valid");
    await number.fill("4242424242424242");
    expect(await number.getAttribute("aria-invalid")).toBe("false");
    expect(await page.locator("[autocomplete=cc-exp]").getAttribute("aria-invalid")).toBe("true");
  });

  test("is not sent to the server, but one that the server refuses is told the same way", async () => {
    let attempts = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") attempts += 1;
    });
    await open("pay");
    await pay().click();
    await page.getByText("Enter the card number.").first().waitFor();
    expect(attempts).toBe(0);
    await enter("4111111111111111");
    await pay().click();
    await page.getByText("Use a test card").first().waitFor();
    expect(attempts).toBe(1);
    expect(await focused()).toBe("card-number");
  });
});

describe("a connection that breaks while paying", () => {
  test("before the payment arrived: says that nothing was charged, keeps the card, and may pay again", async () => {
    await page.route("**/pay/pay/pay", (route) => route.abort(), { times: 1 });
    await open("pay");
    await enter("4242424242424242");
    await pay().click();
    await page.getByText("Please do not pay again yet").waitFor();
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
    await page.waitForURL("**/merchant?status=succeeded");
  });

  test("for longer: offers to try again, which asks and does not pay", async () => {
    let broken = true;
    await page.route("**/pay/pay-framed/pay", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.route("**/state", (route) => (broken ? route.abort() : route.continue()));
    await open("pay-framed");
    await enter("4242424242424242");
    await pay()
      .click()
      .catch(() => {});
    await page.getByText("Please do not pay again yet").waitFor();
    await page.waitForTimeout(2_000);
    broken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
  });
});

describe("what happens elsewhere", () => {
  test("a cancel by the API is noticed while the page is open", async () => {
    await open("pay");
    await page.getByRole("heading", { name: /^Pay/ }).waitFor();
    preview.change("pay", { status: "cancelled" });
    await page.getByRole("heading", { name: "Payment canceled" }).waitFor();
    expect(await page.locator("input").count()).toBe(0);
  });

  test("an outcome that becomes known is shown, and until then no card is taken", async () => {
    await open("processing");
    await page.getByRole("heading", { name: "Confirming your payment" }).waitFor();
    expect(await page.locator("input").count()).toBe(0);
    preview.change("processing", { status: "succeeded", success_url: null });
    await page.getByRole("heading", { name: "Payment successful" }).waitFor();
    expect(await focused()).toBe("heading");
  });

  test("an intent in its challenge leads to the challenge again", async () => {
    await open("action");
    await page.getByRole("button", { name: "Complete" }).waitFor();
  });

  test("a paid link that is visited again stays", async () => {
    await open("paid");
    await page.getByRole("link", { name: "Return to Northwind Coffee" }).waitFor();
    await page.waitForTimeout(300);
    expect(page.url()).toBe(`${preview.url}/pay/paid`);
  });
});

test("Cancel leads to the merchant", async () => {
  await open("pay");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL("**/merchant?status=canceled");
});

describe("in a frame of the merchant's page", () => {
  async function frame(token: string) {
    await page.goto(`${preview.url.replace("127.0.0.1", "localhost")}/frame/${token}`);
    return page.frameLocator("iframe");
  }

  async function events(wanted: number): Promise<readonly { readonly event: string }[]> {
    await page.waitForFunction(`log.length >= ${wanted}`);
    return page.evaluate("log");
  }

  test("a decline, a second try and the success are each told once, in the document's words", async () => {
    const checkout = await frame("pay-framed");
    await enter("4000000000000002", checkout);
    await checkout.getByRole("button", { name: /^Pay/ }).click();
    await checkout.getByText("Your card was declined").waitFor();
    await enter("4242424242424242", checkout);
    await checkout.getByRole("button", { name: /^Pay/ }).click();
    await checkout.getByRole("heading", { name: "Payment successful" }).waitFor();
    const about = {
      message: expect.any(String),
      intent_id: "pi_0193a5b2-7c1e-7d4f-9a61-3f2b8c4d5e6f",
      client_reference_id: "ORDER-123456",
    };
    await page.waitForTimeout(2_500);
    expect(await events(3)).toEqual([
      { event: "payment.started", ...about },
      { event: "payment.failed", ...about, status: "failed" },
      { event: "payment.success", ...about, status: "succeeded" },
    ]);
  });

  test("a wrong card and Cancel are told, and the customer may come back to pay", async () => {
    const checkout = await frame("pay-framed");
    await checkout.getByRole("button", { name: /^Pay/ }).click();
    await events(2);
    await checkout.getByRole("button", { name: "Cancel" }).click();
    await checkout.getByRole("button", { name: "Back to payment" }).click();
    await checkout.getByRole("button", { name: /^Pay/ }).waitFor();
    const told = await events(3);
    expect(told.map(({ event }) => event)).toEqual(["payment.started", "error", "payment.canceled"]);
    expect(told[1]).toEqual({
      event: "error",
      type: "error",
      message: expect.stringContaining("card number"),
    });
  });

  test("a challenge stays in the frame, and its failure is told without a second start", async () => {
    const checkout = await frame("pay-framed");
    await enter("4000000000003220", checkout);
    await checkout.getByRole("button", { name: /^Pay/ }).click();
    await checkout.getByRole("button", { name: "Fail" }).click();
    await checkout.getByText("could not confirm that it is you").waitFor();
    expect((await events(2)).map(({ event }) => event)).toEqual(["payment.started", "payment.failed"]);
  });

  test.each([
    ["paid-recurring", "payment.success"],
    ["pay-declined", "payment.started"],
  ])("%s tells %s on load", async (token, event) => {
    await frame(token);
    expect((await events(1)).map((told) => told.event)).toEqual([event]);
  });

  test("a failed call is told as an error, once", async () => {
    await page.route("**/state", (route) => route.abort());
    await frame("pay-framed");
    await page.waitForTimeout(6_000);
    expect((await events(2)).map(({ event }) => event)).toEqual(["payment.started", "error"]);
  });
});

test("what merchants and customers wrote stays text", async () => {
  await open("pay-hostile");
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.title()).not.toBe("broken");
});
