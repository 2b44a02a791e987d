/**
 * Answers: the document's envelopes, and the one table from each failure to its status and text. A new kind of failure
 * does not compile until it has its line here. Bodies are JSON texts, since an answer under an Idempotency-Key is kept
 * byte for byte.
 */
import type { Errors } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyReply } from "fastify";
import { formatInstant } from "../base/instant.ts";
import type { Result } from "../base/result.ts";
import type { Permission } from "../domain/account.ts";
import type { PayFailure } from "../flows/charges/pay.ts";
import type { IssueFailure } from "../flows/clients/issue.ts";
import type { RotateFailure } from "../flows/clients/rotate.ts";
import type { AdvanceFailure } from "../flows/clock/advance.ts";
import type { ArmFailure } from "../flows/faults/arm.ts";
import type { CancelIntentFailure } from "../flows/intents/cancel.ts";
import type { CreateFailure } from "../flows/intents/create.ts";
import type { Answered, KeyFailure } from "../flows/once.ts";
import type { RefundFailure } from "../flows/refunds/create.ts";
import type { CancelSubscriptionFailure } from "../flows/subscriptions/cancel.ts";
import type { CreateEndpointFailure } from "../flows/webhooks/create-endpoint.ts";
import type { RedeliverFailure } from "../flows/webhooks/redeliver.ts";
import type { RotateSecretFailure } from "../flows/webhooks/rotate-secret.ts";

/** What is wrong with a request before any flow has seen it. */
export type RequestFailure =
  | { readonly kind: "unauthenticated" }
  | { readonly kind: "not_permitted"; readonly permission: Permission }
  | { readonly kind: "malformed"; readonly text: string }
  | { readonly kind: "invalid"; readonly errors: Errors }
  | { readonly kind: "bad_idempotency_key" }
  | { readonly kind: "unknown_route" }
  | { readonly kind: "method_not_allowed"; readonly allowed: readonly string[] }
  | { readonly kind: "body_too_large"; readonly bytes: number }
  | { readonly kind: "not_json" }
  | { readonly kind: "body_encoded" }
  | { readonly kind: "charset_unknown" }
  | { readonly kind: "too_many_requests"; readonly retryAfterSeconds: number }
  | { readonly kind: "unavailable" }
  | { readonly kind: "broken" };

export type Failure =
  | RequestFailure
  | CreateFailure
  | CancelIntentFailure
  | CancelSubscriptionFailure
  | RefundFailure
  | { readonly kind: Missing }
  | EndpointFailure
  | IssueFailure
  | RotateFailure
  | AdvanceFailure
  | ArmFailure
  | Exclude<PayFailure, { kind: "card_refused" | "other_input_wanted" }>
  | KeyFailure;

export type Answer = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** 200 in the document's envelope; `data` is a JSON text. */
export function successBody(data: string): string {
  return `{"success":true,"data":${data}}`;
}

export function success(data: string): Answer {
  return { status: 200, body: successBody(data) };
}

/** What a command came to: its body as it was first answered, or its failure. */
export function commandAnswer(result: Result<Answered, Failure>): Answer {
  if (!result.ok) return failureAnswer(result.failure);
  const { body, replayed } = result.value;
  return replayed
    ? { status: 200, body, headers: { "idempotency-replayed": "true" } }
    : { status: 200, body };
}

function refusal(status: number, message: string, headers?: Record<string, string>): Answer {
  const body = JSON.stringify({ success: false, message, data: [] });
  return headers ? { status, body, headers } : { status, body };
}

function invalid(errors: Errors): Answer {
  return { status: 422, body: JSON.stringify({ message: "The given data was invalid.", errors }) };
}

const SOON = { "retry-after": "1" };
const BUSY = "The server is busy. Try again in a moment.";

/** Objects that this account, in this mode, does not have. */
const MISSING = {
  intent_not_found: "No such payment intent.",
  subscription_not_found: "No such subscription.",
  refund_not_found: "No such refund.",
  customer_not_found: "No such customer.",
  endpoint_not_found: "No such webhook endpoint.",
  event_not_found: "No such event.",
  client_not_found: "No such client.",
} as const;
export type Missing = keyof typeof MISSING;

function isMissing(failure: Failure): failure is Extract<Failure, { kind: Missing }> {
  return Object.hasOwn(MISSING, failure.kind);
}

export function failureAnswer(failure: Failure): Answer {
  if (isMissing(failure)) return refusal(404, MISSING[failure.kind]);
  switch (failure.kind) {
    case "unauthenticated":
      return refusal(401, "Invalid API Key provided.");
    case "not_permitted":
      return refusal(403, `This API key lacks the permission ${failure.permission}.`);
    case "malformed":
      return refusal(400, failure.text);
    case "invalid":
      return invalid(failure.errors);
    case "bad_idempotency_key":
      return refusal(400, "The Idempotency-Key header must be 1 to 255 visible characters.");
    case "key_reused":
      return invalid({ idempotency_key: ["The idempotency key was already used with another request."] });
    case "key_busy":
      return refusal(
        503,
        "The first request with this Idempotency-Key is still running. Try again in a moment.",
        SOON,
      );
    case "unknown_route":
      return refusal(404, "There is nothing at this address. See the API reference for the routes.");
    case "method_not_allowed":
      return refusal(405, `This address takes ${failure.allowed.join(", ")}.`, {
        allow: failure.allowed.join(", "),
      });
    case "body_too_large":
    case "not_json":
    case "body_encoded":
    case "charset_unknown":
      return bodyRefusal(failure);
    case "too_many_requests":
      return refusal(429, "Too many requests. Slow down and try again.", {
        "retry-after": String(failure.retryAfterSeconds),
      });
    case "unavailable":
    case "processor_unavailable":
      return refusal(503, BUSY, SOON);
    case "broken":
      return refusal(500, "Something went wrong on our end.");
    case "reference_taken":
    case "no_processor":
    case "intent_not_cancellable":
      return intentRefusal(failure);
    case "intent_not_paid":
    case "charge_not_paid":
    case "charge_refunded":
    case "charge_not_of_intent":
    case "refund_decimals":
    case "refund_too_large":
      return refundRefusal(failure);
    case "too_many_clients":
    case "client_revoked":
      return clientRefusal(failure);
    case "endpoint_url_refused":
    case "too_many_endpoints":
    case "too_many_secrets":
    case "endpoint_disabled":
    case "no_endpoint_for_event":
      return endpointRefusal(failure);
    case "clock_not_in_live_mode":
    case "clock_cannot_go_back":
    case "clock_too_far":
    case "clock_busy":
    case "faults_not_in_live_mode":
    case "too_many_faults":
      return testModeRefusal(failure);
  }
}

