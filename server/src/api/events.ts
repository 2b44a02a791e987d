/** Routes under /api/platform/events, and the replay of what an endpoint failed to take (contract section 6). */
import { validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { Wire } from "@mintro/contract/objects/said";
import type { Redelivery, Replay } from "@mintro/contract/objects/webhook";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { instantFromMicros } from "../base/instant.ts";
import { ENDPOINTS } from "../base/limits.ts";
import {
  type EndpointId,
  type IntentId,
  parseEndpointId,
  parseEventId,
  showEndpointId,
  showEventId,
} from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { redeliver, replayFailed } from "../flows/webhooks/redeliver.ts";
import { deliveriesOfEvent, triesOfEvent } from "../store/deliveries.ts";
import { findEvent, listEvents } from "../store/events.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage } from "./page.ts";
import { presentDelivery, presentEvent } from "./present-webhooks.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "event_not_found" });

export function eventRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.listEvents, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.getEvent, async ({ books, params }) => {
    const eventId = parseEventId(params["id"] ?? "");
    const found = eventId && (await findEvent(platform.db, books.account.accountId, eventId));
    return found ? success(presentEvent(found)) : NOT_FOUND;
  });
  addRoute(app, platform, OPERATIONS.listDeliveries, (request) => listDeliveries(platform, request));
  addRoute(app, platform, OPERATIONS.redeliverEvent, (request) => redeliverOne(platform, request));
  addRoute(app, platform, OPERATIONS.replayWebhookEndpoint, (request) => replay(platform, request));
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listEvents.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { type, intent_id } = read.value;
  const intentId = intent_id as IntentId | null;
  return await answerPage(read.value, {
    parseId: parseEventId,
    find: (page) => listEvents(platform.db, books.account.accountId, { type, intentId, page }),
    place: (event) => ({ at: event.createdAt, id: showEventId(event.eventId) }),
    present: presentEvent,
  });
}

async function listDeliveries(platform: Platform, { books, params, query }: ApiRequest): Promise<Answer> {
  const { accountId } = books.account;
  const eventId = parseEventId(params["id"] ?? "");
  const event = eventId && (await findEvent(platform.db, accountId, eventId));
  if (!event) return NOT_FOUND;
  const read = validate(OPERATIONS.listDeliveries.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseEndpointId,
    async find(page) {
      const deliveries = await deliveriesOfEvent(platform.db, accountId, event.eventId, page);
      const to = deliveries.map(({ endpointId }) => endpointId);
      const tries = await triesOfEvent(platform.db, accountId, event.eventId, to, ENDPOINTS.triesShown);
      return deliveries.map((delivery) => ({ delivery, tries }));
    },
    place: ({ delivery }) => ({ at: delivery.createdAt, id: showEndpointId(delivery.endpointId) }),
    present: ({ delivery, tries }) => presentDelivery(delivery, tries),
  });
}

async function redeliverOne(platform: Platform, { books, params, body, keyed }: ApiRequest): Promise<Answer> {
  const eventId = parseEventId(params["id"] ?? "");
  if (!eventId) return NOT_FOUND;
  const read = validate(OPERATIONS.redeliverEvent.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const present = (to: readonly EndpointId[]) => {
    const sent: Wire<typeof Redelivery> = {
      event_id: showEventId(eventId),
      endpoint_ids: to.map(showEndpointId),
    };
    return successBody(JSON.stringify(sent));
  };
  const command = { eventId, endpointId: read.value.endpoint_id as EndpointId | null, keyed, present };
  return commandAnswer(await redeliver(platform, books, command));
}

async function replay(platform: Platform, { books, params, body, keyed }: ApiRequest): Promise<Answer> {
  const endpointId = parseEndpointId(params["id"] ?? "");
  if (!endpointId) return failureAnswer({ kind: "endpoint_not_found" });
  const read = validate(OPERATIONS.replayWebhookEndpoint.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { since, until } = read.value;
  const span = {
    since: instantFromMicros(since),
    until: until === null ? books.now() : instantFromMicros(until),
  };
  if (until !== null && span.until <= span.since)
    return failureAnswer({ kind: "invalid", errors: { until: [messages.after("until", "since")] } });
  const present = (replayed: number, hasMore: boolean) => {
    const sent: Wire<typeof Replay> = {
      endpoint_id: showEndpointId(endpointId),
      replayed,
      has_more: hasMore,
    };
    return successBody(JSON.stringify(sent));
  };
  return commandAnswer(await replayFailed(platform, books, { endpointId, span, keyed, present }));
}
