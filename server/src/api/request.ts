/** A request as the routes see it: who asks, in whose books, with which body and key. One way in for every route. */
import { isJsonObject } from "@mintro/contract/json";
import { type Errors, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { Operation } from "@mintro/contract/operations/operation";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { hasForbiddenText, type Json, parseJson } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Books, booksOf, type Client } from "../domain/account.ts";
import { isSameRequest, type Keyed, keyTimes } from "../flows/once.ts";
import type { Platform } from "../flows/platform.ts";
import { findKeys } from "../store/idempotency.ts";
import { type Answer, type Failure, failureAnswer, send } from "./answer.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import { missingObject } from "./path-object.ts";

export type ApiRequest = {
  readonly client: Client;
  readonly books: Books;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Undefined where there is none. */
  readonly body: Json | undefined;
  /** Null where no Idempotency-Key was sent. */
  readonly keyed: Keyed | null;
};

export type Handle = (request: ApiRequest) => Promise<Answer>;

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the first hook of every route under /api/platform. */
    client: Client | null;
  }
}

/** Method, path and permission are the operation's, as the reference tells them. */
export function addRoute(
  app: FastifyInstance,
  platform: Platform,
  operation: Operation,
  handle: Handle,
): void {
  app.route({
    method: operation.method as HTTPMethods,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const read = readRequest(platform, request, operation);
      if (!read.ok) return send(reply, failureAnswer(read.failure));
      const errors = forbiddenText(operation, read.value.body);
      const answer = errors ? failureAnswer({ kind: "invalid", errors }) : await handle(read.value);
      const told = await objectFirst(platform, operation, read.value, answer);
      return send(reply, await keyFirst(platform, read.value, told));
    },
  });
}

/**
 * U+0000 and lone surrogates anywhere in a body are refused (contract section 2), also where nobody looks at it. A table of
 * fields reports its own, beside what else is wrong with them.
 */
function forbiddenText({ body: fields }: Operation, body: Json | undefined): Errors | null {
  if (fields && isJsonObject(body)) return null;
  if (hasForbiddenText(body) === undefined) return null;
  const checked = validate({}, body);
  return checked.ok ? { body: [messages.format("body")] } : checked.errors;
}

/** An object that is not there is 404, whatever else is wrong with the request. */
async function objectFirst(
  platform: Platform,
  operation: Operation,
  { books, params }: ApiRequest,
  answer: Answer,
): Promise<Answer> {
  if (answer.status !== 422) return answer;
  const missing = await missingObject(platform.db, books.account.accountId, operation, params);
  return missing ? failureAnswer(missing) : answer;
}

/** A key that was used with another request is refused for that, whatever else is wrong with this one. */
async function keyFirst(platform: Platform, { books, keyed }: ApiRequest, answer: Answer): Promise<Answer> {
  if (!keyed || answer.status < 400 || answer.status >= 500) return answer;
  const { forgottenBefore } = keyTimes(platform.world);
  const known = await findKeys(platform.db, books.account.accountId, [keyed.key], forgottenBefore);
  const first = known.get(keyed.key);
  return first && !isSameRequest(first, keyed) ? failureAnswer({ kind: "key_reused" }) : answer;
}

function readRequest(
  platform: Platform,
  request: FastifyRequest,
  operation: Operation,
): Result<ApiRequest, Failure> {
  const { method, permission } = operation;
  const { client } = request;
  if (!client) return fail({ kind: "unauthenticated" });
  if (!client.permissions.includes(permission)) return fail({ kind: "not_permitted", permission });
  const body = readBody(request.body);
  if (!body.ok) return body;
  const keyed = method === "POST" ? readKey(request, operation, body.value) : ok(null);
  if (!keyed.ok) return keyed;
  return ok({
    client,
    books: booksOf(client.account, platform.world),
    params: request.params as Record<string, string>,
    query: request.query as Record<string, unknown>,
    body: body.value,
    keyed: keyed.value,
  });
}

export function readBody(raw: unknown): Result<Json | undefined, Failure> {
  if (typeof raw !== "string" || raw.trim() === "") return ok(undefined);
  const parsed = parseJson(raw);
  return parsed.ok ? ok(parsed.value) : fail({ kind: "malformed", text: parsed.failure.text });
}

/** 1 to 255 visible ASCII characters, bare or as a structured header's string in quotes (contract section 2). */
const VISIBLE = /^[\x21-\x7e]{1,255}$/;

function readKey(
  request: FastifyRequest,
  operation: Operation,
  body: Json | undefined,
): Result<Keyed | null, Failure> {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return ok(null);
  const text = String(header).trim();
  const key = text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (!VISIBLE.test(key)) return fail({ kind: "bad_idempotency_key" });
  return ok({ key, ...fingerprintsOf(request, operation, body) });
}
