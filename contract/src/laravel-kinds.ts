/**
 * The kinds of values that tables for laravel-rules.ts are made of. Each is one Laravel rule about the type (the only
 * one reported where the type is wrong) and the rules that follow it, in the order of their arguments' declaration.
 */
import { type Currency, minorDigits, parseCurrency } from "./currencies.ts";
import { compareDecimals, type Decimal, decimalOf, parseDecimal } from "./decimal.ts";
import { isEmail, isWebUrl } from "./formats.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { AnyField, Fields, JsonSchema, Kind, Siblings, Values } from "./laravel-rules.ts";
import { messages } from "./laravel-texts.ts";

/** One rule of a value whose type is right: its text where it fails, undefined where it holds. */
type Check<T> = (value: T, key: string, siblings: Siblings) => string | undefined;

/** A kind from its type rule, which gives undefined for a wrong type, and the rules after it. */
function kind<T extends NonNullable<unknown>>(parts: {
  readonly type: (value: Json) => T | undefined;
  readonly wrongType: (key: string) => string;
  readonly checks: readonly Check<T>[];
  readonly schema: JsonSchema;
}): Kind<T> {
  return {
    schema: parts.schema,
    read(value, key, siblings) {
      const read = parts.type(value);
      if (read === undefined) return { texts: [parts.wrongType(key)] };
      const [first, ...more] = parts.checks
        .map((check) => check(read, key, siblings))
        .filter((text) => text !== undefined);
      return first === undefined ? { value: read } : { texts: [first, ...more] };
    },
  };
}

function asText(value: Json): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `string`, then `max` and `size` in characters as mb_strlen counts them (code points), then `regex`. */
export function string(rules: { max?: number; size?: number; pattern?: RegExp }): Kind<string> {
  const { max, size, pattern } = rules;
  const checks: Check<string>[] = [];
  if (max !== undefined) checks.push(maxCharacters(max));
  if (size !== undefined) {
    checks.push((text, key) => (characters(text) === size ? undefined : messages.characters(key, size)));
  }
  if (pattern) checks.push((text, key) => (pattern.test(text) ? undefined : messages.format(key)));
  const schema = {
    type: "string",
    ...(max !== undefined && { maxLength: max }),
    ...(size !== undefined && { minLength: size, maxLength: size }),
    ...(pattern && { pattern: pattern.source }),
  };
  return kind({ type: asText, wrongType: messages.string, checks, schema });
}

