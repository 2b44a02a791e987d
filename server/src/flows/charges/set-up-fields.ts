/**
 * The processor's own fields are set up for one visit to the page of a payable intent. It may make a session at the
 * processor, and moves no money; a processor whose cards are typed into our form has nothing to set up.
 */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { IntentId } from "../../domain/ids.ts";
import { expire } from "../../domain/intent.ts";
import type { FieldsSetup } from "../../processors/processor.ts";
import { findIntent } from "../../store/intents.ts";
import type { Platform } from "../platform.ts";
import { inTime, payerOf, wayBack } from "./attempt.ts";

export type FieldsFailure =
  | { readonly kind: "intent_not_found" }
  /** There are no fields to be had: not for this processor, or not for an intent that is not payable now. */
  | { readonly kind: "no_fields" }
  | { readonly kind: "processor_unavailable" };

export async function setUpFields(
  platform: Platform,
  books: Books,
  intentId: IntentId,
): Promise<Result<FieldsSetup, FieldsFailure>> {
  const { account } = books;
  const processor = platform.processors.forMode(account.mode);
  if (processor?.collection.by !== "own_fields") return fail({ kind: "no_fields" });
  const intent = await findIntent(platform.db, account.accountId, intentId);
  if (!intent) return fail({ kind: "intent_not_found" });
  if (intent.status !== "requires_payment" || expire(intent, books.now())) return fail({ kind: "no_fields" });
  const { setUp } = processor.collection;
  const { facts } = intent;
  try {
    const request = {
      accountId: facts.accountId,
      amount: facts.amount,
      currency: facts.currency,
      customer: payerOf(facts),
      saveForLater: facts.intervalDays !== null,
      description: account.name,
      returnUrl: wayBack(platform, facts),
      referenceId: facts.referenceId,
    };
    return ok(await inTime(() => setUp(request)));
  } catch (error) {
    platform.log.warn(
      { err: error, processor: processor.name },
      "the processor's fields could not be set up",
    );
    return fail({ kind: "processor_unavailable" });
  }
}
