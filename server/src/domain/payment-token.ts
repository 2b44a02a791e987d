/**
 * The token of a payment link, `/pay/{token}`: account, intent and 16 random bytes, in base64url. It carries where to look,
 * so that no table maps tokens to accounts; what makes it unguessable is the random part, compared in constant time.
 */
import { timingSafeEqual } from "node:crypto";
import { type AccountId, type IntentId, uuidFromBytes, uuidToBytes } from "./ids.ts";

export type PaymentToken = {
  readonly accountId: AccountId;
  readonly intentId: IntentId;
  readonly secret: Buffer;
};

export function writePaymentToken(token: PaymentToken): string {
  return Buffer.concat([uuidToBytes(token.accountId), uuidToBytes(token.intentId), token.secret]).toString(
    "base64url",
  );
}

export function readPaymentToken(text: string): PaymentToken | undefined {
  if (!/^[A-Za-z0-9_-]{64}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return {
    accountId: uuidFromBytes(bytes.subarray(0, 16)) as AccountId,
    intentId: uuidFromBytes(bytes.subarray(16, 32)) as IntentId,
    secret: bytes.subarray(32, 48),
  };
}

export function secretMatches(token: PaymentToken, paySecret: Buffer): boolean {
  return token.secret.length === paySecret.length && timingSafeEqual(token.secret, paySecret);
}
