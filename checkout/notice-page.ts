/** The pages for customers whose request could not be served just now. They need no script, and hold nothing of anybody. */
import type { CheckoutAssets } from "./assets.ts";
import { htmlDocument } from "./document.ts";
import type { Locale } from "./src/locale.ts";
import { MESSAGES } from "./src/messages/index.ts";
import { notice } from "./static-page.ts";

/** `busy`: everybody is; `heldUp`: the customer's own network is; `broken`: something failed on our side. */
export type NoticeKind = "busy" | "heldUp" | "broken";

interface NoticeInput {
  readonly kind: NoticeKind;
  readonly locale: Locale;
  /** When the page loads itself again; null: not by itself. */
  readonly reloadSeconds: number | null;
  readonly assets: CheckoutAssets;
}

/** The whole document. */
export function renderNotice({ kind, locale, reloadSeconds, assets }: NoticeInput): string {
  const texts = MESSAGES[locale].notices[kind];
  const head = reloadSeconds === null ? "" : `<meta http-equiv="refresh" content="${reloadSeconds}">`;
  const body = notice({ locale, formats: locale }, { ...texts, kind: kind === "broken" ? "bad" : "neutral" });
  return htmlDocument({ locale, title: texts.title, assets, script: false, head, body });
}
