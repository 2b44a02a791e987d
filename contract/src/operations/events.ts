/** Operations on events and their deliveries (contract section 6). */
import { oneOf } from "../laravel-kinds.ts";
import { optional } from "../laravel-rules.ts";
import { EXAMPLE } from "../objects/examples.ts";
import { EVENT_TYPES } from "../vocabulary.ts";
import { idOf, pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { eventParam } from "./params.ts";

const tag = "Events";

export const listEvents = operation({
  operationId: "listEvents",
  method: "GET",
  path: "/events",
  tag,
  permission: "events:read",
  summary: "List events",
  description: "Newest first.",
  query: {
    type: optional(oneOf(EVENT_TYPES), {
      description: "Only events of this type.",
      example: "payment.succeeded",
    }),
    intent_id: optional(idOf("pi_"), {
      description: "Only what happened to this intent.",
      example: EXAMPLE.intent,
    }),
    ...pageFields,
  },
  shape: "page",
  failures: [],
});

export const getEvent = operation({
  operationId: "getEvent",
  method: "GET",
  path: "/events/{id}",
  tag,
  permission: "events:read",
  summary: "Get an event",
  description: "With what every delivery of it sends.",
  params: eventParam,
  shape: "one",
  failures: ["event_not_found"],
});

export const listDeliveries = operation({
  operationId: "listDeliveries",
  method: "GET",
  path: "/events/{id}/deliveries",
  tag,
  permission: "events:read",
  summary: "List an event's deliveries",
  description:
    "How the event was told, to each endpoint, try by try. The newest endpoint comes first, deleted ones among them.",
  params: eventParam,
  query: pageFields,
  shape: "page",
  failures: ["event_not_found"],
});

export const redeliverEvent = operation({
  operationId: "redeliverEvent",
  method: "POST",
  path: "/events/{id}/redeliver",
  tag,
  permission: "webhooks:write",
  summary: "Send an event again",
  description:
    "Also one that was delivered. It is sent at once, under its own `webhook-id`, and begins its tries anew.",
  params: eventParam,
  body: {
    endpoint_id: optional(idOf("we_"), {
      description: "Where to. If absent, to every enabled endpoint that wants its type.",
      example: EXAMPLE.endpoint,
    }),
  },
  shape: "one",
  failures: ["event_not_found", "endpoint_not_found", "endpoint_disabled", "no_endpoint_for_event"],
});
