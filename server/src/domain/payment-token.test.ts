/** Tokens of payment links: they lead to one intent, and whatever is changed in one leads nowhere. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AccountId, type IntentId, uuidFromBytes } from "./ids.ts";
import { type PaymentToken, readPaymentToken, secretMatches, writePaymentToken } from "./payment-token.ts";

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const token: fc.Arbitrary<PaymentToken> = fc.record({
  accountId: sixteen.map((bytes) => uuidFromBytes(bytes) as AccountId),
  intentId: sixteen.map((bytes) => uuidFromBytes(bytes) as IntentId),
  secret: sixteen,
});

test("a token is read back as what it was made of, and stands in an address as it is", () => {
  fc.assert(
    fc.property(token, (made) => {
      const text = writePaymentToken(made);
      expect(readPaymentToken(text)).toEqual(made);
      expect(encodeURIComponent(text)).toBe(text);
      expect(secretMatches(made, made.secret)).toBe(true);
    }),
  );
});

test("one bit that is changed anywhere makes it another account's, another intent's, or its secret wrong", () => {
  fc.assert(
    fc.property(token, fc.integer({ min: 0, max: 48 * 8 - 1 }), (made, bit) => {
      const bytes = Buffer.from(writePaymentToken(made), "base64url");
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const changed = readPaymentToken(bytes.toString("base64url"));
      const opens =
        changed?.accountId === made.accountId &&
        changed.intentId === made.intentId &&
        secretMatches(changed, made.secret);
      expect(opens).toBe(false);
    }),
  );
});

test("what is no token is none, and never an exception", () => {
  const nearly = token
    .map(writePaymentToken)
    .chain((text) =>
      fc.constantFrom(
        text.slice(1),
        `${text}A`,
        `${text}=`,
        ` ${text}`,
        `${text}\n`,
        text.replace(/^./, "+"),
        `${text}${text}`,
      ),
    );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), nearly), (text) => {
      fc.pre(!/^[A-Za-z0-9_-]{64}$/.test(text) || text.endsWith("\n"));
      expect(readPaymentToken(text)).toBeUndefined();
    }),
  );
});

test("a secret of another length never matches", () => {
  fc.assert(
    fc.property(token, fc.uint8Array({ maxLength: 40 }), (made, other) => {
      expect(secretMatches(made, Buffer.from(other))).toBe(made.secret.equals(Buffer.from(other)));
    }),
  );
});
