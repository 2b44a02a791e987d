/**
 * Validation as Laravel 8.6.12 does it (contract section 2, "Validation"), from one table per request that is at once
 * the check, the type of what passed, and the JSON schema for the reference. All fields are reported together; of one
 * field all failing rules in the table's order, but
 *
 * - a missing value reports only that; blank text counts as missing (trimmed first, of all Unicode's blanks);
 * - a value of the wrong type reports only that, and text with U+0000 or a lone surrogate only its format;
 * - a list longer than allowed reports only that: its members are not looked at, so that no small request makes a large
 *   answer.
 *
 * Members of a list come after all fields, as Laravel orders them; unknown fields pass unseen, but for forbidden text.
 * The kinds of values are in laravel-kinds.ts.
 */
import { findForbiddenText, isJsonArray, isJsonObject, type Json, type JsonObject, member } from "./json.ts";
import { messages } from "./laravel-texts.ts";

export type Errors = Record<string, string[]>;
export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: Errors };

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The other fields of the body, trimmed, null where missing: for rules that depend on one of them. */
export type Siblings = (name: string) => Json;

/** What became of a value: read, or its texts, the failing rules in order. */
export type Reading<T> = { readonly value: T } | { readonly texts: readonly [string, ...string[]] };

/** A kind of value: how it is read and checked, and its schema without the presence. */
export interface Kind<T> {
  readonly read: (value: Json, key: string, siblings: Siblings) => Reading<T>;
  readonly schema: JsonSchema;
  /** Of lists: what each member is, and how many there may be. What `read` gives is then an empty array. */
  readonly members?: { readonly of: Fields | Kind<unknown>; readonly max: number };
}

export interface Condition {
  readonly other: string;
  readonly is: string;
}

/** What a field is for, in a sentence or two of Markdown, and a value that passes its rules: for the reference. */
export interface Doc {
  readonly description: string;
  readonly example: unknown;
}

export interface Field<T, Presence extends "required" | "optional"> {
  readonly kind: Kind<T>;
  readonly doc?: Doc;
  /** "required": the value is never null once all rules have passed. */
  readonly presence: Presence;
  readonly requiredIf?: Condition;
  /** Where this holds the field is ignored, and null. */
  readonly ignoredIf?: Condition;
}

export type AnyField = Field<unknown, "required" | "optional">;
export type Fields = { readonly [name: string]: AnyField };

/** What a table of fields yields: null for an optional field that is missing. */
export type Values<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer T, infer Presence>
    ? Presence extends "required"
      ? T
      : T | null
    : never;
};

export function required<T>(kind: Kind<T>, doc?: Doc): Field<T, "required"> {
  return { kind, presence: "required", ...(doc && { doc }) };
}

export function optional<T>(kind: Kind<T>, doc?: Doc): Field<T, "optional"> {
  return { kind, presence: "optional", ...(doc && { doc }) };
}

export function requiredIf<T>(
  other: string,
  is: string,
  kind: Kind<T>,
  more: { readonly ignoredIf?: Condition; readonly doc?: Doc } = {},
): Field<T, "optional"> {
  return { kind, presence: "optional", requiredIf: { other, is }, ...more };
}

/**
 * Checks a body against a table. What is no JSON object counts as an empty one. Never throws, whatever the body is.
 * The errors' keys are the fields' names, those of list members as in `order_items.0.name`.
 */
export function validate<F extends Fields>(fields: F, body: unknown): Validated<Values<F>> {
  const object = isJsonObject(body) ? body : {};
  const forbidden = new Map<string, string>();
  if (findForbiddenText(object) !== undefined) reportForbiddenText(fields, object, forbidden);
  const run: Run = { errors: new Map(), siblings: (name) => cleaned(object, name), lists: [], forbidden };
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    values[name] = readField(field, run.siblings(name), name, run);
  }
  for (const list of run.lists) readMembers(list, run);
  // What stands in no field that was read: unknown fields, and members of lists that were refused.
  for (const [key, text] of forbidden) if (!run.errors.has(key)) run.errors.set(key, [text]);
  if (run.errors.size > 0) return { ok: false, errors: Object.fromEntries(run.errors) };
  // The one place where the values' type is born: every field has been read by its own kind.
  return { ok: true, value: values as Values<F> };
}

interface Run {
  readonly errors: Map<string, string[]>;
  readonly siblings: Siblings;
  /** Lists that were read, whose members are still to be. */
  readonly lists: List[];
  /** By key, what is to be said of each place with forbidden text. */
  readonly forbidden: ReadonlyMap<string, string>;
}

