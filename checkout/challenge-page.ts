/**
 * The sandbox's 3-D Secure page, where a test plays the customer's bank: two buttons, no script.
 */
import type { CheckoutAssets } from "./assets.ts";
import { escapeHtml, htmlDocument } from "./document.ts";
import { fill, formatMoney } from "./src/language.ts";
import type { Locale } from "./src/locale.ts";
import { MESSAGES } from "./src/messages/index.ts";
import type { Messages } from "./src/messages/messages.ts";

export interface ChallengeInput {
  /** Where the form is posted, with `result` being `complete` or `fail`. */
  readonly action: string;
  readonly merchant: string;
  /** Decimal string with the currency's digits. */
  readonly amount: string;
  readonly currency: string;
  readonly last4: string;
  readonly locale: Locale;
  readonly assets: CheckoutAssets;
}

/** The page of an open challenge. */
export function renderChallengePage(input: ChallengeInput): string {
  const { locale, assets } = input;
  const messages = MESSAGES[locale];
  const texts = messages.challenge;
  const body = sheet(
    messages,
    locale,
    `<p><span class="badge">${escapeHtml(texts.badge)}</span></p>
<h1 class="title">${escapeHtml(texts.title)}</h1>
<p class="lead">${escapeHtml(texts.text)}</p>
<dl class="receipt">
${row(texts.merchant, `<bdi>${escapeHtml(input.merchant)}</bdi>`)}
${row(texts.amount, escapeHtml(formatMoney(input.amount, input.currency, locale)))}
${row(texts.card, escapeHtml(fill(texts.cardEnding, { last4: input.last4 }, locale)))}
</dl>
<form class="challenge-form" method="post" action="${escapeHtml(input.action)}" aria-labelledby="question">
<p class="challenge-question" id="question">${escapeHtml(texts.question)}</p>
<button class="button" type="submit" name="result" value="complete">${escapeHtml(texts.complete)}</button>
<button class="button outline-button" type="submit" name="result" value="fail">${escapeHtml(texts.fail)}</button>
</form>`,
  );
  return htmlDocument({ locale, title: texts.title, assets, script: false, body });
}

export interface ChallengeOverInput {
  /** The checkout page that the challenge belongs to; null where that is not known. */
  readonly back: string | null;
  readonly locale: Locale;
  readonly assets: CheckoutAssets;
}

/** The page of a challenge that was answered before, or timed out. */
export function renderChallengeOver({ back, locale, assets }: ChallengeOverInput): string {
  const messages = MESSAGES[locale];
  const { over } = messages.challenge;
  const link =
    back === null ? "" : `\n<a class="button" href="${escapeHtml(back)}">${escapeHtml(over.back)}</a>`;
  const body = sheet(
    messages,
    locale,
    `<p><span class="badge">${escapeHtml(messages.challenge.badge)}</span></p>
<h1 class="title">${escapeHtml(over.title)}</h1>
<p class="lead">${escapeHtml(over.text)}</p>${link}`,
  );
  return htmlDocument({ locale, title: over.title, assets, script: false, body });
}

function sheet(messages: Messages, locale: Locale, content: string): string {
  const foot = fill(messages.app.poweredBy, { name: "Mintro" }, locale);
  return `<div class="page">
<main class="sheet">
${content}
</main>
<footer class="foot">${escapeHtml(foot)}</footer>
</div>`;
}

/** `value` is HTML. */
function row(label: string, value: string): string {
  return `<div class="receipt-row"><dt>${escapeHtml(label)}</dt><dd>${value}</dd></div>`;
}
