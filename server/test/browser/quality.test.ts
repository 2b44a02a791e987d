/**
 * What holds for every page of the checkout (contract section 3): no barrier that axe finds (WCAG 2.2 AA), in any
 * language, in light and dark, on the smallest phone and on a desktop; nothing but a few small files from the platform
 * itself; and nothing that a merchant or customer wrote becomes anything but text.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { LOCALES } from "@mintro/checkout/page";
import type { BrowserContext, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createFaultyLink } from "../support/faulty-link.ts";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, type Merchant, pay } from "../support/platform.ts";
import { heading, payButton, payWith, urlIntent } from "./customer.ts";
import { useStage } from "./stage.ts";

const link = createFaultyLink();
const stage = useStage({ sandboxLink: link });
let merchant: Merchant;
beforeAll(async () => {
  merchant = await newMerchant(stage.platform);
});

type State = { readonly url: string; readonly act?: (page: Page) => Promise<void> };
const states = new Map<string, State>();

const ORDER = {
  tax: 12.5,
  discount: 5,
  order_items: Array.from({ length: 8 }, (_, index) => ({
    name: `Product ${index + 1}`,
    quantity: index + 1,
    price: 9.99,
  })),
};

/** One link for each page that there is. Most stay as they are for the whole file. */
async function prepareStates(): Promise<void> {
  const one = async (change = {}) => (await urlIntent(merchant, stage.site, change)).payment_url;
  const framed = async (change = {}) => (await merchant.createIntent(change)).payment_url;
  const expired = await one();
  await merchant.advance({ seconds: 24 * 3_600 });
  const cancelled = await merchant.createIntent();
  await merchant.post(`/intents/${cancelled.intent_id}/cancel`);
  const [declined, paid, renewing, failed, open] = await Promise.all([
    one(ORDER),
    one(),
    framed({ intent_type: "recurring", interval_days: 30 }),
    one(),
    one(),
  ]);
  await pay(declined, CARDS.insufficientFunds);
  await Promise.all([pay(paid), pay(renewing, CARDS.amex)]);
  for (let failures = 0; failures < 10; failures += 1) await pay(failed, CARDS.declined);
  const challenge = (await pay(open, CARDS.challengeThenSucceeds)).challenge_url ?? "";
  const processing = await one();
  link.nextCharge("timeout_after");
  for (let lookUps = 0; lookUps < 10; lookUps += 1) link.next("lookUp", "timeout_before");
  await pay(processing);

  const cancelHere = (page: Page) => page.locator("button[type=button]").click();
  const complain = (page: Page) => page.locator("button[type=submit]").click();
  const recurring = await framed({ ...ORDER, intent_type: "recurring", interval_days: 30 });
  states
    .set("to be paid", { url: await one(ORDER) })
    .set("to be paid, with complaints", { url: recurring, act: complain })
    .set("declined", { url: declined })
    .set("canceled in the frame", { url: await framed(), act: cancelHere })
    .set("processing", { url: processing })
    .set("waiting for the challenge", { url: `${open}?returned=1` })
    .set("challenge", { url: challenge })
    .set("challenge that nobody knows", { url: `${stage.platform.url}/sandbox/challenges/unknown` })
    .set("paid", { url: paid })
    .set("paid, renewing", { url: renewing })
    .set("cancelled", { url: cancelled.payment_url })
    .set("expired", { url: expired })
    .set("failed", { url: failed })
    .set("unknown", { url: `${stage.platform.url}/pay/unknown` });
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const AXE = readFileSync(
  createRequire(import.meta.resolve("@axe-core/playwright")).resolve("axe-core"),
  "utf8",
);

/** Also what axe cannot decide counts, so that nobody has to. `only`: axe's tags or rules. */
const look = (
  only: readonly string[],
) => `axe.run(document, { runOnly: ${JSON.stringify(only)} }).then(({ violations, incomplete }) => [
  ...[...violations, ...incomplete].flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)),
  ...(document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
])`;

/** Dark differs from light in colours alone. */
const SCHEMES = [
  ["light", RULES],
  ["dark", ["color-contrast"]],
] as const;

const SIZES = [
  { width: 320, height: 640 },
  { width: 1280, height: 800 },
];

async function barriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const [colorScheme, only] of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const seen: string[] = await page.evaluate(look(only));
      found.push(...seen.map((barrier) => `${size.width} px, ${colorScheme}: ${barrier}`));
    }
  }
  return found;
}

