import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMs, plusMs } from "../base/instant.ts";
import { PROCESSOR } from "../base/limits.ts";
import {
  type ChargeFacts,
  challenge,
  FIRST_LOOK_UP_MS,
  failureText,
  giveUp,
  isFinalRefusal,
  isNoLongerOnItsWay,
  nextLookUpAt,
  refuse,
  resume,
  startCharge,
  succeed,
  voided,
} from "./charge.ts";
import type { ChargeId } from "./ids.ts";

const NOW = instantFromMs(Date.UTC(2026, 10, 23));
const MINUTE = 60_000;
const facts = { chargeId: 105n as ChargeId, cycle: 0, createdAt: NOW } as ChargeFacts;

describe("a charge whose outcome is unknown", () => {
  test("is first asked after when its call has surely ended", () => {
    expect(startCharge(facts).lookUpAt).toBe(plusMs(NOW, FIRST_LOOK_UP_MS));
    expect(FIRST_LOOK_UP_MS).toBeGreaterThan(PROCESSOR.callTimeoutMs);
  });

  test("is asked after ever less often, at last once an hour, for ever", () => {
    const pauses = Array.from({ length: 9 }, (_, n) => Number(nextLookUpAt(NOW, n) - NOW) / 1e6);
    expect(pauses).toEqual([1, 5, 15, 60, 300, 1_800, 3_600, 3_600, 3_600]);
    fc.assert(fc.property(fc.nat(), (n) => nextLookUpAt(NOW, n) > NOW));
  });

  test("counts as not on its way any more once a call and its timeout lie between sending and look-up", () => {
    const after = (lookUps: number) => isNoLongerOnItsWay({ ...startCharge(facts), lookUps });
    expect([0, 1, 2, 3, 4, 50].map(after)).toEqual([true, false, false, true, true, true]);
  });
});

describe("a challenge", () => {
  const open = challenge(startCharge(facts), { processorRef: "pay_1", url: "https://bank.example/1" });

  test("is over 15 minutes after the attempt began, however often the customer comes back without an answer", () => {
    expect(open.lookUpAt).toBe(plusMs(NOW, 15 * MINUTE));
    const back = resume(open, {}, plusMs(NOW, 10 * MINUTE));
    expect(challenge(back, { processorRef: "pay_1", url: "https://bank.example/1" })).toEqual(open);
  });

  test("that the customer is back from is under way again, keeps the processor's reference, and is asked after", () => {
    const later = plusMs(NOW, 3 * MINUTE);
    expect(resume(open, { result: "passed" }, later)).toEqual({
      facts,
      status: "pending",
      returned: { result: "passed" },
      processorRef: "pay_1",
      lookUps: 0,
      lookUpAt: plusMs(later, FIRST_LOOK_UP_MS),
    });
  });
});

test("a charge that was given up is asked after at once, until the processor holds it for void", () => {
  const open = challenge(startCharge(facts), { processorRef: "pay_1", url: "https://bank.example/1" });
  const givenUp = giveUp(open, "canceled", NOW);
  expect(givenUp).toMatchObject({ status: "failed", reason: "canceled", settledAt: NOW, lookUpAt: NOW });
  expect(voided({ ...givenUp, lookUps: 3 })).toEqual({ ...givenUp, lookUpAt: null });
});

test("an outcome ends the look-ups", () => {
  for (const ended of [
    succeed(startCharge(facts), "pay_1", NOW),
    refuse(startCharge(facts), "generic_decline", null, NOW),
  ]) {
    expect("lookUpAt" in ended ? ended.lookUpAt : null).toBeNull();
    expect(ended.settledAt).toBe(NOW);
  }
});

test("only a lost, stolen or expired card is refused for good", () => {
  const reasons = [
    "generic_decline",
    "insufficient_funds",
    "lost_card",
    "stolen_card",
    "expired_card",
    "incorrect_cvc",
    "processing_error",
    "authentication_required",
    "authentication_failed",
    "authentication_abandoned",
    "canceled",
    "expired",
  ] as const;
  expect(reasons.filter(isFinalRefusal)).toEqual(["lost_card", "stolen_card", "expired_card"]);
  expect(new Set(reasons.map(failureText)).size).toBe(reasons.length);
  for (const reason of reasons) expect(failureText(reason)).toMatch(/^The .*\.$/);
});
