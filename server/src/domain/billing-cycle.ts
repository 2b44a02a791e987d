/**
 * Cycles of a subscription (contract section 4): cycle n is due at anchor + n × interval × 24 h. Always counted from
 * the anchor, so that a late charge moves nothing; a day is 24 hours, whatever clocks on walls do.
 */
import { assert } from "../base/assert.ts";
import { type Instant, MICROS_PER_DAY, plusMicros } from "../base/instant.ts";

/** When a cycle is due. Cycle 0 is the first payment, at the anchor itself. */
export function cycleDueAt(schedule: {
  readonly anchor: Instant;
  readonly intervalDays: number;
  readonly cycle: number;
}): Instant {
  const { anchor, intervalDays, cycle } = schedule;
  assert(Number.isSafeInteger(cycle) && cycle >= 0, "cycles are counted from 0");
  return plusMicros(anchor, BigInt(cycle) * lengthOf(intervalDays));
}

/**
 * The cycle that is running: the last one that is due at `now` or was before. Before the anchor it is cycle 0, since
 * the clocks of two machines may differ by less than a cycle.
 */
export function currentCycle(schedule: {
  readonly anchor: Instant;
  readonly intervalDays: number;
  readonly now: Instant;
}): number {
  const { anchor, intervalDays, now } = schedule;
  return now <= anchor ? 0 : Number((now - anchor) / lengthOf(intervalDays));
}

function lengthOf(intervalDays: number): bigint {
  assert(
    Number.isSafeInteger(intervalDays) && intervalDays >= 1,
    "an interval is a whole number of days, at least 1",
  );
  return BigInt(intervalDays) * MICROS_PER_DAY;
}
