/** The page's language at hand for every component. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { fill, fillCount, formatCount, formatMoment, formatMoney, type Values } from "./language.ts";
import type { Preference } from "./locale.ts";
import type { AppMessages, Plural } from "./messages/messages.ts";

export interface Language {
  readonly texts: AppMessages;
  readonly say: (text: string, values: Values) => string;
  readonly sayCount: (forms: Plural, count: number) => string;
  readonly count: (count: number) => string;
  readonly money: (amount: string, currency: string) => string;
  readonly moment: (iso: string) => string;
}

export function languageOf(preference: Preference, texts: AppMessages): Language {
  return {
    texts,
    say: (text, values) => fill(text, values, preference.locale),
    sayCount: (forms, count) => fillCount(forms, count, preference),
    count: (count) => formatCount(count, preference),
    money: (amount, currency) => formatMoney(amount, currency, preference),
    moment: (iso) => formatMoment(iso, preference),
  };
}

export const LanguageContext = createContext<Language | null>(null);

/** @throws outside of the provider that main.tsx sets up */
export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (language === null) throw new Error("no language");
  return language;
}
