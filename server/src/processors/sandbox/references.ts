/** What the sandbox calls its things. Outsiders meet a payment's reference in a challenge's address, so it cannot be guessed. */
import type { World } from "../../base/world.ts";
import { type AccountId, uuidFromBytes, uuidToBytes } from "../../domain/ids.ts";

const RANDOM_BYTES = 16;
const UUID_BYTES = 16;

export const newToken = (world: World) => `tok_${world.random(RANDOM_BYTES).toString("base64url")}`;
export const newRefundRef = (world: World) => `rfd_${world.random(RANDOM_BYTES).toString("base64url")}`;

/** The account's id and 16 random bytes, so that whoever brings it back is found without searching all accounts. */
export function newPaymentRef(accountId: AccountId, world: World): string {
  return Buffer.concat([uuidToBytes(accountId), world.random(RANDOM_BYTES)]).toString("base64url");
}

const PAYMENT_REF = /^[A-Za-z0-9_-]{43}$/; // 32 bytes in base64url

/** The account inside a payment's reference; undefined for text that cannot be one. */
export function accountInPaymentRef(text: string): AccountId | undefined {
  if (!PAYMENT_REF.test(text)) return undefined;
  return uuidFromBytes(Buffer.from(text, "base64url").subarray(0, UUID_BYTES)) as AccountId;
}
