/**
 * The port to whoever moves the money. It is shaped by what Stripe, Adyen and PayPal need rather than by the sandbox:
 *
 *   * The card is either typed into our form and tokenised at once (`saveCard`), or collected in the processor's own fields
 *     on our page (`collection: "own_fields"`: the page gets `browserSetup` and hands back a token).
 *   * An attempt carries our key as the processor's idempotency key: sent again, it is the same attempt.
 *   * An outcome may be a challenge or redirect. Coming back moves no money: `complete` does, after the platform has
 *     decided (compare-and-set) that the payment goes on. (Stripe: manual confirmation; Adyen: /payments/details; PayPal: capture.)
 *   * An outcome may be `pending`; then a look-up brings it, at its time or when a notification says that there is news.
 *   * `lookUp` by attempt key answers what became of an attempt whose answer was lost; `unknown_attempt` means it never arrived.
 *   * Every call may throw (no answer): the flows treat that as unknown, never as failed.
 *
 * No method may be called while a transaction is open; `registry.ts` guards it.
 */
import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import type { Result } from "../base/result.ts";
import type { SavedCard } from "../domain/charge.ts";
import type { AccountId, AttemptKey } from "../domain/ids.ts";
import type { Outcome } from "../domain/settlement.ts";

export type AttemptRequest = {
  readonly accountId: AccountId;
  readonly attemptKey: AttemptKey;
  /** Minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly token: string;
  /** True when no customer is present: a renewal on a saved card. */
  readonly offSession: boolean;
  /** Whether the card will be charged again without the customer (so that a processor can ask for a mandate). */
  readonly saveForLater: boolean;
  /** Where a challenge or redirect sends the customer back to; null off session. */
  readonly returnUrl: string | null;
  /** Shown on statements and challenges. */
  readonly description: string;
};

export type AttemptRef = {
  readonly accountId: AccountId;
  readonly attemptKey: AttemptKey;
  /** The processor's own reference, where an earlier answer gave one. */
  readonly processorRef: string | null;
};

export type AttemptAnswer = Outcome | { readonly kind: "pending"; readonly processorRef: string };
export type LookUpAnswer = AttemptAnswer | { readonly kind: "unknown_attempt" };

export type RefundRequest = AttemptRef & {
  readonly refundKey: string;
  readonly amount: bigint;
  readonly currency: string;
};
export type RefundAnswer =
  | { readonly kind: "succeeded"; readonly processorRef: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "pending"; readonly processorRef: string };

/**
 * A processor's own call to us, once its authenticity has been checked: there is news of this attempt, or of this refund. It
 * carries no outcome, since it may be old: what the news is, a look-up tells (docs/decisions/0017-notifications-are-hints.md).
 */
export type Notification = {
  readonly accountId: AccountId;
  readonly about:
    | { readonly kind: "attempt"; readonly attemptKey: AttemptKey }
    | { readonly kind: "refund"; readonly refundKey: string };
};

/** What the page needs to show the processor's own fields: where its script lives (for the policy) and its public settings. */
export type BrowserSetup = {
  readonly scriptOrigins: readonly string[];
  readonly frameOrigins: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
};

export interface Processor {
  readonly name: string;
  readonly modes: readonly ("test" | "live")[];
  readonly collection:
    | {
        readonly by: "our_form";
        /** Exchanges a card for a token. Moves no money; errors name the field that is wrong. */
        readonly saveCard: (accountId: AccountId, card: CardInput) => Promise<Result<SavedCard, CardErrors>>;
      }
    | {
        readonly by: "own_fields";
        readonly browserSetup: (accountId: AccountId) => Promise<BrowserSetup>;
        /** What may be shown of the card behind a token that the page brought. */
        readonly describe: (accountId: AccountId, token: string) => Promise<Result<SavedCard, CardErrors>>;
      };
  /** Sends an attempt, or the same one again. */
  readonly charge: (request: AttemptRequest) => Promise<AttemptAnswer>;
  /** Goes on with an attempt after its challenge: only now may the money move. */
  readonly complete: (attempt: AttemptRef) => Promise<AttemptAnswer>;
  /** What became of an attempt. */
  readonly lookUp: (attempt: AttemptRef) => Promise<LookUpAnswer>;
  /** Gives up an attempt whose challenge is open; best effort, since without `complete` no money moves. */
  readonly abandon: (attempt: AttemptRef) => Promise<void>;
  readonly refund: (request: RefundRequest) => Promise<RefundAnswer>;
  readonly lookUpRefund: (
    request: RefundRequest,
  ) => Promise<RefundAnswer | { readonly kind: "unknown_refund" }>;
  /**
   * Reads a call of the processor's to our notification address; `headers` have names in lower case. A failure is a sentence
   * that quotes nothing of what came; it is answered 400 and changes nothing.
   */
  readonly readNotification: (
    headers: Readonly<Record<string, string>>,
    body: Buffer,
  ) => Promise<Result<Notification, string>>;
}
