import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEmail, isWebUrl } from "./formats.ts";

describe("an e-mail address", () => {
  test.each([
    "customer@example.com",
    "first.last+tag@sub.example.co.uk",
    "a@b",
    "user@localhost",
    "o'brien@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    '"a b"@example.com',
    '"a\\"b"@example.com',
    "jörg@müller.de",
    "用户@例え.jp",
    "हिन्दी@डाक.भारत",
    "a@xn--mller-kva.de",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    `${"a".repeat(300)}@example.com`,
  ])("%j is one", (text) => {
    expect(isEmail(text)).toBe(true);
  });

  test.each([
    "",
    "customer",
    "@example.com",
    "customer@",
    "a@@b.c",
    "a@b@c.d",
    ".a@b.c",
    "a.@b.c",
    "a..b@c.d",
    "a b@c.d",
    "a@b c.d",
    "a@-b.c",
    "a@b-.c",
    "a@b..c",
    "a@b.c.",
    "a@.b",
    "a@b,c",
    "a,b@c.d",
    "a@b/c",
    "a<b@c.d",
    "Name <a@b.c>",
    "a@b.c\r\nBcc: x@y.z",
    '"a\r\nb"@c.d',
    '"a@b.c',
    "a(comment)@b.c",
    "a\u200b@b.c",
    "a\u00a0b@c.d",
    "a\u0000@b.c",
    "a@b.c\u202e",
    "a@[1.2.3]",
  ])("%j is none", (text) => {
    expect(isEmail(text)).toBe(false);
  });
});

describe("a web address", () => {
  test.each([
    "https://example.com",
    "http://localhost:8080/cb",
    "HTTPS://Example.com/Success",
    "https://example.com/?",
    "https://example.com/success?order=1&x[]=2#done",
    "https://example.com/a//b/%20;p=1,2",
    "https://example.com.",
    "http://127.0.0.1:3000/",
    "http://[::1]:3000/x",
    "https://my_host.example",
    "https://müller.example/straße?q=ä",
    "https://example.com/@user",
  ])("%s is one, and takes further query parameters", (text) => {
    expect(isWebUrl(text)).toBe(true);
    const url = new URL(text);
    url.searchParams.append("status", "succeeded");
    expect(isWebUrl(url.toString())).toBe(true);
    expect(url.searchParams.get("status")).toBe("succeeded");
  });

  test.each([
    "",
    "example.com",
    "//example.com",
    "/success",
    "https:/example.com",
    "https:example.com",
    "https://",
    "https:///path",
    "https://?q",
    "ftp://example.com",
    "javascript:alert(1)",
    "javascript://example.com/%0aalert(1)",
    "data:text/html,x",
    "https://user@example.com",
    "https://user:pass@example.com",
    "https://good.example@evil.example",
    "https://good.example\\@evil.example",
    "https://example.com\\evil",
    "https://exa mple.com",
    "https://example.com/a b",
    "https://example.com/\r\nSet-Cookie: a=b",
    "https://example.com/\t",
    "https://example.com/\u0000",
    "https://example.com/\u00a0",
    "https://example.com/\u202e",
    "https://example.com/%",
    "https://example.com/%zz",
    "https://example.com/<script>",
    'https://example.com/"',
    "https://example.com:99999",
    "https://example.com:port",
    "https://1.2.3.400",
    "https://a..b",
    "https://-a.example",
    "https://[::1",
    "https://[::g]",
    "https://[fe80::1%25eth0]",
    "httpſ://example.com",
  ])("%j is none", (text) => {
    expect(isWebUrl(text)).toBe(false);
  });

  test("its parsed form is http or https, with a host and without credentials", () => {
    const piece = fc.constantFrom(
      "http",
      "https",
      ":",
      "/",
      "//",
      "@",
      "\\",
      "a",
      ".",
      "?",
      "#",
      "%41",
      "[",
      "]",
      "é",
      " ",
      "\n",
      "1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        if (!isWebUrl(text)) return;
        const url = new URL(text);
        expect(["http:", "https:"]).toContain(url.protocol);
        expect(url.hostname).not.toBe("");
        expect(url.username + url.password).toBe("");
      }),
      { numRuns: 2000 },
    );
  });
});

test("hostile lengths cost no more than linear time", () => {
  const started = performance.now();
  for (const unit of ["a", "a.", "a-", "-", "é", "/", "%41"]) {
    const long = unit.repeat(1_000_000 / unit.length);
    isEmail(`${long}@x!`);
    isEmail(`x@${long}!`);
    isWebUrl(`https://${long}!{`);
    isWebUrl(`https://x/${long}{`);
  }
  expect(performance.now() - started).toBeLessThan(3000);
});
