/**
 * The expiry as `MM / YY` or `MM / YYYY`, whatever way it is typed, pasted or filled in.
 */
import { westernDigits } from "./digits.ts";

/** Shapes what stands in the field. A month without its zero gets it, once it is clear that no second digit follows. */
export function shapeExpiry(text: string, erased: boolean): string {
  const plain = westernDigits(text).trim();
  // HTML's own way to write a month, which some password managers fill in.
  const iso = /^(20\d\d)-(\d{1,2})$/.exec(plain);
  if (iso) return join(iso[2]?.padStart(2, "0") ?? "", iso[1]?.slice(2) ?? "");
  const halfMonth = /^(\d?)\s*\/\s*(\d+)$/.exec(plain);
  // While the month is being corrected, the year keeps its place.
  if (erased && halfMonth) return `${halfMonth[1] ?? ""} / ${halfMonth[2] ?? ""}`;
  const lone = /^\d\s*[/.\-\s]/.test(plain) ? `0${plain}` : plain;
  const typed = lone.replace(/\D/g, "");
  const digits = /^[2-9]/.test(typed) && !erased ? `0${typed}` : typed;
  // Four digits of year only where they can be one: `12 / 2030`, but `12 / 34` is full.
  const limit = digits.slice(2, 4) === "20" ? 6 : 4;
  return join(digits.slice(0, 2), digits.slice(2, limit));
}

function join(month: string, year: string): string {
  return year === "" ? month : `${month} / ${year}`;
}

export interface MonthOfYear {
  readonly month: number;
  readonly year: number;
}

/** Reads a complete expiry; null for anything else, such as month 13 or a year of three digits. */
export function parseExpiry(text: string): MonthOfYear | null {
  const parts = /^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(text.trim());
  if (!parts) return null;
  const month = Number(parts[1]);
  const year = parts[2]?.length === 2 ? 2000 + Number(parts[2]) : Number(parts[2]);
  return month >= 1 && month <= 12 ? { month, year } : null;
}
