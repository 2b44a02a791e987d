import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import { describe, expect, test } from "vitest";
import { instantFromMs } from "../../base/instant.ts";
import { checkCard } from "./card-check.ts";

const NOW = instantFromMs(Date.UTC(2026, 10, 30, 23, 59, 59));
const GOOD: CardInput = { name: "John Doe", number: "4242424242424242", expiry: "12/34", cvc: "123" };

const errorsOf = (change: Partial<CardInput>): CardErrors | undefined => {
  const checked = checkCard({ ...GOOD, ...change }, NOW);
  return checked.ok ? undefined : checked.failure;
};

describe("a typed card", () => {
  test("becomes what may be known of it, and nothing else", () => {
    const checked = checkCard({ ...GOOD, number: "3782 822463 10005", expiry: "01/2030", cvc: "1234" }, NOW);
    expect(checked).toEqual({
      ok: true,
      value: { brand: "amex", behaviour: "succeeds", last4: "0005", expMonth: 1, expYear: 2030 },
    });
  });

  test.each([
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    " 4242424242424242\n",
    "4242\u00a04242\u20094242\u30004242",
  ])("may have its number in groups: %j", (number) => {
    expect(errorsOf({ number })).toBeUndefined();
  });

  test.each([
    ["", "required"],
    [" \t", "required"],
    ["-", "invalid"],
    ["4242 4242 4242 4241", "invalid"], // Luhn
    ["4242", "invalid"],
    ["42424242424242424242", "invalid"], // 20 digits
    ["4242424242424242x", "invalid"],
    ["٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "invalid"],
    ["4111 1111 1111 1111", "not_a_test_card"],
    ["4012888888881881", "not_a_test_card"],
    ["6011000990139424", "not_a_test_card"],
    ["000000000000", "not_a_test_card"],
  ])("with the number %j is refused as %s", (number, problem) => {
    expect(errorsOf({ number })).toEqual({ number: problem });
  });

  test.each(["11/26", "11/2026", "12/26", " 01 / 27 ", "12/99", "12/2099"])(
    "that is good until %j can be charged on the last of November 2026",
    (expiry) => {
      expect(errorsOf({ expiry })).toBeUndefined();
    },
  );

  test.each([
    ["", "required"],
    ["10/26", "expired"],
    ["12/2025", "expired"],
    ["01/00", "expired"],
    ["01/0001", "expired"],
    ["00/30", "invalid"],
    ["13/30", "invalid"],
    ["1/30", "invalid"],
    ["12/034", "invalid"],
    ["12-34", "invalid"],
    ["1234", "invalid"],
    ["12/34/56", "invalid"],
    ["2034-12", "invalid"],
    ["-1/30", "invalid"],
  ])("with the expiry %j is refused as %s", (expiry, problem) => {
    expect(errorsOf({ expiry })).toEqual({ expiry: problem });
  });

  test.each([
    ["", "required"],
    ["12", "invalid"],
    ["12345", "invalid"],
    ["12a", "invalid"],
    ["1 23", "invalid"],
  ])("with the code %j is refused as %s", (cvc, problem) => {
    expect(errorsOf({ cvc })).toEqual({ cvc: problem });
  });

  test("may have any code of three or four digits", () => {
    for (const cvc of ["000", "999", "0000", "9999"]) expect(errorsOf({ cvc })).toBeUndefined();
  });

  test("needs a holder's name of at most 255 characters that can be written down", () => {
    expect(errorsOf({ name: " \n" })).toEqual({ name: "required" });
    expect(errorsOf({ name: "é".repeat(255) })).toBeUndefined();
    expect(errorsOf({ name: "\u{1f600}".repeat(255) })).toBeUndefined();
    for (const name of ["x".repeat(256), "Jo\0hn", "\ud800"])
      expect(errorsOf({ name })).toEqual({ name: "invalid" });
  });

  test("has all its mistakes named at once", () => {
    const all = { name: "required", number: "required", expiry: "required", cvc: "required" };
    expect(errorsOf({ name: "", number: "", expiry: "", cvc: "" })).toEqual(all);
    expect(errorsOf({ number: "1", cvc: "1" })).toEqual({ number: "invalid", cvc: "invalid" });
  });
});
