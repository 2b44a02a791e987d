import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readInstant, writeInstant } from "./instant.ts";

describe("a moment", () => {
  test.each([
    ["2027-02-28T00:00:00Z", "2027-02-28T00:00:00.000000Z"],
    ["2028-02-29 12:00:00+00", "2028-02-29T12:00:00.000000Z"],
    ["2027-01-01t00:30:00.5+02:00", "2026-12-31T22:30:00.500000Z"],
    ["2000-02-29T00:00:00-0130", "2000-02-29T01:30:00.000000Z"],
    ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"],
  ])("%s is read", (text, written) => {
    expect(writeInstant(readInstant(text) ?? 0n)).toBe(written);
  });

  test.each([
    "2027-02-29T00:00:00Z",
    "2027-02-30T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2027-02-30T23:00:00-02:00",
    "2027-04-31T00:00:00+14:00",
    "2027-06-31T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-00-01T00:00:00Z",
    "2027-01-00T00:00:00Z",
    "2027-01-32T00:00:00Z",
    "2027-01-01T25:00:00Z",
    "2027-01-01T00:60:00Z",
    "2027-01-01T00:00:00",
    "2027-01-01",
    "tomorrow",
  ])("%s is none", (text) => {
    expect(readInstant(text)).toBeUndefined();
  });

  test("is written as it is read, and a day is read where its month has it", () => {
    const part = (max: number) => fc.integer({ min: 1, max }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), part(12), part(31), (year, month, day) => {
        const date = `${String(year).padStart(4, "0")}-${month}-${day}`;
        const micros = readInstant(`${date}T12:34:56.789012Z`);
        const days = new Date(Date.UTC(2000 + (year % 400), Number(month), 0)).getUTCDate();
        expect(micros !== undefined).toBe(Number(day) <= days);
        if (micros !== undefined) expect(writeInstant(micros)).toBe(`${date}T12:34:56.789012Z`);
      }),
    );
  });
});
