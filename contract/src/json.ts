/**
 * JSON as it crosses the wire, without loss. A number that JavaScript would spell otherwise (12345678901234567890, 1.0,
 * 1e400) is kept as it was written, in the language's own box for that, `JSON.rawJSON`. Keys that JavaScript would put in
 * another order (those that look like array indexes) keep theirs beside the object. `writeJson` writes both out again
 * untouched. Who reads bodies: server/src/base/json.ts; who checks them: laravel-rules.ts.
 */

/** A number in its source spelling, as `JSON.rawJSON` makes it. Tell it from an object by `JSON.isRawJSON`. */
export interface RawJSON {
  readonly rawJSON: string;
}

export type JsonObject = { readonly [key: string]: Json };
export type Json = null | boolean | number | string | RawJSON | readonly Json[] | JsonObject;

declare global {
  // In the language since ES2026, in Node since 22, not yet in TypeScript's own declarations.
  interface JSON {
    rawJSON(text: string): RawJSON;
    isRawJSON(value: unknown): value is RawJSON;
  }
}

export function isRawNumber(value: unknown): value is RawJSON {
  return typeof value === "object" && value !== null && JSON.isRawJSON(value);
}

export function isJsonArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** A JSON object: neither an array nor a number in its box. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** Of objects from `orderedObject`, their keys as they were written. */
const keyOrders = new WeakMap<object, readonly string[]>();

/** An object that `writeJson` writes in the order of `members`. Objects inside must have been made so too. */
export function orderedObject(members: ReadonlyMap<string, Json>): JsonObject {
  const object = Object.fromEntries(members); // own members, `__proto__` too
  keyOrders.set(object, [...members.keys()]);
  return object;
}

/** JSON without blanks, keys in the order in which they were written. Recurses: for what a parser has bounded. */
export function writeJson(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const order = keyOrders.get(value);
  if (!order) return JSON.stringify(value);
  const members = order.map((key) => `${JSON.stringify(key)}:${writeJson(member(value, key) ?? null)}`);
  return `{${members.join(",")}}`;
}

/** A member by name, never one that the object inherits. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export type JsonPath = readonly (string | number)[];

/**
 * Where U+0000 or a lone surrogate stands, in a value or in a key: neither can be stored by PostgreSQL, nor be handed
 * back untouched. The path of one such place (empty: the value itself; a bad key is the path's end), undefined where
 * there is none. Does not recurse, so that no depth can exhaust the stack.
 */
export function findForbiddenText(value: unknown): JsonPath | undefined {
  if (typeof value === "string") return isForbidden(value) ? [] : undefined;
  const open: Container[] = [];
  if (isContainer(value)) open.push({ value, key: "", inside: undefined });
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    const isArray = Array.isArray(container.value);
    for (const [name, inner] of Object.entries(container.value)) {
      const key = isArray ? Number(name) : name;
      if (!isArray && isForbidden(name)) return pathOf(container, key);
      if (typeof inner === "string" && isForbidden(inner)) return pathOf(container, key);
      if (isContainer(inner)) open.push({ value: inner, key, inside: container });
    }
  }
  return undefined;
}

interface Container {
  readonly value: object;
  readonly key: string | number;
  readonly inside: Container | undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !JSON.isRawJSON(value);
}

function isForbidden(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}

function pathOf(container: Container, last: string | number): JsonPath {
  const path = [last];
  for (let at = container; at.inside !== undefined; at = at.inside) path.push(at.key);
  return path.reverse();
}
