/**
 * One request to the API, from its parameters to its data or its error. The key of a POST is drawn once and is the same
 * on every try, so a request whose answer was lost is not done twice.
 */
import { ConnectionError, type ErrorFacts, errorOf, MintroError, TimeoutError } from "./errors.ts";
import {
  type Config,
  type FetchInit,
  type RequestOptions,
  readHeader,
  readMaxRetries,
  readTimeout,
} from "./options.ts";
import { type List, type Page, pagesOf } from "./page.ts";
import { backoffMs, isRetryable, readRetryAfter } from "./retry.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Under `/api/platform`, as in `/intents`. */
  readonly path: string;
  /** Undefined and null members are left out. */
  readonly query?: object | undefined;
  /** Sent as JSON. */
  readonly body?: object | undefined;
}

/** Sends a call and gives back the answer's `data`. */
export type Ask = <T>(call: Call, options?: RequestOptions) => Promise<T>;

/** What a success holds. */
interface Envelope {
  readonly data: unknown;
  readonly pagination: { readonly has_more: boolean; readonly next_cursor: string | null } | null;
}

/** Sends a call and gives back all of a success. */
export type Send = (call: Call, options?: RequestOptions) => Promise<Envelope>;

interface Prepared {
  /** As in `POST /intents`, for errors. */
  readonly name: string;
  readonly url: string;
  readonly init: Omit<FetchInit, "signal">;
  readonly idempotencyKey: string | null;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

type Outcome = { readonly success: Envelope } | { readonly error: MintroError };

/** Throws `MintroError`s, and the reason of the signal. */
export function sender(config: Config): Send {
  return async (call, options = {}) => {
    const request = prepare(config, call, options);
    for (let tries = 1; ; tries += 1) {
      request.signal?.throwIfAborted();
      const outcome = await tryOnce(config, request, tries);
      if ("success" in outcome) return outcome.success;
      const { error } = outcome;
      if (!error.retryable || tries > request.maxRetries) throw error;
      const waitMs = backoffMs(tries, error.retryAfterMs, Math.random());
      if (waitMs === null) throw error;
      await sleep(waitMs, request.signal);
    }
  };
}

export function asker(send: Send): Ask {
  // The wire is believed here and nowhere else: the types are those of the API's own description.
  return async <T>(call: Call, options?: RequestOptions) => (await send(call, options)).data as T;
}

/** A list's pages by GET, at `path` with `query`. */
export function listOf<T>(send: Send, path: string, query?: object, options?: RequestOptions): List<T> {
  return pagesOf(async (cursor): Promise<Page<T>> => {
    const more = cursor === undefined ? {} : { cursor };
    const { data, pagination } = await send({ method: "GET", path, query: { ...query, ...more } }, options);
    return {
      data: data as T[],
      hasMore: pagination?.has_more ?? false,
      nextCursor: pagination?.next_cursor ?? null,
    };
  });
}

/** A path with ids in it. An id that is empty or `..` would lead to another route, so it is a `TypeError`. */
export function route(parts: TemplateStringsArray, ...ids: readonly string[]): string {
  return parts.reduce((path, part, index) => {
    const id = ids[index - 1];
    if (typeof id !== "string" || /^\.{0,2}$/.test(id.trim())) throw new TypeError("The id is missing.");
    return `${path}${encodeURIComponent(id)}${part}`;
  });
}

function prepare(config: Config, call: Call, options: RequestOptions): Prepared {
  if (!call.path.startsWith("/")) throw new TypeError("path must begin with a slash, as in /intents.");
  const headers: Record<string, string> = {
    accept: "application/json",
    "user-agent": config.agent,
    "x-mintro-client": config.agent, // some runtimes drop the other
    "x-client-id": config.clientId,
    "x-client-secret": config.clientSecret,
  };
  let idempotencyKey: string | null = null;
  if (call.method === "POST") {
    idempotencyKey =
      options.idempotencyKey === undefined
        ? crypto.randomUUID()
        : readHeader(options.idempotencyKey, "idempotencyKey");
    headers["idempotency-key"] = idempotencyKey;
  }
  const init: Prepared["init"] = { method: call.method, headers, redirect: "manual" };
  if (call.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(call.body);
  }
  return {
    name: `${call.method} ${call.path}`,
    url: config.apiUrl + call.path + queryText(call.query),
    init,
    idempotencyKey,
    signal: options.signal,
    timeoutMs: readTimeout(options.timeoutMs) ?? config.timeoutMs,
    maxRetries: readMaxRetries(options.maxRetries) ?? config.maxRetries,
  };
}

function queryText(query: object = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    // As JSON writes a Date; texts without their quotes.
    params.set(name, typeof value === "string" ? value : JSON.stringify(value).replace(/^"(.*)"$/, "$1"));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

async function tryOnce(config: Config, request: Prepared, tries: number): Promise<Outcome> {
  const { signal } = request;
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, request.timeoutMs);
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const { idempotencyKey, name } = request;
  const facts = { request: name, idempotencyKey, tries };
  try {
    const response = await config.fetch(request.url, { ...request.init, signal: controller.signal });
    // The body comes within the same time; a connection that breaks in its middle is no answer.
    return readAnswer(response, await response.text(), config, facts);
  } catch (cause) {
    signal?.throwIfAborted();
    if (timedOut) {
      const message = `${name}: no answer within ${request.timeoutMs} ms.`;
      return { error: new TimeoutError({ ...facts, message, retryable: true }) };
    }
    const why = redact(config, reasonOf(cause));
    const message = `${name}: no answer from ${new URL(config.apiUrl).host} (${why}).`;
    return { error: new ConnectionError({ ...facts, message, retryable: true }) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

type Facts = Pick<ErrorFacts, "request" | "idempotencyKey" | "tries">;

function readAnswer(response: Response, text: string, config: Config, asked: Facts): Outcome {
  const { status, headers } = response;
  const json = parseObject(text);
  const facts = { ...asked, status, requestId: headers.get("x-request-id") };
  if (response.ok && json?.["success"] === true && "data" in json)
    return { success: { data: json["data"], pagination: paginationOf(json["pagination"]) } };
  if (response.ok || response.type === "opaqueredirect" || (status >= 300 && status < 400)) {
    // Redirects are not followed: the secret goes to no other address than the one it was given for.
    const what = response.ok ? "something that is not Mintro's" : "a redirect";
    const message = `${asked.request}: the answer is ${what}. Is baseUrl right?`;
    return { error: new MintroError({ ...facts, message }) };
  }
  const retryable = isRetryable(status);
  const given = json?.["message"];
  const isMintros = typeof given === "string" && (json?.["success"] === false || isObject(json?.["errors"]));
  // A proxy before a busy Mintro speaks in its own words, and is no wrong address.
  const strange = retryable ? "" : ", but not as Mintro does: is baseUrl right?";
  const hint = status === 401 ? " Check both X-Client-ID and X-Client-Secret." : "";
  const message = isMintros ? given + hint : `The server answered ${status}${strange || "."}`;
  return {
    error: errorOf({
      ...facts,
      message: redact(config, message),
      errors: status === 422 ? fieldErrors(json?.["errors"]) : {},
      retryable,
      retryAfterMs: readRetryAfter(headers, Date.now()),
    }),
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function paginationOf(value: unknown): Envelope["pagination"] {
  if (!isObject(value)) return null;
  const next = value["next_cursor"];
  return { has_more: value["has_more"] === true, next_cursor: typeof next === "string" ? next : null };
}

function fieldErrors(value: unknown): Record<string, string[]> {
  if (!isObject(value)) return {};
  const lists = Object.entries(value).map(([field, texts]) => [
    field,
    Array.isArray(texts) ? texts.map(String) : [String(texts)],
  ]);
  return Object.fromEntries(lists) as Record<string, string[]>;
}

/** What the runtime says went wrong, from the innermost cause, as in `ECONNREFUSED`. The cause itself is not kept: it is
 * not ours, and may hold the request with its headers. */
function reasonOf(cause: unknown): string {
  let innermost = cause;
  for (let depth = 0; depth < 5 && innermost instanceof Error && innermost.cause !== undefined; depth += 1)
    innermost = innermost.cause;
  if (!(innermost instanceof Error)) return "the request failed";
  const code = (innermost as { readonly code?: unknown }).code;
  return innermost.message || (typeof code === "string" ? code : innermost.name);
}

/** A real secret has 32 characters at least; a test's "b" would blot out half the text. */
function redact({ clientSecret }: Config, text: string): string {
  return clientSecret.length < 8 ? text : text.replaceAll(clientSecret, "…");
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
