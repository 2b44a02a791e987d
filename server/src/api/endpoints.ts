/** Routes under /api/platform/webhook-endpoints (contract section 6); replay stands in events.ts. */
import { isJsonArray, isJsonObject, member } from "@mintro/contract/json";
import { boolean, listOfValues, oneOf, webUrl } from "@mintro/contract/laravel-kinds";
import { optional, required, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyInstance } from "fastify";
import { EVENT_TYPES, type EventType } from "../domain/event.ts";
import { type EndpointId, parseEndpointId, showEndpointId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { change, remove } from "../flows/webhooks/change-endpoint.ts";
import { createEndpoint } from "../flows/webhooks/create-endpoint.ts";
import { rotateSecret } from "../flows/webhooks/rotate-secret.ts";
import { testEndpoint } from "../flows/webhooks/test-endpoint.ts";
import { findEndpoint, listEndpoints } from "../store/webhooks.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage, pageFields } from "./page.ts";
import { presentEndpoint, presentTestTry } from "./present-webhooks.ts";
import { type ApiRequest, addRoute, type Route } from "./request.ts";

const url = webUrl({ max: 2048 });
const fields = {
  events: optional(listOfValues(oneOf(EVENT_TYPES), { max: 50 })),
  enabled: optional(boolean()),
};
const createFields = { url: required(url), ...fields };
const changeFields = { url: optional(url), ...fields };

export function endpointRoutes(app: FastifyInstance, platform: Platform): void {
  const path = "/webhook-endpoints";
  const reading = { permission: "webhooks:read" } as const;
  const writing = { permission: "webhooks:write" } as const;
  const routes: Route[] = [
    { method: "GET", path, ...reading, handle: (request) => list(platform, request) },
    { method: "POST", path, ...writing, handle: (request) => create(platform, request) },
    { method: "GET", path: `${path}/:id`, ...reading, handle: ofOne(platform, show) },
    { method: "PATCH", path: `${path}/:id`, ...writing, handle: ofOne(platform, patch) },
    { method: "DELETE", path: `${path}/:id`, ...writing, handle: ofOne(platform, drop) },
    { method: "POST", path: `${path}/:id/rotate-secret`, ...writing, handle: ofOne(platform, rotate) },
    { method: "POST", path: `${path}/:id/test`, ...writing, handle: ofOne(platform, test) },
  ];
  for (const route of routes) addRoute(app, platform, route);
}

type OfOne = (platform: Platform, request: ApiRequest, endpointId: EndpointId) => Promise<Answer>;

function ofOne(platform: Platform, handle: OfOne): Route["handle"] {
  return async (request) => {
    const endpointId = parseEndpointId(request.params["id"] ?? "");
    return endpointId
      ? await handle(platform, request, endpointId)
      : failureAnswer({ kind: "endpoint_not_found" });
  };
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(pageFields, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseEndpointId,
    find: (page) => listEndpoints(platform.db, books.account.accountId, page),
    place: (endpoint) => ({ at: endpoint.createdAt, id: showEndpointId(endpoint.endpointId) }),
    present: (endpoint) => presentEndpoint(endpoint),
  });
}

async function create(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(createFields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  if (wantsNothing(body)) return refuseNothing();
  const command = {
    url: read.value.url,
    events: read.value.events && distinct(read.value.events),
    enabled: read.value.enabled ?? true,
    keyed,
    present: (...made: Parameters<typeof presentEndpoint>) => successBody(presentEndpoint(...made)),
  };
  return commandAnswer(await createEndpoint(platform, books, command));
}

const show: OfOne = async (platform, { books }, endpointId) => {
  const found = await findEndpoint(platform.db, books.account.accountId, endpointId);
  return found ? success(presentEndpoint(found)) : failureAnswer({ kind: "endpoint_not_found" });
};

/** Fields that are absent stay as they are; `events: null` is all of them. */
const patch: OfOne = async (platform, { books, body }, endpointId) => {
  const read = validate(changeFields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  if (wantsNothing(body)) return refuseNothing();
  const { url: to, events, enabled } = read.value;
  const namesEvents = isJsonObject(body) && member(body, "events") !== undefined;
  const changed = await change(platform, books, endpointId, {
    url: to,
    events: namesEvents ? { types: events && distinct(events) } : null,
    enabled,
  });
  return changed.ok ? success(presentEndpoint(changed.value)) : failureAnswer(changed.failure);
};

const drop: OfOne = async (platform, { books }, endpointId) => {
  const removed = await remove(platform, books, endpointId);
  return removed.ok
    ? success(JSON.stringify({ endpoint_id: showEndpointId(endpointId), deleted: true }))
    : failureAnswer(removed.failure);
};

const rotate: OfOne = async (platform, { books, keyed }, endpointId) => {
  const present = (...made: Parameters<typeof presentEndpoint>) => successBody(presentEndpoint(...made));
  return commandAnswer(await rotateSecret(platform, books, { endpointId, keyed, present }));
};

const test: OfOne = async (platform, { books, keyed }, endpointId) => {
  const present = (made: Parameters<typeof presentTestTry>[0]) => successBody(presentTestTry(made));
  return commandAnswer(await testEndpoint(platform, books, { endpointId, keyed, present }));
};

/** An endpoint for no event at all is a mistake: to pause one, there is `enabled`. */
function wantsNothing(body: ApiRequest["body"]): boolean {
  const events = isJsonObject(body) ? member(body, "events") : undefined;
  return isJsonArray(events) && events.length === 0;
}

function refuseNothing(): Answer {
  return failureAnswer({ kind: "invalid", errors: { events: [messages.minItems("events", 1)] } });
}

function distinct(events: readonly EventType[]): EventType[] {
  return [...new Set(events)];
}
