/**
 * A sample of every failure, complete by type, so that the reference shows the status and the very text that the server
 * answers. Where the text follows from the failure's facts, there are as many samples as there are texts, if they can be
 * counted: the tests take no other answer for right.
 */
import { FAILURES, type FailureDoc, type FailureKind } from "@mintro/contract/operations/failures";
import type { Operation } from "@mintro/contract/operations/operation";
import { instantFromMs } from "../../base/instant.ts";
import { JSON_LEVELS_MAX } from "../../base/json.ts";
import { CLIENTS, CLOCK_ADVANCE, ENDPOINTS, HTTP, TEST_FAULTS } from "../../base/limits.ts";
import { type Answer, type Failure, failureAnswer } from "../answer.ts";
import { NO_HOST, UNMET_EXPECTATION } from "../before-routes.ts";

type Sample<Kind extends Failure["kind"]> = Failure & { readonly kind: Kind };
type Samples = { readonly [Kind in Failure["kind"]]: readonly [Sample<Kind>, ...Sample<Kind>[]] };

const SAMPLES: Samples = {
  malformed: [
    { kind: "malformed", text: "The request body is not valid JSON (line 1, column 6)." },
    { kind: "malformed", text: "The request body is not valid JSON." },
    { kind: "malformed", text: `The request body is nested deeper than ${JSON_LEVELS_MAX} levels.` },
    { kind: "malformed", text: "The request could not be understood." },
    { kind: "malformed", text: NO_HOST },
    { kind: "malformed", text: UNMET_EXPECTATION },
  ],
  bad_idempotency_key: [{ kind: "bad_idempotency_key" }],
  no_processor: [{ kind: "no_processor" }],
  intent_not_cancellable: [
    { kind: "intent_not_cancellable", status: "succeeded" },
    { kind: "intent_not_cancellable", status: "processing" },
    { kind: "intent_not_cancellable", status: "failed" },
    { kind: "intent_not_cancellable", status: "expired" },
  ],
  intent_not_paid: [
    { kind: "intent_not_paid", status: "requires_payment" },
    { kind: "intent_not_paid", status: "processing" },
    { kind: "intent_not_paid", status: "requires_action" },
    { kind: "intent_not_paid", status: "failed" },
    { kind: "intent_not_paid", status: "cancelled" },
    { kind: "intent_not_paid", status: "expired" },
  ],
  charge_not_paid: [{ kind: "charge_not_paid" }],
  charge_refunded: [{ kind: "charge_refunded" }],
  too_many_endpoints: [{ kind: "too_many_endpoints", most: ENDPOINTS.most }],
  endpoint_disabled: [{ kind: "endpoint_disabled" }],
  no_endpoint_for_event: [{ kind: "no_endpoint_for_event" }],
  too_many_secrets: [{ kind: "too_many_secrets", most: ENDPOINTS.secrets }],
  too_many_clients: [{ kind: "too_many_clients", most: CLIENTS.most }],
  client_revoked: [{ kind: "client_revoked" }],
  clock_not_in_live_mode: [{ kind: "clock_not_in_live_mode" }],
  faults_not_in_live_mode: [{ kind: "faults_not_in_live_mode" }],
  too_many_faults: [{ kind: "too_many_faults", most: TEST_FAULTS.armed }],
  unauthenticated: [{ kind: "unauthenticated" }],
  not_permitted: [{ kind: "not_permitted", permission: "intents:write" }],
  intent_not_found: [{ kind: "intent_not_found" }],
  refund_not_found: [{ kind: "refund_not_found" }],
  subscription_not_found: [{ kind: "subscription_not_found" }],
  customer_not_found: [{ kind: "customer_not_found" }],
  endpoint_not_found: [{ kind: "endpoint_not_found" }],
  event_not_found: [{ kind: "event_not_found" }],
  client_not_found: [{ kind: "client_not_found" }],
  unknown_route: [{ kind: "unknown_route" }],
  method_not_allowed: [{ kind: "method_not_allowed", allowed: ["GET", "POST"] }],
  body_too_large: [{ kind: "body_too_large", bytes: HTTP.bodyBytes }],
  not_json: [{ kind: "not_json" }],
  body_encoded: [{ kind: "body_encoded" }],
  charset_unknown: [{ kind: "charset_unknown" }],
  invalid: [
    {
      kind: "invalid",
      errors: { email: ["The email field is required."], amount: ["The amount must be at least 1."] },
    },
  ],
  reference_taken: [{ kind: "reference_taken" }],
  charge_not_of_intent: [{ kind: "charge_not_of_intent" }],
  refund_decimals: [{ kind: "refund_decimals" }],
  refund_too_large: [{ kind: "refund_too_large", left: "75.00" }],
  endpoint_url_refused: [{ kind: "endpoint_url_refused", why: "private addresses are not called" }],
  clock_cannot_go_back: [{ kind: "clock_cannot_go_back", now: instantFromMs(1_795_405_164_000) }],
  clock_too_far: [{ kind: "clock_too_far", days: CLOCK_ADVANCE.furthestDays }],
  key_reused: [{ kind: "key_reused" }],
  too_many_requests: [{ kind: "too_many_requests", retryAfterSeconds: 1 }],
  broken: [{ kind: "broken" }],
  unavailable: [{ kind: "unavailable" }],
  processor_unavailable: [{ kind: "processor_unavailable" }],
  key_busy: [{ kind: "key_busy" }],
  clock_busy: [{ kind: "clock_busy" }],
};

/** What is told of each: a failure that is not told of does not compile. */
export const TOLD: Readonly<Record<Failure["kind"], FailureDoc>> = FAILURES;

/** What the server answers to a failure of this kind: every text that can be counted, the most telling one first. */
export function answersTo(kind: FailureKind, operation?: Operation): readonly [Answer, ...Answer[]] {
  const samples: readonly Failure[] = SAMPLES[kind];
  const [first, ...more] = samples.map((sample) =>
    failureAnswer(
      operation && sample.kind === "not_permitted" ? { ...sample, permission: operation.permission } : sample,
    ),
  );
  if (!first) throw new Error(`There is no sample of ${kind}.`);
  return [first, ...more];
}
