/**
 * How a text gets its values: names, counts and money in the manner of the page's language. Free of the DOM.
 */
import { directionOf, type Locale, type Preference } from "./locale.ts";
import type { Plural } from "./messages/messages.ts";

export type Values = Readonly<Record<string, string>>;

/** The sandbox's best known card, as texts show it: held together by no-break spaces. */
export const TEST_CARD = "4242\u00a04242\u00a04242\u00a04242";

/** Puts values in the place of `{name}`; a name without a value stays as it stands. */
export function fill(text: string, values: Values, locale: Locale): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : isolate(value, locale);
  });
}

/**
 * A Latin name or a number inside an Arabic sentence must not reorder what stands around it (Unicode bidirectional
 * algorithm, isolates). Left-to-right texts stay free of invisible characters.
 */
function isolate(value: string, locale: Locale): string {
  return directionOf(locale) === "rtl" ? `\u2068${value}\u2069` : value;
}

/** The form of a text for a count, with the count written in the language's digits. */
export function fillCount(forms: Plural, count: number, language: Preference): string {
  const { locale } = language;
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return fill(form, { count: formatCount(count, language) }, locale);
}

export function formatCount(count: number, { formats }: Preference): string {
  return new Intl.NumberFormat(formats).format(count);
}

/** Screen readers pass over a hyphen, but speak a minus. */
const MINUS = "\u2212";

type Decimal = `${number}`;

function isDecimal(text: string): text is Decimal {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}

/**
 * An amount as people write it. Formats the decimal string itself, so that no cent is lost to a float, and shows as
 * many decimals as the string has: the server sends the currency's (contract section 2).
 */
export function formatMoney(amount: string, currency: string, { locale, formats }: Preference): string {
  if (!isDecimal(amount)) return `${amount} ${currency}`;
  const digits = amount.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(formats, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (directionOf(locale) === "ltr") return format.format(amount).replace("-", MINUS);
  // The sign of a currency in Latin letters (`US$`) would be torn apart by what stands beside it.
  return format
    .formatToParts(amount)
    .map(({ type, value }) => (type === "currency" ? isolate(value, locale) : value.replace("-", MINUS)))
    .join("");
}

/** A moment as people write it, in the browser's time zone. A region's own calendar would leave open which one is meant. */
export function formatMoment(iso: string, { formats }: Preference): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  return new Intl.DateTimeFormat(formats, {
    dateStyle: "long",
    timeStyle: "short",
    calendar: "gregory",
  }).format(moment);
}

/** The same text on one line, wherever it stands. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** Whether an amount is nothing, so that a line about it can be left out. */
export function isZero(amount: string): boolean {
  return /^-?0+(?:\.0+)?$/.test(amount);
}
