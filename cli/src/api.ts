/**
 * The way to a Mintro over HTTP: which one, as which client, and what its refusals mean for the person at the terminal. The
 * secret comes from the environment or, for a Mintro on this machine, from the file that its owner alone may read. Never from the
 * command line, which every user of the machine can list and shells write into their history.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ConnectionError,
  Mintro,
  MintroError,
  type MintroOptions,
  ValidationError,
} from "@mintro/sdk/src/index.ts";
import { type Command, Option } from "commander";
import { Refused, Unreachable } from "./refused.ts";

export type ApiOptions = {
  readonly url?: string;
  readonly clientId?: string;
  readonly clientSecret?: string | boolean;
  readonly json?: true;
};

export type Connection = {
  readonly mintro: Mintro;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly clientId: string;
};

export const SECRET_ON_COMMAND_LINE =
  "A secret on the command line can be read by every user of this machine, and stays in the shell's history.";

/** Adds what every command that talks to a Mintro takes. */
export function withApiOptions(command: Command): Command {
  return command
    .option("--url <url>", "the Mintro to talk to (default: MINTRO_URL, else the local Mintro)")
    .option("--client-id <id>", "its client (default: MINTRO_CLIENT_ID, else that of the local Mintro)")
    .addOption(new Option("--client-secret [secret]").hideHelp())
    .option("--json", "one JSON object a line, for programs");
}

/** Throws `Refused` where something is missing. `fetch`: as the SDK takes it. */
export async function connect(
  options: ApiOptions,
  how: Pick<MintroOptions, "fetch" | "maxRetries" | "timeoutMs"> = {},
): Promise<Connection> {
  const baseUrl = await readBaseUrl(options);
  const { clientId, clientSecret } = await readCredentials(options, baseUrl);
  try {
    return {
      mintro: new Mintro({ baseUrl, clientId, clientSecret, maxRetries: 1, ...how }),
      baseUrl,
      clientId,
    };
  } catch (error) {
    // What cannot be sent in a header at all; the SDK says which, and never repeats it.
    if (error instanceof TypeError) throw new Refused(error.message, { cause: error });
    throw error;
  }
}

/** The Mintro that is meant: `--url`, else MINTRO_URL, else the one that was started in this folder, else port 3000. */
async function readBaseUrl(options: Pick<ApiOptions, "url">): Promise<string> {
  if (options.url !== undefined) return parseBaseUrl(options.url, "--url");
  const given = process.env["MINTRO_URL"]?.trim();
  if (given) return parseBaseUrl(given, "MINTRO_URL");
  return (await keptUrl()) ?? "http://localhost:3000";
}

/** Where the Mintro is whose data folder this is; undefined where it has not been started. */
async function keptUrl(): Promise<string | undefined> {
  const kept = await keptFile("url");
  return kept === undefined ? undefined : parseBaseUrl(kept, `What ${keptPath("url")} holds`);
}

function parseBaseUrl(given: string, source: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
  if (!isWeb) throw new Refused(`${source} must be an address such as http://localhost:3000.`);
  // What is pasted from the documents ends with the path of the API.
  return url.href
    .replace(/#.*$/, "")
    .replace(/\/+$/, "")
    .replace(/\/api\/platform$/, "");
}

async function readCredentials(
  options: ApiOptions,
  baseUrl: string,
): Promise<{ clientId: string; clientSecret: string }> {
  if (options.clientSecret !== undefined)
    throw new Refused(`${SECRET_ON_COMMAND_LINE} Give it as MINTRO_CLIENT_SECRET.`);
  const env = (name: string) => process.env[name]?.trim() || undefined;
  // The kept secret is for the Mintro beside it: it is sent to this machine and to that one's own address alone.
  const isBeside = async () => isLoopback(baseUrl) || baseUrl === (await keptUrl());
  const kept = async (name: string) => ((await isBeside()) ? await keptFile(name) : undefined);
  const clientId = options.clientId ?? env("MINTRO_CLIENT_ID") ?? (await kept("client-id"));
  const clientSecret = env("MINTRO_CLIENT_SECRET") ?? (await kept("client-secret"));
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  const missing = [
    ...(clientId === undefined ? ["MINTRO_CLIENT_ID"] : []),
    ...(clientSecret === undefined ? ["MINTRO_CLIENT_SECRET"] : []),
  ].join(" and ");
  const beside = isLoopback(baseUrl)
    ? ", or go to the folder that the local Mintro was started in (or set MINTRO_DATA_DIR)"
    : "";
  throw new Refused(`Which client to be at ${baseUrl} is not known: set ${missing}${beside}.`);
}

/** What a Mintro on this machine keeps in its data folder for its owner; undefined where there is none. */
export async function keptFile(name: string): Promise<string | undefined> {
  const text = await readFile(keptPath(name), "utf8").catch(() => "");
  return text.trim() || undefined;
}

export function keptPath(name: string): string {
  return join(process.env["MINTRO_DATA_DIR"]?.trim() || ".mintro", name);
}

/** Whether an address means this machine. Browsers treat such pages as secure too (W3C Secure Contexts). */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Does `work` and turns what the API refuses into `Refused` or `Unreachable`, each in one line with what to do. */
export async function asking<T>(
  { baseUrl, clientId }: Pick<Connection, "baseUrl" | "clientId">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MintroError)) throw error;
    throw refusalOf(error, { baseUrl, clientId });
  }
}

/** Of an intent whose item got its price from the amount: what is wrong with both is said of the amount alone. */
export async function pricedByAmount<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ValidationError) || !error.errors["amount"]) throw error;
    const { "order_items.0.price": _, ...errors } = error.errors;
    throw new Refused(fieldTexts({ errors }), { cause: error });
  }
}

function refusalOf(
  error: MintroError,
  { baseUrl, clientId }: Pick<Connection, "baseUrl" | "clientId">,
): Error {
  const { status, message } = error;
  const because = { cause: error };
  if (error instanceof ConnectionError)
    return new Unreachable(
      `Nothing answers at ${baseUrl}: is Mintro running there? --url or MINTRO_URL name another.`,
      because,
    );
  if (status === 401)
    return new Refused(
      `Mintro at ${baseUrl} does not let the client ${clientId} in: the id or the secret is wrong, or the client is revoked.`,
      because,
    );
  if (status === 403) return new Refused(`The client ${clientId} may not do this: ${message}`, because);
  if (status === 422) return new Refused(fieldTexts(error) || message, because);
  if (status === 429 || status === 503)
    return new Unreachable(
      `Mintro at ${baseUrl} is busy or cannot reach its database (${status}): ${message}`,
      because,
    );
  if ((status ?? 0) >= 500) {
    const id = error.requestId ? ` Its log knows more, under the request ${error.requestId}.` : "";
    return new Unreachable(`Mintro at ${baseUrl} answered ${status}: ${message}${id}`, because);
  }
  return new Refused(message, because);
}

function fieldTexts({ errors }: Pick<MintroError, "errors">): string {
  return Object.values(errors).flat().join(" ");
}
