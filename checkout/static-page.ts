/**
 * What a page shows before its script has begun, or without one: the merchant and the amount of what can be paid, and all
 * that matters of what cannot. It looks as the script's screens do (src/screens), which take its place.
 */
import type { CheckoutView } from "@mintro/contract/checkout";
import { escapeHtml } from "./document.ts";
import { fill, formatMoney } from "./src/language.ts";
import type { Preference } from "./src/locale.ts";
import { MESSAGES } from "./src/messages/index.ts";
import type { AppMessages, Messages } from "./src/messages/messages.ts";
import { type EmblemKind, STROKES } from "./src/strokes.ts";

interface StaticPage extends Preference {
  readonly view: CheckoutView | null;
}

/** HTML for the root of the checkout page. */
export function staticCheckout({ view, ...language }: StaticPage): string {
  const messages = MESSAGES[language.locale];
  const { app } = messages;
  if (view === null) return notice(language, { ...app.unknown, kind: "neutral" });
  const of = (text: string) => fill(text, { merchant: view.merchant }, language.locale);
  const back = { label: of(app.back), cancelled: view.cancel_url, paid: view.success_url };
  const over = { head: merchantLine(view, app) };
  switch (view.status) {
    case "requires_payment":
      return payable(view, messages, language);
    case "processing":
      return notice(language, { ...over, ...app.processing, kind: "neutral" });
    case "requires_action":
      return notice(language, {
        ...over,
        ...app.action,
        kind: "neutral",
        link: view.challenge_url && { label: app.action.link, url: view.challenge_url },
      });
    case "succeeded":
      return notice(language, {
        ...over,
        title: app.paid.title,
        amount: amountOf(view, language),
        kind: "good",
        link: back.paid && { label: back.label, url: back.paid },
      });
    case "cancelled":
    case "expired":
    case "failed": {
      const { title, text } = app[view.status];
      return notice(language, {
        ...over,
        title,
        text: of(text),
        kind: view.status === "failed" ? "bad" : "neutral",
        link: back.cancelled && { label: back.label, url: back.cancelled },
      });
    }
  }
}

function payable(view: CheckoutView, { app, document }: Messages, language: Preference): string {
  const heading = fill(app.heading, { merchant: view.merchant }, language.locale);
  return page(
    `<section class="summary">
<div class="merchant">${monogram(view)}<h1 class="merchant-name">${escapeHtml(heading)}</h1>${badge(view, app)}</div>
<p class="amount"><bdi>${escapeHtml(amountOf(view, language))}</bdi></p>
</section>
<div class="form">
<p class="quiet loading">${escapeHtml(app.loadingFields)}</p>
<noscript><p class="noscript">${escapeHtml(document.noscript)}</p></noscript>
</div>`,
    language,
    "sheet sheet-wide",
  );
}

interface NoticeParts {
  /** HTML above the emblem. */
  readonly head?: string;
  readonly kind: EmblemKind;
  readonly title: string;
  readonly amount?: string;
  readonly text?: string;
  readonly link?: { readonly label: string; readonly url: string } | "" | null;
}

/** A page that says one thing. All texts are plain. */
export function notice(language: Preference, { head, kind, title, amount, text, link }: NoticeParts): string {
  const parts = [
    head,
    `<div class="emblem emblem-${kind}"><svg class="emblem-icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${STROKES[kind]}"/></svg></div>`,
    `<h1 class="title">${escapeHtml(title)}</h1>`,
    amount && `<p class="result-amount"><bdi>${escapeHtml(amount)}</bdi></p>`,
    text && `<p class="lead">${escapeHtml(text)}</p>`,
    link && `<a class="button" href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a>`,
  ];
  return page(parts.filter((part) => part).join("\n"), language);
}

/** `content` is HTML. */
export function page(content: string, { locale }: Pick<Preference, "locale">, sheet = "sheet"): string {
  const foot = fill(MESSAGES[locale].app.poweredBy, { name: "Mintro" }, locale);
  return `<div class="page">
<main class="${sheet}">
${content}
</main>
<footer class="foot">${escapeHtml(foot)}</footer>
</div>`;
}

function amountOf(view: CheckoutView, language: Preference): string {
  return formatMoney(view.amount, view.currency, language);
}

function merchantLine(view: CheckoutView, app: AppMessages): string {
  const name = `<span class="merchant-name">${escapeHtml(view.merchant)}</span>`;
  return `<div class="merchant">${monogram(view)}${name}${badge(view, app)}</div>`;
}

function monogram({ merchant }: CheckoutView): string {
  const [initial = "·"] = Array.from(merchant.trim());
  return `<span class="monogram" aria-hidden="true">${escapeHtml(initial.toUpperCase())}</span>`;
}

function badge(view: CheckoutView, app: AppMessages): string {
  return view.test_mode ? `<span class="badge">${escapeHtml(app.testMode)}</span>` : "";
}
