/**
 * What no platform may leave behind, searched for at the end of every test file: clients' and webhooks' secrets, the secret
 * key, card numbers and codes, payment links. Searched are its whole log at level debug, the errors that it answered, and
 * every row of every table (contract section 3; docs/operate/threat-model.md).
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import pg from "pg";
import { createLog, type Log } from "../../src/base/log.ts";
import { readPaymentToken } from "../../src/domain/payment-token.ts";

/** What the tests know and a platform must not tell: added to by whoever makes or types one. */
export const told = {
  clientSecrets: new Set<string>(),
  cardNumbers: new Set<string>(),
};

export type SecretsWatch = {
  /** Takes every line, and hands it on. */
  readonly log: Log;
  watchErrors(server: Server): void;
  /** A sentence for each leak; the secret itself is not in it. Reads the whole database. */
  find(databaseUrl: string): Promise<string[]>;
};

/** `log`: where lines go too. */
export function watchForSecrets(wiring: {
  readonly secretKeys: readonly Buffer[];
  readonly log: Log;
}): SecretsWatch {
  const lines: string[] = [];
  const errors: string[] = [];
  const ours = createLog("debug", { write: (line) => void lines.push(line) });
  const keys = wiring.secretKeys.flatMap((key) => [
    key.toString("base64").replace(/=+$/, ""),
    key.toString("base64url"),
    key.toString("hex"),
  ]);
  const outside = (text: string) => leaksIn(text, keys, { links: true });
  return {
    log: both(ours, wiring.log),
    watchErrors: (server) => watchErrors(server, errors),
    async find(databaseUrl) {
      return [
        ...outside(lines.join("")).map((leak) => `in the log: ${leak}`),
        ...outside(errors.join("\n")).map((leak) => `in an error's body: ${leak}`),
        ...(await leaksInTables(databaseUrl, keys)),
      ];
    },
  };
}

function both(one: Log, other: Log): Log {
  const at = (level: "debug" | "info" | "warn" | "error") =>
    ((...line: Parameters<Log["info"]>) => {
      one[level](...line);
      other[level](...line);
    }) as Log["info"];
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Node's own server tells: whatever sent the answer, it ends here. */
function watchErrors(server: Server, errors: string[]): void {
  server.prependListener("request", (_: IncomingMessage, response: ServerResponse) => {
    const end = response.end.bind(response);
    response.end = ((chunk?: unknown, ...more: never[]) => {
      const isText = typeof chunk === "string" || Buffer.isBuffer(chunk);
      if (response.statusCode >= 400 && isText) errors.push(String(chunk));
      return end(chunk as never, ...more);
    }) as typeof response.end;
  });
}

async function leaksInTables(databaseUrl: string, keys: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'sandbox')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      // Bytes are shown as hexadecimal digits, and may be text.
      const { rows } = await client.query<{ rows: string | null }>(
        `select string_agg(t::text, e'\\n') as rows from ${name} t`,
      );
      const text = rows[0]?.rows ?? "";
      const bytes = text
        .match(/\\x(?:[0-9a-f]{2}){8,}/g)
        ?.map((hex) => Buffer.from(hex.slice(2), "hex").toString("latin1"))
        .join("\n");
      // A payment link is stored: whoever reads the database may see and pay the intent anyway.
      const leaks = [
        ...leaksIn(text, keys, { links: false }),
        ...leaksIn(bytes ?? "", keys, { links: false }),
      ];
      found.push(...leaks.map((leak) => `in ${name}: ${leak}`));
    }
    return found;
  } finally {
    await client.end();
  }
}

const CODE = /(?:cvc|cvv|cvn|security.?code)["\\\s]*[:=]["\\\s]*\d{3,4}\b/gi;
const WEBHOOK_SECRET = /whsec_[A-Za-z0-9+/]{24,}/g;
const TOKEN = /[A-Za-z0-9_-]{24,}/g;
const MAYBE_SECRET = /[A-Za-z0-9+/_-]{12,}|\d[\d -]{5,}/g;
const DIGITS = /\d(?:[ -]?\d){12,}/g;

/** Exported for its own test. */
function leaksIn(text: string, keys: readonly string[], { links }: { readonly links: boolean }): string[] {
  const found: string[] = [];
  const tell = (what: string, at: number) => {
    const before = text.slice(Math.max(0, at - 60), at).replaceAll(MAYBE_SECRET, "…");
    found.push(`${what} after ${JSON.stringify(before)}`);
  };
  for (const match of text.matchAll(WEBHOOK_SECRET)) tell("a webhook's secret", match.index);
  for (const match of text.matchAll(CODE)) tell("a card's code", match.index);
  for (const key of keys) {
    const at = text.indexOf(key);
    if (at >= 0) tell("the secret key", at);
  }
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    if (told.clientSecrets.has(token)) tell("a client's secret", match.index);
    else if (links && token.length === 64 && readPaymentToken(token)) tell("a payment link", match.index);
  }
  for (const match of text.matchAll(DIGITS)) {
    const digits = match[0].replaceAll(/[ -]/g, "");
    for (const number of told.cardNumbers) if (digits.includes(number)) tell("a card number", match.index);
  }
  return found;
}
