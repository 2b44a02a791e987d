/**
 * The environment variables (contract section 1). A wrong value stops the start with one line that names the variable, what
 * was given and what is allowed; a secret's value is never repeated.
 */
import { isIP } from "node:net";
import { addressRefusal, urlRefusal } from "../base/address-guard.ts";
import { parseWebhookSecret, type WebhookSecret } from "../domain/webhook-signature.ts";
import { CannotStart } from "./cannot-start.ts";
import { parseDatabaseUrl, withoutSecrets } from "./database-url.ts";
import { hidden, shortened, withoutSecretParts } from "./shown.ts";

/** What one process does of the platform: requests, work that is due, or both. */
export type Role = "api" | "worker" | "both";

export type Config = {
  readonly role: Role;
  readonly port: number;
  readonly host: string;
  /** Null: `http://localhost:` and the port. */
  readonly publicUrl: string | null;
  /** Null: the embedded one. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly webhookUrl: string | null;
  readonly webhookSecret: WebhookSecret | null;
  readonly allowedOrigins: readonly string[] | null;
  readonly allowPrivateWebhooks: boolean;
  /** Requests a second and client; 0: no limit. */
  readonly rateLimit: number;
  /** Null: kept in the data folder of the embedded database. */
  readonly secretKey: Buffer | null;
  /** They open what they sealed, and seal nothing. */
  readonly previousSecretKeys: readonly Buffer[];
  readonly trustedProxies: readonly string[];
  readonly logLevel: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `CannotStart` at the first value that is wrong. Blank counts as not given. */
export function readConfig(env: Environment): Config {
  const read = readerOf(env);
  const { databaseUrl, dataDir } = readDatabaseConfig(env);
  const allowPrivateWebhooks =
    read("MINTRO_ALLOW_PRIVATE_WEBHOOKS", onOrOff, "it must be on or off (or true, false, 1, 0)") ??
    databaseUrl === null;
  const publicUrl = read(
    "MINTRO_PUBLIC_URL",
    baseUrl,
    "it must be an http or https address without user, query or fragment",
    withoutSecretParts,
  );
  return {
    role: readRole(read, databaseUrl, publicUrl),
    port:
      read("PORT", wholeNumber(0, 65_535), "it must be a whole number from 0 (any free port) to 65535") ??
      3000,
    host: read("HOST", hostName, "it must be an IP address or a host name") ?? "127.0.0.1",
    publicUrl,
    databaseUrl,
    dataDir,
    clientId: read("MINTRO_CLIENT_ID", visible(1, 255), "it must be 1 to 255 visible ASCII characters"),
    clientSecret: read(
      "MINTRO_CLIENT_SECRET",
      visible(32, 1_024),
      "it must be 32 to 1024 visible ASCII characters, as from: openssl rand -hex 32",
      hidden,
    ),
    ...readWebhook(read, allowPrivateWebhooks),
    allowedOrigins: read(
      "MINTRO_ALLOWED_ORIGINS",
      origins,
      "it must be origins such as https://shop.example, separated by commas, each in full: there are no wildcards",
      (given) => given.split(",").map(withoutSecretParts).join(","),
    ),
    allowPrivateWebhooks,
    rateLimit:
      read(
        "MINTRO_RATE_LIMIT",
        wholeNumber(0, 1_000_000),
        "it must be a whole number of requests a second from 0 (no limit) to 1000000",
      ) ?? 1_000,
    ...readSecretKeys(read, databaseUrl),
    trustedProxies:
      read(
        "MINTRO_TRUSTED_PROXIES",
        proxies,
        "it must be IP addresses, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, separated by commas",
      ) ?? [],
    logLevel:
      read("LOG_LEVEL", logLevel, "it must be one of fatal, error, warn, info, debug, trace, silent") ??
      "info",
  };
}

/** Where the database is: all that a program beside the server needs to know. Throws `CannotStart` as well. */
export function readDatabaseConfig(env: Environment): Pick<Config, "databaseUrl" | "dataDir"> {
  const read = readerOf(env);
  const databaseUrl = read(
    "DATABASE_URL",
    parseDatabaseUrl,
    "it must be a postgres:// or postgresql:// address with a database's name, special characters of its password percent-encoded",
    withoutSecrets,
  );
  const dataDir =
    read("MINTRO_DATA_DIR", folder, "it must be a folder's path, written out: ~ means nothing here") ??
    ".mintro";
  return { databaseUrl, dataDir };
}

type Reader = <T>(
  name: string,
  /** Undefined: it is wrong. */
  parse: (given: string) => T | undefined,
  allowed: string,
  /** What may be shown of a value that is wrong. */
  show?: (given: string) => string,
) => T | null;

function readerOf(env: Environment): Reader {
  return (name, parse, allowed, show = shortened) => {
    const given = env[name]?.trim();
    if (given === undefined || given === "") return null;
    const value = parse(given);
    if (value !== undefined) return value;
    throw new CannotStart(`${name} is ${JSON.stringify(show(given))}: ${allowed}.`);
  };
}

/** Part of a platform needs a database that others reach, and links to the pages that others serve. */
function readRole(read: Reader, databaseUrl: string | null, publicUrl: string | null): Role {
  const role = read("MINTRO_ROLE", knownRole, "it must be api, worker or both") ?? "both";
  if (role !== "both" && databaseUrl === null)
    throw new CannotStart(
      `MINTRO_ROLE is "${role}": the embedded database is for one process that does both; give DATABASE_URL, or leave MINTRO_ROLE out.`,
    );
  if (role === "worker" && publicUrl === null)
    throw new CannotStart(
      "MINTRO_PUBLIC_URL is missing: a worker serves no pages, so give the address at which customers reach them.",
    );
  return role;
}

type SecretKeys = Pick<Config, "secretKey" | "previousSecretKeys">;

/** What a program needs that seals secrets beside the server. Throws `CannotStart` as well. */
export function readSecretKeyConfig(env: Environment): SecretKeys & Pick<Config, "databaseUrl" | "dataDir"> {
  const database = readDatabaseConfig(env);
  return { ...database, ...readSecretKeys(readerOf(env), database.databaseUrl) };
}

function readSecretKeys(read: Reader, databaseUrl: string | null): SecretKeys {
  const allowed = "it must be 32 random bytes in base64, as from: openssl rand -base64 32";
  const secretKey = read("MINTRO_SECRET_KEY", key32, allowed, hidden);
  if (databaseUrl !== null && secretKey === null)
    throw new CannotStart(`MINTRO_SECRET_KEY is missing: with DATABASE_URL ${allowed}.`);
  const previousSecretKeys =
    read(
      "MINTRO_PREVIOUS_SECRET_KEYS",
      keys32,
      "it must be earlier values of MINTRO_SECRET_KEY, separated by commas",
      hidden,
    ) ?? [];
  return { secretKey, previousSecretKeys };
}

function readWebhook(read: Reader, allowPrivate: boolean): Pick<Config, "webhookUrl" | "webhookSecret"> {
  const webhookUrl = read(
    "MINTRO_WEBHOOK_URL",
    webUrl,
    "it must be an http or https address without user and password",
    withoutSecretParts,
  );
  const webhookSecret = read(
    "MINTRO_WEBHOOK_SECRET",
    whsec,
    "it must be whsec_ and 24 to 64 bytes in base64, padded with = where that is due",
    hidden,
  );
  if (webhookSecret !== null && webhookUrl === null)
    throw new CannotStart(
      "MINTRO_WEBHOOK_SECRET is given without MINTRO_WEBHOOK_URL: give the address too, or neither.",
    );
  const refusal = webhookUrl && urlRefusal(new URL(webhookUrl), allowPrivate ? () => null : addressRefusal);
  if (refusal)
    throw new CannotStart(
      `MINTRO_WEBHOOK_URL is ${JSON.stringify(withoutSecretParts(webhookUrl))}: ${refusal}, which is not called unless MINTRO_ALLOW_PRIVATE_WEBHOOKS is on.`,
    );
  return { webhookUrl, webhookSecret };
}

function wholeNumber(min: number, max: number) {
  return (given: string) => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
}

function visible(min: number, max: number) {
  return (given: string) =>
    /^[\x21-\x7e]+$/.test(given) && given.length >= min && given.length <= max ? given : undefined;
}

function parseUrl(given: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  return url && protocols.includes(url.protocol) ? url : undefined;
}

const WEB = ["http:", "https:"];

function isBare(url: URL): boolean {
  return url.search === "" && url.hash === "" && url.username === "" && url.password === "";
}

function webUrl(given: string): string | undefined {
  const url = parseUrl(given, WEB);
  return url && url.username === "" && url.password === "" ? given : undefined;
}

/** A shell would put the home folder there; what reads a file of variables does not. */
const folder = (given: string) => (/^~(\/|$)/.test(given) ? undefined : given);

function baseUrl(given: string): string | undefined {
  const url = parseUrl(given, WEB);
  return url && isBare(url) ? url.href.replace(/\/+$/, "") : undefined;
}

const hostName = (given: string) =>
  isIP(given) !== 0 || /^(?![\d.]+$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(given) ? given : undefined;

function key32(given: string): Buffer | undefined {
  const bytes = Buffer.from(given, "base64");
  return bytes.length === 32 && /^[A-Za-z0-9+/]{43}=?$/.test(given) ? bytes : undefined;
}

function keys32(given: string): readonly Buffer[] | undefined {
  const keys = parts(given).flatMap((part) => key32(part) ?? []);
  return keys.length > 0 && keys.length === parts(given).length ? keys : undefined;
}

function whsec(given: string): WebhookSecret | undefined {
  const parsed = parseWebhookSecret(given);
  return parsed.ok ? parsed.value : undefined;
}

const parts = (given: string) =>
  given
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Browsers take a wildcard in a frame's policy, but never as the receiver of a message. */
function isOrigin(url: URL): boolean {
  return isBare(url) && url.pathname === "/" && !url.hostname.includes("*");
}

function origins(given: string): readonly string[] | undefined {
  const found = parts(given).map((part) => parseUrl(part, WEB));
  const all = found.flatMap((url) => (url && isOrigin(url) ? [url.origin] : []));
  return all.length > 0 && all.length === found.length ? [...new Set(all)] : undefined;
}

function onOrOff(given: string): boolean | undefined {
  if (["on", "true", "1", "yes"].includes(given.toLowerCase())) return true;
  return ["off", "false", "0", "no"].includes(given.toLowerCase()) ? false : undefined;
}

function proxies(given: string): readonly string[] | undefined {
  const isProxy = (part: string) => {
    const [address = "", bits, ...more] = part.split("/");
    const widest = { 4: 32, 6: 128 }[isIP(address)];
    if (widest === undefined) return ["loopback", "linklocal", "uniquelocal"].includes(part);
    return more.length === 0 && (bits === undefined || wholeNumber(0, widest)(bits) !== undefined);
  };
  const all = parts(given);
  return all.length > 0 && all.every(isProxy) ? all : undefined;
}

const ROLES: readonly Role[] = ["api", "worker", "both"];
const knownRole = (given: string) => ROLES.find((role) => role === given.toLowerCase());

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const logLevel = (given: string) => (LEVELS.includes(given.toLowerCase()) ? given.toLowerCase() : undefined);
