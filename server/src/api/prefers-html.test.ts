/** Whose wrong addresses are answered with a page. */
import { expect, it } from "vitest";
import { prefersHtml } from "./prefers-html.ts";

it.each([
  ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", true],
  ["text/html, application/json;q=0.5", true],
  ["TEXT/HTML; charset=utf-8 ; Q=0.9, */*;q=0.1", true],
  ["text/html", true],
  [undefined, false],
  ["", false],
  ["*/*", false],
  ["text/html, application/json", false],
  ["text/html;q=0.4, application/*;q=0.5", false],
  ["text/html;q=0", false],
  ["text/html;q=two", false],
  ["application/json, text/plain, */*", false],
])("%j: %j", (accept, wanted) => {
  expect(prefersHtml(accept)).toBe(wanted);
});
