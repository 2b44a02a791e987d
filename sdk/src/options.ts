/**
 * What a client is made with, checked once: a wrong address or a missing secret is told at the start and not by the
 * first payment. No message repeats a value that may be a secret.
 */
import { VERSION } from "./version.ts";

export interface MintroOptions {
  /** Where your Mintro answers, as in `https://pay.example.com` or `http://localhost:3000`. */
  readonly baseUrl: string;
  readonly clientId: string;
  /** Keep it on your server. */
  readonly clientSecret: string;
  /** How long one try may take. 60,000 if absent. */
  readonly timeoutMs?: number | undefined;
  /** How often a failed request is sent again. 3 if absent, 0 for never. */
  readonly maxRetries?: number | undefined;
  /** Another `fetch` than the runtime's, for a proxy or for tests. */
  readonly fetch?: Fetch | undefined;
  /** Lets the client run in a browser, where everybody can read the secret. For tests on a page of your own only. */
  readonly dangerouslyAllowBrowser?: boolean | undefined;
}

/** What every call takes last. */
export interface RequestOptions {
  /** Sent with a POST in place of a fresh UUID: 1 to 255 visible ASCII characters. */
  readonly idempotencyKey?: string | undefined;
  /** Ends the request and its retries; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** As the client's, for this call. */
  readonly timeoutMs?: number | undefined;
  /** As the client's, for this call. */
  readonly maxRetries?: number | undefined;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  redirect: "manual";
  signal: AbortSignal;
}

export interface Config {
  /** Ends with `/api/platform`. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch;
  /** Who asks, for the server's log: SDK and runtime. */
  readonly agent: string;
}

const API_PATH = "/api/platform";
const TIMEOUT_MS = 60_000;
const MAX_RETRIES = 3;
/** What timers can wait. */
const TIMEOUT_MOST_MS = 2 ** 31 - 1;

/** Throws a `TypeError` that says what is missing or wrong. */
export function readOptions(options: MintroOptions): Config {
  if (typeof options !== "object" || options === null)
    throw new TypeError("new Mintro() wants { baseUrl, clientId, clientSecret }.");
  if (options.dangerouslyAllowBrowser !== true && isBrowser())
    throw new TypeError(
      "A client secret must not reach a browser, where everybody can read it. Create the payment intent on your " +
        "server and give the page its payment_url (see @mintro/sdk/embed).",
    );
  const { fetch } = options;
  if (fetch !== undefined && typeof fetch !== "function") throw new TypeError("fetch must be a function.");
  return {
    apiUrl: readBaseUrl(options.baseUrl) + API_PATH,
    clientId: readHeader(options.clientId, "clientId"),
    clientSecret: readHeader(options.clientSecret, "clientSecret", 1_024),
    timeoutMs: readTimeout(options.timeoutMs) ?? TIMEOUT_MS,
    maxRetries: readMaxRetries(options.maxRetries) ?? MAX_RETRIES,
    // Looked up at each call, so that what replaces the global one later (tracing, tests) is used.
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    agent: `mintro-sdk/${VERSION} ${runtime()}`,
  };
}

export function readTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || (timeoutMs > 0 && timeoutMs <= TIMEOUT_MOST_MS)) return timeoutMs;
  throw new TypeError("timeoutMs must be a number of milliseconds greater than 0.");
}

export function readMaxRetries(maxRetries: number | undefined): number | undefined {
  if (maxRetries === undefined || (Number.isSafeInteger(maxRetries) && maxRetries >= 0)) return maxRetries;
  throw new TypeError("maxRetries must be a whole number from 0.");
}

/** `fetch` would repeat a value that it cannot send in its error, so it is checked here first. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** `most` characters: an operator may give a client a longer secret than those that are made. */
export function readHeader(value: string, name: string, most = 255): string {
  if (typeof value !== "string" || value === "") throw new TypeError(`${name} is missing.`);
  if (value.length <= most && VISIBLE.test(value)) return value;
  throw new TypeError(`${name} must be 1 to ${most} visible ASCII characters, without blanks.`);
}

function readBaseUrl(text: string): string {
  if (typeof text !== "string" || text === "")
    throw new TypeError(
      'baseUrl is missing. Give the address of your Mintro, as in "http://localhost:3000".',
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError('baseUrl must be a whole address, as in "https://pay.example.com".');
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError("baseUrl must begin with https:// or http://.");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new TypeError("baseUrl must hold no credentials, no query and no fragment.");
  const path = url.pathname.replace(/\/+$/, "");
  return url.origin + (path.endsWith(API_PATH) ? path.slice(0, -API_PATH.length) : path);
}

interface Globals {
  readonly window?: { readonly document?: unknown };
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly Bun?: { readonly version?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly navigator?: { readonly userAgent?: string };
}

function isBrowser(): boolean {
  return (globalThis as Globals).window?.document !== undefined;
}

/** As in `node/24.21.0`. */
function runtime(): string {
  const { Deno, Bun, process, navigator } = globalThis as Globals;
  if (Deno?.version?.deno) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (process?.versions?.node) return `node/${process.versions.node}`;
  return navigator?.userAgent === "Cloudflare-Workers" ? "workerd" : "web";
}
