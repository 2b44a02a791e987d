/**
 * What the server tells the checkout page, and what the page sends back. Types only: the page must stay small.
 *
 * The page is `GET /pay/{token}`; its first view stands in the HTML. Afterwards:
 *   GET  /pay/{token}/state    → CheckoutView                 (polled, to follow an outcome or a cancel by the API)
 *   POST /pay/{token}/pay      PayInput → PayAnswer           (one attempt; never two charges, however often sent)
 *   POST /pay/{token}/fields   → FieldsAnswer                 (what the processor's own fields need, for this visit)
 */
export type CheckoutStatus =
  | "requires_payment"
  | "processing"
  | "requires_action"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "expired";

/** Why an attempt failed, in words that the page translates. */
export type DeclineReason =
  | "generic_decline"
  | "insufficient_funds"
  | "lost_card"
  | "stolen_card"
  | "expired_card"
  | "incorrect_cvc"
  | "processing_error"
  | "authentication_required"
  | "authentication_failed"
  | "authentication_abandoned";

export interface CheckoutView {
  readonly status: CheckoutStatus;
  readonly intent_id: string;
  readonly reference_id: string;
  readonly integration_type: "iframe" | "url";
  readonly merchant: string;
  readonly test_mode: boolean;
  /** Decimal strings with the currency's digits; `currency` is the ISO 4217 code. */
  readonly amount: string;
  readonly tax: string;
  readonly discount: string;
  readonly currency: string;
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly price: string }[];
  /** Null for a one-time payment; else the days between charges. */
  readonly interval_days: number | null;
  readonly customer: { readonly name: string; readonly email: string };
  /** The merchant's URLs with intent_id, reference_id and status added; null for the iframe integration. */
  readonly success_url: string | null;
  readonly cancel_url: string | null;
  /** Origins to post events to: `["*"]`, or one post for each listed. Empty for the url integration. */
  readonly post_to: readonly string[];
  /** Where the customer proves who they are, while status is requires_action. */
  readonly challenge_url: string | null;
  /** The newest failed attempt, if the newest attempt failed; `charge_id` tells one failure from the next. */
  readonly last_failure: { readonly charge_id: number; readonly reason: DeclineReason } | null;
  /** The card or the wallet of the newest attempt, for the paid page. */
  readonly card: { readonly brand: string; readonly last4: string } | null;
  readonly wallet: string | null;
  /** Where a card is typed: into the page's own form, or into the processor's fields, which the page asks to be set up. */
  readonly collection: "our_form" | "own_fields";
  /** When it was paid, ISO 8601; null while it is not. */
  readonly paid_at: string | null;
  /** When the intent expires, ISO 8601. */
  readonly expires_at: string;
}

export interface CardInput {
  readonly name: string;
  /** Digits, spaces allowed. */
  readonly number: string;
  /** `MM/YY` or `MM/YYYY`. */
  readonly expiry: string;
  readonly cvc: string;
}

/** A card that was typed into the page's form, or what the processor's own fields gave for one. */
export type PayInput = CardInput | { readonly token: string };

/** The address of the module that shows the processor's own fields, and its public settings. */
export interface FieldsAnswer {
  readonly module: string;
  readonly settings: Readonly<Record<string, string>>;
}

export type CardField = keyof CardInput;

/** Per field, the key of the text that the page shows. */
export type CardErrors = Partial<Record<CardField, "required" | "invalid" | "expired" | "not_a_test_card">>;

/** 200 with `view`: the attempt was taken (look at the status) or another one is under way; 422 with `errors`: no charge was made. */
export type PayAnswer =
  | { readonly success: true; readonly data: CheckoutView }
  | { readonly success: false; readonly errors: CardErrors };
