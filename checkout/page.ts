/**
 * The document of `/pay/{token}`. The view and the texts of the one language travel in it, as JSON in an attribute: so
 * the page is there after one round trip, and the script is the same for everybody.
 */
import type { CheckoutView } from "@mintro/contract/checkout";
import type { CheckoutAssets } from "./assets.ts";
import { attributeOf, htmlDocument } from "./document.ts";
import { type Boot, ROOT_ID } from "./src/boot.ts";
import { fill } from "./src/language.ts";
import type { Preference } from "./src/locale.ts";
import { MESSAGES } from "./src/messages/index.ts";
import { staticCheckout } from "./static-page.ts";

export { type NoticeKind, renderNotice } from "./notice-page.ts";
export { chooseLocale, choosePreference, LOCALES, type Locale, type Preference } from "./src/locale.ts";

export interface PageInput extends Preference {
  /** Null for a token that nobody knows: its own page, to be answered with 404. */
  readonly view: CheckoutView | null;
  readonly assets: CheckoutAssets;
}

/** The whole document. What merchants and customers wrote (names, items) is escaped. */
export function renderPage({ view, locale, formats, assets }: PageInput): string {
  const messages = MESSAGES[locale];
  const boot: Boot = { locale, formats, texts: messages.app, view };
  const title =
    view === null
      ? messages.app.unknown.title
      : fill(messages.app.heading, { merchant: view.merchant }, locale);
  const content = staticCheckout({ view, locale, formats });
  const body = `<div id="${ROOT_ID}" aria-busy="true" data-page=${attributeOf(JSON.stringify(boot))}>${content}</div>`;
  return htmlDocument({ locale, title, assets, script: true, body });
}