describe("no page has a barrier, narrow or wide, in light or dark,", () => {
  beforeAll(prepareStates);

  test.each(LOCALES)("in %s", { timeout: 120_000 }, async (locale) => {
    const page = await stage.visit({ locale, reducedMotion: "reduce" });
    await page.addInitScript(AXE);
    const found: string[] = [];
    for (const [state, { url, act }] of states) {
      await page.goto(url);
      await page.locator("body:not(:has([aria-busy=true])) h1").waitFor(); // the script's, and not what stood there before
      await act?.(page);
      const language: string = await page.evaluate(
        "[document.documentElement.lang, getComputedStyle(document.body).direction].join()",
      );
      expect(language, state).toBe(`${locale},${locale === "ar" ? "rtl" : "ltr"}`);
      found.push(...(await barriers(page)).map((barrier) => `${state}, ${barrier}`));
    }
    expect(found).toEqual([]);
  });
});

describe("the page", () => {
  test("comes in one round trip: itself, and the small script and style that it names", async () => {
    const { payment_url } = await merchant.createIntent();
    const page = await stage.visit();
    const asked: { type: string; url: string; bytes: Promise<number> }[] = [];
    page.on("requestfinished", (request) => {
      const bytes = request.sizes().then((sizes) => sizes.responseBodySize);
      asked.push({ type: request.resourceType(), url: request.url(), bytes });
    });
    const response = await page.goto(payment_url);
    await payButton(page).waitFor();
    expect(asked.map(({ type }) => type).sort()).toEqual(["document", "script", "stylesheet"]);
    expect(await response?.headerValue("content-encoding")).toBe("gzip");
    const html = (await response?.text()) ?? "";
    const files = asked.filter(({ type }) => type !== "document");
    for (const { url } of files) expect(html).toContain(`"${new URL(url).pathname}"`);
    const sizes = await Promise.all(files.map(({ bytes }) => bytes));
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThan(5_000);
    expect(total).toBeLessThanOrEqual(40 * 1024);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(20 * 1024);
  });

  test("allows no script, style or frame but its own, and has none within", async () => {
    const { payment_url } = await merchant.createIntent();
    const page = await stage.visit();
    const response = await page.goto(payment_url);
    expect(response?.headers()).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors *",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    await payButton(page).waitFor();
    const within = `[
      ...document.querySelectorAll("script:not([src]), style, [style], base, iframe, object"),
      ...[...document.querySelectorAll("*")].filter((element) => element.getAttributeNames().some((name) => name.startsWith("on"))),
    ].map((element) => element.outerHTML)`;
    expect(await page.evaluate(within)).toEqual([]);
  });

  test("shows what merchants and customers wrote as they wrote it", async () => {
    const name = `"'></div><script>document.title='broken'</script><img src=x onerror="document.title='broken'">`;
    const { payment_url } = await merchant.createIntent({
      name: "O'Brien <b>",
      email: `"a'b"@example.com`,
      order_items: [{ name, quantity: 1, price: 80 }],
    });
    const page = await stage.visit();
    await page.goto(payment_url);
    await page.getByText(name).waitFor();
    expect(await page.locator("[autocomplete=cc-name]").inputValue()).toBe("O'Brien <b>");
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toMatch(/^Pay Merchant /);
  });

  test("keeps nothing in the browser, and says so where scripts are off; the challenge does without them", async () => {
    const { payment_url } = await merchant.createIntent();
    const page = await stage.visit();
    await page.goto(payment_url);
    await payWith(page, CARDS.challengeThenSucceeds);
    await heading(page, "Confirm your payment").waitFor();
    const challenge = page.url();
    const context: BrowserContext = page.context();
    expect(await context.storageState()).toEqual({ cookies: [], origins: [] });

    const plain = await stage.visit({ javaScriptEnabled: false });
    await plain.goto((await merchant.createIntent()).payment_url);
    expect(await plain.locator(".noscript").innerText()).toContain("This page needs JavaScript");
    await plain.goto(challenge);
    await plain.getByRole("button", { name: "Complete" }).click();
    await plain.waitForURL(/returned=1$/);
    await page.goto(payment_url);
    await heading(page, "Payment successful").waitFor();
  });
});
