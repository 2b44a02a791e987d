import { describe, expect, expectTypeOf, test } from "vitest";
import { boolean, integer, listOfValues, oneOf, parsed, string } from "./laravel-kinds.ts";
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
