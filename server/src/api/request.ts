/** A request as the routes see it: who asks, in whose books, with which body and key. One way in for every route. */
import { createHash } from "node:crypto";
import type { Operation } from "@mintro/contract/operations/operation";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { canonicalJson, type Json, parseJson } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Books, booksOf, type Client } from "../domain/account.ts";
import { type Keyed, keyTimes } from "../flows/once.ts";
import type { Platform } from "../flows/platform.ts";
import { findKeys } from "../store/idempotency.ts";
import { type Answer, type Failure, failureAnswer, send } from "./answer.ts";

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
      return send(reply, await keyFirst(platform, read.value, await handle(read.value)));
    },
  });
}

/** A key that was used with another request is refused for that, whatever else is wrong with this one. */
async function keyFirst(platform: Platform, { books, keyed }: ApiRequest, answer: Answer): Promise<Answer> {
  if (!keyed || answer.status < 400 || answer.status >= 500) return answer;
  const { forgottenBefore } = keyTimes(platform.world);
  const known = await findKeys(platform.db, books.account.accountId, [keyed.key], forgottenBefore);
  const first = known.get(keyed.key);
  return first && !first.fingerprint.equals(keyed.fingerprint)
    ? failureAnswer({ kind: "key_reused" })
    : answer;
}

function readRequest(
  platform: Platform,
  request: FastifyRequest,
  { method, permission }: Operation,
): Result<ApiRequest, Failure> {
  const { client } = request;
  if (!client) return fail({ kind: "unauthenticated" });
  if (!client.permissions.includes(permission)) return fail({ kind: "not_permitted", permission });
  const body = readBody(request.body);
  if (!body.ok) return body;
  const keyed = method === "POST" ? readKey(request, body.value) : ok(null);
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

function readKey(request: FastifyRequest, body: Json | undefined): Result<Keyed | null, Failure> {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return ok(null);
  const text = String(header).trim();
  const key = text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (!VISIBLE.test(key)) return fail({ kind: "bad_idempotency_key" });
  const path = request.url.split("?", 1)[0] ?? "";
  const canonical = body === undefined ? "" : canonicalJson(body);
  const fingerprint = createHash("sha256").update(`${request.method} ${path}\n${canonical}`).digest();
  return ok({ key, fingerprint });
}
