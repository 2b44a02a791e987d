/** Routes under /api/platform/events, and the replay of what an endpoint failed to take (contract section 6). */
import { oneOf, parsed } from "@mintro/contract/laravel-kinds";
import { optional, required, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyInstance } from "fastify";
import { ENDPOINTS } from "../base/limits.ts";
import { EVENT_TYPES } from "../domain/event.ts";
import {
  type EndpointId,
  parseEndpointId,
  parseEventId,
  parseIntentId,
  showEndpointId,
  showEventId,
} from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { redeliver, replayFailed } from "../flows/webhooks/redeliver.ts";
import { deliveriesOfEvent, triesOfEvent } from "../store/deliveries.ts";
import { findEvent, listEvents } from "../store/events.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { instant } from "./fields.ts";
import { answerPage, pageBody, pageFields } from "./page.ts";
import { presentDelivery, presentEvent } from "./present-webhooks.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "event_not_found" });
const id = { wrong: messages.in, schema: { type: "string" } };

const listFields = {
  type: optional(oneOf(EVENT_TYPES)),
  intent_id: optional(parsed({ parse: parseIntentId, ...id })),
  ...pageFields,
};
const redeliverFields = { endpoint_id: optional(parsed({ parse: parseEndpointId, ...id })) };
const replayFields = { since: required(instant), until: optional(instant) };

export function eventRoutes(app: FastifyInstance, platform: Platform): void {
  const reading = { method: "GET", permission: "events:read" } as const;
  const sending = { method: "POST", permission: "webhooks:write" } as const;
  addRoute(app, platform, {
    ...reading,
    path: "/events",
    handle: (request) => list(platform, request),
  });
  addRoute(app, platform, {
    ...reading,
    path: "/events/:id",
    async handle({ books, params }) {
      const eventId = parseEventId(params["id"] ?? "");
      const found = eventId && (await findEvent(platform.db, books.account.accountId, eventId));
      return found ? success(presentEvent(found)) : NOT_FOUND;
    },
  });
  addRoute(app, platform, {
    ...reading,
    path: "/events/:id/deliveries",
    handle: (request) => listDeliveries(platform, request),
  });
  addRoute(app, platform, {
    ...sending,
    path: "/events/:id/redeliver",
    handle: (request) => redeliverOne(platform, request),
  });
  addRoute(app, platform, {
    ...sending,
    path: "/webhook-endpoints/:id/replay",
    handle: (request) => replay(platform, request),
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(listFields, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { type, intent_id: intentId } = read.value;
  return await answerPage(read.value, {
    parseId: parseEventId,
    find: (page) => listEvents(platform.db, books.account.accountId, { type, intentId, page }),
    place: (event) => ({ at: event.createdAt, id: showEventId(event.eventId) }),
    present: presentEvent,
  });
}

/** One page always holds them all: an event has one delivery for each of the account's few endpoints. */
async function listDeliveries(platform: Platform, { books, params }: ApiRequest): Promise<Answer> {
  const { accountId } = books.account;
  const eventId = parseEventId(params["id"] ?? "");
  const event = eventId && (await findEvent(platform.db, accountId, eventId));
  if (!event) return NOT_FOUND;
  const { deliveriesShown, triesShown } = ENDPOINTS;
  const [deliveries, tries] = await Promise.all([
    deliveriesOfEvent(platform.db, accountId, event.eventId, deliveriesShown),
    triesOfEvent(platform.db, accountId, event.eventId, triesShown),
  ]);
  const shown = deliveries.map((delivery) => presentDelivery(delivery, tries));
  return { status: 200, body: pageBody(shown, null) };
}

async function redeliverOne(platform: Platform, { books, params, body, keyed }: ApiRequest): Promise<Answer> {
  const eventId = parseEventId(params["id"] ?? "");
  if (!eventId) return NOT_FOUND;
  const read = validate(redeliverFields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const present = (to: readonly EndpointId[]) =>
    successBody(JSON.stringify({ event_id: showEventId(eventId), endpoint_ids: to.map(showEndpointId) }));
  const command = { eventId, endpointId: read.value.endpoint_id, keyed, present };
  return commandAnswer(await redeliver(platform, books, command));
}

async function replay(platform: Platform, { books, params, body, keyed }: ApiRequest): Promise<Answer> {
  const endpointId = parseEndpointId(params["id"] ?? "");
  if (!endpointId) return failureAnswer({ kind: "endpoint_not_found" });
  const read = validate(replayFields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const span = { since: read.value.since, until: read.value.until ?? books.now() };
  if (read.value.until !== null && span.until <= span.since)
    return failureAnswer({ kind: "invalid", errors: { until: [messages.after("until", "since")] } });
  const present = (replayed: number, hasMore: boolean) =>
    successBody(JSON.stringify({ endpoint_id: showEndpointId(endpointId), replayed, has_more: hasMore }));
  return commandAnswer(await replayFailed(platform, books, { endpointId, span, keyed, present }));
}
