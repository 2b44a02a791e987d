/**
 * What the doctor sends to a receiver: forgeries that it must refuse, as whoever knows its address could send them, and right
 * events that not every receiver takes.
 */
import { randomBytes } from "node:crypto";
import { newWebhookSecret, type WebhookSecret } from "@mintro/server/domain/webhook-signature";
import { type MadeUp, madeUpEvent, TEST_TYPE } from "./doctor-events.ts";
import { signedHeaders, unixSeconds } from "./signed-headers.ts";

export type Message = { readonly body: string; readonly headers: Record<string, string> };

export type Forgery = {
  readonly check: string;
  readonly did: string;
  readonly todo: string;
  readonly forge: (event: MadeUp, secret: WebhookSecret) => Message;
};

const TEN_MINUTES = 600;
const VERIFY_FIRST =
  "Verify the signature over id, timestamp and raw body before anything else, and answer 400 where it does not match.";

export const FORGERIES: readonly Forgery[] = [
  {
    check: "tampered-body",
    did: "A body changed after it was signed",
    todo: VERIFY_FIRST,
    forge: (event, secret) => ({
      ...signed(event, secret),
      body: event.body.replace("made up", "forged").replace('"mintro_doctor":true', '"mintro_doctor":false'),
    }),
  },
  {
    check: "wrong-secret",
    did: "An event signed with another secret",
    todo: `${VERIFY_FIRST} Compare with the endpoint's own secret.`,
    forge: (event) => signed(event, newWebhookSecret(randomBytes)),
  },
  {
    check: "changed-id",
    did: "A right event sent again under another webhook-id",
    todo: `${VERIFY_FIRST} Otherwise a recording can be played to you under new ids, and each counts as new.`,
    forge: (event, secret) => withHeader(signed(event, secret), "webhook-id", madeUpEvent(TEST_TYPE).id),
  },
  {
    check: "old-timestamp",
    did: "An event signed ten minutes ago",
    todo: "Refuse timestamps that are more than five minutes off, so that a recording cannot be played to you later.",
    forge: (event, secret) => signed(event, secret, unixSeconds() - TEN_MINUTES),
  },
  {
    check: "future-timestamp",
    did: "An event signed ten minutes from now",
    todo: "Refuse timestamps that are more than five minutes off in either direction.",
    forge: (event, secret) => signed(event, secret, unixSeconds() + TEN_MINUTES),
  },
  {
    check: "changed-timestamp",
    did: "An old event with a new timestamp beside its old signature",
    todo: `${VERIFY_FIRST} The timestamp is part of what is signed.`,
    forge: (event, secret) =>
      withHeader(
        signed(event, secret, unixSeconds() - TEN_MINUTES),
        "webhook-timestamp",
        String(unixSeconds()),
      ),
  },
  {
    check: "no-signature",
    did: "An event without a signature",
    todo: `${VERIFY_FIRST} A missing header is a wrong one.`,
    forge: (event, secret) => {
      const { body, headers } = signed(event, secret);
      const { "webhook-signature": _, ...others } = headers;
      return { body, headers: others };
    },
  },
  {
    check: "no-headers",
    did: "An event without any webhook header",
    todo: `${VERIFY_FIRST} Everybody can post JSON to your address.`,
    forge: ({ body }) => ({ body, headers: { "content-type": "application/json" } }),
  },
];

export type Variant = {
  readonly check: string;
  readonly did: string;
  readonly todo: string;
  readonly make: (secret: WebhookSecret) => Message;
};

/** Right events that not every receiver takes. */
export const VARIANTS: readonly Variant[] = [
  {
    check: "exact-bytes",
    did: "A right event whose bytes change when its JSON is parsed and written again",
    todo: "Verify over the raw body: turn off whatever parses JSON before it on this path (see the guide on webhooks).",
    make: (secret) =>
      signed(
        madeUpEvent(TEST_TYPE, '{"price":1.0,"order":12345678901234567890,"note":"Café ☕ 1/2"}'),
        secret,
      ),
  },
  {
    check: "two-signatures",
    did: "A right event with two signatures, as while a secret is being changed",
    todo: "Go through all signatures of the header, separated by blanks: one that matches is enough.",
    make: (secret) => {
      const event = madeUpEvent(TEST_TYPE);
      const other = signed(event, newWebhookSecret(randomBytes)).headers["webhook-signature"];
      const message = signed(event, secret);
      return withHeader(message, "webhook-signature", `${other} ${message.headers["webhook-signature"]}`);
    },
  },
  {
    check: "large-body",
    did: "A right event with 16 KiB of metadata",
    todo: "Take bodies up to 100 kB: your own metadata comes back in each event.",
    make: (secret) => signed(madeUpEvent(TEST_TYPE, JSON.stringify({ note: "x".repeat(16_000) })), secret),
  },
  {
    check: "unknown-event",
    did: "A right event of a type that does not exist yet",
    todo: "Answer 200 to types that you do not know: otherwise a later version's events are tried again for days.",
    make: (secret) => signed(madeUpEvent("payment.of_a_later_version"), secret),
  },
];

/** As the platform signs it. */
export function signed(event: MadeUp, secret: WebhookSecret, timestamp = unixSeconds()): Message {
  return { body: event.body, headers: signedHeaders({ ...event, secret, timestamp }) };
}

function withHeader({ body, headers }: Message, name: string, value: string): Message {
  return { body, headers: { ...headers, [name]: value } };
}
