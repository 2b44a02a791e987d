/**
 * A processor says that there is news of an attempt or a refund. The notification is a hint and no more: what the news is, the
 * processor is asked, and its answer goes through the same settling as a look-up's and the browser's return. So one that is
 * late, doubled, swapped or played again by somebody else has nothing old to say, and a stolen signing secret moves no intent.
 * See docs/decisions/0017-notifications-are-hints.md.
 */
import { unreachable } from "../../base/assert.ts";
import { type Books, booksOf } from "../../domain/account.ts";
import type { FailedCharge, PendingCharge } from "../../domain/charge.ts";
import { type AttemptKey, parseRefundId } from "../../domain/ids.ts";
import type { NotificationCall, Processor } from "../../processors/processor.ts";
import { findAccount } from "../../store/accounts.ts";
import { findCharge, findChargeByAttempt } from "../../store/charges.ts";
import { findRefund } from "../../store/refunds.ts";
import type { Platform } from "../platform.ts";
import { performRefund } from "../refunds/perform.ts";
import { ask, sentAttempt } from "./attempt.ts";
import { resume } from "./resume.ts";
import { settle } from "./settle.ts";

export type Heard =
  /** What there was to learn is committed, or there was nothing to learn. */
  | { readonly kind: "done" }
  /** The processor did not answer, or somebody is just asking it: have it notify again. */
  | { readonly kind: "not_known_yet" }
  /** Authentic, but about nothing that this processor was ever asked to do for this account. */
  | { readonly kind: "not_in_books" }
  /** Authentic, of a kind that the platform keeps no books of. */
  | { readonly kind: "nothing_for_us" }
  /** Not authentic or not readable; nothing was looked at. `why` quotes nothing of it. */
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "no_such_processor" };

const DONE: Heard = { kind: "done" };
const NOT_KNOWN_YET: Heard = { kind: "not_known_yet" };
const NOT_IN_BOOKS: Heard = { kind: "not_in_books" };

/**
 * `name`: the processor's, as the address says; with it the account, where the address is one merchant's own. Resolves when the outcome is committed; throws where the database does not take it, and then nothing was changed.
 */
export async function hear(platform: Platform, name: string, call: NotificationCall): Promise<Heard> {
  const processor = platform.processors.find(name);
  if (!processor) return { kind: "no_such_processor" };
  const read = await processor.readNotification(call);
  if (!read.ok) return { kind: "refused", why: read.failure };
  if (read.value === null) return { kind: "nothing_for_us" };
  const { accountId, about } = read.value;
  // One merchant's secret says nothing of another's payments.
  if (call.accountId !== null && call.accountId !== accountId) return NOT_IN_BOOKS;
  const account = await findAccount(platform.db, accountId);
  if (!account) return NOT_IN_BOOKS;
  const books = booksOf(account, platform.world);
  return about.kind === "attempt"
    ? await hearOfAttempt(platform, books, processor, about.attemptKey)
    : await hearOfRefund(platform, books, processor, about.refundKey);
}

async function hearOfAttempt(
  platform: Platform,
  books: Books,
  processor: Processor,
  attemptKey: AttemptKey,
): Promise<Heard> {
  const { accountId } = books.account;
  const charge = await findChargeByAttempt(platform.db, accountId, attemptKey);
  if (charge?.facts.processor !== processor.name) return NOT_IN_BOOKS;
  switch (charge.status) {
    case "succeeded":
    case "late":
      return DONE;
    case "requires_action": {
      // As if the customer were back: the intent goes on first, against a cancel or expiry, and then the money.
      await resume(platform, books, charge.facts.intentId, {});
      const after = await findCharge(platform.db, accountId, charge.facts.chargeId);
      return after?.status === "pending" ? NOT_KNOWN_YET : DONE;
    }
    case "pending":
    case "failed": // given up, perhaps, and paid all the same
      return await findOut(platform, books, processor, charge);
    default:
      return unreachable(charge);
  }
}

/** Only asks: an attempt that the processor does not know may be on its way, and is sent again at its look-up alone. */
async function findOut(
  platform: Platform,
  books: Books,
  processor: Processor,
  charge: PendingCharge | FailedCharge,
): Promise<Heard> {
  const attempt = await sentAttempt(platform, books.account, charge);
  const found = await ask(platform, charge.facts, "a look-up after a notification", () =>
    processor.lookUp(attempt),
  );
  switch (found.kind) {
    case "lost":
      return NOT_KNOWN_YET;
    case "challenge":
      // The customer is back from it already: its completion is under way.
      if (charge.status === "pending" && charge.returned) return DONE;
      await settle(platform, books, charge, found);
      return DONE;
    case "succeeded":
    case "declined":
      await settle(platform, books, charge, found);
      return DONE;
    case "pending":
    case "unknown_attempt":
      return DONE;
  }
}

/** Its look-up comes at once; whoever holds it already is left to it. */
async function hearOfRefund(
  platform: Platform,
  books: Books,
  processor: Processor,
  refundKey: string,
): Promise<Heard> {
  const { accountId } = books.account;
  const refundId = parseRefundId(refundKey);
  const refund = refundId && (await findRefund(platform.db, accountId, refundId));
  const charge = refund && (await findCharge(platform.db, accountId, refund.facts.chargeId));
  if (!refund || charge?.facts.processor !== processor.name) return NOT_IN_BOOKS;
  if (refund.status !== "pending") return DONE;
  const { refundId: known } = refund.facts;
  await performRefund(platform, books, { accountId, refundId: known, dueAt: refund.lookUpAt });
  const after = await findRefund(platform.db, accountId, known);
  return after?.status === "pending" ? NOT_KNOWN_YET : DONE;
}
