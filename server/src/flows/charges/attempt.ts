/**
 * Asking a processor about one attempt. A call that throws or does not answer in time is `lost`: nobody knows what became
 * of it, so it is neither a success nor a failure, and the charge stays pending until a look-up tells.
 */
import { PROCESSOR } from "../../base/limits.ts";
import type { Account } from "../../domain/account.ts";
import type { ChallengedCharge, ChargeFacts, FailedCharge, PendingCharge } from "../../domain/charge.ts";
import type { IntentFacts } from "../../domain/intent.ts";
import { writePaymentToken } from "../../domain/payment-token.ts";
import type { AttemptRequest, Payer, SentAttempt } from "../../processors/processor.ts";
import { findIntent } from "../../store/intents.ts";
import type { Platform } from "../platform.ts";

export type Lost = { readonly kind: "lost" };

export async function ask<T>(
  platform: Platform,
  charge: ChargeFacts,
  what: string,
  call: () => Promise<T>,
): Promise<T | Lost> {
  try {
    return await inTime(call);
  } catch (error) {
    platform.log.warn(
      {
        err: error,
        processor: charge.processor,
        charge_id: Number(charge.chargeId),
        attempt_key: charge.attemptKey,
      },
      `the processor's answer to ${what} was lost; the charge will be looked up`,
    );
    return { kind: "lost" };
  }
}

/** Throws where the processor has not answered in time. The call may still do its work. */
export async function inTime<T>(call: () => Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(PROCESSOR.callTimeoutMs);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener("abort", () =>
      reject(new Error(`no answer within ${PROCESSOR.callTimeoutMs} ms`)),
    );
  });
  return await Promise.race([call(), late]);
}

/** The same request each time it is sent: made from what the books say, so that a repeat is the same attempt. */
export function attemptRequest(
  platform: Platform,
  account: Account,
  charge: ChargeFacts,
  intent: IntentFacts,
): AttemptRequest {
  const offSession = charge.cycle > 0;
  return {
    accountId: charge.accountId,
    attemptKey: charge.attemptKey,
    amount: charge.amount,
    currency: charge.currency,
    token: charge.method.token,
    customer: payerOf(intent),
    offSession,
    saveForLater: intent.intervalDays !== null,
    returnUrl: offSession ? null : wayBack(platform, intent),
    description: account.name,
  };
}

/** An attempt that may have been sent, as the processor is asked about it. */
export async function sentAttempt(
  platform: Platform,
  account: Account,
  charge: PendingCharge | ChallengedCharge | FailedCharge,
): Promise<SentAttempt> {
  const { accountId, intentId, createdAt } = charge.facts;
  const intent = await findIntent(platform.db, accountId, intentId);
  if (!intent) throw new Error("Assertion failed: a charge has its intent");
  return {
    ...attemptRequest(platform, account, charge.facts, intent.facts),
    processorRef: charge.processorRef,
    writtenAt: createdAt,
    returned: charge.status === "pending" ? charge.returned : null,
  };
}

export function payerOf({ customerId, email, name }: IntentFacts): Payer {
  return { customerId, email, name };
}

/** Where a challenge sends the customer back to. */
export function wayBack(platform: Pick<Platform, "publicUrl">, intent: IntentFacts): string {
  return `${payUrl(platform, intent)}?returned=1`;
}

/** The address of the checkout page. */
export function payUrl(platform: Pick<Platform, "publicUrl">, intent: IntentFacts): string {
  const { accountId, intentId, paySecret: secret } = intent;
  return `${platform.publicUrl}/pay/${writePaymentToken({ accountId, intentId, secret })}`;
}
