/**
 * When a renewal that was declined is charged again: 1, 3, 5 and 7 days after the cycle's due time (contract section
 * 4). Counted from the due time and not from the last try, so that a slow worker does not stretch the schedule.
 */
import { type Instant, plusDays } from "../base/instant.ts";

const RETRY_DAYS = [1, 3, 5, 7] as const;

/**
 * The first retry strictly after `now`; null after the last. Those that an outage let pass lapse: the customer's card
 * is never charged twice in a row to catch up.
 */
export function nextRenewalRetryAt(debt: {
  readonly cycleDueAt: Instant;
  readonly now: Instant;
}): Instant | null {
  for (const days of RETRY_DAYS) {
    const retryAt = plusDays(debt.cycleDueAt, days);
    if (retryAt > debt.now) return retryAt;
  }
  return null;
}