function bodyRefusal(
  failure: Extract<
    RequestFailure,
    { kind: "body_too_large" | "not_json" | "body_encoded" | "charset_unknown" }
  >,
): Answer {
  switch (failure.kind) {
    case "body_too_large":
      return refusal(413, `The request body is larger than ${failure.bytes} bytes.`);
    case "not_json":
      return refusal(415, "Send the body as JSON, with the header Content-Type: application/json.");
    case "body_encoded":
      return refusal(415, "Send the body as it is, without Content-Encoding: it is not decoded here.");
    case "charset_unknown":
      return refusal(415, "Send the body in UTF-8: no other charset is read.");
  }
}

type IntentFailure = Exclude<CreateFailure | CancelIntentFailure, { kind: Missing }>;

function intentRefusal(failure: IntentFailure): Answer {
  switch (failure.kind) {
    case "reference_taken":
      return invalid({ reference_id: [messages.unique("reference_id")] });
    case "no_processor":
      return refusal(
        400,
        "No payment processor is set up for live payments. Use a test-mode API key, or set one up.",
      );
    case "intent_not_cancellable":
      return refusal(400, `A payment intent with status ${failure.status} cannot be cancelled.`);
  }
}

function refundRefusal(failure: Exclude<RefundFailure, { kind: Missing }>): Answer {
  switch (failure.kind) {
    case "intent_not_paid":
      return refusal(400, `A payment intent with status ${failure.status} has nothing to refund.`);
    case "charge_not_paid":
      return refusal(400, "This charge has not succeeded, so there is nothing to refund.");
    case "charge_refunded":
      return refusal(400, "This charge has been refunded in full.");
    case "charge_not_of_intent":
      return invalid({ charge_id: [messages.in("charge_id")] });
    case "refund_decimals":
      return invalid({ amount: [messages.format("amount")] });
    case "refund_too_large":
      return invalid({ amount: [messages.max("amount", failure.left)] });
  }
}

type ClientFailure = Exclude<IssueFailure | RotateFailure, { kind: Missing | "not_permitted" }>;

function clientRefusal(failure: ClientFailure): Answer {
  switch (failure.kind) {
    case "too_many_clients":
      return refusal(400, `An account has at most ${failure.most} clients. Revoke one first.`);
    case "client_revoked":
      return refusal(400, "This client is revoked. Make a new one.");
  }
}

type EndpointFailure = Exclude<
  CreateEndpointFailure | RotateSecretFailure | RedeliverFailure,
  { kind: Missing }
>;

function endpointRefusal(failure: EndpointFailure): Answer {
  switch (failure.kind) {
    case "endpoint_url_refused":
      return invalid({ url: [`The url may not be called: ${failure.why}.`] });
    case "too_many_endpoints":
      return refusal(400, `An account has at most ${failure.most} webhook endpoints. Delete one first.`);
    case "too_many_secrets":
      return refusal(
        400,
        `At most ${failure.most} secrets sign for a webhook endpoint. Each ends 24 hours after it was rotated away: rotate again then.`,
      );
    case "endpoint_disabled":
      return refusal(400, "This webhook endpoint is disabled. Enable it first.");
    case "no_endpoint_for_event":
      return refusal(400, "No enabled webhook endpoint takes events of this type.");
  }
}

function testModeRefusal(failure: AdvanceFailure | ArmFailure): Answer {
  switch (failure.kind) {
    case "clock_not_in_live_mode":
      return refusal(400, "The clock can be moved in test mode only.");
    case "clock_cannot_go_back":
      return invalid({
        to: [`The to must not be before the account's present time, ${formatInstant(failure.now)}.`],
      });
    case "clock_too_far":
      return invalid({ to: [`The to must not be more than ${failure.days} days ahead.`] });
    case "clock_busy":
      return refusal(503, "Another advance of this clock is still at work. Try again in a moment.", SOON);
    case "faults_not_in_live_mode":
      return refusal(400, "Faults can be armed in test mode only.");
    case "too_many_faults":
      return refusal(400, `At most ${failure.most} faults can be armed at a time. Disarm them first.`);
  }
}

/**
 * Tells the checkout page that no payment was tried, so that the customer need not wait to hear what became of it. Other 503
 * may come after the attempt, as where the database went away meanwhile.
 */
export function notTried(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, "mintro-not-tried": "true" } };
}

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.status)
    .headers(answer.headers ?? {})
    .type("application/json; charset=utf-8")
    .send(answer.body);
}
