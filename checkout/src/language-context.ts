/** The page's language at hand for every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { fill, fillCount, formatCount, formatMoney, type Values } from "./language.ts";
import type { Locale } from "./locale.ts";
import type { AppMessages, Plural } from "./messages/messages.ts";

export interface Language {
  readonly texts: AppMessages;
  readonly say: (text: string, values: Values) => string;
  readonly sayCount: (forms: Plural, count: number) => string;
  readonly count: (count: number) => string;
  readonly money: (amount: string, currency: string) => string;
}

export function languageOf(locale: Locale, texts: AppMessages): Language {
  return {
    texts,
    say: (text, values) => fill(text, values, locale),
    sayCount: (forms, count) => fillCount(forms, count, locale),
    count: (count) => formatCount(count, locale),
    money: (amount, currency) => formatMoney(amount, currency, locale),
  };
}

export const LanguageContext = createContext<Language | null>(null);

/** @throws outside of the provider that main.tsx sets up */
export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (language === null) throw new Error("no language");
  return language;
}
