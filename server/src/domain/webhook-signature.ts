/**
 * Signatures of webhooks after Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, the key being the
 * base64-decoded part of `whsec_…` (contract section 5). A receiver checks them with any library of that standard.
 */
import { createHmac } from "node:crypto";
import { assert } from "../base/assert.ts";
import type { Brand } from "../base/brand.ts";
import { fail, ok, type Result } from "../base/result.ts";

/** `whsec_` and 24 to 64 bytes in padded base64. To be kept encrypted, and shown once. */
export type WebhookSecret = Brand<string, "WebhookSecret">;

/** What is wrong with a text that should be a secret. The sentence never quotes the text. */
export type WebhookSecretFailure = {
  readonly kind: "prefix" | "base64" | "length";
  readonly sentence: string;
};

const PREFIX = "whsec_";
const NEW_KEY_BYTES = 32;
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/**
 * The value of the `webhook-signature` header: `v1,` and base64, one per secret, separated by a space. While a secret
 * rotates, those before are given too, and a receiver that knows any of them accepts.
 * `id`: the event's id as sent in `webhook-id`, without a dot; `timestamp`: unix seconds; `body`: exactly as sent.
 */
export function signWebhook(message: {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secrets: readonly WebhookSecret[];
}): string {
  const { id, timestamp, body, secrets } = message;
  assert(secrets.length > 0, "a webhook is signed with at least one secret");
  assert(
    id !== "" && !id.includes("."),
    "a webhook's id has no dot, which separates the parts that are signed",
  );
  assert(Number.isSafeInteger(timestamp) && timestamp >= 0, "a webhook's timestamp is whole unix seconds");
  const signed = `${id}.${timestamp}.${body}`;
  return secrets
    .map((secret) => `v1,${createHmac("sha256", keyOf(secret)).update(signed, "utf8").digest("base64")}`)
    .join(" ");
}

/** A fresh secret; `random` gives that many cryptographically strong bytes (`World.random`). */
export function newWebhookSecret(random: (bytes: number) => Buffer): WebhookSecret {
  const key = random(NEW_KEY_BYTES);
  assert(key.length === NEW_KEY_BYTES, "random bytes come in the number asked for");
  return `${PREFIX}${key.toString("base64")}` as WebhookSecret;
}

/** Reads a secret that somebody else made; only what every library of the standard decodes alike is taken. */
export function parseWebhookSecret(text: string): Result<WebhookSecret, WebhookSecretFailure> {
  if (!text.startsWith(PREFIX)) return wrong("prefix", `A webhook secret starts with ${PREFIX}.`);
  const encoded = text.slice(PREFIX.length);
  const key = Buffer.from(encoded, "base64");
  // Buffer skips what is not base64; writing the bytes back shows whether anything was skipped or missing.
  if (key.toString("base64") !== encoded) {
    return wrong("base64", `A webhook secret is ${PREFIX} followed by standard base64 with its padding.`);
  }
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    return wrong(
      "length",
      `A webhook secret holds ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes in base64; this one holds ${key.length}.`,
    );
  }
  return ok(text as WebhookSecret);
}

function wrong(kind: WebhookSecretFailure["kind"], sentence: string): Result<never, WebhookSecretFailure> {
  return fail({ kind, sentence });
}

function keyOf(secret: WebhookSecret): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}
