/** The canonical text is what idempotency keys compare: equal for equal requests, different for different ones. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, parseJson } from "./json.ts";

function canonical(text: string): string {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`not JSON: ${text}`);
  return canonicalJson(parsed.value);
}

/** JSON has one zero. */
const value = fc.jsonValue({ maxDepth: 4 }).map((each): unknown => JSON.parse(JSON.stringify(each)));

test("two documents have the same canonical text exactly when they say the same", () => {
  // Pairs of anything hardly ever agree, so half of the pairs are one document and a small change of it.
  const changed = fc.tuple(value, value, fc.string()).map(([one, other, key]): [unknown, unknown] => [
    { [key]: one, also: other },
    { also: other, [key]: one },
  ]);
  const pairs = fc.oneof(fc.tuple(value, value), changed, fc.tuple(value, fc.constant(null)));
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      const same = canonical(JSON.stringify(one)) === canonical(JSON.stringify(other));
      expect(same).toBe(isDeepStrictEqual(one, other));
    }),
    { numRuns: 500 },
  );
});

test("a document that differs in one place has another canonical text", () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat(3)), { minLength: 1, maxLength: 6 });
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const nest = (at: readonly (string | number)[], last: unknown) =>
    at.reduceRight<unknown>(
      (inner, key) =>
        typeof key === "number" ? [...Array<null>(key).fill(null), inner] : { [key]: inner, z: 0 },
      last,
    );
  fc.assert(
    fc.property(path, leaf, leaf, (at, one, other) => {
      const [a, b] = [JSON.stringify(nest(at, one)), JSON.stringify(nest(at, other))];
      expect(canonical(a) === canonical(b)).toBe(isDeepStrictEqual(JSON.parse(a), JSON.parse(b)));
    }),
    { numRuns: 500 },
  );
});
