/** Routes under /api/platform/webhook-endpoints (contract section 6); replay stands in events.ts. */
import { isJsonArray, isJsonObject, member } from "@mintro/contract/json";
import { validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { Wire } from "@mintro/contract/objects/said";
import type { DeletedWebhookEndpoint } from "@mintro/contract/objects/webhook";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import type { EventType } from "../domain/event.ts";
import { type EndpointId, parseEndpointId, showEndpointId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { change, remove } from "../flows/webhooks/change-endpoint.ts";
import { createEndpoint } from "../flows/webhooks/create-endpoint.ts";
import { rotateSecret } from "../flows/webhooks/rotate-secret.ts";
import { testEndpoint } from "../flows/webhooks/test-endpoint.ts";
import { findEndpoint, listEndpoints } from "../store/webhooks.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage } from "./page.ts";
import { presentEndpoint, presentTestTry } from "./present-webhooks.ts";
import { type ApiRequest, addRoute, type Handle } from "./request.ts";

export function endpointRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.listWebhookEndpoints, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.createWebhookEndpoint, (request) => create(platform, request));
  addRoute(app, platform, OPERATIONS.getWebhookEndpoint, ofOne(platform, show));
  addRoute(app, platform, OPERATIONS.updateWebhookEndpoint, ofOne(platform, patch));
  addRoute(app, platform, OPERATIONS.deleteWebhookEndpoint, ofOne(platform, drop));
  addRoute(app, platform, OPERATIONS.rotateWebhookSecret, ofOne(platform, rotate));
  addRoute(app, platform, OPERATIONS.testWebhookEndpoint, ofOne(platform, test));
}

type OfOne = (platform: Platform, request: ApiRequest, endpointId: EndpointId) => Promise<Answer>;

function ofOne(platform: Platform, handle: OfOne): Handle {
  return async (request) => {
    const endpointId = parseEndpointId(request.params["id"] ?? "");
    return endpointId
      ? await handle(platform, request, endpointId)
      : failureAnswer({ kind: "endpoint_not_found" });
  };
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listWebhookEndpoints.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseEndpointId,
    find: (page) => listEndpoints(platform.db, books.account.accountId, page),
    place: (endpoint) => ({ at: endpoint.createdAt, id: showEndpointId(endpoint.endpointId) }),
    present: (endpoint) => presentEndpoint(endpoint),
  });
}

async function create(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.createWebhookEndpoint.body, body);
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
  const read = validate(OPERATIONS.updateWebhookEndpoint.body, body);
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
  if (!removed.ok) return failureAnswer(removed.failure);
  const gone: Wire<typeof DeletedWebhookEndpoint> = {
    endpoint_id: showEndpointId(endpointId),
    deleted: true,
  };
  return success(JSON.stringify(gone));
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
