/** Routes under /api/platform/subscriptions. */
import { validate } from "@mintro/contract/laravel-rules";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { parseSubscriptionId, showSubscriptionId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { cancel } from "../flows/subscriptions/cancel.ts";
import { findSubscription, listSubscriptions } from "../store/subscriptions.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage } from "./page.ts";
import { presentCancelledSubscription, presentSubscription } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "subscription_not_found" });

export function subscriptionRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.listSubscriptions, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.getSubscription, async ({ books, params }) => {
    const id = parseSubscriptionId(params["id"] ?? "");
    const found = id && (await findSubscription(platform.db, books.account.accountId, id));
    return found ? success(presentSubscription(found)) : NOT_FOUND;
  });
  addRoute(app, platform, OPERATIONS.cancelSubscription, async ({ books, params, keyed }) => {
    const subscriptionId = parseSubscriptionId(params["id"] ?? "");
    if (!subscriptionId) return NOT_FOUND;
    const present = (id: typeof subscriptionId) => successBody(presentCancelledSubscription(id));
    return commandAnswer(await cancel(platform, books, { subscriptionId, keyed, present }));
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listSubscriptions.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { status } = read.value;
  return await answerPage(read.value, {
    parseId: parseSubscriptionId,
    find: (page) => listSubscriptions(platform.db, books.account.accountId, { status, page }),
    place: ({ facts }) => ({ at: facts.createdAt, id: showSubscriptionId(facts.subscriptionId) }),
    present: presentSubscription,
  });
}
