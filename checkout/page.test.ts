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
  return renderPage({ view: SAMPLES[token] ?? null, locale, assets: ASSETS });
}

/** What a browser finds in the attribute. */
function bootOf(html: string): Boot {
  const attribute = /data-page="([^"]*)"/.exec(html)?.[1] ?? "";
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return JSON.parse(attribute.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? ""));
}

describe("the document of the checkout", () => {
  test("has one script and one style sheet, and nothing inline that a policy would have to allow", () => {
    const html = page("pay");
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/pay/assets/main-1.js">']);
    expect(html.match(/<link rel="stylesheet"[^>]*>/g)).toHaveLength(1);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(html).toContain("<noscript>");
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
    merchant: "<b>Acme</b>",
    amount: "80.00",
    currency: "USD",
    last4: "3220",
  };

  test("is a form of two buttons, without a script", () => {
    const html = renderChallengePage({ ...input, locale: "en", assets: ASSETS });
    expect(html).toContain('<form class="challenge-form" method="post" action="/sandbox/&quot;x&quot;"');
    expect(html).toContain('name="result" value="complete">Complete</button>');
    expect(html).toContain('name="result" value="fail">Fail</button>');
    expect(html).not.toMatch(/<script|<b>|\sstyle=/);
    expect(html).toContain("$80.00");
    expect(html).toContain("3220");
  });

  test("that is over leads back to the payment, where that is known", () => {
    expect(renderChallengeOver({ back: "/pay/x", locale: "de", assets: ASSETS })).toContain('href="/pay/x"');
    expect(renderChallengeOver({ back: null, locale: "de", assets: ASSETS })).not.toContain("<a ");
  });
});

test("escaping leaves nothing that could end an attribute or begin a tag", () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
  );
});
