/**
 * The customer pays: write down, ask, write the answer.
 *
 *   1. The card is exchanged for a token, or the processor's own fields bring one; a card that is refused as input leaves no trace.
 *   2. One transaction: the intent goes to `processing` (compare-and-set: of two tabs, one wins) and the charge is written.
 *   3. The processor is asked, with no transaction open.
 *   4. One transaction: what follows from the answer. A lost answer leaves the charge pending, and reconcile finds out.
 */
import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { nextLookUpAt, type PaymentMethod, type PendingCharge, startCharge } from "../../domain/charge.ts";
import { type AccountId, type IntentId, newAttemptKey } from "../../domain/ids.ts";
import { expire, startCharge as startIntentCharge } from "../../domain/intent.ts";
import type { Withdrawn } from "../../domain/settlement.ts";
import type { AttemptAnswer, Processor } from "../../processors/processor.ts";
import { insertCharge, postponeLookUp } from "../../store/charges.ts";
import { compareAndSetIntent, findIntent } from "../../store/intents.ts";
import type { Platform } from "../platform.ts";
import { ask, attemptRequest, inTime, type Lost } from "./attempt.ts";
import { settle } from "./settle.ts";

/** What the page sent: a card that was typed into our form, or the token that the processor's own fields gave it. */
export type PaymentInput = { readonly card: CardInput } | { readonly token: string };

export type PayFailure =
  | { readonly kind: "intent_not_found" }
  | { readonly kind: "no_processor" }
  /** A card for a processor with fields of its own, or a token for one without; nothing was sent to it. */
  | { readonly kind: "other_input_wanted" }
  /** It did not take the card; no charge was made, and trying again may help. */
  | { readonly kind: "processor_unavailable" }
  /** The card as typed cannot be charged; no charge was made. */
  | { readonly kind: "card_refused"; readonly errors: CardErrors };

/** Ok whatever became of it: the caller reads the intent again. Not payable (paid, under way, ended) changes nothing. */
export async function pay(
  platform: Platform,
  books: Books,
  intentId: IntentId,
  input: PaymentInput,
): Promise<Result<"taken" | "not_payable", PayFailure>> {
  const { account } = books;
  const processor = platform.processors.forMode(account.mode);
  if (!processor) return fail({ kind: "no_processor" });
  const seen = await findIntent(platform.db, account.accountId, intentId);
  if (!seen) return fail({ kind: "intent_not_found" });
  if (seen.status !== "requires_payment" || expire(seen, books.now())) return ok("not_payable");

  const read = readMethod(processor, account.accountId, input);
  if (!read) return fail({ kind: "other_input_wanted" });
  const saved = await inTime(read).catch((error: unknown) => {
    platform.log.warn({ err: error, processor: processor.name }, "the processor did not take a card");
    return null;
  });
  if (!saved) return fail({ kind: "processor_unavailable" });
  if (!saved.ok) return fail({ kind: "card_refused", errors: saved.failure });

  const charge = await begin(platform, books, intentId, processor, saved.value);
  if (!charge) return ok("not_payable");
  const request = attemptRequest(platform, account, charge.facts, seen.facts);
  const answer = await ask(platform, charge.facts, "a charge", () => processor.charge(request));
  await settleOrPostpone(platform, books, charge, answer);
  return ok("taken");
}

/** Null where the processor collects cards the other way. */
function readMethod(
  { collection }: Processor,
  accountId: AccountId,
  input: PaymentInput,
): (() => Promise<Result<PaymentMethod, CardErrors>>) | null {
  if (collection.by === "our_form")
    return "card" in input ? () => collection.saveCard(accountId, input.card) : null;
  return "token" in input ? () => collection.describe(accountId, input.token) : null;
}

async function begin(
  platform: Platform,
  books: Books,
  intentId: IntentId,
  processor: Processor,
  method: PaymentMethod,
): Promise<PendingCharge | null> {
  const chargeId = await platform.nextChargeId();
  const { accountId } = books.account;
  return await platform.db.transaction(async (tx) => {
    const now = books.now();
    const intent = await findIntent(tx, accountId, intentId);
    if (intent?.status !== "requires_payment" || expire(intent, now)) return null;
    if (!(await compareAndSetIntent(tx, intent, startIntentCharge(intent, chargeId)))) return null;
    const charge = startCharge({
      accountId,
      chargeId,
      intentId,
      subscriptionId: null,
      cycle: 0,
      currency: intent.facts.currency,
      amount: intent.facts.amount,
      processor: processor.name,
      attemptKey: newAttemptKey({ at: now, random: platform.world.random }),
      method,
      createdAt: now,
    });
    await insertCharge(tx, charge);
    return charge;
  });
}

/** An answer that is known is settled; `pending` and a lost one are asked after. */
export async function settleOrPostpone(
  platform: Platform,
  books: Books,
  charge: PendingCharge,
  answer: AttemptAnswer | Lost | Withdrawn,
): Promise<void> {
  if (answer.kind !== "pending" && answer.kind !== "lost") {
    await settle(platform, books, charge, answer);
    return;
  }
  await postponeLookUp(platform.db, charge, {
    lookUpAt: nextLookUpAt(books.now(), charge.lookUps),
    lookUps: charge.lookUps + 1,
    processorRef: answer.kind === "pending" ? answer.processorRef : null,
  });
}
