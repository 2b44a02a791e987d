/**
 * Searches everything that a platform leaves behind for the card numbers and codes that the browser tests type: every
 * column of every table, what was logged, what merchants were told (contract section 3: never stored nor logged).
 */
import pg from "pg";
import { CARDS } from "../support/platform.ts";

/** Codes that stand nowhere by accident; the tests type no others. */
export const CODE = "927";
export const AMEX_CODE = "9274";
/** Passes Luhn's check, and is no test card. */
export const UNLISTED = "4111111111111111";

const NUMBERS: readonly string[] = [...Object.values(CARDS), UNLISTED];

/** Where they were found: `public.charges.card_last4: …`, `logged: …`. Empty is what it must be. */
export async function findCardData(
  databaseUrl: string,
  texts: Readonly<Record<string, readonly string[]>>,
): Promise<readonly string[]> {
  const found = Object.entries(texts).flatMap(([where, lines]) =>
    lines.filter(betrays).map((line) => `${where}: ${line}`),
  );
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'`,
    );
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: unknown }>(`select to_jsonb(t) as row from ${name} t`);
      for (const { row } of rows) found.push(...walk(row, name));
    }
  } finally {
    await client.end();
  }
  return found;
}

function* walk(value: unknown, path: string): Generator<string> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* walk(inner, `${path}.${key}`);
    return;
  }
  // A moment's fraction may be any digits.
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.+]+$/.test(value)) return;
  const text = String(value);
  const bytes = /^\\x(?:[0-9a-f]{2})*$/.test(text)
    ? Buffer.from(text.slice(2), "hex").toString("latin1")
    : "";
  const isFound = typeof value === "string" ? betrays(text) || betrays(bytes) : hasNumber(text);
  if (isFound) yield `${path}: ${text}`;
}

/** A code counts where it stands by itself: any three digits may be inside an id. */
function betrays(text: string): boolean {
  return hasNumber(text) || new RegExp(`(?<![\\w.:-])(?:${CODE}|${AMEX_CODE})(?![\\w.:-])`).test(text);
}

function hasNumber(text: string): boolean {
  const joined = text.replaceAll(/[\s-]/g, "");
  return NUMBERS.some((number) => joined.includes(number));
}
