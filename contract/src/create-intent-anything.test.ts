import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createIntentFields, validateCreateIntent } from "./create-intent.ts";

const SOUND = {
  amount: 80,
  currency: "USD",
  intent_type: "one_time",
  email: "customer@example.com",
  name: "John Doe",
  reference_id: "ORDER-123456",
  integration_type: "iframe",
  order_items: [{ name: "Product 1", quantity: 1, price: 50 }],
};

describe("whatever comes", () => {
  const names = Object.keys(createIntentFields);
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      JSON.rawJSON("1e400"),
      JSON.rawJSON("1.0"),
      "\0",
      "\ud800",
      Number.MAX_VALUE,
      [[]],
      [{ name: [] }],
    ),
  );
  const nearlySound = fc
    .dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), anything)
    .map((changes) => ({ ...SOUND, ...changes }));

  test("validation never throws, and refuses with at least one text per field", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlySound), (body) => {
        const result = validateCreateIntent(body);
        if (result.ok) return;
        const texts = Object.values(result.errors);
        expect(texts.length).toBeGreaterThan(0);
        for (const ofField of texts) expect(ofField.length).toBeGreaterThan(0);
        expect(JSON.stringify(result.errors).isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("what passes is within the contract's bounds", () => {
    fc.assert(
      fc.property(nearlySound, (body) => {
        const result = validateCreateIntent(body);
        if (!result.ok) return;
        const { value } = result;
        expect(value.amount > 0n && value.tax >= 0n && value.discount >= 0n).toBe(true);
        expect((value.intent_type === "recurring") === (value.interval_days !== null)).toBe(true);
        expect(value.order_items.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("a small hostile request makes no large answer", () => {
    const result = validateCreateIntent({ order_items: Array(300_000).fill({}) });
    expect(JSON.stringify(result).length).toBeLessThan(2_000);
  });
});
