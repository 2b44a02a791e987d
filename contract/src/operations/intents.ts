/** Operations on intents (the document; contract sections 2 and 6). */
import { createIntentFields } from "../create-intent.ts";
import { oneOf, string } from "../laravel-kinds.ts";
import { optional } from "../laravel-rules.ts";
import { EXAMPLE } from "../objects/examples.ts";
import { INTENT_STATUSES } from "../vocabulary.ts";
import { instant, pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { intentParam } from "./params.ts";

const tag = "Intents";

export const createIntent = operation({
  operationId: "createIntent",
  method: "POST",
  path: "/intents",
  tag,
  permission: "intents:write",
  summary: "Create a payment intent",
  description:
    "Makes a payment and answers the link to its checkout page. Send the customer there, or show the page in a frame. The link is good for 24 hours.\n\nTexts are trimmed, and blank ones count as missing. A live-mode key needs a live processor.",
  body: createIntentFields,
  shape: "one",
  failures: ["reference_taken", "no_processor"],
});

export const listIntents = operation({
  operationId: "listIntents",
  method: "GET",
  path: "/intents",
  tag,
  permission: "intents:read",
  summary: "List payment intents",
  description: "Newest first. Intents are shown without their `charges`: get the one intent for those.",
  query: {
    status: optional(oneOf(INTENT_STATUSES), {
      description: "Only intents with this status.",
      example: "succeeded",
    }),
    customer_ref_id: optional(string({ max: 100 }), {
      description: "Only intents of the customer with this id of your own.",
      example: EXAMPLE.customerReference,
    }),
    created_from: optional(instant, {
      description: "Only intents created at this time or later.",
      example: "2026-11-01T00:00:00Z",
    }),
    created_to: optional(instant, {
      description: "Only intents created before this time.",
      example: "2026-12-01T00:00:00Z",
    }),
    ...pageFields,
  },
  shape: "page",
  failures: [],
});

export const getIntent = operation({
  operationId: "getIntent",
  method: "GET",
  path: "/intents/{id}",
  tag,
  permission: "intents:read",
  summary: "Get a payment intent",
  description: "How it stands, with its charges.",
  params: intentParam,
  shape: "one",
  failures: ["intent_not_found"],
});

export const getIntentByReference = operation({
  operationId: "getIntentByReference",
  method: "GET",
  path: "/intents/reference/{reference_id}",
  tag,
  permission: "intents:read",
  summary: "Get a payment intent by your own id",
  description: "The same, by the `reference_id` that you gave at its creation.",
  params: { reference_id: { description: "Your own id for the payment.", example: EXAMPLE.reference } },
  shape: "one",
  failures: ["intent_not_found"],
});

export const cancelIntent = operation({
  operationId: "cancelIntent",
  method: "POST",
  path: "/intents/{id}/cancel",
  tag,
  permission: "intents:write",
  summary: "Cancel a payment intent",
  description:
    "Works from `requires_payment` and `requires_action`. Cancelling again gets the same answer. When a cancel and a payment meet, exactly one of them wins.",
  params: intentParam,
  shape: "one",
  failures: ["intent_not_found", "intent_not_cancellable"],
});