function maxCharacters(max: number): Check<string> {
  // There are never more characters than UTF-16 units, so that most texts need no counting.
  return (text, key) =>
    text.length <= max || characters(text) <= max ? undefined : messages.maxCharacters(key, max);
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** `email`, then `max` in characters. Of too long an address both may be reported. */
export function email(rules: { max: number }): Kind<string> {
  return kind({
    type: asText,
    wrongType: messages.email,
    checks: [(text, key) => (isEmail(text) ? undefined : messages.email(key)), maxCharacters(rules.max)],
    schema: { type: "string", format: "email", maxLength: rules.max },
  });
}

/** `url`, http or https alone, then `max` in characters. */
export function webUrl(rules: { max: number }): Kind<string> {
  return kind({
    type: asText,
    wrongType: messages.url,
    checks: [(text, key) => (isWebUrl(text) ? undefined : messages.url(key)), maxCharacters(rules.max)],
    schema: { type: "string", format: "uri", maxLength: rules.max },
  });
}

/** `in`, of texts. */
export function oneOf<const T extends string>(allowed: readonly T[]): Kind<T> {
  return kind<T>({
    type: (value) => allowed.find((candidate) => candidate === value),
    wrongType: messages.in,
    checks: [],
    schema: { type: "string", enum: allowed },
  });
}

/** `string`, `size:3` and `in` of all current currencies, in either case. Yields upper case. */
export function currency(): Kind<Currency> {
  const text = string({ size: 3 });
  return {
    schema: { ...text.schema, pattern: "^[A-Za-z]{3}$" },
    read(value, key, siblings) {
      const read = text.read(value, key, siblings);
      const code = typeof value === "string" ? parseCurrency(value) : undefined;
      if (code !== undefined) return { value: code };
      if ("value" in read) return { texts: [messages.in(key)] };
      return typeof value === "string" ? { texts: [...read.texts, messages.in(key)] } : read;
    },
  };
}

/**
 * `integer`, then `min` and `max`. Takes JSON numbers of a whole value (3, 3.0, 3e0) and the texts that PHP's
 * FILTER_VALIDATE_INT takes ("3", "+3"; not "03", "3.0", "1e3"), within 64 bits. Unlike in PHP, `true` is no 1.
 * Bounds must be safe integers, since numbers beyond lose their last digits.
 */
export function integer(rules: { min: number; max: number }): Kind<number> {
  const { min, max } = rules;
  return kind({
    type: wholeNumber,
    wrongType: messages.integer,
    checks: [
      (value, key) => (value >= min ? undefined : messages.min(key, min)),
      (value, key) => (value <= max ? undefined : messages.max(key, max)),
    ],
    schema: { type: "integer", minimum: min, maximum: max },
  });
}

const INT64 = 2n ** 63n;

function wholeNumber(value: Json): number | undefined {
  if (typeof value === "string" && !/^[+-]?(?:0|[1-9]\d*)$/.test(value)) return undefined;
  const decimal = decimalOf(value);
  if (!decimal || decimal.exponent < 0 || decimal.digits.length + decimal.exponent > 19) return undefined;
  const size = BigInt(decimal.digits + "0".repeat(decimal.exponent));
  if (size > (decimal.negative ? INT64 : INT64 - 1n)) return undefined;
  return Number(decimal.negative ? -size : size);
}

/** What decimal.ts takes of texts, without the blanks around it. */
const DECIMAL_TEXT = "^[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?$";

/**
 * `numeric`, then `min` (with `above`, `gt`) and `max` by exact value, then the decimals of the currency that the field
 * `decimalsOf` names; where that field is missing or wrong, only it is reported. Yields the decimal exactly as it was given.
 */
export function numeric(rules: {
  min: string;
  above?: boolean;
  max: string;
  decimalsOf?: string;
}): Kind<Decimal> {
  const { min, above = false, max, decimalsOf } = rules;
  const checks = [bound(min, above ? "gt" : "min"), bound(max, "max")];
  if (decimalsOf !== undefined) checks.push(decimalsOfCurrency(decimalsOf));
  const least = { [above ? "exclusiveMinimum" : "minimum"]: Number(min) };
  return kind({
    type: decimalOf,
    wrongType: messages.numeric,
    checks,
    schema: {
      anyOf: [
        { type: "number", ...least, maximum: Number(max) },
        { type: "string", pattern: DECIMAL_TEXT },
      ],
    },
  });
}

function bound(limit: string, side: "min" | "gt" | "max"): Check<Decimal> {
  const bounding = parseDecimal(limit);
  if (!bounding) throw new Error(`A table's bound is no number: ${limit}`);
  return (value, key) => {
    const order = compareDecimals(value, bounding);
    const fits = side === "max" ? order <= 0 : order > 0 || (side === "min" && order === 0);
    return fits ? undefined : messages[side](key, limit);
  };
}

function decimalsOfCurrency(other: string): Check<Decimal> {
  return (value, key, siblings) => {
    const code = asText(siblings(other));
    const known = code === undefined ? undefined : parseCurrency(code);
    return known === undefined || value.decimals <= minorDigits(known) ? undefined : messages.format(key);
  };
}

/** `boolean`: true, false, 1, 0, "1" and "0". */
export function boolean(): Kind<boolean> {
  const yes: readonly Json[] = [true, 1, "1"];
  const no: readonly Json[] = [false, 0, "0"];
  return kind({
    type: (value) => (yes.includes(value) ? true : no.includes(value) ? false : undefined),
    wrongType: messages.boolean,
    checks: [],
    schema: { type: "boolean" },
  });
}

/** Any text that `parse` understands, with the text to report where it does not: an instant, an origin, an id. */
export function parsed<T extends NonNullable<unknown>>(rules: {
  parse: (text: string) => T | undefined;
  wrong: (key: string) => string;
  schema: JsonSchema;
}): Kind<T> {
  return kind({
    type: (value) => (typeof value === "string" ? rules.parse(value) : undefined),
    wrongType: rules.wrong,
    checks: [],
    schema: rules.schema,
  });
}

/**
 * `array` and `max`, a JSON object being none; then every member's own fields. A member that is no object reports its
 * required fields as missing. An empty list is missing where a list is required.
 */
export function listOf<F extends Fields>(fields: F, rules: { max: number }): Kind<readonly Values<F>[]> {
  return { ...list(rules.max, jsonSchema(fields)), members: { of: fields, max: rules.max } };
}

/** The same for members that are plain values, each required, under keys such as `events.0`. */
export function listOfValues<T>(member: Kind<T>, rules: { max: number }): Kind<readonly T[]> {
  return { ...list(rules.max, member.schema), members: { of: member, max: rules.max } };
}

function list(max: number, items: JsonSchema): Kind<readonly never[]> {
  return {
    schema: { type: "array", maxItems: max, items },
    read(value, key) {
      if (!isJsonArray(value)) return { texts: [messages.array(key)] };
      return value.length > max ? { texts: [messages.maxItems(key, max)] } : { value: [] };
    },
  };
}

/**
 * A JSON object of any content (Laravel's `array`), an empty array counting as {}: at most `maxItems` keys, and at most
 * `maxKilobytes` × 1024 bytes of UTF-8 when written without blanks. Yielded as it came, nothing trimmed.
 */
export function record(rules: { maxItems: number; maxKilobytes: number }): Kind<JsonObject> {
  const { maxItems, maxKilobytes } = rules;
  return kind({
    type: asRecord,
    wrongType: messages.array,
    checks: [
      (value, key) => (Object.keys(value).length <= maxItems ? undefined : messages.maxItems(key, maxItems)),
      (value, key) =>
        bytesOf(value) <= maxKilobytes * 1024 ? undefined : messages.maxKilobytes(key, maxKilobytes),
    ],
    schema: { type: "object", maxProperties: maxItems, additionalProperties: true },
  });
}

function asRecord(value: Json): JsonObject | undefined {
  if (isJsonArray(value)) return value.length === 0 ? {} : undefined;
  return isJsonObject(value) ? value : undefined;
}

function bytesOf(value: JsonObject): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value)).length;
  } catch {
    // Nested so deep that it cannot be written: no parser of ours lets that through, but a rule never throws.
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * The JSON schema of a table, as a body has it. Conditions between fields stay with the rules; the reference tells them in
 * words. Null counts as missing, so an optional field may be null.
 */
export function jsonSchema(fields: Fields): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.presence === "required").map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, field]) => [name, schemaOfField(field)])),
    ...(required.length > 0 && { required }),
  };
}

function schemaOfField({ kind, presence, doc }: AnyField): JsonSchema {
  // Where a value is required, an empty list counts as missing.
  const least = kind.schema["type"] === "array" ? { minItems: 1 } : {};
  const schema = presence === "required" ? { ...kind.schema, ...least } : orNull(kind.schema);
  return doc ? { ...schema, description: doc.description, examples: [doc.example] } : schema;
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf, enum: allowed } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  return { ...schema, type: [type, "null"], ...(Array.isArray(allowed) && { enum: [...allowed, null] }) };
}
