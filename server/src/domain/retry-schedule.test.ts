import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMs, MICROS_PER_DAY, plusMicros, plusMs } from "../base/instant.ts";
import { disabledAt, failingTooLong, nextTryAt } from "./retry-schedule.ts";

const START = instantFromMs(Date.UTC(2026, 0, 1));
const SECONDS = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const DAY_MS = 86_400_000;
const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const instants = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instantFromMs);

describe("the tries of a webhook delivery", () => {
  test("ten tries follow each other as the contract says, and then there is none", () => {
    let at = START;
    SECONDS.forEach((seconds, triesMade) => {
      const next = nextTryAt({ triesMade, triedAt: at, jitter: 0 });
      expect(next).toBe(plusMs(at, seconds * 1000));
      if (next !== null) at = next;
    });
    expect(nextTryAt({ triesMade: 10, triedAt: at, jitter: 0 })).toBeNull();
  });

  test("jitter adds up to a tenth of the wait, and never takes away", () => {
    fc.assert(
      fc.property(instants, fc.nat(9), jitters, (triedAt, triesMade, jitter) => {
        const wait = BigInt(SECONDS[triesMade] ?? -1) * 1_000_000n;
        const waited = (nextTryAt({ triesMade, triedAt, jitter }) ?? 0n) - triedAt;
        expect(waited).toBeGreaterThanOrEqual(wait);
        expect(waited * 10n).toBeLessThanOrEqual(wait * 11n);
      }),
    );
  });

  test("Retry-After puts a try off by what is asked, at most a day, and never brings it forward", () => {
    fc.assert(
      fc.property(fc.nat(9), jitters, fc.nat(10 * DAY_MS), (triesMade, jitter, retryAfterMs) => {
        const scheduled = nextTryAt({ triesMade, triedAt: START, jitter }) ?? START;
        const asked = plusMs(START, Math.min(retryAfterMs, DAY_MS));
        const next = nextTryAt({ triesMade, triedAt: START, jitter, retryAfterMs });
        expect(next).toBe(asked > scheduled ? asked : scheduled);
      }),
    );
  });

  test("Retry-After adds no try after the last, and an endless one is held to a day", () => {
    expect(nextTryAt({ triesMade: 10, triedAt: START, jitter: 0, retryAfterMs: 1000 })).toBeNull();
    const next = nextTryAt({
      triesMade: 1,
      triedAt: START,
      jitter: 0,
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
    expect(next).toBe(plusMs(START, DAY_MS));
    expect(nextTryAt({ triesMade: 1, triedAt: START, jitter: 0, retryAfterMs: null })).toBe(
      plusMs(START, 5_000),
    );
  });

  test("a draw outside of [0, 1) or a broken count is a bug of ours", () => {
    for (const jitter of [-0.1, 1, Number.NaN]) {
      expect(() => nextTryAt({ triesMade: 1, triedAt: START, jitter })).toThrow();
    }
    for (const triesMade of [-1, 0.5]) {
      expect(() => nextTryAt({ triesMade, triedAt: START, jitter: 0 })).toThrow();
    }
  });
});

test("an endpoint that keeps failing is disabled after five days, and not a microsecond earlier", () => {
  const fiveDays = plusMicros(START, 5n * MICROS_PER_DAY);
  expect(disabledAt(START)).toBe(fiveDays);
  expect(failingTooLong(fiveDays)).toBe(START);
  expect(failingTooLong(plusMicros(fiveDays, -1n))).toBeLessThan(START);
});
