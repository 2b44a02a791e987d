import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMicros, instantFromMs, MICROS_PER_DAY, plusDays, plusMicros } from "../base/instant.ts";
import { currentCycle, cycleDueAt } from "./billing-cycle.ts";

const instants = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n }).map(instantFromMicros);
const intervals = fc.integer({ min: 1, max: 3_650 });
const cycles = fc.nat(5_000);

describe("billing cycles", () => {
  test("cycle 0 is the first payment, and each is due one interval after the one before, without drift", () => {
    fc.assert(
      fc.property(instants, intervals, cycles, (anchor, intervalDays, cycle) => {
        expect(cycleDueAt({ anchor, intervalDays, cycle: 0 })).toBe(anchor);
        const step =
          cycleDueAt({ anchor, intervalDays, cycle: cycle + 1 }) -
          cycleDueAt({ anchor, intervalDays, cycle });
        expect(step).toBe(BigInt(intervalDays) * MICROS_PER_DAY);
      }),
    );
  });

  test("a cycle runs from the microsecond it is due until the next one is", () => {
    fc.assert(
      fc.property(instants, intervals, cycles, (anchor, intervalDays, cycle) => {
        const due = cycleDueAt({ anchor, intervalDays, cycle });
        const nextDue = cycleDueAt({ anchor, intervalDays, cycle: cycle + 1 });
        expect(currentCycle({ anchor, intervalDays, now: due })).toBe(cycle);
        expect(currentCycle({ anchor, intervalDays, now: plusMicros(nextDue, -1n) })).toBe(cycle);
        expect(currentCycle({ anchor, intervalDays, now: nextDue })).toBe(cycle + 1);
      }),
    );
  });

  test("at any moment after the anchor, the current cycle is due and the next is not", () => {
    fc.assert(
      fc.property(
        instants,
        intervals,
        fc.bigInt({ min: 0n, max: 10n ** 16n }),
        (anchor, intervalDays, passed) => {
          const now = plusMicros(anchor, passed);
          const cycle = currentCycle({ anchor, intervalDays, now });
          expect(cycleDueAt({ anchor, intervalDays, cycle }) <= now).toBe(true);
          expect(cycleDueAt({ anchor, intervalDays, cycle: cycle + 1 }) > now).toBe(true);
        },
      ),
    );
  });

  test("an outage of a year leaves the then current cycle, not those missed", () => {
    const anchor = instantFromMs(Date.UTC(2026, 0, 31, 12));
    expect(currentCycle({ anchor, intervalDays: 30, now: plusDays(anchor, 365) })).toBe(12);
  });

  test("a clock slightly behind the anchor sees cycle 0", () => {
    const anchor = instantFromMs(Date.UTC(2026, 0, 1));
    expect(currentCycle({ anchor, intervalDays: 1, now: plusMicros(anchor, -1n) })).toBe(0);
  });

  test("an interval that is no whole positive number of days, or a cycle below 0, is a bug of ours", () => {
    const anchor = instantFromMs(0);
    for (const intervalDays of [0, -1, 1.5]) {
      expect(() => cycleDueAt({ anchor, intervalDays, cycle: 1 })).toThrow();
    }
    expect(() => cycleDueAt({ anchor, intervalDays: 1, cycle: -1 })).toThrow();
  });
});
