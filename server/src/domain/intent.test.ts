import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMs, MICROS_PER_DAY, plusMicros } from "../base/instant.ts";
import type { AccountId, ChargeId, CustomerId, IntentId } from "./ids.ts";
import {
  cancelIntent,
  challenge,
  createIntent,
  decline,
  expire,
  type Intent,
  MAX_FAILED_CHARGES,
  resume,
  startCharge,
  succeed,
} from "./intent.ts";
import { parseCurrency } from "./money.ts";

const NOW = instantFromMs(Date.UTC(2026, 10, 23));
const CHARGE = 105n as ChargeId;

function born() {
  const currency = parseCurrency("USD");
  if (!currency) throw new Error("The US dollar is a currency.");
  return createIntent(
    {
      amount: 8_000n,
      currency,
      intent_type: "one_time",
      interval_days: null,
      email: "customer@example.com",
      name: "John Doe",
      reference_id: "ORDER-1",
      customer_ref_id: null,
      order_items: [],
      order_items_json: "[]",
      integration_type: "iframe",
      success_url: null,
      cancel_url: null,
      tax: 0n,
      discount: 0n,
      metadata: {},
      metadata_json: "{}",
    },
    {
      accountId: "account" as AccountId,
      intentId: "intent" as IntentId,
      customerId: "customer" as CustomerId,
      paySecret: Buffer.alloc(16),
      now: NOW,
    },
  );
}

/** One intent in each status. */
function inEach(): Record<Intent["status"], Intent> {
  const payable = born();
  const processing = startCharge(payable, CHARGE);
  const { facts, failedCharges } = payable;
  return {
    requires_payment: payable,
    processing,
    requires_action: challenge(processing),
    succeeded: succeed(processing, NOW),
    failed: { facts, failedCharges: MAX_FAILED_CHARGES, status: "failed" },
    cancelled: { facts, failedCharges, status: "cancelled" },
    expired: { facts, failedCharges, status: "expired" },
  };
}

describe("an intent", () => {
  test("is born payable, and its time is up 24 hours later", () => {
    const intent = born();
    expect([intent.status, intent.failedCharges]).toEqual(["requires_payment", 0]);
    expect(intent.facts.expiresAt - NOW).toBe(MICROS_PER_DAY);
  });

  test("knows its charge while one is under way and once it is paid, and at no other time", () => {
    for (const [status, intent] of Object.entries(inEach())) {
      expect("chargeId" in intent).toBe(["processing", "requires_action", "succeeded"].includes(status));
      expect("paidAt" in intent).toBe(status === "succeeded");
    }
  });

  test("goes through a challenge and back under the same charge", () => {
    const processing = startCharge(born(), CHARGE);
    expect(resume(challenge(processing))).toEqual(processing);
  });
});

describe("a declined charge", () => {
  test("leaves the intent payable nine times, and fails it at the tenth", () => {
    let intent: Intent = born();
    for (let failed = 1; failed <= MAX_FAILED_CHARGES; failed++) {
      if (intent.status !== "requires_payment") throw new Error(`failed after ${failed - 1}`);
      intent = decline(startCharge(intent, CHARGE));
      expect(intent.failedCharges).toBe(failed);
      expect(intent.status).toBe(failed < 10 ? "requires_payment" : "failed");
      expect("chargeId" in intent).toBe(false);
    }
  });

  test("counts the same when it failed in its challenge", () => {
    expect(decline(challenge(startCharge(born(), CHARGE)))).toEqual(decline(startCharge(born(), CHARGE)));
  });
});

describe("cancelling", () => {
  test.each([
    ["requires_payment", "cancelled"],
    ["requires_action", "cancelled"],
    ["cancelled", "as it is"],
    ["processing", "forbidden"],
    ["succeeded", "forbidden"],
    ["failed", "forbidden"],
    ["expired", "forbidden"],
  ] as const)("from %s: %s", (status, outcome) => {
    const before = inEach()[status];
    const result = cancelIntent(before);
    if (outcome === "forbidden") {
      expect(result).toEqual({ ok: false, failure: { kind: "intent_not_cancellable", status } });
    } else {
      const after = { facts: before.facts, failedCharges: before.failedCharges, status: "cancelled" };
      expect(result).toEqual({ ok: true, value: outcome === "cancelled" ? after : null });
    }
  });
});

describe("expiry", () => {
  test("ends what is payable or in its challenge, from the very microsecond on, and nothing else", () => {
    for (const [status, intent] of Object.entries(inEach())) {
      const { expiresAt } = intent.facts;
      expect(expire(intent, plusMicros(expiresAt, -1n))).toBeNull();
      const ends = status === "requires_payment" || status === "requires_action";
      expect(expire(intent, expiresAt)?.status).toBe(ends ? "expired" : undefined);
    }
  });
});

test("whatever happens in whatever order, an intent that has ended stays as it is, and failures never pass ten", () => {
  const steps = fc.array(
    fc.constantFrom("pay", "challenge", "resume", "decline", "succeed", "cancel", "expire"),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(steps, (taken) => {
      let intent: Intent = born();
      for (const step of taken) {
        const before: Intent = intent;
        intent = after(before, step);
        if (["succeeded", "failed", "cancelled", "expired"].includes(before.status))
          expect(intent).toBe(before);
        expect(intent.failedCharges).toBeGreaterThanOrEqual(before.failedCharges);
        expect(intent.failedCharges).toBeLessThanOrEqual(MAX_FAILED_CHARGES);
        expect(intent.status === "failed").toBe(intent.failedCharges === MAX_FAILED_CHARGES);
      }
    }),
  );
});

/** Takes the arrow where it starts from this status, as the flows do; else nothing. */
function after(intent: Intent, step: string): Intent {
  const underWay = intent.status === "processing" || intent.status === "requires_action";
  if (step === "pay" && intent.status === "requires_payment") return startCharge(intent, CHARGE);
  if (step === "challenge" && intent.status === "processing") return challenge(intent);
  if (step === "resume" && intent.status === "requires_action") return resume(intent);
  if (step === "decline" && underWay) return decline(intent);
  if (step === "succeed" && underWay) return succeed(intent, NOW);
  if (step === "expire") return expire(intent, intent.facts.expiresAt) ?? intent;
  if (step !== "cancel") return intent;
  const cancelled = cancelIntent(intent);
  return (cancelled.ok && cancelled.value) || intent;
}
