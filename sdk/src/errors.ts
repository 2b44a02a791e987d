/**
 * What can go wrong, as classes to catch by. Every failure of a request is a `MintroError`; what the caller did wrong
 * before any request was made (a missing secret, an empty id) is a `TypeError`. No error holds a secret, a header or
 * the body that was sent.
 */

/** What an error knows about the request that failed. */
export interface ErrorFacts {
  readonly message: string;
  readonly status?: number | null;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  readonly requestId?: string | null;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | null;
  readonly request: string;
  readonly idempotencyKey?: string | null;
  readonly tries: number;
}

export class MintroError extends Error {
  /** The HTTP status. Null where no answer came. */
  readonly status: number | null;
  /** Each wrong field with its texts, as in `{ email: ["The email field is required."] }`. Empty but for 422. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  /** The answer's `X-Request-ID`, which the server's log knows too. */
  readonly requestId: string | null;
  /** Whether the same request, under the same idempotency key, may do better later. */
  readonly retryable: boolean;
  /** How long the server asked to wait. Null where it did not say. */
  readonly retryAfterMs: number | null;
  /** Method and path, as in `POST /intents`. */
  readonly request: string;
  /** The key of a POST: give it again, with the same parameters, to repeat the request without doing it twice. */
  readonly idempotencyKey: string | null;
  /** How often it was sent. */
  readonly tries: number;

  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super(facts.message, options);
    this.status = facts.status ?? null;
    this.errors = facts.errors ?? {};
    this.requestId = facts.requestId ?? null;
    this.retryable = facts.retryable ?? false;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.request = facts.request;
    this.idempotencyKey = facts.idempotencyKey ?? null;
    this.tries = facts.tries;
  }
}

/** 400: the request makes no sense, or the object's status forbids it. */
export class BadRequestError extends MintroError {}

/** 401: the client id or secret is wrong or revoked; the message adds to the server's which headers to check. */
export class AuthenticationError extends MintroError {}

/** 403: the client lacks a permission, which the message names. */
export class PermissionError extends MintroError {}

/** 404: no such object in this account and mode. */
export class NotFoundError extends MintroError {}

/** 422: `errors` names each wrong field. */
export class ValidationError extends MintroError {}

/** 429: too many requests, also after the retries. */
export class RateLimitError extends MintroError {}

/** 500 and above, also after the retries. */
export class ServerError extends MintroError {}

/** 503: busy or away, also after the retries. */
export class UnavailableError extends ServerError {}

/** No answer came, also after the retries. A POST may have taken effect: repeat it under its `idempotencyKey`. */
export class ConnectionError extends MintroError {}

/** No answer came within `timeoutMs`. */
export class TimeoutError extends ConnectionError {}

const BY_STATUS: ReadonlyMap<number, typeof MintroError> = new Map([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionError],
  [404, NotFoundError],
  [422, ValidationError],
  [429, RateLimitError],
  [503, UnavailableError],
]);

/** The error of the class that stands for an answer's status. */
export function errorOf(facts: ErrorFacts & { readonly status: number }): MintroError {
  const Kind = BY_STATUS.get(facts.status) ?? (facts.status >= 500 ? ServerError : MintroError);
  return new Kind(facts);
}

// On the prototypes, so that the names outlive a minifier and are no field of each error.
const classes = {
  MintroError,
  BadRequestError,
  AuthenticationError,
  PermissionError,
  NotFoundError,
  ValidationError,
  RateLimitError,
  ServerError,
  UnavailableError,
  ConnectionError,
  TimeoutError,
};
for (const [name, { prototype }] of Object.entries(classes))
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
