/** POST and GET under /api/platform/intents: the document's own routes. */
import { createIntentFields, validateCreateIntent } from "@mintro/contract/create-intent";
import { isJsonObject, member } from "@mintro/contract/json";
import { oneOf, string } from "@mintro/contract/laravel-kinds";
import { type Errors, optional, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyInstance } from "fastify";
import { parseIntentId, showIntentId } from "../domain/ids.ts";
import { INTENT_STATUSES } from "../domain/intent.ts";
import { payUrl } from "../flows/charges/attempt.ts";
import { cancel } from "../flows/intents/cancel.ts";
import type { IntentCreator } from "../flows/intents/create.ts";
import { showIntent, showIntentByReference, showIntents } from "../flows/intents/show.ts";
import type { Platform } from "../flows/platform.ts";
import { referenceIsTaken } from "../store/intents.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { instant } from "./fields.ts";
import { answerPage, pageFields } from "./page.ts";
import { presentCancelledIntent, presentCreated, presentIntent, presentListedIntent } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "intent_not_found" });
const REFERENCE = /^[a-zA-Z0-9_-]{1,100}$/;

const listFields = {
  status: optional(oneOf(INTENT_STATUSES)),
  customer_ref_id: optional(string({ max: 100 })),
  created_from: optional(instant),
  created_to: optional(instant),
  ...pageFields,
};

export function intentRoutes(app: FastifyInstance, platform: Platform, creator: IntentCreator): void {
  addRoute(app, platform, {
    method: "POST",
    path: "/intents",
    permission: "intents:write",
    handle: (request) => create(platform, creator, request),
  });
  addRoute(app, platform, {
    method: "GET",
    path: "/intents",
    permission: "intents:read",
    handle: (request) => list(platform, request),
  });
  addRoute(app, platform, {
    method: "GET",
    path: "/intents/:id",
    permission: "intents:read",
    async handle({ books, params }) {
      const id = parseIntentId(params["id"] ?? "");
      const shown = id && (await showIntent(platform, books, id));
      return shown ? success(presentIntent(shown, payUrl(platform, shown.intent.facts))) : NOT_FOUND;
    },
  });
  addRoute(app, platform, {
    method: "GET",
    path: "/intents/reference/:reference_id",
    permission: "intents:read",
    async handle({ books, params }) {
      const reference = params["reference_id"] ?? "";
      // No intent has another, and U+0000 would be an error of PostgreSQL's.
      const shown = REFERENCE.test(reference) && (await showIntentByReference(platform, books, reference));
      return shown ? success(presentIntent(shown, payUrl(platform, shown.intent.facts))) : NOT_FOUND;
    },
  });
  addRoute(app, platform, {
    method: "POST",
    path: "/intents/:id/cancel",
    permission: "intents:write",
    async handle({ books, params, keyed }) {
      const intentId = parseIntentId(params["id"] ?? "");
      if (!intentId) return NOT_FOUND;
      const present = (id: typeof intentId) => successBody(presentCancelledIntent(id));
      return commandAnswer(await cancel(platform, books, { intentId, keyed, present }));
    },
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(listFields, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { status, customer_ref_id: customerRefId, created_from: from, created_to: to } = read.value;
  return await answerPage(read.value, {
    parseId: parseIntentId,
    find: (page) => showIntents(platform, books, { status, customerRefId, from, to }, page),
    place: ({ intent: { facts } }) => ({ at: facts.createdAt, id: showIntentId(facts.intentId) }),
    present: (listed) => presentListedIntent(listed, payUrl(platform, listed.intent.facts)),
  });
}

async function create(platform: Platform, creator: IntentCreator, request: ApiRequest): Promise<Answer> {
  const { books, body, keyed } = request;
  const input = validateCreateIntent(body);
  if (!input.ok) return await refuse(platform, request, input.errors);
  return commandAnswer(
    await creator.create({
      books,
      input: input.value,
      keyed,
      present: (intent) => successBody(presentCreated(intent, payUrl(platform, intent.facts))),
    }),
  );
}

/** All fields are reported at once, so a reference that is taken is reported beside the others' errors too. */
async function refuse(platform: Platform, { books, body }: ApiRequest, errors: Errors): Promise<Answer> {
  const reference = isJsonObject(body) ? member(body, "reference_id") : undefined;
  const readable = typeof reference === "string" && !("reference_id" in errors);
  if (readable && (await referenceIsTaken(platform.db, books.account.accountId, reference.trim()))) {
    const all: Errors = { ...errors, reference_id: [messages.unique("reference_id")] };
    // In the table's order; those of list members, and of fields that nobody knows, stand after it.
    const keys = [...Object.keys(createIntentFields), ...Object.keys(errors)];
    const ordered = keys.flatMap((key) => (all[key] ? [[key, all[key]] as const] : []));
    return failureAnswer({ kind: "invalid", errors: Object.fromEntries(ordered) });
  }
  return failureAnswer({ kind: "invalid", errors });
}
