/**
 * Moments as they cross the wire: UTC, ISO 8601, six decimals (contract section 2). Here they are microseconds since 1970;
 * the server's own type for them is in server/src/base/instant.ts.
 */
const MICROS_PER_MS = 1_000n;

/** `2024-12-31T23:59:59.000000Z` */
export function writeInstant(micros: bigint): string {
  const rest = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS; // never negative, also before 1970
  const ms = (micros - rest) / MICROS_PER_MS;
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${rest.toString().padStart(3, "0")}Z`;
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}(?::?\d{2})?)$/i;

/** The years that four digits can write; beyond them `writeInstant` gives what PostgreSQL does not read. */
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59Z");

/**
 * Reads ISO 8601 with a zone (`Z`, `+02:00`, `+00`) and up to six decimals, years 1 to 9999; undefined for anything else,
 * a day that its month does not have among it.
 */
export function readInstant(text: string): bigint | undefined {
  const parts = ISO.exec(text);
  if (!parts) return undefined;
  const [, date, time, fraction = "", zone = "Z"] = parts;
  const offset = zone.length === 3 ? `${zone}:00` : zone.toUpperCase();
  const ms = Date.parse(`${date}T${time}${offset}`);
  if (!(ms >= FIRST_MS && ms <= LAST_MS) || !isDay(date)) return undefined;
  return BigInt(ms) * MICROS_PER_MS + BigInt(fraction.padEnd(6, "0"));
}

/** `Date.parse` takes February 30th for March 2nd. Of `YYYY-MM-DD`. */
function isDay(date = ""): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}
