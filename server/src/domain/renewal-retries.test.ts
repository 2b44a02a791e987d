import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instant, instantFromMs, plusDays, plusMicros } from "../base/instant.ts";
import { nextRenewalRetryAt } from "./renewal-retries.ts";

const DUE = instantFromMs(Date.UTC(2026, 0, 31));
const DAYS = [1, 3, 5, 7];

describe("retries of a declined renewal", () => {
  test("come 1, 3, 5 and 7 days after the cycle's due time, however late each try ran", () => {
    const seen: Instant[] = [];
    for (let at: Instant | null = DUE; at !== null; ) {
      at = nextRenewalRetryAt({ cycleDueAt: DUE, now: plusMicros(at, 7_000_000n) });
      if (at !== null) seen.push(at);
    }
    expect(seen).toEqual(DAYS.map((days) => plusDays(DUE, days)));
  });

  test("a try made exactly at a retry's time is followed by the next one, the last by none", () => {
    expect(nextRenewalRetryAt({ cycleDueAt: DUE, now: plusDays(DUE, 1) })).toBe(plusDays(DUE, 3));
    expect(nextRenewalRetryAt({ cycleDueAt: DUE, now: plusMicros(plusDays(DUE, 7), -1n) })).toBe(
      plusDays(DUE, 7),
    );
    expect(nextRenewalRetryAt({ cycleDueAt: DUE, now: plusDays(DUE, 7) })).toBeNull();
  });

  test("those that an outage let pass lapse: the next is always ahead, and none ahead is skipped", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 10 * 86_400_000 }), (lateMs) => {
        const now = plusMicros(DUE, BigInt(lateMs) * 1000n);
        const ahead = DAYS.map((days) => plusDays(DUE, days)).filter((at) => at > now);
        expect(nextRenewalRetryAt({ cycleDueAt: DUE, now })).toBe(ahead[0] ?? null);
      }),
    );
  });
});
