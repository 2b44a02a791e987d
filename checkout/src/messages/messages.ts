/**
 * Every text of the checkout page and of the sandbox's challenge. A language that lacks one does not compile.
 * `{name}` stands for a value; which values a text gets is what the English one names (messages.test.ts compares).
 */
import type { CardField, DeclineReason } from "@mintro/contract/checkout";

/** One form per plural category of the language; `other` serves the categories that are not given. */
export type Plural = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

/** A page of its own: its heading and what it says. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

/** The texts that travel with the page, for the script. */
export interface AppMessages {
  readonly heading: string;
  readonly testMode: string;
  /** What to pay with in test mode: one line on a phone, where the text allows it. */
  readonly testHint: string;
  readonly noRealMoney: string;
  readonly summary: string;
  readonly moreItems: Plural;
  readonly fewerItems: string;
  readonly tax: string;
  readonly discount: string;
  readonly total: string;
  /** How often a recurring payment is charged, to stand inside other sentences. */
  readonly every: Plural;
  readonly renews: string;
  readonly consent: string;
  /** The same where nobody knows yet whether it will be a card. */
  readonly consentAnyMethod: string;
  readonly email: string;
  readonly cardDetails: string;
  /** Above the processor's own fields, which may be about something else than a card. */
  readonly paymentDetails: string;
  readonly loadingFields: string;
  /** The processor's own fields refused what was entered, and only show why themselves. */
  readonly fieldsWrong: string;
  readonly fields: Readonly<Record<CardField, string>>;
  readonly expiryHint: string;
  readonly codeOnBack: string;
  readonly codeOnFront: string;
  readonly pay: string;
  readonly paying: string;
  readonly cancel: string;
  /** Asks the server how the payment stands; it must not sound like paying again. */
  readonly checkNow: string;
  readonly privacy: string;
  readonly poweredBy: string;
  readonly errors: CardErrorMessages;
  readonly declines: Readonly<Record<DeclineReason, string>>;
  readonly connection: {
    /** The answer to a payment did not arrive: what became of it is being asked. */
    readonly unconfirmed: string;
    /** It was asked, and no attempt had been made. */
    readonly notCharged: string;
    /** Following the payment failed; it goes on. */
    readonly lost: string;
  };
  /** The server made no attempt: too many were made from the customer's network, or too many people are paying. */
  readonly notTried: { readonly too_many: string; readonly busy: string };
  readonly processing: Notice & { readonly closing: string };
  readonly action: Notice & { readonly link: string };
  readonly paid: {
    readonly title: string;
    readonly merchant: string;
    readonly card: string;
    readonly cardEnding: string;
    /** The label before a wallet's name. */
    readonly wallet: string;
    readonly reference: string;
    readonly on: string;
    /** In a frame, where there is no way on. */
    readonly closing: string;
    readonly returning: string;
  };
  /** The link back to the merchant, on every page that ends the visit. */
  readonly back: string;
  readonly cancelled: Notice;
  readonly canceledHere: Notice & { readonly resume: string };
  readonly expired: Notice;
  readonly failed: Notice;
  readonly unknown: Notice;
  /** What the events posted to the merchant's page say where no other text fits. */
  readonly events: { readonly started: string; readonly success: string; readonly canceled: string };
}

/** What each field can complain about; a reason without a text of its own is told as `invalid`. */
export interface CardErrorMessages {
  readonly name: { readonly required: string; readonly invalid: string };
  readonly number: { readonly required: string; readonly invalid: string; readonly not_a_test_card: string };
  readonly expiry: { readonly required: string; readonly invalid: string; readonly expired: string };
  readonly cvc: { readonly required: string; readonly invalid: string };
}

export interface Messages {
  readonly app: AppMessages;
  /** Pages of their own, where there is no checkout page just now. Those that are busy load themselves again. */
  readonly notices: { readonly busy: Notice; readonly heldUp: Notice; readonly broken: Notice };
  /** What the document says before, or without, the script. */
  readonly document: { readonly title: string; readonly noscript: string };
  /** The sandbox's 3-D Secure page. */
  readonly challenge: {
    readonly title: string;
    readonly badge: string;
    readonly text: string;
    readonly merchant: string;
    readonly amount: string;
    readonly card: string;
    readonly cardEnding: string;
    readonly question: string;
    readonly complete: string;
    readonly fail: string;
    readonly over: Notice;
  };
}
