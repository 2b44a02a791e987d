/** Cursors: what a list hands out is read back exactly, and nothing that comes instead does harm. */
import { readCursor, writeCursor } from "@mintro/contract/cursor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, type Instant, instantFromMicros, parseInstant } from "../base/instant.ts";
import { newIntentId, parseClientId, parseIntentId, showIntentId } from "../domain/ids.ts";

/** From 1970 to the end of 9999. */
const instant: fc.Arbitrary<Instant> = fc
  .bigInt({ min: 0n, max: 253_402_300_799_999_999n })
  .map((micros) => instantFromMicros(micros));
const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 }).map((all) => Buffer.from(all));
const intentId = fc.tuple(instant, bytes).map(([at, random]) => newIntentId({ at, random: () => random }));
/** MINTRO_CLIENT_ID may be any visible ASCII. */
const clientId = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 255 })
  .map((codes) => String.fromCharCode(...codes));

describe("a cursor", () => {
  test("is read back as the moment and the id that it was made of, to the microsecond", () => {
    fc.assert(
      fc.property(instant, intentId, (at, id) => {
        const cursor = readCursor(writeCursor({ at, id: showIntentId(id) }));
        expect(cursor).toEqual({ at, id: showIntentId(id) });
        expect(parseIntentId(cursor?.id ?? "")).toBe(id);
      }),
    );
    fc.assert(
      fc.property(instant, clientId, (at, id) => {
        const cursor = readCursor(writeCursor({ at, id }));
        expect(cursor).toEqual({ at, id });
        expect(parseClientId(cursor?.id ?? "")).toBe(id);
      }),
    );
  });

  test("needs no escaping in an address", () => {
    fc.assert(
      fc.property(instant, clientId, (at, id) => {
        const cursor = writeCursor({ at, id });
        expect(encodeURIComponent(cursor)).toBe(cursor);
      }),
    );
  });

  test("differs for different places", () => {
    fc.assert(
      fc.property(instant, instant, intentId, intentId, (at, other, id, otherId) => {
        const same = at === other && id === otherId;
        expect(writeCursor({ at, id }) === writeCursor({ at: other, id: otherId })).toBe(same);
      }),
    );
  });

  test("of anybody's own making is a place in the list or none, and never an exception", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text).toString("base64url")),
      fc
        .tuple(instant, fc.string())
        .map(([at, id]) => Buffer.from(`${formatInstant(at)} ${id}`).toString("base64url")),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const cursor = readCursor(text);
        if (cursor === undefined) return;
        expect(cursor.id).not.toBe("");
        expect(cursor.id).not.toContain(" ");
        expect(parseInstant(formatInstant(instantFromMicros(cursor.at)))).toBe(cursor.at);
      }),
      { numRuns: 1_000 },
    );
  });
});
