/** Webhook endpoints, events and deliveries, as answers show them (contract section 6). */
import { z } from "zod";
import { DELIVERY_STATUSES, DISABLED_REASONS, EVENT_TYPES } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { EventPayload } from "./payload.ts";
import { id, instant, instantOrNull, said } from "./said.ts";

const endpointId = (description = "The endpoint.") => id("we_", description, EXAMPLE.endpoint);
const eventId = () => id("evt_", "The event.", EXAMPLE.event);

const endpoint = {
  endpoint_id: endpointId(),
  url: said(z.string(), "Where events are sent.", "https://shop.example.com/webhooks"),
  events: said(
    z.array(z.enum(EVENT_TYPES)).nullable(),
    "The types that it wants; null: all, those of later versions too.",
    ["payment.succeeded", "payment.failed"],
  ),
  enabled: said(z.boolean(), "Whether events are sent to it.", true),
};
const state = {
  disabled_reason: said(
    z.enum(DISABLED_REASONS).nullable(),
    "Why it is disabled. `merchant`: you did it. `gone`: it answered 410. `failing`: five days of failures. `removed`: the server's environment no longer names it.",
    null,
  ),
  failing_since: instantOrNull("The first failed try since the last success; null if it is well."),
  previous_secret_until: instantOrNull(
    "Until when the secret before the last rotation signs too. Those before it end earlier.",
    "2026-11-24T04:32:39.188122Z",
  ),
  from_environment: said(z.boolean(), "Whether the server's environment made it.", false),
  created_at: instant("When it was made.", "2026-11-23T04:32:39.188122Z"),
};

export const WebhookEndpoint = z
  .strictObject({ ...endpoint, ...state })
  .meta({ id: "WebhookEndpoint", description: "Where your server hears of events." });

export const WebhookEndpointWithSecret = z
  .strictObject({
    ...endpoint,
    secret: said(
      z.string(),
      "What signs for it, shown this once. Keep it where your receiver can read it.",
      "whsec_aWYgdGhpcyB3ZXJlIGEgc2VjcmV0LCBpdCB3b3Vs",
    ),
    ...state,
  })
  .meta({
    id: "WebhookEndpointWithSecret",
    description: "An endpoint, with the secret that was made just now.",
  });

export const DeletedWebhookEndpoint = z
  .strictObject({
    endpoint_id: endpointId("The endpoint that is gone."),
    deleted: said(z.literal(true), "It is deleted.", true),
  })
  .meta({ id: "DeletedWebhookEndpoint", description: "What a deletion answers." });

const outcome = {
  status_code: said(z.int().nullable(), "The status that your server answered; null if it did not.", 400),
  error: said(z.string().nullable(), "Why the try failed; null if it did not.", "answered 400"),
  response_start: said(z.string(), "The first kilobyte of what your server answered.", "Bad Request"),
};
const duration_ms = said(z.int().min(0), "How long the try took, in milliseconds.", 12);

export const WebhookTest = z
  .strictObject({
    webhook_id: id("evt_", "The `webhook-id` that was sent.", EXAMPLE.event),
    delivered: said(z.boolean(), "Whether your server took it.", false),
    status_code: outcome.status_code,
    duration_ms,
    error: outcome.error,
    response_start: outcome.response_start,
  })
  .meta({ id: "WebhookTest", description: "What came of a test." });

export const Event = z
  .strictObject({
    event_id: eventId(),
    event: said(z.enum(EVENT_TYPES), "Its type.", "payment.succeeded"),
    intent_id: id("pi_", "The intent that it happened to.", EXAMPLE.intent),
    subscription_id: said(z.string().nullable(), "The subscription that it happened to, if to one.", null),
    charge_id: said(z.int().min(1).nullable(), "The charge that it is about, if about one.", EXAMPLE.charge),
    created_at: instant("When it happened.", EXAMPLE.paid),
    payload: EventPayload,
  })
  .meta({ id: "Event", description: "Something that happened." });

export const DeliveryTry = z
  .strictObject({
    try: said(z.int().min(1), "Which try it was, from 1.", 1),
    tried_at: instant("When it was made.", "2026-11-23T04:32:41.450673Z"),
    duration_ms,
    ...outcome,
  })
  .meta({ id: "DeliveryTry", description: "One try to tell an event to an endpoint." });

export const Delivery = z
  .strictObject({
    endpoint_id: endpointId("The endpoint that it goes to."),
    url: said(
      z.string().nullable(),
      "The endpoint's address; null where it was deleted.",
      "https://shop.example.com/webhooks",
    ),
    status: said(
      z.enum(DELIVERY_STATUSES),
      "`pending`: a try is under way or to come. `delivered`: your server took it. `failed`: given up.",
      "pending",
    ),
    tries_made: said(z.int().min(0), "How many tries have been made.", 1),
    next_try_at: instantOrNull("When the next one is due; null if none is.", "2026-11-23T04:32:46.666885Z"),
    tries: z.array(DeliveryTry).meta({ description: "The tries, the newest 50 of them." }),
  })
  .meta({ id: "Delivery", description: "How an event is told to one endpoint." });

export const Redelivery = z
  .strictObject({
    event_id: eventId(),
    endpoint_ids: said(z.array(z.string()), "The endpoints that it is sent to again.", [EXAMPLE.endpoint]),
  })
  .meta({ id: "Redelivery", description: "Where an event is sent again." });

export const Replay = z
  .strictObject({
    endpoint_id: endpointId(),
    replayed: said(z.int().min(0), "How many deliveries are sent again, at most 5000 at a time.", 17),
    has_more: said(z.boolean(), "Whether there are more: then ask again.", false),
  })
  .meta({ id: "Replay", description: "How much is sent again." });
