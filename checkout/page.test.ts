import { describe, expect, test } from "vitest";
import type { CheckoutAssets } from "./assets.ts";
import { renderChallengeOver, renderChallengePage } from "./challenge-page.ts";
import { escapeHtml } from "./document.ts";
import { LOCALES, renderPage } from "./page.ts";
import { SAMPLES } from "./preview-samples.ts";
import type { Boot } from "./src/boot.ts";

const NONE = Buffer.alloc(0);
const ASSETS: CheckoutAssets = {
  script: { path: "/pay/assets/main-1.js" },
  style: { path: "/pay/assets/main-1.css" },
  files: new Map(),
  embed: { body: NONE, brotli: NONE, gzip: NONE, contentType: "text/javascript", etag: "", cacheControl: "" },
};

function page(token: string, locale: (typeof LOCALES)[number] = "en"): string {
  return renderPage({ view: SAMPLES[token] ?? null, locale, formats: locale, assets: ASSETS });
}

/** What a browser finds in the attribute. */
function bootOf(html: string): Boot {
  const attribute = /data-page='([^']*)'/.exec(html)?.[1] ?? "";
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return JSON.parse(attribute.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? ""));
}

describe("the document of the checkout", () => {
  test("has one script and one style sheet, and nothing inline that a policy would have to allow", () => {
    const html = page("pay");
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/pay/assets/main-1.js">']);
    expect(html.match(/<link rel="stylesheet"[^>]*>/g)).toHaveLength(1);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  test("says without its script who is to be paid how much, and that it needs one", () => {
    const html = page("pay");
    expect(html).toContain('<h1 class="merchant-name">Pay Northwind Coffee</h1>');
    expect(html).toContain("<bdi>$80.00</bdi>");
    expect(html).toContain(">Loading…</p>");
    expect(html).toContain('<noscript><p class="noscript">This page needs JavaScript');
  });

  test.each([
    ["paid", "Payment successful", "/merchant?status=succeeded"],
    ["cancelled", "Payment canceled", "/merchant?status=canceled"],
    ["expired", "This payment link has expired", "/merchant?status=canceled"],
    ["failed", "The payment failed", "/merchant?status=canceled"],
    ["action", "Confirm with your bank", "/challenge/action"],
    ["processing", "Confirming your payment", null],
    ["unknown", "Payment link not found", null],
  ])("of %s is whole without its script, and asks for none", (token, title, link) => {
    const html = page(token);
    expect(html).toContain(`<h1 class="title">${title}</h1>`);
    expect(/<a class="button" href="([^"]*)">/.exec(html)?.[1] ?? null).toBe(link);
    expect(html).not.toContain("noscript");
  });

  test("keeps out of search engines, and its address out of other sites' logs", () => {
    expect(page("pay")).toContain('<meta name="robots" content="noindex">');
    expect(page("pay")).toContain('<meta name="referrer" content="no-referrer">');
  });

  test("carries the view whole, whatever stands in it", () => {
    for (const [token, view] of Object.entries(SAMPLES)) expect(bootOf(page(token)).view).toEqual(view);
  });

  test("gives no name or item the chance to become markup", () => {
    const html = page("pay-hostile");
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/<img|<b>/);
    expect(/<title>(.*)<\/title>/.exec(html)?.[1]).toContain("&lt;/script&gt;");
  });

  test.each(LOCALES)("is in %s as a whole, and in no other language", (locale) => {
    const html = page("pay", locale);
    expect(html).toContain(`<html lang="${locale}" dir="${locale === "ar" ? "rtl" : "ltr"}">`);
    expect(bootOf(html).locale).toBe(locale);
    expect(html.includes("Name on card")).toBe(locale === "en");
  });

  test("of an unknown token says so, and carries no view", () => {
    expect(bootOf(page("nobody-knows-this")).view).toBeNull();
    expect(page("nobody-knows-this")).toContain("<title>Payment link not found</title>");
  });
});

describe("the sandbox's challenge", () => {
  const input = {
    action: '/sandbox/"x"',
    state: "/sandbox/x/state",
    back: "/pay/x?returned=1",
    secondsLeft: 61,
    formats: "en-GB",
    merchant: "<b>Acme</b>",
    amount: "80.00",
    currency: "USD",
    last4: "3220",
  };

  test("is a form of two buttons, which need no script", () => {
    const html = renderChallengePage({ ...input, locale: "en", assets: ASSETS });
    expect(html).toContain('<form class="challenge-form" method="post" action="/sandbox/&quot;x&quot;"');
    expect(html).toContain('name="result" value="complete">Complete</button>');
    expect(html).toContain('name="result" value="fail">Fail</button>');
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/pay/assets/main-1.js">']);
    expect(html).not.toMatch(/<b>|\sstyle=/);
    expect(html).toContain("US$80.00");
    expect(html).toContain("3220");
  });

  test("says where its end can be asked for, and without a script looks again when its time is up", () => {
    const html = renderChallengePage({ ...input, locale: "en", assets: ASSETS });
    expect(html).toContain('data-state="/sandbox/x/state" data-back="/pay/x?returned=1"');
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="61"></noscript>');
    const late = renderChallengePage({ ...input, secondsLeft: -3, locale: "en", assets: ASSETS });
    expect(late).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    const unknown = renderChallengePage({ ...input, secondsLeft: null, locale: "en", assets: ASSETS });
    expect(unknown).not.toContain("refresh");
  });

  test("that nobody knows is a page without a form", () => {
    expect(renderChallengeOver({ locale: "de", assets: ASSETS })).not.toMatch(/<form|<a /);
  });
});

test("escaping leaves nothing that could end an attribute or begin a tag", () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
  );
});
