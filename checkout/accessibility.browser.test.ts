/** Every state in every language: WCAG 2.2 AA as far as axe can tell, in light and dark, and no sideways scrolling at 320 px. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../server/test/support/chromium.ts";
import { LOCALES, type Locale } from "./page.ts";
import { type Preview, servePreview } from "./preview.ts";
import { SAMPLES } from "./preview-samples.ts";

const STATES = [
  ...Object.keys(SAMPLES).map((token) => `/pay/${token}?returned=${token === "action" ? 1 : 0}`),
  "/challenge/pay?",
  "/challenge-over?",
];
/** The other ways to pay differ in what is paid for, not in words. */
const STATES_BY_WORDS = STATES.filter((state) => !/pay-(?!recurring|declined)|paid-/.test(state));
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser: Browser;
let preview: Preview;

beforeAll(async () => {
  [browser, preview] = await Promise.all([launchChromium(), servePreview(0)]);
}, 60_000);

afterAll(async () => {
  await browser.close();
  await preview.close();
});

async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html}`));
}

async function barriers(states: readonly string[], locale: Locale, colorScheme: "light" | "dark") {
  const context = await browser.newContext({ colorScheme, viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  const found: string[] = [];
  for (const state of states) {
    await page.goto(`${preview.url}${state}&lang=${locale}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    found.push(...(await violations(page)));
    const sideways = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
    if (sideways !== 0) found.push(`${page.url()} scrolls sideways by ${sideways}`);
  }
  await context.close();
  return found;
}

describe("no state has a barrier", () => {
  test.each(["light", "dark"] as const)(
    "in %s colours",
    async (colorScheme) => {
      expect(await barriers(STATES, "en", colorScheme)).toEqual([]);
    },
    60_000,
  );

  test.each(LOCALES.filter((locale) => locale !== "en"))(
    "in %s",
    async (locale) => {
      expect(await barriers(STATES_BY_WORDS, locale, "light")).toEqual([]);
    },
    60_000,
  );
});

describe("on a desktop, no barrier stands", () => {
  async function desktop(state: string): Promise<Page> {
    // A context of its own: axe opens a page beside the one it looks at.
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(`${preview.url}/pay/${state}?lang=en`);
    return page;
  }

  test("in the form with its complaints", async () => {
    const page = await desktop("pay-declined");
    await page.getByRole("button", { name: /^Pay/ }).click();
    await page.getByText("Enter the card number.").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test("in the form whose payment was lost", async () => {
    const page = await desktop("pay-framed");
    await page.route("**/pay/pay-framed/*", (route) => route.abort());
    await page.locator("[autocomplete=cc-number]").fill("4242424242424242");
    await page.locator("[autocomplete=cc-exp]").fill("12/30");
    await page.locator("[autocomplete=cc-csc]").fill("123");
    await page.getByRole("button", { name: /^Pay/ }).click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test("after the customer's Cancel in a frame", async () => {
    const page = await desktop("pay-framed");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Back to payment" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

test("every control is large enough to be hit", async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(`${preview.url}/pay/pay-long?lang=en`);
  for (const control of await page.locator("input, button, summary").all()) {
    const box = await control.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
  }
  await context.close();
});
