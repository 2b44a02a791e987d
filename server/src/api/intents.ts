/** POST and GET under /api/platform/intents: the document's own routes. */
import { createIntentFields, validateCreateIntent } from "@mintro/contract/create-intent";
import { isJsonObject, member } from "@mintro/contract/json";
import { type Errors, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { type Instant, instantFromMicros } from "../base/instant.ts";
import { parseIntentId, showIntentId } from "../domain/ids.ts";
import { payUrl } from "../flows/charges/attempt.ts";
import { cancel } from "../flows/intents/cancel.ts";
import type { IntentCreator } from "../flows/intents/create.ts";
import { type ShownIntent, showIntent, showIntentByReference, showIntents } from "../flows/intents/show.ts";
import type { Platform } from "../flows/platform.ts";
import { referenceIsTaken } from "../store/intents.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { answerPage } from "./page.ts";
import { presentCancelledIntent, presentCreated, presentIntent, presentListedIntent } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "intent_not_found" });
const REFERENCE = /^[a-zA-Z0-9_-]{1,100}$/;

export function intentRoutes(app: FastifyInstance, platform: Platform, creator: IntentCreator): void {
  const shownOr404 = (shown: ShownIntent | null | undefined | false) =>
    shown ? success(presentIntent(shown, payUrl(platform, shown.intent.facts))) : NOT_FOUND;
  addRoute(app, platform, OPERATIONS.createIntent, (request) => create(platform, creator, request));
  addRoute(app, platform, OPERATIONS.listIntents, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.getIntent, async ({ books, params }) => {
    const id = parseIntentId(params["id"] ?? "");
    return shownOr404(id && (await showIntent(platform, books, id)));
  });
  addRoute(app, platform, OPERATIONS.getIntentByReference, async ({ books, params }) => {
    const reference = params["reference_id"] ?? "";
    // No intent has another, and U+0000 would be an error of PostgreSQL's.
    return shownOr404(REFERENCE.test(reference) && (await showIntentByReference(platform, books, reference)));
  });
  addRoute(app, platform, OPERATIONS.cancelIntent, async ({ books, params, keyed }) => {
    const intentId = parseIntentId(params["id"] ?? "");
    if (!intentId) return NOT_FOUND;
    const present = (id: typeof intentId) => successBody(presentCancelledIntent(id));
    return commandAnswer(await cancel(platform, books, { intentId, keyed, present }));
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listIntents.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { status, customer_ref_id: customerRefId, created_from, created_to } = read.value;
  const [from, to] = [instantOf(created_from), instantOf(created_to)];
  return await answerPage(read.value, {
    parseId: parseIntentId,
    find: (page) => showIntents(platform, books, { status, customerRefId, from, to }, page),
    place: ({ intent: { facts } }) => ({ at: facts.createdAt, id: showIntentId(facts.intentId) }),
    present: (listed) => presentListedIntent(listed, payUrl(platform, listed.intent.facts)),
  });
}

function instantOf(micros: bigint | null): Instant | null {
  return micros === null ? null : instantFromMicros(micros);
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
