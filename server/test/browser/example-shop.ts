/**
 * An example's shop beside the stage's platform: a merchant and an endpoint of its own, made by the API, and the shop as
 * a program of its own, started as its README says. Its pages may not complain in the console either.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { freePort } from "../support/free-ports.ts";
import { newMerchant } from "../support/merchants.ts";
import { eventually, type Json, type Merchant } from "../support/platform.ts";
import { type Program, startProgram } from "../support/program.ts";
import type { Stage } from "./stage.ts";

export type ExampleShop = {
  /** `http://127.0.0.1:port`, which is another site than the platform's `localhost`. */
  readonly url: string;
  readonly merchant: Merchant;
  /** A customer's browser in the shop; closed after the test. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** A console error that the test causes on purpose, and that must come. */
  expectComplaint(pattern: RegExp): void;
  /** The intents that the shop has made, newest first. */
  intents(): Promise<Json[]>;
  /** How often the shop says that it has delivered an order. */
  deliveriesOf(orderId: string): number;
  /** Waits until the endpoint has said thanks for the intent's event so many times. */
  thanked(intentId: string, event: string, times?: number): Promise<Json>;
};

/** Called at a file's top, after `useStage`. `env` is asked for when the shop starts. */
export function useExampleShop(
  stage: Stage,
  main: string,
  env: () => Record<string, string> = () => ({}),
): ExampleShop {
  let set: { url: string; merchant: Merchant; program: Program } | null = null;
  const props = () => {
    if (!set) throw new Error("The shop is not open yet.");
    return set;
  };
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const expected: RegExp[] = [];

  beforeAll(async () => {
    const merchant = await newMerchant(stage.platform);
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const endpoint = await merchant.post("/webhook-endpoints", { url: `${url}/webhooks` });
    const program = await startProgram(["node", main], {
      PORT: port,
      SHOP_URL: url,
      SHOP_DATABASE: ":memory:",
      MINTRO_URL: stage.platform.url,
      MINTRO_CLIENT_ID: merchant.clientId,
      MINTRO_CLIENT_SECRET: merchant.clientSecret,
      MINTRO_WEBHOOK_SECRET: endpoint.body.data.secret,
      ...env(),
    });
    set = { url, merchant, program };
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const patterns = expected.splice(0);
    const all = complaints.splice(0);
    expect(all.filter((complaint) => !patterns.some((pattern) => pattern.test(complaint)))).toEqual([]);
    for (const pattern of patterns) expect(all.join("\n")).toMatch(pattern);
  });
  afterAll(() => props().program.stop());

  return {
    get url() {
      return props().url;
    },
    get merchant() {
      return props().merchant;
    },
    async visit(options = {}) {
      const context = await stage.browser.newContext({ locale: "en-US", ...options });
      context.setDefaultTimeout(15_000);
      contexts.push(context);
      context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().message}`));
      context.on("console", (message) => {
        if (message.type() === "error") complaints.push(`console: ${message.text()}`);
      });
      return await context.newPage();
    },
    expectComplaint: (pattern) => void expected.push(pattern),
    async intents() {
      return (await props().merchant.get("/intents")).body.data;
    },
    deliveriesOf: (orderId) => props().program.printed().split(`delivered: order ${orderId}`).length - 1,
    thanked: (intentId, event, times = 1) => thanked(props().merchant, intentId, event, times),
  };
}

async function thanked(merchant: Merchant, intentId: string, event: string, times: number): Promise<Json> {
  return await eventually(async () => {
    const events: Json[] = (await merchant.get("/events?limit=100")).body.data;
    const found = events.find((each) => each.intent_id === intentId && each.event === event);
    if (!found) return false;
    const deliveries: Json[] = (await merchant.get(`/events/${found.event_id}/deliveries`)).body.data;
    const thanks = deliveries.flatMap(({ tries }) => tries).filter((each) => each.status_code === 204);
    return thanks.length >= times && found;
  });
}

const AXE = readFileSync(
  createRequire(import.meta.resolve("@axe-core/playwright")).resolve("axe-core"),
  "utf8",
);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds on the page or cannot decide, and whether it scrolls sideways. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(`axe.run(document, {
      runOnly: ${JSON.stringify(RULES)},
      iframes: false, rules: { "frame-tested": { enabled: false } }, // the checkout's own pages have tests of their own
    })
    .then(({ violations, incomplete }) => [
      ...[...violations, ...incomplete].flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)),
      ...(document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
    ])`);
}
