/**
 * What the platform's own browser tests (server/test/browser/quality.test.ts) cannot bring about: live mode, orders of every
 * length, a lost connection. WCAG 2.2 AA as far as axe can tell, in light and dark, and no sideways scrolling at 320 px.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

test.each(["busy", "heldUp", "broken"])("nor has the page of a server that is %s", async (kind) => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: "ar" });
  const page = await context.newPage();
  await page.goto(`${preview.url}/notice/${kind}`);
  // That they load themselves again is all that they are for.
  expect((await barriers(page)).filter((barrier) => !barrier.startsWith("meta-refresh"))).toEqual([]);
  await context.close();
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

/** Where the page is wider than the screen, where something stands beyond it, and headings that fell into a column of letters. */
const LOOK = `(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways");
  for (const element of document.querySelectorAll("main *")) {
    const { left, right, width, height } = element.getBoundingClientRect();
    if (width <= 1 || height <= 1 || getComputedStyle(element).visibility === "hidden") continue;
    if (right > innerWidth + 1 || left < -1) found.push("beyond the screen: " + element.outerHTML.slice(0, 80));
  }
  for (const text of document.querySelectorAll("h1, h2, label, .badge, .fold-name")) {
    const lines = text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight);
    if (lines > 2 && text.textContent.trim().length / lines < 4) found.push("a column of letters: " + text.textContent);
  }
  return found;
})()`;

/** Set by the browser or the customer, and so by no style sheet that the page's policy could forbid. */
const setStyle = (css: string) =>
  `(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(css)});
    document.adoptedStyleSheets = [sheet];
  })()`;

/** WCAG 2.2, 1.4.12. */
const SPACED =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }";

describe.each([
  ["of twice the size (WCAG 1.4.4)", "html { font-size: 200% !important }"],
  ["with wide spaces (WCAG 1.4.12)", SPACED],
])("text %s", (_, css) => {
  test.each(["pay", "pay-recurring", "pay-long", "pay-yen", "paid", "cancelled", "action", "processing"])(
    "leaves %s readable on phones, within the screen",
    async (state) => {
      const page = await open(state);
      for (const width of [320, 390]) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(setStyle(css));
        await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
        expect(await page.evaluate(LOOK), `${width} px`).toEqual([]);
      }
      await page.context().close();
    },
  );
});

test("on a phone a long order is folded behind a line that tells the total, and opens without a script of ours", async () => {
  const page = await open("pay-many");
  const line = page.locator("summary", { hasText: "Order summary" });
  expect(await line.innerText()).toContain("$80.00");
  expect(await page.getByText("Product 1", { exact: true }).isVisible()).toBe(false);
  await line.press("Enter");
  expect(await page.getByText("Product 1", { exact: true }).isVisible()).toBe(true);
  await page.setViewportSize({ width: 1280, height: 800 });
  await line.waitFor({ state: "detached" });
  expect(await page.getByText("Product 1", { exact: true }).isVisible()).toBe(true);
  await page.context().close();
});

test("on a phone a short order stands open, and can be folded", async () => {
  const page = await open("pay");
  expect(await page.getByText("Total", { exact: true }).isVisible()).toBe(true);
  await page.locator("summary", { hasText: "Order summary" }).press("Enter");
  expect(await page.getByText("Total", { exact: true }).isVisible()).toBe(false);
  await page.context().close();
});

test("beside a long order the form stays in view", async () => {
  const page = await open("pay-many");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByText("Show 25 more items").click();
  await page.getByText("Product 30").scrollIntoViewIfNeeded();
  const box = await page.getByRole("button", { name: /^Pay/ }).boundingBox();
  expect(box?.y).toBeGreaterThan(0);
  expect(box?.y).toBeLessThan(800);
  await page.context().close();
});

test("the fields follow each other at the same distance, and a complaint moves nothing above it", async () => {
  const page = await open("pay");
  await page.setViewportSize({ width: 1280, height: 800 });
  const tops = async () => {
    const boxes = await Promise.all(
      ["number", "expiry", "name"].map((id) => page.locator(`#card-${id}`).boundingBox()),
    );
    return boxes.map((box) => box?.y ?? 0);
  };
  const [number = 0, expiry = 0, name = 0] = await tops();
  expect(name - expiry).toBeCloseTo(expiry - number, 0);
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByText("Enter the card number.").first().waitFor();
  const after = await tops();
  expect(after[0]).toBeCloseTo(number, 0);
  expect((after[2] ?? 0) - name).toBeLessThanOrEqual(60);
  await page.context().close();
});

test("every control is large enough to be hit", async () => {
  const page = await open("pay-long");
  await page.getByText("Order summary").click();
  for (const control of await page.locator("input, button, summary").all()) {
    const box = await control.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
  }
  await page.context().close();
});
