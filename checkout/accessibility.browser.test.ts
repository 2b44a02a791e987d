/**
 * What the platform's own browser tests (server/test/browser/quality.test.ts) cannot bring about: live mode, orders of every
 * length, a lost connection. WCAG 2.2 AA as far as axe can tell, in light and dark, and no sideways scrolling at 320 px.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../server/test/support/chromium.ts";
import { type Preview, servePreview } from "./preview.ts";

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

async function open(state: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    reducedMotion: "reduce",
    locale: "en-US",
  });
  const page = await context.newPage();
  await page.goto(`${preview.url}/pay/${state}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

async function barriers(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)));
  }
  const sideways = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
  return sideways === 0 ? found : [...found, `scrolls sideways by ${sideways}`];
}

test.each(["pay-live", "pay-long", "pay-yen", "pay-hostile"])("%s has no barrier", async (state) => {
  const page = await open(state);
  expect(await barriers(page)).toEqual([]);
  await page.context().close();
});

test("nor has the form whose payment was lost", async () => {
  const page = await open("pay-framed");
  await page.route("**/pay/pay-framed/*", (route) => route.abort());
  await page.locator("[autocomplete=cc-number]").fill("4242424242424242");
  await page.locator("[autocomplete=cc-exp]").fill("12/40");
  await page.locator("[autocomplete=cc-csc]").fill("123");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByRole("button", { name: "Check now" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.context().close();
});

test("every control is large enough to be hit", async () => {
  const page = await open("pay-long");
  for (const control of await page.locator("input, button, summary").all()) {
    const box = await control.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
  }
  await page.context().close();
});
