/** Routes under /api/platform/subscriptions. */
import { integer, oneOf, parsed } from "@mintro/contract/laravel-kinds";
import { optional, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyInstance } from "fastify";
import { parseSubscriptionId, showSubscriptionId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { cancel } from "../flows/subscriptions/cancel.ts";
import { findSubscription, listSubscriptions } from "../store/subscriptions.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { cursorAfter, pageBody, readCursor } from "./page.ts";
import { presentCancelledSubscription, presentSubscription } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "subscription_not_found" });

const listFields = {
  status: optional(oneOf(["active", "past_due", "unpaid", "cancelled"])),
  limit: optional(integer({ min: 1, max: 100 })),
  cursor: optional(parsed({ parse: readCursor, wrong: messages.in, schema: { type: "string" } })),
};

export function subscriptionRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, {
    method: "GET",
    path: "/subscriptions",
    permission: "subscriptions:read",
    handle: (request) => list(platform, request),
  });
  addRoute(app, platform, {
    method: "GET",
    path: "/subscriptions/:id",
    permission: "subscriptions:read",
    async handle({ books, params }) {
      const id = parseSubscriptionId(params["id"] ?? "");
      const found = id && (await findSubscription(platform.db, books.account.accountId, id));
      return found ? success(presentSubscription(found)) : NOT_FOUND;
    },
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/subscriptions/:id/cancel",
    permission: "subscriptions:write",
    async handle({ books, params, keyed }) {
      const subscriptionId = parseSubscriptionId(params["id"] ?? "");
      if (!subscriptionId) return NOT_FOUND;
      const present = (id: typeof subscriptionId) => successBody(presentCancelledSubscription(id));
      return commandAnswer(await cancel(platform, books, { subscriptionId, keyed, present }));
    },
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(listFields, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { status, cursor } = read.value;
  const limit = read.value.limit ?? 20;
  const after = cursor && { createdAt: cursor.at, subscriptionId: parseSubscriptionId(cursor.id) };
  if (after && !after.subscriptionId) {
    return failureAnswer({ kind: "invalid", errors: { cursor: [messages.in("cursor")] } });
  }
  const found = await listSubscriptions(platform.db, books.account.accountId, {
    status,
    after: after?.subscriptionId ? { ...after, subscriptionId: after.subscriptionId } : null,
    most: limit + 1,
  });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const next = last ? cursorAfter(last.facts.createdAt, showSubscriptionId(last.facts.subscriptionId)) : null;
  return { status: 200, body: pageBody(shown.map(presentSubscription), next) };
}
