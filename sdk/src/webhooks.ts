/**
 * @mintro/sdk/webhooks: whether a webhook is Mintro's, and what it says. Synchronous, and made of web standards alone,
 * so that it runs wherever a request arrives. Headers and signatures are those of Standard Webhooks 1.0.
 */
import { Webhook } from "standardwebhooks";
import type { EndpointTestEvent, EventPayload } from "./types.ts";

/** What a receiver may get, told apart by `event`. */
export type WebhookEvent = EventPayload | EndpointTestEvent;

/** A web `Headers`, Node's `request.headers`, or a plain record; upper and lower case are the same. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyWebhookInput {
  /** The body as it came. Parsed JSON, written again, has other bytes. */
  readonly body: string | Uint8Array | ArrayBuffer;
  readonly headers: WebhookHeaders;
  /** The endpoint's `whsec_…`, or several of which one must match, while a secret is changed by hand. */
  readonly secret: string | readonly string[];
  /** How far `webhook-timestamp` may be from now, so that a recording cannot be played later. 300 if absent. */
  readonly toleranceSeconds?: number | undefined;
}

/** Why a webhook was not believed. */
export type WebhookVerificationCode =
  | "body_not_raw"
  | "body_not_json"
  | "headers_missing"
  | "secret_invalid"
  | "signature_wrong"
  | "timestamp_invalid"
  | "timestamp_too_new"
  | "timestamp_too_old";

/** Answer it with 400, and do nothing else. Neither secret nor body is in it. */
export class WebhookVerificationError extends Error {
  readonly code: WebhookVerificationCode;

  constructor(code: WebhookVerificationCode, message: string) {
    super(message);
    this.code = code;
  }
}
Object.defineProperty(WebhookVerificationError.prototype, "name", { value: "WebhookVerificationError" });

const TOLERANCE_SECONDS = 300;

const HOW_TO_GET_IT_RAW = [
  "The body must be as it came, a string or bytes, and not parsed. How to get it:",
  'Express: express.raw({ type: "application/json" }) on this route, and no express.json() before it.',
  'Fastify: addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => done(null, body)).',
  "Hono: await c.req.text().",
  "Next: await request.text() in a route handler; under pages/api, config = { api: { bodyParser: false } }.",
].join("\n");

/**
 * The event of a webhook, when one of its signatures is made with one of the secrets over exactly this body, and lately.
 * Later versions of Mintro may send events that `WebhookEvent` does not list: leave those alone, with a `default`.
 * An event may come twice: keep each under its `id`. Throws `WebhookVerificationError`, and nothing else.
 */
export function verifyWebhook(input: VerifyWebhookInput): WebhookEvent {
  const body = readBody(input.body);
  const signers = readSecrets(input.secret);
  const id = header(input.headers, "webhook-id");
  const timestamp = header(input.headers, "webhook-timestamp");
  const signatures = header(input.headers, "webhook-signature");
  if (!id || !timestamp || !signatures)
    throw wrong("headers_missing", "webhook-id, webhook-timestamp or webhook-signature is missing.");
  const at = readTimestamp(timestamp, input.toleranceSeconds ?? TOLERANCE_SECONDS);
  let matches = false;
  for (const signer of signers) {
    const expected = signer.sign(id, at, body);
    for (const signature of signatures.split(" ")) if (equals(signature, expected)) matches = true;
  }
  if (!matches)
    throw wrong(
      "signature_wrong",
      "No signature matches: the secret is another endpoint's, or the body is not as it was sent.",
    );
  return readEvent(body);
}

type Given<Event> = Event extends WebhookEvent
  ? Omit<Event, "id" | "created_at"> & Partial<Pick<Event, "id" | "created_at">>
  : never;

export interface SignWebhookInput {
  /** What is sent. `id` and `created_at` are made up where they are absent. */
  readonly event: Given<WebhookEvent>;
  readonly secret: string;
  /** When it is sent; now if absent. */
  readonly timestamp?: Date | undefined;
}

export interface SignedWebhook {
  readonly body: string;
  readonly headers: {
    readonly "content-type": "application/json";
    readonly "webhook-id": string;
    readonly "webhook-timestamp": string;
    readonly "webhook-signature": string;
  };
}

/** A webhook as Mintro would send it, for the tests of your receiver. */
export function signWebhook({ event, secret, timestamp = new Date() }: SignWebhookInput): SignedWebhook {
  const [signer] = readSecrets(secret);
  if (!signer) throw badSecret();
  const id = event.id ?? `evt_${crypto.randomUUID()}`;
  const body = JSON.stringify({ id, created_at: timestamp.toISOString(), ...event });
  return {
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(timestamp.getTime() / 1000)),
      "webhook-signature": signer.sign(id, timestamp, body),
    },
  };
}

function readBody(body: unknown): string {
  if (typeof body === "string") return body;
  if (!isBytes(body)) throw wrong("body_not_raw", HOW_TO_GET_IT_RAW);
  try {
    // A byte order mark is a part of what was signed.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw wrong("body_not_json", "The body is not UTF-8.");
  }
}

/** Also those of another realm, as test runners have, of which `instanceof` knows nothing. */
function isBytes(body: unknown): body is ArrayBuffer | Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(body) || Object.prototype.toString.call(body) === "[object ArrayBuffer]";
}

function readSecrets(secret: unknown): Webhook[] {
  const secrets: unknown[] = Array.isArray(secret) ? secret : [secret];
  if (secrets.length === 0) throw badSecret();
  return secrets.map((each) => {
    const text = typeof each === "string" ? each.trim() : "";
    if (!text.startsWith("whsec_")) throw badSecret();
    try {
      return new Webhook(text);
    } catch {
      throw badSecret();
    }
  });
}

function badSecret(): WebhookVerificationError {
  return wrong("secret_invalid", "secret must be the endpoint's signing secret, whsec_ and base64 after it.");
}

function header(headers: WebhookHeaders, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  if (typeof headers["get"] === "function") return headers.get(name);
  for (const [key, value] of Object.entries(headers))
    if (key.toLowerCase() === name) return typeof value === "string" ? value : (value?.join(" ") ?? null);
  return null;
}

function readTimestamp(text: string, toleranceSeconds: number): Date {
  if (!/^\d{1,12}$/.test(text))
    throw wrong("timestamp_invalid", "webhook-timestamp is no number of seconds.");
  const seconds = Number(text);
  const nowSeconds = Math.floor(Date.now() / 1000);
  // Written so that a tolerance that is not a number refuses everything.
  if (!(nowSeconds - seconds <= toleranceSeconds))
    throw wrong("timestamp_too_old", "webhook-timestamp is too old: a recording, or this clock is fast.");
  if (!(seconds - nowSeconds <= toleranceSeconds))
    throw wrong("timestamp_too_new", "webhook-timestamp is in the future: this clock is slow.");
  return new Date(seconds * 1000);
}

/** In the same time whatever the difference, so that no signature can be guessed piece by piece. */
function equals(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  let difference = 0;
  for (let at = 0; at < expected.length; at += 1)
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at);
  return difference === 0;
}

function readEvent(body: string): WebhookEvent {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    throw wrong("body_not_json", "The body is signed, yet not JSON.");
  }
  if (typeof event !== "object" || event === null || !("event" in event) || typeof event.event !== "string")
    throw wrong("body_not_json", "The body is signed, yet no event.");
  return event as WebhookEvent; // it is Mintro's, and these are the shapes that Mintro sends
}

function wrong(code: WebhookVerificationCode, message: string): WebhookVerificationError {
  return new WebhookVerificationError(code, message);
}
