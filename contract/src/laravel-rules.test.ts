import { describe, expect, expectTypeOf, test } from "vitest";
import { boolean, integer, listOfValues, numeric, oneOf, parsed, string } from "./laravel-kinds.ts";
import { optional, required, requiredIf, type Values, validate } from "./laravel-rules.ts";
import { messages } from "./laravel-texts.ts";

/** Tables as further routes have them. */
const advanceFields = {
  seconds: optional(integer({ min: 1, max: 1_000_000 })),
  to: optional(
    parsed({
      parse: (text) => (Number.isNaN(Date.parse(text)) ? undefined : new Date(text)),
      wrong: messages.date,
      schema: { type: "string", format: "date-time" },
    }),
  ),
  skip: optional(boolean()),
};
const endpointFields = {
  url: required(string({ max: 20 })),
  events: optional(listOfValues(oneOf(["payment.succeeded", "payment.failed"]), { max: 4 })),
  note: requiredIf("url", "other", string({})),
};

describe("a table of fields serves any route", () => {
  test("what passes has the table's types", () => {
    const result = validate(advanceFields, { seconds: "60", to: " 2030-01-01T00:00:00Z ", skip: "1" });
    expect(result).toEqual({
      ok: true,
      value: { seconds: 60, to: new Date("2030-01-01T00:00:00Z"), skip: true },
    });
    expectTypeOf<Values<typeof advanceFields>>().toEqualTypeOf<{
      readonly seconds: number | null;
      readonly to: Date | null;
      readonly skip: boolean | null;
    }>();
    expectTypeOf<Values<typeof endpointFields>>().toEqualTypeOf<{
      readonly url: string;
      readonly events: readonly ("payment.succeeded" | "payment.failed")[] | null;
      readonly note: string | null;
    }>();
  });

  test("what does not is told in Laravel's words", () => {
    expect(validate(advanceFields, { seconds: 0, to: "tomorrow", skip: "yes" })).toEqual({
      ok: false,
      errors: {
        seconds: ["The seconds must be at least 1."],
        to: ["The to is not a valid date."],
        skip: ["The skip field must be true or false."],
      },
    });
    expect(validate(advanceFields, {})).toEqual({ ok: true, value: { seconds: null, to: null, skip: null } });
  });

  test.each([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ["1", true],
    ["0", false],
  ])("%j is the boolean %s", (given, meant) => {
    expect(validate(advanceFields, { skip: given })).toMatchObject({ value: { skip: meant } });
  });

  test.each(["true", 2, [], {}])("%j is no boolean", (given) => {
    expect(validate(advanceFields, { skip: given })).toMatchObject({ ok: false });
  });

  test("members that are plain values are trimmed and reported under their places", () => {
    expect(validate(endpointFields, { url: "u", events: [" payment.failed "] })).toEqual({
      ok: true,
      value: { url: "u", events: ["payment.failed"], note: null },
    });
    expect(validate(endpointFields, { url: "u", events: ["payment.failed", "nope", null, "\0"] })).toEqual({
      ok: false,
      errors: {
        "events.1": ["The selected events.1 is invalid."],
        "events.2": ["The events.2 field is required."],
        "events.3": ["The events.3 format is invalid."],
      },
    });
    expect(validate(endpointFields, { url: "u", events: [] })).toMatchObject({ value: { events: [] } });
  });

  test("a condition names the other field and the value it has", () => {
    expect(validate(endpointFields, { url: " other " })).toEqual({
      ok: false,
      errors: { note: ["The note field is required when url is other."] },
    });
  });
});

test("callers report what only they can know in the same words", () => {
  expect(messages.unique("reference_id")).toBe("The reference id has already been taken.");
  expect(messages.format("amount")).toBe("The amount format is invalid.");
  expect(messages.max("amount", "12.50")).toBe("The amount must not be greater than 12.50.");
});

describe("forbidden text", () => {
  const fields = {
    first: required(string({ max: 2 })),
    list: optional(listOfValues(string({}), { max: 3 })),
    last: required(string({})),
  };

  test("is told at its field's place in the table, members of lists after all fields, unknown fields at the end", () => {
    const body = { zero: "\0", last: "\ud800", list: ["\0", 5, "a\0"], first: "abc" };
    const result = validate(fields, body);
    expect(result.ok ? [] : Object.entries(result.errors)).toEqual([
      ["first", ["The first must not be greater than 2 characters."]],
      ["last", ["The last format is invalid."]],
      ["list.0", ["The list.0 format is invalid."]],
      ["list.1", ["The list.1 must be a string."]],
      ["list.2", ["The list.2 format is invalid."]],
      ["zero", ["The zero format is invalid."]],
    ]);
  });

  test("in a list that is refused for its length is told of the list alone", () => {
    const result = validate(fields, { first: "a", last: "b", list: ["\0", "a", "b", "c"] });
    expect(result.ok ? {} : result.errors).toEqual({ list: ["The list format is invalid."] });
  });
});

describe("a number above its bound", () => {
  const fields = { amount: optional(numeric({ min: "0", above: true, max: "9" })) };

  test.each([0, -1, "0.00", "-0.01", "-0"])("%j is not", (amount) => {
    expect(validate(fields, { amount })).toEqual({
      ok: false,
      errors: { amount: ["The amount must be greater than 0."] },
    });
  });

  test.each([0.01, "9", 1e-9])("%j is", (amount) => {
    expect(validate(fields, { amount }).ok).toBe(true);
  });
});
