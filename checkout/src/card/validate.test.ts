import { describe, expect, test } from "vitest";
import { brandName } from "./brand-name.ts";
import { cardToSend, validateCard } from "./validate.ts";

const CARD = { name: "John Doe", number: "4242424242424242", expiry: "12/30", cvc: "123" };
const TODAY = new Date(2026, 10, 22);

const TEST_CARDS = [
  "4242424242424242",
  "5555555555554444",
  "378282246310005",
  "4000000000000002",
  "4000000000009995",
  "4000000000009987",
  "4000000000009979",
  "4000000000000069",
  "4000000000000127",
  "4000000000000119",
  "4000000000000341",
  "4000000000003220",
  "4000008400001629",
  "4000002500003155",
];

describe("a card is sent", () => {
  test.each(TEST_CARDS)("when it is the sandbox's %s", (number) => {
    expect(validateCard({ ...CARD, number }, true, TODAY)).toEqual({});
  });

  test("with any future date, the present month included", () => {
    for (const expiry of ["11/26", "12/26", "01/27", "12/49", "12/99", "12/2060"]) {
      expect(validateCard({ ...CARD, expiry }, true, TODAY), expiry).toEqual({});
    }
  });

  test("with any code in test mode, whatever the brand", () => {
    for (const cvc of ["123", "0000"]) {
      expect(validateCard({ ...CARD, number: "378282246310005", cvc }, true, TODAY)).toEqual({});
      expect(validateCard({ ...CARD, cvc }, true, TODAY)).toEqual({});
    }
  });

  test("without the spaces it was shown with, and with western digits", () => {
    const typed = { name: " John Doe ", number: "4242 4242 4242 4242", expiry: "１２ / ３０", cvc: "１２３" };
    expect(cardToSend(typed)).toEqual(CARD);
  });
});

describe("a card is not sent", () => {
  test("when it is empty, and every field says so", () => {
    const empty = { name: " ", number: "", expiry: "", cvc: "" };
    const required = { number: "required", expiry: "required", cvc: "required", name: "required" };
    expect(validateCard(empty, true, TODAY)).toEqual(required);
  });

  test("when its number has a wrong digit, or too few", () => {
    expect(validateCard({ ...CARD, number: "4242424242424241" }, true, TODAY)).toEqual({ number: "invalid" });
    expect(validateCard({ ...CARD, number: "424242424242" }, true, TODAY)).toEqual({ number: "invalid" });
  });

  test("when it has expired", () => {
    for (const expiry of ["10/26", "12/25", "01/2020"]) {
      expect(validateCard({ ...CARD, expiry }, true, TODAY), expiry).toEqual({ expiry: "expired" });
    }
  });

  test("when its date is none", () => {
    for (const expiry of ["13/30", "12", "1/3"]) {
      expect(validateCard({ ...CARD, expiry }, true, TODAY), expiry).toEqual({ expiry: "invalid" });
    }
  });

  test("when its code has not the brand's length, outside of test mode", () => {
    const amex = { ...CARD, number: "378282246310005" };
    expect(validateCard(amex, false, TODAY)).toEqual({ cvc: "invalid" });
    expect(validateCard({ ...amex, cvc: "1234" }, false, TODAY)).toEqual({});
    expect(validateCard({ ...CARD, cvc: "1234" }, false, TODAY)).toEqual({ cvc: "invalid" });
    expect(validateCard({ ...CARD, cvc: "12" }, true, TODAY)).toEqual({ cvc: "invalid" });
  });

  test("when the number stands in the place of the name", () => {
    expect(validateCard({ ...CARD, name: "4242 4242 4242 4242" }, true, TODAY)).toEqual({ name: "invalid" });
  });
});

test("a brand has one name, however it is spelt", () => {
  expect(["amex", "american-express", "American Express"].map(brandName)).toEqual(
    Array(3).fill("American Express"),
  );
  expect(brandName("VISA")).toBe("Visa");
  expect(brandName("Cartes Bancaires")).toBe("Cartes Bancaires");
});
