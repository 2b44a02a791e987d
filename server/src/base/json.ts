/**
 * Reads a request's body without losing anything: metadata is handed back untouched (contract section 2), so numbers
 * that JavaScript would spell otherwise keep their source (see @mintro/contract/json). What JavaScript itself does to
 * objects remains: keys that look like array indexes come first, and of equal keys the last one counts.
 */
import { canonicalDecimal, parseDecimal } from "@mintro/contract/decimal";
import { isJsonArray, isRawNumber, type Json } from "@mintro/contract/json";
import { fail, ok, type Result } from "./result.ts";

export { findForbiddenText as hasForbiddenText, type Json } from "@mintro/contract/json";

/** How deep arrays and objects may nest, the body itself being the first level. */
export const JSON_LEVELS_MAX = 64;

/** `text` is for the answer's message: it never quotes the body, which may hold a card number. */
export type JsonFailure = { readonly kind: "malformed" | "too_deep"; readonly text: string };

/**
 * Parses JSON (RFC 8259). Fails on malformed text and beyond 64 levels; never throws, whatever the text is.
 * Keys such as `__proto__` become own members like any other.
 */
export function parseJson(text: string): Result<Json, JsonFailure> {
  const found = scan(text);
  if (found === "too_deep") {
    return fail({
      kind: "too_deep",
      text: `The request body is nested deeper than ${JSON_LEVELS_MAX} levels.`,
    });
  }
  try {
    // With a reviver parsing takes about six times as long, so it is used only where a number needs it.
    const value: Json = found === "needs_sources" ? JSON.parse(text, keepSource) : JSON.parse(text);
    return ok(value);
  } catch (error) {
    return fail({ kind: "malformed", text: `The request body is not valid JSON${placeIn(error)}.` });
  }
}

function keepSource(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && String(value) !== source
    ? JSON.rawJSON(source)
    : value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * One walk over the text: does it nest too deep, and has it a number whose shortest JavaScript spelling differs from
 * its source? Sound for well-formed text; of malformed text it may say anything, since parsing refuses that afterwards.
 */
function scan(text: string): "plain" | "needs_sources" | "too_deep" {
  let depth = 0;
  let needsSources = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
    } else if (char === 0x7b || char === 0x5b) {
      depth++;
      if (depth > JSON_LEVELS_MAX) return "too_deep";
    } else if (char === 0x7d || char === 0x5d) {
      depth--;
    } else if (char === MINUS || (char >= ZERO && char <= NINE)) {
      const end = endOfNumber(text, at);
      if (!needsSources) needsSources = isSpeltOtherwise(text, at, end);
      at = end - 1;
    }
  }
  return needsSources ? "needs_sources" : "plain";
}

/** The index of the closing quote, or the text's end. */
function endOfString(text: string, opening: number): number {
  for (let quote = text.indexOf('"', opening + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote;
  }
  return text.length;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const char = text.charCodeAt(end);
    const isPart = (char >= ZERO && char <= NINE) || char === 0x2e || char === 0x2b || char === MINUS;
    if (!isPart && char !== 0x65 && char !== 0x45) break;
  }
  return end;
}

function isSpeltOtherwise(text: string, start: number, end: number): boolean {
  const source = text.slice(start, end);
  return String(Number(source)) !== source;
}

/** ` (line 1, column 6)` where the engine tells it. Its message ends with the place, or else quotes the body. */
function placeIn(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const place = / in JSON at position \d+ \(line (\d+) column (\d+)\)$/.exec(message);
  return place ? ` (line ${place[1]}, column ${place[2]})` : "";
}

/**
 * One text for all spellings of one value: keys sorted, numbers by value (1, 1.0 and 1e0 are the same), no blanks.
 * For the fingerprints of idempotency keys. Takes what `parseJson` gave, whose depth is bounded.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" || isRawNumber(value)) return canonicalNumber(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}

function canonicalNumber(value: Parameters<typeof parseDecimal>[0]): string {
  if (Number.isSafeInteger(value) && Math.abs(Number(value)) < 1e15) return String(Number(value) + 0);
  const decimal = parseDecimal(value);
  return decimal ? canonicalDecimal(decimal) : JSON.stringify(value);
}
