/** Operations on webhook endpoints (contract section 6). */
import { boolean, listOfValues, oneOf, webUrl } from "../laravel-kinds.ts";
import { optional, required } from "../laravel-rules.ts";
import { EVENT_TYPES } from "../vocabulary.ts";
import { instant, pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { endpointParam } from "./params.ts";

const tag = "Webhook endpoints";
const path = "/webhook-endpoints";

const url = webUrl({ max: 2048 });
const urlDoc = {
  description: "Where events are sent: http or https, not a private address unless the operator allows that.",
  example: "https://shop.example.com/webhooks",
};
const fields = {
  events: optional(listOfValues(oneOf(EVENT_TYPES), { max: 50 }), {
    description: "The types that it wants, at least one. `null`: all, those of later versions too.",
    example: ["payment.succeeded", "payment.failed"],
  }),
  enabled: optional(boolean(), {
    description: "Whether events are sent to it. Disabling gives up what waits for it.",
    example: true,
  }),
};

export const createWebhookEndpoint = operation({
  operationId: "createWebhookEndpoint",
  method: "POST",
  path,
  tag,
  permission: "webhooks:write",
  summary: "Create a webhook endpoint",
  description:
    "The answer shows its signing secret, this once. Without `events` it gets all of them, without `enabled` it is enabled. An account has at most 16 endpoints.",
  body: { url: required(url, urlDoc), ...fields },
  shape: "one",
  failures: ["endpoint_url_refused", "too_many_endpoints"],
});

export const listWebhookEndpoints = operation({
  operationId: "listWebhookEndpoints",
  method: "GET",
  path,
  tag,
  permission: "webhooks:read",
  summary: "List webhook endpoints",
  description: "Newest first.",
  query: pageFields,
  shape: "page",
  failures: [],
});

export const getWebhookEndpoint = operation({
  operationId: "getWebhookEndpoint",
  method: "GET",
  path: `${path}/{id}`,
  tag,
  permission: "webhooks:read",
  summary: "Get a webhook endpoint",
  description: "Where it points, what it wants, and how it fares.",
  params: endpointParam,
  shape: "one",
  failures: ["endpoint_not_found"],
});

export const updateWebhookEndpoint = operation({
  operationId: "updateWebhookEndpoint",
  method: "PATCH",
  path: `${path}/{id}`,
  tag,
  permission: "webhooks:write",
  summary: "Change a webhook endpoint",
  description: "What is left out stays as it is.",
  params: endpointParam,
  body: { url: optional(url, urlDoc), ...fields },
  shape: "one",
  failures: ["endpoint_not_found", "endpoint_url_refused"],
});

export const deleteWebhookEndpoint = operation({
  operationId: "deleteWebhookEndpoint",
  method: "DELETE",
  path: `${path}/{id}`,
  tag,
  permission: "webhooks:write",
  summary: "Delete a webhook endpoint",
  description: "Gives up what waits for it.",
  params: endpointParam,
  shape: "one",
  failures: ["endpoint_not_found"],
});

export const rotateWebhookSecret = operation({
  operationId: "rotateWebhookSecret",
  method: "POST",
  path: `${path}/{id}/rotate-secret`,
  tag,
  permission: "webhooks:write",
  summary: "Rotate a signing secret",
  description:
    "Makes a new secret and shows it, this once. The one before signs beside it for 24 hours, so that your receiver can change over in its own time. Rotated again meanwhile, each of them keeps its 24 hours; at most 5 sign at a time.",
  params: endpointParam,
  shape: "one",
  failures: ["endpoint_not_found", "too_many_secrets"],
});

export const testWebhookEndpoint = operation({
  operationId: "testWebhookEndpoint",
  method: "POST",
  path: `${path}/{id}/test`,
  tag,
  permission: "webhooks:write",
  summary: "Send a test webhook",
  description:
    "Sends a signed `endpoint.test` and waits for your server's answer. It is one try and no event: it is in no list, is not repeated, also goes to a disabled endpoint, and says nothing about the endpoint's health.",
  params: endpointParam,
  shape: "one",
  failures: ["endpoint_not_found"],
});

export const replayWebhookEndpoint = operation({
  operationId: "replayWebhookEndpoint",
  method: "POST",
  path: `${path}/{id}/replay`,
  tag,
  permission: "webhooks:write",
  summary: "Send again all that failed",
  description:
    "Sends this endpoint again all events of a span that it failed to take, given up or still to be tried again, under their own `webhook-id`, one payment's events in their order. At most 5000 at a time: where `has_more` is true, ask again.",
  params: endpointParam,
  body: {
    since: required(instant, {
      description: "Events that happened at this time or later.",
      example: "2026-11-22T00:00:00Z",
    }),
    until: optional(instant, {
      description: "Events that happened before this time. The present if absent.",
      example: "2026-11-23T00:00:00Z",
    }),
  },
  shape: "one",
  failures: ["endpoint_not_found", "endpoint_disabled"],
});
