import { readInstant, writeInstant } from "@mintro/contract/instant";
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
  return writeInstant(instant);
}

/** Reads ISO 8601 with a zone (`Z`, `+02:00`, `+00`) and up to six decimals, years 1 to 9999; undefined for anything else. */
export function parseInstant(text: string): Instant | undefined {
  return readInstant(text) as Instant | undefined;
}
