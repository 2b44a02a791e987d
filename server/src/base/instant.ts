import type { Brand } from "./brand.ts";

/** A moment in UTC: microseconds since 1970, as PostgreSQL's timestamptz keeps them. */
export type Instant = Brand<bigint, "Instant">;

export const MICROS_PER_MS = 1_000n;
export const MICROS_PER_SECOND = 1_000_000n;
export const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;

export function instantFromMs(ms: number): Instant {
  return (BigInt(Math.floor(ms)) * MICROS_PER_MS) as Instant;
}

export function instantFromMicros(micros: bigint): Instant {
  return micros as Instant;
}

export function plusMicros(instant: Instant, micros: bigint): Instant {
  return (instant + micros) as Instant;
}

export function plusMs(instant: Instant, ms: number): Instant {
  return (instant + BigInt(Math.round(ms)) * MICROS_PER_MS) as Instant;
}

export function plusDays(instant: Instant, days: number): Instant {
  return (instant + BigInt(days) * MICROS_PER_DAY) as Instant;
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** `2024-12-31T23:59:59.000000Z`: UTC, ISO 8601, six decimals (contract section 2). */
export function formatInstant(instant: Instant): string {
  const ms = instant / MICROS_PER_MS;
  const micros = instant - ms * MICROS_PER_MS;
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${micros.toString().padStart(3, "0")}Z`;
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}(?::?\d{2})?)$/i;

/** The years that four digits can write; beyond them `formatInstant` gives what PostgreSQL does not read. */
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59Z");

/** Reads ISO 8601 with a zone (`Z`, `+02:00`, `+00`) and up to six decimals, years 1 to 9999; undefined for anything else. */
export function parseInstant(text: string): Instant | undefined {
  const parts = ISO.exec(text);
  if (!parts) return undefined;
  const [, date, time, fraction = "", zone = "Z"] = parts;
  const offset = zone.length === 3 ? `${zone}:00` : zone.toUpperCase();
  const ms = Date.parse(`${date}T${time}${offset}`);
  if (!(ms >= FIRST_MS && ms <= LAST_MS)) return undefined;
  return (BigInt(ms) * MICROS_PER_MS + BigInt(fraction.padEnd(6, "0"))) as Instant;
}
