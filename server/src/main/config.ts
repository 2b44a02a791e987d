/**
 * The environment variables (contract section 1). A wrong value stops the start with one line that names the variable, what
 * was given and what is allowed; a secret's value is never repeated.
 */
import { isIP } from "node:net";
import { parseWebhookSecret, type WebhookSecret } from "../domain/webhook-signature.ts";
import { CannotStart } from "./cannot-start.ts";

export type Config = {
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
  readonly trustedProxies: readonly string[];
  readonly logLevel: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

export function readConfig(env: Environment): Config {
  const read = <T>(
    name: string,
    parse: (given: string) => T | undefined,
    allowed: string,
    secret = false,
  ): T | null => {
    const given = env[name]?.trim();
    if (given === undefined || given === "") return null;
    const value = parse(given);
    if (value !== undefined) return value;
    throw new CannotStart(`${name} is ${secret ? "not usable" : JSON.stringify(given)}: ${allowed}.`);
  };
  const databaseUrl = read(
    "DATABASE_URL",
    postgresUrl,
    "it must be a postgres:// or postgresql:// address with a database",
    true,
  );
  const secretKey = read(
    "MINTRO_SECRET_KEY",
    key32,
    "it must be 32 random bytes in base64, as from: openssl rand -base64 32",
    true,
  );
  if (databaseUrl !== null && secretKey === null) {
    throw new CannotStart(
      "MINTRO_SECRET_KEY is missing: with DATABASE_URL it must be 32 random bytes in base64, as from: openssl rand -base64 32.",
    );
  }
  const webhookUrl = read("MINTRO_WEBHOOK_URL", webUrl, "it must be an http or https address");
  const webhookSecret = read(
    "MINTRO_WEBHOOK_SECRET",
    whsec,
    "it must be whsec_ and 24 to 64 bytes in base64",
    true,
  );
  if (webhookSecret !== null && webhookUrl === null) {
    throw new CannotStart(
      "MINTRO_WEBHOOK_SECRET is given without MINTRO_WEBHOOK_URL: give the address too, or neither.",
    );
  }
  return {
    port:
      read("PORT", wholeNumber(0, 65_535), "it must be a whole number from 0 (any free port) to 65535") ??
      3000,
    host: read("HOST", hostName, "it must be an IP address or a host name") ?? "127.0.0.1",
    publicUrl: read(
      "MINTRO_PUBLIC_URL",
      baseUrl,
      "it must be an http or https address without query or fragment",
    ),
    databaseUrl,
    dataDir: read("MINTRO_DATA_DIR", (given) => given, "it must be a folder") ?? ".mintro",
    clientId: read("MINTRO_CLIENT_ID", visible(1, 255), "it must be 1 to 255 visible ASCII characters"),
    clientSecret: read(
      "MINTRO_CLIENT_SECRET",
      visible(32, 1_024),
      "it must be at least 32 visible ASCII characters",
      true,
    ),
    webhookUrl,
    webhookSecret,
    allowedOrigins: read(
      "MINTRO_ALLOWED_ORIGINS",
      origins,
      "it must be origins such as https://shop.example, separated by commas",
    ),
    allowPrivateWebhooks:
      read("MINTRO_ALLOW_PRIVATE_WEBHOOKS", onOrOff, "it must be on or off (or true, false, 1, 0)") ??
      databaseUrl === null,
    rateLimit:
      read(
        "MINTRO_RATE_LIMIT",
        wholeNumber(0, 1_000_000),
        "it must be a whole number of requests a second from 0 (no limit) to 1000000",
      ) ?? 1_000,
    secretKey,
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

const webUrl = (given: string) => (parseUrl(given, WEB) ? given : undefined);

function baseUrl(given: string): string | undefined {
  const url = parseUrl(given, WEB);
  return url && url.search === "" && url.hash === "" && url.username === ""
    ? url.href.replace(/\/+$/, "")
    : undefined;
}

function postgresUrl(given: string): string | undefined {
  const url = parseUrl(given, ["postgres:", "postgresql:"]);
  return url && url.pathname.length > 1 ? given : undefined;
}

const hostName = (given: string) =>
  isIP(given) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(given) ? given : undefined;

function key32(given: string): Buffer | undefined {
  const bytes = Buffer.from(given, "base64");
  return bytes.length === 32 && /^[A-Za-z0-9+/]{43}=?$/.test(given) ? bytes : undefined;
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

function origins(given: string): readonly string[] | undefined {
  const found = parts(given).map((part) => parseUrl(part, WEB));
  return found.every(
    (url) =>
      url !== undefined &&
      (url.pathname === "/" || url.pathname === "") &&
      url.search === "" &&
      url.hash === "",
  )
    ? found.flatMap((url) => (url ? [url.origin] : []))
    : undefined;
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
  return parts(given).every(isProxy) ? parts(given) : undefined;
}

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const logLevel = (given: string) => (LEVELS.includes(given.toLowerCase()) ? given.toLowerCase() : undefined);
