/**
 * The object that a path names by its id. One that this account and mode do not have is answered 404, whatever else is wrong
 * with the request: the routes check bodies and queries first, so where they refuse one, the object is looked for here.
 */
import type { Operation } from "@mintro/contract/operations/operation";
import type { AccountId } from "../domain/ids.ts";
import {
  parseClientId,
  parseCustomerId,
  parseEndpointId,
  parseEventId,
  parseIntentId,
  parseRefundId,
  parseSubscriptionId,
} from "../domain/ids.ts";
import { findClientOf } from "../store/clients.ts";
import { findCustomer } from "../store/customers.ts";
import type { Queryable } from "../store/database.ts";
import { findEvent } from "../store/events.ts";
import { findIntent } from "../store/intents.ts";
import { findRefund } from "../store/refunds.ts";
import { findSubscription } from "../store/subscriptions.ts";
import { findEndpoint } from "../store/webhooks.ts";
import type { Failure, Missing } from "./answer.ts";

type Find = (db: Queryable, accountId: AccountId, id: string) => Promise<unknown>;

/** By the first part of the paths in which `{id}` is theirs. */
const OBJECTS = new Map<string, { readonly missing: Missing; readonly find: Find }>([
  ["intents", { missing: "intent_not_found", find: byId(parseIntentId, findIntent) }],
  ["refunds", { missing: "refund_not_found", find: byId(parseRefundId, findRefund) }],
  ["subscriptions", { missing: "subscription_not_found", find: byId(parseSubscriptionId, findSubscription) }],
  ["customers", { missing: "customer_not_found", find: byId(parseCustomerId, findCustomer) }],
  ["webhook-endpoints", { missing: "endpoint_not_found", find: byId(parseEndpointId, findEndpoint) }],
  ["events", { missing: "event_not_found", find: byId(parseEventId, findEvent) }],
  ["clients", { missing: "client_not_found", find: byId(parseClientId, findClientOf) }],
]);

function byId<Id>(
  parse: (text: string) => Id | undefined,
  find: (db: Queryable, accountId: AccountId, id: Id) => Promise<unknown>,
): Find {
  return async (db, accountId, text) => {
    const id = parse(text);
    return id === undefined ? null : await find(db, accountId, id);
  };
}

/** Null: it is there, or the operation's path names none. */
export async function missingObject(
  db: Queryable,
  accountId: AccountId,
  { path }: Operation,
  params: Readonly<Record<string, string>>,
): Promise<Failure | null> {
  const [, collection = ""] = path.split("/");
  const object = path.includes("{id}") ? OBJECTS.get(collection) : undefined;
  if (!object) return null;
  return (await object.find(db, accountId, params["id"] ?? "")) ? null : { kind: object.missing };
}
