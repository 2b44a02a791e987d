/**
 * The sandbox's notifications, as a real processor's: a small JSON text that names what there is news of, signed after
 * Standard Webhooks 1.0 with a secret that the platform and the sandbox alone know.
 */
import { isUtf8 } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { type Instant, MICROS_PER_MS } from "../../base/instant.ts";
import { parseJson } from "../../base/json.ts";
import { NOTIFICATIONS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { parseAccountId, parseAttemptKey } from "../../domain/ids.ts";
import { signWebhook, type WebhookSecret } from "../../domain/webhook-signature.ts";
import type { Notification } from "../processor.ts";

export type SignedNotification = {
  readonly headers: Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;
  readonly body: string;
};

const MICROS_PER_SECOND = 1_000n * MICROS_PER_MS;

/** `at`: the wall time of this try. The id is the same on every try. */
export function signNotification(
  news: Notification,
  signing: { readonly secret: WebhookSecret; readonly at: Instant },
): SignedNotification {
  const { accountId: account_id, about } = news;
  const body = JSON.stringify(
    about.kind === "attempt"
      ? { type: "payment.updated", account_id, idempotency_key: about.attemptKey }
      : { type: "refund.updated", account_id, refund_key: about.refundKey },
  );
  const id = `ntf_${about.kind === "attempt" ? about.attemptKey : about.refundKey}`;
  const timestamp = Number(signing.at / MICROS_PER_SECOND);
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signWebhook({ id, timestamp, body, secrets: [signing.secret] }),
    },
    body,
  };
}

/** Any of `secrets` may have signed it; `now` is wall time. A failure is a sentence that quotes nothing of what came. */
export function readNotification(
  headers: Readonly<Record<string, string>>,
  raw: Buffer,
  expected: { readonly secrets: readonly WebhookSecret[]; readonly now: Instant },
): Result<Notification | null, string> {
  const { "webhook-id": id = "", "webhook-timestamp": time = "", "webhook-signature": given = "" } = headers;
  if (!/^[\w-]{1,255}$/.test(id) || !/^\d{1,12}$/.test(time) || given === "")
    return fail("The headers of a signed notification are missing or malformed.");
  const timestamp = Number(time);
  if (!isUtf8(raw)) return fail("The notification is not UTF-8.");
  const body = raw.toString("utf8");
  const isOurs = expected.secrets.some((secret) =>
    isSignedWith(given, signWebhook({ id, timestamp, body, secrets: [secret] })),
  );
  if (!isOurs) return fail("No signature of the notification is right.");
  const apartMs = Number(expected.now / MICROS_PER_MS) - timestamp * 1_000;
  if (Math.abs(apartMs) > NOTIFICATIONS.toleranceMs)
    return fail("The notification's timestamp is too far from the present.");
  return readNews(body);
}

/** Several may be given, as while a secret rotates. Each comparison takes as long whatever it finds. */
function isSignedWith(given: string, right: string): boolean {
  const wanted = Buffer.from(right);
  return given
    .split(" ", MOST_SIGNATURES)
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === wanted.length && timingSafeEqual(signature, wanted));
}

const MOST_SIGNATURES = 8;

/** Null: of a kind that nobody needs to hear of. */
function readNews(body: string): Result<Notification | null, string> {
  const parsed = parseJson(body);
  const fields = parsed.ok && typeof parsed.value === "object" ? parsed.value : null;
  const of = new Map(fields === null ? [] : Object.entries(fields));
  const text = (name: string) => {
    const value = of.get(name);
    return typeof value === "string" ? value : "";
  };
  const accountId = parseAccountId(text("account_id"));
  const attemptKey = parseAttemptKey(text("idempotency_key"));
  const refundKey = text("refund_key");
  const type = text("type");
  if (type !== "" && type !== "payment.updated" && type !== "refund.updated") return ok(null);
  if (accountId && type === "payment.updated" && attemptKey)
    return ok({ accountId, about: { kind: "attempt", attemptKey } });
  if (accountId && type === "refund.updated" && refundKey !== "")
    return ok({ accountId, about: { kind: "refund", refundKey } });
  return fail("The notification does not say what it is about.");
}
