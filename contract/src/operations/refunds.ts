/** Operations on refunds (contract section 6). */
import { integer, numeric, string } from "../laravel-kinds.ts";
import { optional } from "../laravel-rules.ts";
import { EXAMPLE } from "../objects/examples.ts";
import { operation } from "./operation.ts";
import { intentParam, refundParam } from "./params.ts";

const tag = "Refunds";

export const createRefund = operation({
  operationId: "createRefund",
  method: "POST",
  path: "/intents/{id}/refunds",
  tag,
  permission: "refunds:write",
  summary: "Refund a charge",
  description:
    "Gives all or a part of a charge back. The answer is always `pending`: the processor is asked right after, and the webhooks `payment.refunded` and `refund.failed` tell the outcome.\n\nRefunds of one charge together never exceed it. The intent stays `succeeded`, and a subscription goes on: cancel it, if it should not.",
  params: intentParam,
  body: {
    amount: optional(numeric({ min: "0", above: true, max: "99999999.99" }), {
      description: "How much, greater than 0. All that is left if absent.",
      example: 5,
    }),
    charge_id: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), {
      description: "Which charge of the intent, for example a renewal. The one that paid it if absent.",
      example: EXAMPLE.charge,
    }),
    reason: optional(string({ max: 255 }), {
      description: "Why. It comes back in the answer and in the event.",
      example: "damaged",
    }),
  },
  shape: "one",
  failures: [
    "intent_not_found",
    "intent_not_paid",
    "charge_not_paid",
    "charge_refunded",
    "charge_not_of_intent",
    "refund_decimals",
    "refund_too_large",
  ],
});

export const getRefund = operation({
  operationId: "getRefund",
  method: "GET",
  path: "/refunds/{id}",
  tag,
  permission: "intents:read",
  summary: "Get a refund",
  description: "How it stands.",
  params: refundParam,
  shape: "one",
  failures: ["refund_not_found"],
});
