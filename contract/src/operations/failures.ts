/**
 * The errors of the API for those who read about them: when each happens, what to do, and whether sending the same request
 * again can help. Statuses and texts are the server's (server/src/api/answer.ts), and joined to these in the reference.
 */
export type FailureDoc = {
  readonly when: string;
  readonly mend: string;
  /** `no`: the same request gets the same answer. `later`: it may succeed by itself. `after`: once the cause is gone. */
  readonly again: "no" | "later" | "after";
};

const ID = "Check the id, and that the key belongs to the account and mode in which it was made.";

export const FAILURES = {
  malformed: {
    when: "The request, or the JSON in its body, cannot be read.",
    mend: "Send well-formed JSON in UTF-8, nested at most 64 levels deep.",
    again: "no",
  },
  bad_idempotency_key: {
    when: "The `Idempotency-Key` is empty, too long, or has blanks or characters beyond ASCII.",
    mend: "Send 1 to 255 visible ASCII characters, a UUID for example.",
    again: "no",
  },
  no_processor: {
    when: "A live-mode key creates an intent, and no processor is set up for live payments.",
    mend: "Use a test-mode key, or set a live processor up.",
    again: "after",
  },
  intent_not_cancellable: {
    when: "The intent is being paid, is paid, or has ended otherwise.",
    mend: "Get the intent to see how it stands. To give money back, refund it.",
    again: "no",
  },
  intent_not_paid: {
    when: "A refund is asked for of an intent that is not paid.",
    mend: "Get the intent to see how it stands. One that is not paid yet can be cancelled.",
    again: "no",
  },
  charge_not_paid: {
    when: "The charge that `charge_id` names has not succeeded.",
    mend: "Get the intent and look at its `charges`.",
    again: "no",
  },
  charge_refunded: {
    when: "All that is left of the charge is to be refunded, and nothing is left.",
    mend: "Nothing: the whole charge was given back, or is about to be.",
    again: "no",
  },
  too_many_endpoints: {
    when: "The account has as many webhook endpoints as it may have.",
    mend: "Delete one that is no longer needed.",
    again: "after",
  },
  endpoint_disabled: {
    when: "An event is to be sent again to an endpoint that is disabled.",
    mend: "Enable the endpoint first, with a PATCH of `enabled`.",
    again: "after",
  },
  no_endpoint_for_event: {
    when: "An event is to be sent again, and no enabled endpoint wants its type.",
    mend: "Make or enable an endpoint for it.",
    again: "after",
  },
  too_many_secrets: {
    when: "The endpoint's secret was rotated so often within 24 hours that as many secrets sign as may.",
    mend: "Wait until the oldest of them has ended, 24 hours after it was rotated away. To be rid of all of them, make a new endpoint and delete this one.",
    again: "later",
  },
  too_many_clients: {
    when: "The account has as many clients as it may have.",
    mend: "Revoke one that is no longer needed.",
    again: "after",
  },
  client_revoked: {
    when: "A revoked client is to get a new secret.",
    mend: "Make a new client.",
    again: "no",
  },
  clock_not_in_live_mode: {
    when: "A live-mode key asks for the test clock.",
    mend: "Use a test-mode key.",
    again: "no",
  },
  faults_not_in_live_mode: {
    when: "A live-mode key asks for faults.",
    mend: "Use a test-mode key.",
    again: "no",
  },
  too_many_faults: {
    when: "As many faults are armed as may be.",
    mend: "Disarm them, or let them strike first.",
    again: "after",
  },
  unauthenticated: {
    when: "`X-Client-ID` or `X-Client-Secret` is missing, unknown, wrong or revoked.",
    mend: "Send both headers with a pair that is in force.",
    again: "no",
  },
  not_permitted: {
    when: "The key lacks the permission that the operation needs.",
    mend: "Use a key that has the permission which `message` names.",
    again: "no",
  },
  intent_not_found: { when: "This account and mode have no such intent.", mend: ID, again: "no" },
  refund_not_found: { when: "This account and mode have no such refund.", mend: ID, again: "no" },
  subscription_not_found: { when: "This account and mode have no such subscription.", mend: ID, again: "no" },
  customer_not_found: { when: "This account and mode have no such customer.", mend: ID, again: "no" },
  endpoint_not_found: { when: "This account and mode have no such webhook endpoint.", mend: ID, again: "no" },
  event_not_found: { when: "This account and mode have no such event.", mend: ID, again: "no" },
  client_not_found: { when: "This account and mode have no such client.", mend: ID, again: "no" },
  unknown_route: {
    when: "No route has this address.",
    mend: "Check the path. The reference lists all of them.",
    again: "no",
  },
  method_not_allowed: {
    when: "The address exists, but not with this method.",
    mend: "Use one of the methods in the header `Allow`.",
    again: "no",
  },
  body_too_large: {
    when: "The body is larger than 512 KiB.",
    mend: "Send less, for example in `metadata`.",
    again: "no",
  },
  not_json: {
    when: "The body has another content type than JSON.",
    mend: "Send `Content-Type: application/json`.",
    again: "no",
  },
  body_encoded: {
    when: "The body is compressed, or encoded otherwise.",
    mend: "Send it as it is, without `Content-Encoding`.",
    again: "no",
  },
  charset_unknown: {
    when: "The body's `Content-Type` names another charset than UTF-8.",
    mend: "Send it in UTF-8, as JSON always is. The charset need not be named.",
    again: "no",
  },
  invalid: {
    when: "Fields or query parameters are missing or wrong. All of them are reported at once.",
    mend: "Mend each field that `errors` names.",
    again: "no",
  },
  reference_taken: {
    when: "The account and mode already have an intent with this `reference_id`.",
    mend: "Get that intent by its reference, or use another one.",
    again: "no",
  },
  charge_not_of_intent: {
    when: "The intent has no such charge as `charge_id` names.",
    mend: "Get the intent and look at its `charges`.",
    again: "no",
  },
  refund_decimals: {
    when: "A refund's `amount` has more decimals than the currency.",
    mend: "Send an amount in the currency's decimals.",
    again: "no",
  },
  refund_too_large: {
    when: "A refund asks for more than is left of the charge. The text says how much that is.",
    mend: "Ask for less, or leave `amount` out to refund all that is left.",
    again: "no",
  },
  endpoint_url_refused: {
    when: "The endpoint's address is a private one, or one that may not be called otherwise.",
    mend: "Use an address that is reachable from the internet. Operators may allow private ones.",
    again: "no",
  },
  clock_cannot_go_back: {
    when: "The clock is to be moved to a time that has passed.",
    mend: "Send a later `to`.",
    again: "no",
  },
  clock_too_far: {
    when: "The clock is to be moved further than it may be at a time.",
    mend: "Move it in several steps.",
    again: "no",
  },
  key_reused: {
    when: "The `Idempotency-Key` belongs to another request: another path, or another body.",
    mend: "Use a new key for each new request, and the same one only to repeat it unchanged.",
    again: "no",
  },
  too_many_requests: {
    when: "More requests a second than this key may make, or too many wrong keys from this address.",
    mend: "Wait for the seconds in `Retry-After`, then send it again.",
    again: "later",
  },
  broken: {
    when: "A mistake of ours. It is in the server's log under the request id.",
    mend: "Send it again with the same `Idempotency-Key`. If it stays, report the `X-Request-ID`.",
    again: "later",
  },
  unavailable: {
    when: "The server is busy, or its database is away.",
    mend: "Wait for the seconds in `Retry-After`, then send it again with the same `Idempotency-Key`.",
    again: "later",
  },
  processor_unavailable: {
    when: "The payment processor cannot be reached.",
    mend: "Wait for the seconds in `Retry-After`, then send it again.",
    again: "later",
  },
  key_busy: {
    when: "The first request with this `Idempotency-Key` has run for 30 seconds and still runs.",
    mend: "Wait for the seconds in `Retry-After`, then send it again with the same key.",
    again: "later",
  },
  clock_busy: {
    when: "Another advance of this account's clock has been at work for 30 seconds.",
    mend: "Wait for the seconds in `Retry-After`, then send it again.",
    again: "later",
  },
} as const satisfies { readonly [kind: string]: FailureDoc };

export type FailureKind = keyof typeof FAILURES;

export function kindsOfFailure(): FailureKind[] {
  return Object.keys(FAILURES) as FailureKind[];
}
