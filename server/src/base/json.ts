/**
 * Reads a request's body without losing anything: metadata is handed back untouched (contract section 2), so numbers
 * that JavaScript would spell otherwise keep their source, and objects whose keys it would put in another order keep theirs
 * (see @mintro/contract/json). Of equal keys the last one counts, as in JavaScript.
 */
import { canonicalDecimal, parseDecimal } from "@mintro/contract/decimal";
import { isJsonArray, isRawNumber, type Json, orderedObject } from "@mintro/contract/json";
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
    return ok(found === "needs_order" ? readInOrder(text) : value);
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
 * One walk over the text: does it nest too deep, has it a number whose shortest JavaScript spelling differs from its
 * source, or a key that JavaScript would move? Sound for well-formed text; of malformed text it may say anything, since
 * parsing refuses that afterwards.
 */
function scan(text: string): "plain" | "needs_sources" | "needs_order" | "too_deep" {
  let depth = 0;
  let needsSources = false;
  let needsOrder = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (!needsOrder) needsOrder = isIndexKey(text, at, end);
      at = end;
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
  if (needsOrder) return "needs_order";
  return needsSources ? "needs_sources" : "plain";
}

const COLON = 0x3a;
const INDEX = /^(?:\d|\\u003\d)+$/i;

/** Digits alone, escaped or not, before a colon: JavaScript puts such keys first, in the order of their numbers. */
function isIndexKey(text: string, opening: number, closing: number): boolean {
  const first = text.charCodeAt(opening + 1);
  if (first !== BACKSLASH && !(first >= ZERO && first <= NINE)) return false;
  return (
    text.charCodeAt(endOfBlanks(text, closing + 1)) === COLON && INDEX.test(text.slice(opening + 1, closing))
  );
}

function endOfBlanks(text: string, start: number): number {
  let end = start;
  while (text.charCodeAt(end) <= 0x20) end++; // in well-formed text these are blanks, and NaN at its end is none
  return end;
}

/** Reads text that `JSON.parse` took and `scan` found shallow; objects keep the order of their keys. */
function readInOrder(text: string): Json {
  let at = 0;
  const peek = (): string => {
    at = endOfBlanks(text, at);
    return text.charAt(at);
  };
  const readString = (): string => {
    const start = at;
    at = endOfString(text, at) + 1;
    return String(JSON.parse(text.slice(start, at)));
  };
  /** Takes what `readItem` reads until the closing bracket. */
  const readItems = (closing: string, readItem: () => void): void => {
    at++;
    while (peek() !== closing) {
      if (text.charAt(at) === ",") at++;
      else readItem();
    }
    at++;
  };
  const readArray = (): Json => {
    const items: Json[] = [];
    readItems("]", () => items.push(readValue()));
    return items;
  };
  const readObject = (): Json => {
    const members = new Map<string, Json>();
    readItems("}", () => {
      const key = readString();
      peek();
      at++; // the colon
      members.set(key, readValue());
    });
    return orderedObject(members);
  };
  const readAtom = (): Json => {
    const start = at;
    while (at < text.length && !",]} \t\n\r".includes(text.charAt(at))) at++;
    return JSON.parse(text.slice(start, at), keepSource);
  };
  const readValue = (): Json => {
    const first = peek();
    if (first === "{") return readObject();
    if (first === "[") return readArray();
    return first === '"' ? readString() : readAtom();
  };
  return readValue();
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
