/**
 * Customers whose request cannot be served see a page in their language, with what they can do, and never the API's JSON;
 * the checkout page's own calls and programs get JSON as ever.
 */
import { LOCALES } from "@mintro/checkout/page";
import { beforeAll, describe, expect, test } from "vitest";
import { instantFromMicros } from "../../src/base/instant.ts";
import { realWorld } from "../../src/base/world.ts";
import type { TestPlatform } from "../support/platform.ts";
import { payButton } from "./customer.ts";
import { useStage } from "./stage.ts";

const wall = realWorld();
const passed = 0n;
const world = { ...wall, now: () => instantFromMicros(wall.now() + passed) };
const stage = useStage({
  world,
  trustedProxies: ["loopback"],
  misuse: { unknownLinks: 3, attempts: 1 },
});

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const ask = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { accept: BROWSER, ...headers }, redirect: "manual" });

async function pageAt(url: string, headers: Record<string, string> = {}) {
  const response = await ask(url, headers);
  const html = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    headers: response.headers,
    html,
    lang: /<html lang="(\w+)"/.exec(html)?.[1],
    title: /<h1[^>]*>([^<]+)</.exec(html)?.[1],
  };
}

describe("an address under /pay that nobody knows", () => {
  test.each(["/pay", "/pay/", "/pay/x/extra", "/pay/x/y/z", "/pay/%ff", "/pay/demo/x"])(
    "%s is the page for unknown links",
    async (path) => {
      const page = await pageAt(stage.platform.url + path);
      expect(page).toMatchObject({ status: 404, lang: "en", title: "Payment link not found" });
      expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(page.headers.get("x-request-id")).toMatch(/^req_/);
      expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  test("is so however long it is", async () => {
    const page = await pageAt(`${stage.platform.url}/pay/${"x".repeat(5_000)}`);
    expect(page).toMatchObject({ status: 404, title: "Payment link not found" });
  });

  test("is JSON for programs, and for whoever posts", async () => {
    for (const accept of ["application/json", "*/*"]) {
      const response = await ask(`${stage.platform.url}/pay/x/extra`, { accept });
      expect([response.status, response.headers.get("content-type")]).toEqual([
        404,
        "application/json; charset=utf-8",
      ]);
    }
    const posted = await fetch(`${stage.platform.url}/pay/x/extra`, {
      method: "POST",
      headers: { accept: BROWSER },
    });
    expect(await posted.json()).toMatchObject({ success: false });
  });
});

describe("a customer who is held up", () => {
  test("is told so in every language, by a page that comes back by itself", async () => {
    const headers = { "x-forwarded-for": "198.51.100.7" };
    for (let guesses = 0; guesses < 3; guesses += 1)
      await ask(`${stage.platform.url}/pay/x${guesses}`, headers);
    const titles = new Set<string | undefined>();
    for (const locale of LOCALES) {
      const page = await pageAt(`${stage.platform.url}/pay/guess`, { ...headers, "accept-language": locale });
      expect(page).toMatchObject({ status: 429, lang: locale });
      const seconds = Number(page.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(0);
      expect(page.html).toContain(`<meta http-equiv="refresh" content="${seconds}">`);
      titles.add(page.title);
    }
    expect(titles.size).toBe(LOCALES.length);
    const asked = await ask(`${stage.platform.url}/pay/guess/state`, {
      ...headers,
      accept: "application/json",
    });
    expect(asked.status).toBe(429);
    expect(await asked.json()).toMatchObject({ success: false });
    const challenge = await pageAt(`${stage.platform.url}/sandbox/challenges/guess`, headers);
    expect([challenge.status, challenge.title]).toEqual([429, "Too many requests"]);
    const answered = await fetch(`${stage.platform.url}/sandbox/challenges/guess`, {
      method: "POST",
      headers: { ...headers, accept: BROWSER },
      body: new URLSearchParams({ result: "complete" }),
    });
    expect([answered.status, answered.headers.get("content-type")]).toEqual([
      429,
      "text/html; charset=utf-8",
    ]);
  });

  test("sees the demo's limit as a page too", async () => {
    const headers = { "x-forwarded-for": "198.51.100.8" };
    expect((await ask(`${stage.platform.url}/pay/demo`, headers)).status).toBe(303);
    expect(await pageAt(`${stage.platform.url}/pay/demo`, headers)).toMatchObject({ status: 429 });
  });
});

describe("where no place is free", () => {
  let busy: TestPlatform;
  beforeAll(async () => {
    busy = await stage.startAnother({ admission: { paying: 0 } });
  });

  test("customers are told so in every language, by a page that may stand in the merchant's frame", async () => {
    const { payment_url } = await busy.merchant.createIntent();
    const titles = new Set<string | undefined>();
    for (const locale of LOCALES) {
      const page = await pageAt(payment_url, { "accept-language": locale });
      expect(page).toMatchObject({ status: 503, lang: locale, type: "text/html; charset=utf-8" });
      expect(page.headers.get("retry-after")).toBe("5");
      expect(page.headers.get("content-security-policy")).toContain("frame-ancestors *");
      expect(page.html).toContain('<meta http-equiv="refresh" content="5">');
      titles.add(page.title);
    }
    expect(titles.size).toBe(LOCALES.length);
  });

  test("a payment is answered as not tried, and none is made", async () => {
    const { intent_id, payment_url } = await busy.merchant.createIntent();
    const response = await fetch(`${payment_url}/pay`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: "{}",
    });
    expect([response.status, response.headers.get("mintro-not-tried")]).toEqual([503, "true"]);
    expect((await busy.merchant.intent(intent_id)).charges).toEqual([]);
  });
});

test("the page of a busy server gives way to the checkout by itself, once there is a place", async () => {
  stage.expectComplaint(/status of 503/);
  const { payment_url } = await stage.platform.merchant.createIntent();
  const page = await stage.visit();
  const busy = await stage.startAnother({ admission: { paying: 0 } });
  const { html } = await pageAt((await busy.merchant.createIntent()).payment_url);
  const shown = html.replaceAll(/content="5"/g, 'content="1"');
  await page.route(
    payment_url,
    (route) => route.fulfill({ status: 503, contentType: "text/html", body: shown }),
    {
      times: 1,
    },
  );
  await page.goto(payment_url);
  await page.getByRole("heading", { name: "We are busy" }).waitFor();
  await payButton(page).waitFor();
});
