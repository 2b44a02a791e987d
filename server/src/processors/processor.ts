/**
 * The port to whoever moves the money. It is shaped by what Stripe, Adyen and PayPal need rather than by the sandbox
 * (docs/decisions/0020-the-port.md says which call of theirs stands behind which of these):
 *
 *   * The customer's method is either typed into our form and tokenised at once, or collected in the processor's own fields on
 *     our page, which hand back a token.
 *   * An attempt carries our key as the processor's idempotency key: sent again, it is the same attempt. Every later call about
 *     it brings the whole request again, made from the books alone, for processors that file it under something else than our key.
 *   * An outcome may be a challenge or redirect. Coming back moves no money: `complete` does, after the platform has decided
 *     (compare-and-set) that the payment goes on, and with what the customer brought back in the address.
 *   * An outcome may be `pending`; then a look-up brings it, at its time or when a notification says that there is news.
 *   * Every call may throw (no answer): the flows treat that as unknown, never as failed, and ask again.
 *
 * No method may be called while a transaction is open; `registry.ts` guards it.
 */
import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import type { Instant } from "../base/instant.ts";
import type { Result } from "../base/result.ts";
import type { PaymentMethod, Returned } from "../domain/charge.ts";
import type { AccountId, AttemptKey, CustomerId } from "../domain/ids.ts";
import type { Outcome } from "../domain/settlement.ts";

/** Whom a method belongs to, for processors that keep methods under a customer of theirs. */
export type Payer = {
  readonly customerId: CustomerId;
  readonly email: string;
  readonly name: string;
};

export type AttemptRequest = {
  readonly accountId: AccountId;
  readonly attemptKey: AttemptKey;
  /** Minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly token: string;
  readonly customer: Payer;
  /** True when no customer is present: a renewal on a saved method. */
  readonly offSession: boolean;
  /** Whether the method will be charged again without the customer (so that a processor can ask for a mandate). */
  readonly saveForLater: boolean;
  /** Where a challenge or redirect sends the customer back to, with parameters of its own added; null off session. */
  readonly returnUrl: string | null;
  /** Shown on statements and challenges. */
  readonly description: string;
};

/** What names an attempt that may have been sent. */
export type AttemptRef = {
  readonly accountId: AccountId;
  readonly attemptKey: AttemptKey;
  /** The processor's own reference, where an earlier answer gave one. */
  readonly processorRef: string | null;
};

/** An attempt that may have been sent: the same request, and what is known of it since. */
export type SentAttempt = AttemptRequest &
  AttemptRef & {
    /** When it was written down, just before it was first sent. */
    readonly writtenAt: Instant;
    /** What the customer brought back from a challenge; empty where somebody else said that it is over; null: not back from one. */
    readonly returned: Returned | null;
  };

export type AttemptAnswer = Outcome | { readonly kind: "pending"; readonly processorRef: string };
/**
 * `unknown_attempt`: it never arrived, and this is certain: the attempt is sent again, or booked as failed. A processor whose
 * search lags behind its books must be asked another way, and an adapter that cannot know yet throws.
 */
export type LookUpAnswer = AttemptAnswer | { readonly kind: "unknown_attempt" };

/** `processorRef` is the payment's. */
export type RefundRequest = AttemptRef & {
  readonly refundKey: string;
  /** The processor's own reference of this refund, where an earlier answer gave one. */
  readonly refundRef: string | null;
  readonly amount: bigint;
  readonly currency: string;
};
export type RefundAnswer =
  | { readonly kind: "succeeded"; readonly processorRef: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "pending"; readonly processorRef: string };

/** A call of the processor's to our notification address. */
export type NotificationCall = {
  /** Whose address it came to, for processors that sign with a secret of each merchant; null: the address for all. */
  readonly accountId: AccountId | null;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte as it was sent. */
  readonly body: Buffer;
};

/**
 * There is news of this attempt, or of this refund. It carries no outcome, since it may be old: what the news is, a look-up
 * tells (docs/decisions/0017-notifications-are-hints.md).
 */
export type Notification = {
  readonly accountId: AccountId;
  readonly about:
    | { readonly kind: "attempt"; readonly attemptKey: AttemptKey }
    | { readonly kind: "refund"; readonly refundKey: string };
};

/** Origins that the page's policy lets in for the processor's own fields, by the kind of what comes from there. */
export type FieldSources = {
  readonly script: readonly string[];
  readonly frame: readonly string[];
  readonly connect: readonly string[];
  readonly image: readonly string[];
  readonly style: readonly string[];
};

/** What own fields are set up for: one visit to the page of one intent. */
export type FieldsRequest = Pick<
  AttemptRequest,
  "accountId" | "amount" | "currency" | "customer" | "saveForLater" | "description"
> & {
  /** Where a redirect sends the customer back to. */
  readonly returnUrl: string;
  /** The merchant's reference of the intent. */
  readonly referenceId: string;
};

/** What the page needs to show the fields: the address of their module (checkout/src/fields.ts) and its public settings. */
export type FieldsSetup = {
  readonly module: string;
  readonly settings: Readonly<Record<string, string>>;
};

export type Collection =
  | {
      readonly by: "our_form";
      /** Exchanges a card for a token. Moves no money; errors name the field that is wrong. */
      readonly saveCard: (
        accountId: AccountId,
        card: CardInput,
      ) => Promise<Result<PaymentMethod, CardErrors>>;
    }
  | {
      readonly by: "own_fields";
      readonly sources: FieldSources;
      /** Called for each visit; may make a session at the processor. */
      readonly setUp: (request: FieldsRequest) => Promise<FieldsSetup>;
      /** What may be shown of the method behind a token that the page brought. */
      readonly describe: (accountId: AccountId, token: string) => Promise<Result<PaymentMethod, CardErrors>>;
    };

export interface Processor {
  readonly name: string;
  readonly modes: readonly ("test" | "live")[];
  readonly collection: Collection;
  /** Sends an attempt, or the same one again. */
  readonly charge: (request: AttemptRequest) => Promise<AttemptAnswer>;
  /** Goes on with an attempt after its challenge: only now may the money move. Repeated, it brings the same `returned`. */
  readonly complete: (attempt: SentAttempt) => Promise<AttemptAnswer>;
  /** What became of an attempt. Moves no money. */
  readonly lookUp: (attempt: SentAttempt) => Promise<LookUpAnswer>;
  /** Gives up an attempt whose challenge is open; best effort, since without `complete` no money moves. */
  readonly abandon: (attempt: SentAttempt) => Promise<void>;
  readonly refund: (request: RefundRequest) => Promise<RefundAnswer>;
  readonly lookUpRefund: (
    request: RefundRequest,
  ) => Promise<RefundAnswer | { readonly kind: "unknown_refund" }>;
  /**
   * Reads a call to our notification address. Null: authentic, but about nothing that the platform keeps books of, such as a
   * customer's data; it is answered 200. A failure is a sentence that quotes nothing of what came; it is answered 400 and changes
   * nothing. What a processor tells in this way alone, its adapter writes down before it answers, and `lookUp` says it again.
   */
  readonly readNotification: (call: NotificationCall) => Promise<Result<Notification | null, string>>;
}
