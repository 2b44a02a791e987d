/**
 * The sandbox's 3-D Secure page, where a test plays the customer's bank: two buttons, which need no script. The script
 * only notices that the challenge is over (src/challenge.ts); without it, the page asks anew when its time is up.
 */
import type { CheckoutAssets } from "./assets.ts";
import { escapeHtml, htmlDocument } from "./document.ts";
import { CHALLENGE_ID } from "./src/challenge.ts";
import { fill, formatMoney } from "./src/language.ts";
import type { Locale, Preference } from "./src/locale.ts";
import { MESSAGES } from "./src/messages/index.ts";
import { page } from "./static-page.ts";

export interface ChallengeInput extends Preference {
  /** Where the form is posted, with `result` being `complete` or `fail`. */
  readonly action: string;
  /** Where the script asks whether the challenge is still open. */
  readonly state: string;
  /** The checkout page, as the customer comes back to it. */
  readonly back: string;
  /** When the challenge's time is up; null where that is not known. */
  readonly secondsLeft: number | null;
  readonly merchant: string;
  /** Decimal string with the currency's digits. */
  readonly amount: string;
  readonly currency: string;
  readonly last4: string;
  readonly assets: CheckoutAssets;
}

/** The page of an open challenge. */
export function renderChallengePage(input: ChallengeInput): string {
  const { locale, assets } = input;
  const messages = MESSAGES[locale];
  const texts = messages.challenge;
  const body = page(
    `<p><span class="badge">${escapeHtml(texts.badge)}</span></p>
<h1 class="title">${escapeHtml(texts.title)}</h1>
<p class="lead">${escapeHtml(texts.text)}</p>
<dl class="receipt">
${row(texts.merchant, `<bdi>${escapeHtml(input.merchant)}</bdi>`)}
${row(texts.amount, escapeHtml(formatMoney(input.amount, input.currency, input)))}
${row(texts.card, escapeHtml(fill(texts.cardEnding, { last4: input.last4 }, locale)))}
</dl>
<form class="challenge-form" method="post" action="${escapeHtml(input.action)}" id="${CHALLENGE_ID}" data-state="${escapeHtml(input.state)}" data-back="${escapeHtml(input.back)}" aria-labelledby="question">
<p class="challenge-question" id="question">${escapeHtml(texts.question)}</p>
<button class="button" type="submit" name="result" value="complete">${escapeHtml(texts.complete)}</button>
<button class="button outline-button" type="submit" name="result" value="fail">${escapeHtml(texts.fail)}</button>
</form>`,
    input,
  );
  const head =
    input.secondsLeft === null
      ? ""
      : `<noscript><meta http-equiv="refresh" content="${Math.max(SOON_SECONDS, input.secondsLeft)}"></noscript>`;
  return htmlDocument({ locale, title: texts.title, assets, script: true, head, body });
}

/** Whose time should be up, but is not yet, is asked again after this. */
const SOON_SECONDS = 5;

export interface ChallengeOverInput {
  readonly locale: Locale;
  readonly assets: CheckoutAssets;
}

/** The page of a challenge that nobody knows. From one that is over, customers are led back to the checkout page. */
export function renderChallengeOver({ locale, assets }: ChallengeOverInput): string {
  const messages = MESSAGES[locale];
  const { over } = messages.challenge;
  const body = page(
    `<p><span class="badge">${escapeHtml(messages.challenge.badge)}</span></p>
<h1 class="title">${escapeHtml(over.title)}</h1>
<p class="lead">${escapeHtml(over.text)}</p>`,
    { locale },
  );
  return htmlDocument({ locale, title: over.title, assets, script: false, body });
}

/** `value` is HTML. */
function row(label: string, value: string): string {
  return `<div class="receipt-row"><dt>${escapeHtml(label)}</dt><dd>${value}</dd></div>`;
}
