/** Operations on subscriptions (contract sections 4 and 6). */
import { oneOf } from "../laravel-kinds.ts";
import { optional } from "../laravel-rules.ts";
import { SUBSCRIPTION_STATUSES } from "../vocabulary.ts";
import { pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { subscriptionParam } from "./params.ts";

const tag = "Subscriptions";

export const listSubscriptions = operation({
  operationId: "listSubscriptions",
  method: "GET",
  path: "/subscriptions",
  tag,
  permission: "subscriptions:read",
  summary: "List subscriptions",
  description: "Newest first.",
  query: {
    status: optional(oneOf(SUBSCRIPTION_STATUSES), {
      description: "Only subscriptions with this status.",
      example: "active",
    }),
    ...pageFields,
  },
  shape: "page",
  failures: [],
});

export const getSubscription = operation({
  operationId: "getSubscription",
  method: "GET",
  path: "/subscriptions/{id}",
  tag,
  permission: "subscriptions:read",
  summary: "Get a subscription",
  description: "How it stands.",
  params: subscriptionParam,
  shape: "one",
  failures: ["subscription_not_found"],
});

export const cancelSubscription = operation({
  operationId: "cancelSubscription",
  method: "POST",
  path: "/subscriptions/{id}/cancel",
  tag,
  permission: "subscriptions:write",
  summary: "Cancel a subscription",
  description:
    "Works from every status, takes effect at once, refunds nothing. Cancelling again gets the same answer. A renewal that was sent before is still booked and told, and the status stays.",
  params: subscriptionParam,
  shape: "one",
  failures: ["subscription_not_found"],
});
