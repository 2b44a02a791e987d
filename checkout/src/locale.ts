/**
 * The languages that the page speaks, and how one is chosen for a browser. Free of the DOM: the server uses it too.
 */
export const LOCALES = ["en", "es", "fr", "de", "pt", "ar", "ja"] as const;

export type Locale = (typeof LOCALES)[number];

/** What a customer's browser asked for. */
export interface Preference {
  /** The language of the texts. */
  readonly locale: Locale;
  /** The same language with the browser's region where it names one, such as `es-MX`: how numbers and dates are written. */
  readonly formats: string;
}

const DEFAULT_LOCALE: Locale = "en";

/** Which way the language is written, for the `dir` of the document. */
export function directionOf(locale: Locale): "ltr" | "rtl" {
  return locale === "ar" ? "rtl" : "ltr";
}

/** A header longer than this, or with more ranges, is nobody's browser: what is beyond is not read. */
const MAX_HEADER_CHARS = 1_000;
const MAX_RANGES = 50;

/**
 * The language of the page for an `Accept-Language` header: the wanted one of the highest weight that we speak, by its
 * primary subtag (`pt-BR` is `pt`), the first named among equals; English where there is none (RFC 9110, 12.5.4).
 */
export function choosePreference(acceptLanguage: string | undefined): Preference {
  let chosen: Preference = { locale: DEFAULT_LOCALE, formats: DEFAULT_LOCALE };
  let weight = 0;
  const ranges = (acceptLanguage ?? "").slice(0, MAX_HEADER_CHARS).split(",", MAX_RANGES);
  for (const range of ranges) {
    const [tag = "", ...parameters] = range.split(";");
    const locale = localeOfTag(tag.trim());
    const wanted = weightOf(parameters);
    if (locale !== undefined && wanted > weight) {
      chosen = { locale, formats: formatsOf(tag.trim(), locale) };
      weight = wanted;
    }
  }
  return chosen;
}

/** The texts' language alone. */
export function chooseLocale(acceptLanguage: string | undefined): Locale {
  return choosePreference(acceptLanguage).locale;
}

/** A tag may ask for more than its region, such as another calendar, and anybody may send anything. */
function formatsOf(tag: string, locale: Locale): string {
  const parts = /^[a-z]{2}(?:-[a-z]{4})?-(?<region>[a-z]{2}|\d{3})(?:-|$)/i.exec(tag);
  const region = parts?.groups?.["region"];
  return region === undefined ? locale : `${locale}-${region.toUpperCase()}`;
}

function localeOfTag(tag: string): Locale | undefined {
  if (tag === "*") return DEFAULT_LOCALE;
  const primary = tag.split("-", 1)[0]?.toLowerCase();
  return LOCALES.find((locale) => locale === primary);
}

/** 1 where no weight is given; 0, which is "not wanted", for one that is not a number from 0 to 1. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() !== "q") continue;
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value.trim()) ? Number(value) : 0;
  }
  return 1;
}
