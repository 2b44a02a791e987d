/**
 * What an operation of the API is, as a table: the server adds its route from it, the tests walk it, and the OpenAPI
 * document, the guides and the SDK's types are generated from it.
 */
import type { Fields } from "../laravel-rules.ts";
import type { Permission } from "../vocabulary.ts";
import { type FailureKind, kindsOfFailure } from "./failures.ts";
import type { PathParam } from "./params.ts";

export const TAGS = {
  Intents: "A payment: its amount, its customer, its payment link, and what became of it.",
  Refunds: "Money that goes back to the customer, all of a charge or a part.",
  Subscriptions: "Recurring payments, charged by themselves until they are cancelled.",
  Customers: "Those who pay. A customer comes with their first intent.",
  "Webhook endpoints": "Where your server hears of events, and the secrets that sign them.",
  Events: "What happened, how it was told, and telling it again.",
  Clients: "Keys of the API.",
  "Test mode": "A clock that moves, and faults that happen on purpose. Test mode only.",
} as const;
export type Tag = keyof typeof TAGS;

export type Operation = {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below /api/platform; parameters in braces. */
  readonly path: string;
  readonly tag: Tag;
  readonly permission: Permission;
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  readonly params?: { readonly [name: string]: PathParam };
  readonly query?: Fields;
  readonly body?: Fields;
  /** Where all fields together would contradict each other. */
  readonly bodyExample?: { readonly [name: string]: unknown };
  /** "page": `data` is an array of rows, with `pagination` beside it. What `data` or a row is: answers.ts. */
  readonly shape: "one" | "page";
  /** Which of the failures are this operation's own, beside those of every operation like it. */
  readonly failures: readonly FailureKind[];
};

/** Checks the table's shape and keeps its exact type, which the handlers read their values from. */
export function operation<const T extends Operation>(table: T): T {
  return table;
}

const EVERYWHERE = [
  "malformed",
  "unauthenticated",
  "not_permitted",
  "too_many_requests",
  "broken",
  "unavailable",
] as const;
const WITH_BODY = ["body_too_large", "not_json", "body_encoded", "charset_unknown"] as const;
const WITH_KEY = ["bad_idempotency_key", "key_reused", "key_busy"] as const;

/** All failures that an operation can answer with, in the order of their table. */
export function failuresOf({ method, query, body, failures }: Operation): FailureKind[] {
  const all = new Set<string>([
    ...EVERYWHERE,
    ...(method === "GET" ? [] : WITH_BODY),
    ...(method === "POST" ? WITH_KEY : []),
    // Where no field is looked at, forbidden text in the body is refused all the same.
    ...(query || body || method !== "GET" ? ["invalid"] : []),
    ...failures,
  ]);
  return kindsOfFailure().filter((kind) => all.has(kind));
}