/** `values` is what the list's kind yielded: its members are put in their place once they are read. */
interface List {
  readonly key: string;
  readonly items: readonly Json[];
  readonly of: Fields | Kind<unknown>;
  readonly values: unknown[];
}

function cleaned(object: JsonObject, name: string): Json {
  return clean(member(object, name));
}

function clean(value: Json | undefined): Json {
  const trimmed = typeof value === "string" ? value.trim() : value;
  return trimmed === undefined || trimmed === "" ? null : trimmed;
}

function holds(condition: Condition | undefined, siblings: Siblings): boolean {
  return condition !== undefined && siblings(condition.other) === condition.is;
}

/** The field's value, or null where it is missing, ignored or refused; what is refused stands in the run's errors. */
function readField(field: AnyField, value: Json, key: string, run: Run): unknown {
  const forbidden = run.forbidden.get(key);
  if (forbidden !== undefined) return refuse(run, key, [forbidden]);
  if (holds(field.ignoredIf, run.siblings)) return null;
  const missing = messageIfMissing(field, value, key, run.siblings);
  if (missing !== undefined) return refuse(run, key, [missing]);
  if (value === null) return null;
  return readValue(field.kind, value, key, run);
}

function readValue(kind: Kind<unknown>, value: Json, key: string, run: Run): unknown {
  const reading = kind.read(value, key, run.siblings);
  if ("texts" in reading) return refuse(run, key, [...reading.texts]);
  if (!kind.members || !isJsonArray(value)) return reading.value;
  const values: unknown[] = [];
  run.lists.push({ key, items: value, of: kind.members.of, values });
  return values;
}

function refuse(run: Run, key: string, texts: string[]): null {
  run.errors.set(key, texts);
  return null;
}

/** Laravel counts null, blank text, the empty array and the empty object as missing where a value is required. */
function messageIfMissing(field: AnyField, value: Json, key: string, siblings: Siblings): string | undefined {
  const isMissing = value === null || (isEmptyArray(value) ?? isEmptyObject(value));
  if (!isMissing) return undefined;
  if (field.presence === "required") return messages.required(key);
  const { requiredIf } = field;
  return requiredIf && holds(requiredIf, siblings)
    ? messages.requiredIf(key, requiredIf.other, requiredIf.is)
    : undefined;
}

function isEmptyArray(value: Json): boolean | undefined {
  return isJsonArray(value) ? value.length === 0 : undefined;
}

function isEmptyObject(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function isKind(of: Fields | Kind<unknown>): of is Kind<unknown> {
  return typeof of["read"] === "function";
}

/** Rule by rule over all members, as Laravel expands `order_items.*.name`: first every name, then every quantity. */
function readMembers(list: List, run: Run): void {
  const { of, items, key, values } = list;
  if (isKind(of)) {
    const field = required(of);
    items.forEach((item, index) => {
      values.push(readField(field, clean(item), `${key}.${index}`, run));
    });
    return;
  }
  const rows = items.map((): Record<string, unknown> => ({}));
  values.push(...rows);
  for (const [name, field] of Object.entries(of)) {
    items.forEach((item, index) => {
      // A member that is no object has none of its fields.
      const value = isJsonObject(item) ? cleaned(item, name) : null;
      const row = rows[index];
      if (row) row[name] = readField(field, value, `${key}.${index}.${name}`, run);
    });
  }
}

/** Puts every place with forbidden text under the name of the field it is in, list members under their own keys. */
function reportForbiddenText(fields: Fields, object: JsonObject, forbidden: Map<string, string>): void {
  const report = (key: string): void => {
    // A key is itself such text: what stands in an answer must be sound.
    const sound = key.toWellFormed().replaceAll("\0", "\uFFFD");
    forbidden.set(sound, messages.format(sound));
  };
  for (const [name, value] of Object.entries(object)) {
    if (findForbiddenText(name) !== undefined) report(name);
    if (findForbiddenText(value) === undefined) continue;
    const members = Object.hasOwn(fields, name) ? fields[name]?.kind.members : undefined;
    if (!members || !isJsonArray(value) || value.length > members.max) {
      report(name);
      continue;
    }
    for (const [index, item] of value.entries()) reportInMember(item, `${name}.${index}`, report);
  }
}

function reportInMember(item: Json, key: string, report: (key: string) => void): void {
  if (!isJsonObject(item)) {
    if (findForbiddenText(item) !== undefined) report(key);
    return;
  }
  for (const [name, value] of Object.entries(item)) {
    if (findForbiddenText(name) !== undefined || findForbiddenText(value) !== undefined)
      report(`${key}.${name}`);
  }
}
