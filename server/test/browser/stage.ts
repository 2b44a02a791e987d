/**
 * What a file of browser tests plays on: the real platform, a merchant's site, a real Chromium. Whatever no page may do is
 * watched in every test: a complaint in the console (a broken policy is one), an uncaught error, a request to anybody but
 * the platform. And when the file ends, no card number and no code may be found anywhere behind it.
 */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { createLog } from "../../src/base/log.ts";
import type { Wiring } from "../../src/main/wire.ts";
import { launchChromium } from "../support/chromium.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { findCardData } from "./card-data.ts";
import { type MerchantSite, openMerchantSite } from "./merchant-site.ts";

export type Stage = {
  readonly platform: TestPlatform;
  readonly site: MerchantSite;
  readonly browser: Browser;
  /** A platform that is set up in another way, beside the first; for `beforeAll`. */
  startAnother(wiring: Partial<Wiring>): Promise<TestPlatform>;
  /** A customer's browser with nothing open; closed when the test ends. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** A console error that the test causes on purpose, and that must come. */
  expectComplaint(pattern: RegExp): void;
};

/** Called at a file's top. `wiring` is how this file's platform differs; `another` is an origin that its pages may ask, too. */
export function useStage(
  wiring: Partial<Wiring> | (() => Promise<Partial<Wiring>>) = {},
  another: () => string | null = () => null,
): Stage {
  let set: { platform: TestPlatform; site: MerchantSite; browser: Browser } | null = null;
  const platforms: TestPlatform[] = [];
  const props = () => {
    if (!set) throw new Error("The stage is not set yet.");
    return set;
  };
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  const logged: string[] = [];

  const start = async (change: Partial<Wiring>) => {
    const log = createLog("debug", { write: (line: string) => void logged.push(line) });
    const platform = await startPlatform({ log, ...change });
    platforms.push(platform);
    return platform;
  };

  beforeAll(async () => {
    const [site, browser, platform] = await Promise.all([
      openMerchantSite(),
      launchChromium(),
      typeof wiring === "function" ? wiring().then(start) : start(wiring),
    ]);
    set = { platform, site, browser };
  });

  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expectExactly(expected.splice(0), complaints.splice(0));
  });

  afterAll(async () => {
    const { site, browser } = props();
    await browser.close();
    await site.close();
    expect(logged.length).toBeGreaterThan(0);
    for (const { databaseUrl, sink } of platforms) {
      const told = sink.received.map((received) => JSON.stringify(received));
      expect(await findCardData(databaseUrl, { logged, told })).toEqual([]);
    }
  });

  return {
    get platform() {
      return props().platform;
    },
    get site() {
      return props().site;
    },
    get browser() {
      return props().browser;
    },
    startAnother: start,
    async visit(options = {}) {
      const context = await props().browser.newContext({ locale: "en-US", ...options });
      context.setDefaultTimeout(15_000);
      contexts.push(context);
      watch(context, { platforms, another }, (complaint) => complaints.push(complaint));
      return await context.newPage();
    },
    expectComplaint: (pattern) => void expected.push(pattern),
  };
}

function expectExactly(expected: readonly RegExp[], complaints: readonly string[]): void {
  expect(complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)))).toEqual([]);
  for (const pattern of expected) expect(complaints.join("\n")).toMatch(pattern);
}

/** A refused request is logged by Chromium itself; which ones are refused is for the tests to say. */
const REFUSED = /^Failed to load resource: the server responded with a status of (?:404|422)/;

function watch(
  context: BrowserContext,
  allowed: { readonly platforms: readonly TestPlatform[]; readonly another: () => string | null },
  complain: (complaint: string) => void,
): void {
  context.on("console", (message) => {
    const { url } = message.location();
    const isMerchants = url.startsWith("http://127.0.0.1:") && !/policy|origin/i.test(message.text());
    if (message.type() !== "error" || isMerchants || REFUSED.test(message.text())) return;
    complain(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complain(`uncaught: ${error.error().message}`));
  context.on("request", (request) => {
    const url = request.url();
    const toMerchant = url.startsWith("http://127.0.0.1:") && request.isNavigationRequest();
    const origins = [...allowed.platforms.map((platform) => platform.url), allowed.another()];
    const isAllowed = origins.some((origin) => origin !== null && url.startsWith(`${origin}/`));
    if (isAllowed || toMerchant || url.startsWith("data:image/svg+xml,")) return;
    complain(`a request to another origin: ${url}`);
  });
}
