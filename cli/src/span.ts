/** Spans of time and moments as they are typed: `30d`, `12h`, `1d12h`; `2030-01-01`, `2030-01-01T00:00:00Z`. */
import { InvalidArgumentError } from "commander";

const SECONDS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;

/** Whole seconds. Throws `InvalidArgumentError` for anything else. */
export function readSpan(text: string): number {
  const isSpan = /^(?:\d{1,9}[wdhms])+$/.test(text);
  if (!isSpan) throw new InvalidArgumentError("Write a span of time such as 30d, 12h, 45m, 10s or 1d12h.");
  const parts = [...text.matchAll(/(\d+)([wdhms])/g)];
  return parts.reduce((sum, [, number, unit]) => {
    const seconds = Object.entries(SECONDS).find(([name]) => name === unit)?.[1] ?? 0;
    return sum + Number(number) * seconds;
  }, 0);
}

/** ISO 8601 in UTC. A date alone is its first moment in UTC; a time needs its zone. */
export function readMoment(text: string): string {
  const isMoment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = isMoment ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError(
      "Write a moment such as 2030-01-01 or 2030-01-01T12:00:00Z, with its zone.",
    );
  // The six decimals that Mintro writes are kept: they decide whether an event is before the moment or not.
  return text.endsWith("Z") ? text : new Date(at).toISOString();
}

/** A moment, or how long ago it was: `{ ago }` in seconds. */
export function readSince(text: string): { readonly at: string } | { readonly ago: number } {
  return /^\d{4}-/.test(text) ? { at: readMoment(text) } : { ago: readSpan(text) };
}

/** `30 days`, `12 hours`, `1 day 12 hours`. */
export function showSpan(seconds: number): string {
  const units = [
    ["day", SECONDS.d],
    ["hour", SECONDS.h],
    ["minute", SECONDS.m],
    ["second", SECONDS.s],
  ] as const;
  let left = Math.round(seconds);
  const parts = units.flatMap(([name, size]) => {
    const number = Math.floor(left / size);
    left -= number * size;
    return number > 0 ? [`${number} ${name}${number === 1 ? "" : "s"}`] : [];
  });
  return parts.join(" ") || "0 seconds";
}

/** The text form that Mintro writes, six decimals, so that moments compare as texts do. */
export function sixDecimals(iso: string): string {
  const [, whole = iso, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return `${whole.length === 16 ? `${whole}:00` : whole}.${fraction.padEnd(6, "0")}Z`;
}
