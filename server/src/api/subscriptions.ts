/** Routes under /api/platform/subscriptions. */
import { oneOf } from "@mintro/contract/laravel-kinds";
import { optional, validate } from "@mintro/contract/laravel-rules";
import type { FastifyInstance } from "fastify";
import { parseSubscriptionId, showSubscriptionId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { cancel } from "../flows/subscriptions/cancel.ts";
import { findSubscription, listSubscriptions } from "../store/subscriptions.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage, pageFields } from "./page.ts";
import { presentCancelledSubscription, presentSubscription } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "subscription_not_found" });

const listFields = {
  status: optional(oneOf(["active", "past_due", "unpaid", "cancelled"])),
  ...pageFields,
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
  const { status } = read.value;
  return await answerPage(read.value, {
    parseId: parseSubscriptionId,
    find: (page) => listSubscriptions(platform.db, books.account.accountId, { status, page }),
    place: ({ facts }) => ({ at: facts.createdAt, id: showSubscriptionId(facts.subscriptionId) }),
    present: presentSubscription,
  });
}
