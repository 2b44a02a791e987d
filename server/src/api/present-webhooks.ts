/** How endpoints, events and deliveries look on the wire (contract section 6). */
import type { Wire } from "@mintro/contract/objects/said";
import type * as webhooks from "@mintro/contract/objects/webhook";
import { formatInstant } from "../base/instant.ts";
import { type NewEvent, withRawField } from "../domain/event.ts";
import {
  showChargeId,
  showEndpointId,
  showEventId,
  showIntentId,
  showSubscriptionId,
} from "../domain/ids.ts";
import type { Delivery, Endpoint } from "../domain/webhook.ts";
import type { WebhookSecret } from "../domain/webhook-signature.ts";
import type { TestTry } from "../flows/webhooks/test-endpoint.ts";
import type { PastTry } from "../store/deliveries.ts";

/** `secret` in the one answer that shows it. */
export function presentEndpoint(endpoint: Endpoint, secret?: WebhookSecret): string {
  const { failingSince, previousSecretUntil } = endpoint;
  const fields: Wire<typeof webhooks.WebhookEndpoint> & { readonly secret?: string } = {
    endpoint_id: showEndpointId(endpoint.endpointId),
    url: withoutUser(endpoint.url),
    events: endpoint.events,
    enabled: endpoint.enabled,
    ...(secret !== undefined && { secret }),
    disabled_reason: endpoint.disabledReason,
    failing_since: failingSince && formatInstant(failingSince),
    previous_secret_until: previousSecretUntil && formatInstant(previousSecretUntil),
    from_environment: endpoint.fromEnvironment,
    created_at: formatInstant(endpoint.createdAt),
  };
  return JSON.stringify(fields);
}

/** None is taken with user and password now; one that was stored so is not shown to everybody who may read events. */
function withoutUser(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.username === "" && url.password === "")) return address;
  return `${url.protocol}//***@${url.host}${url.pathname}${url.search}`;
}

export function presentTestTry({ webhookId, outcome }: TestTry): string {
  const fields: Wire<typeof webhooks.WebhookTest> = {
    webhook_id: webhookId,
    delivered: outcome.outcome === "delivered",
    status_code: outcome.status,
    duration_ms: Math.round(outcome.durationMs),
    error: outcome.error,
    response_start: outcome.responseStart,
  };
  return JSON.stringify(fields);
}

/** `payload` is what every delivery sends. */
export function presentEvent(event: NewEvent): string {
  const { subscriptionId, chargeId } = event;
  const fields: Omit<Wire<typeof webhooks.Event>, "payload"> = {
    event_id: showEventId(event.eventId),
    event: event.type,
    intent_id: showIntentId(event.intentId),
    subscription_id: subscriptionId && showSubscriptionId(subscriptionId),
    charge_id: chargeId && showChargeId(chargeId),
    created_at: formatInstant(event.createdAt),
  };
  return withRawField(fields, "payload", event.body);
}

/** `tries` are those of all the event's deliveries. */
export function presentDelivery(delivery: Delivery, tries: readonly PastTry[]): string {
  const fields: Wire<typeof webhooks.Delivery> = {
    endpoint_id: showEndpointId(delivery.endpointId),
    url: delivery.url && withoutUser(delivery.url),
    status: delivery.status,
    tries_made: delivery.triesMade,
    next_try_at: delivery.nextTryAt && formatInstant(delivery.nextTryAt),
    tries: tries.filter((made) => made.endpointId === delivery.endpointId).map(presentTry),
  };
  return JSON.stringify(fields);
}

function presentTry(made: PastTry): Wire<typeof webhooks.DeliveryTry> {
  return {
    try: made.try,
    tried_at: formatInstant(made.triedAt),
    duration_ms: made.durationMs,
    status_code: made.statusCode,
    error: made.error,
    response_start: made.responseStart,
  };
}
