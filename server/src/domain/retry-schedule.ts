/**
 * When a webhook delivery is tried again, and when an endpoint that keeps failing is given up (contract section 5).
 * Ten tries over a little more than three days, each measured from the one before.
 */
import { assert } from "../base/assert.ts";
import {
  type Instant,
  MICROS_PER_DAY,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  plusMicros,
} from "../base/instant.ts";
import { WEBHOOK_RETRY_AFTER_MAX_MS } from "../base/limits.ts";

const MINUTE = 60n * MICROS_PER_SECOND;
const HOUR = 60n * MINUTE;

/** Entry n is the wait before the try that follows n tries. */
const WAITS: readonly bigint[] = [
  0n,
  5n * MICROS_PER_SECOND,
  5n * MINUTE,
  30n * MINUTE,
  2n * HOUR,
  5n * HOUR,
  10n * HOUR,
  14n * HOUR,
  20n * HOUR,
  24n * HOUR,
];

/** Jitter spreads the tries that one outage lined up: up to a tenth on top of the wait, never less than the wait. */
const JITTER_SHARE = 0.1;

const DISABLE_AFTER = 5n * MICROS_PER_DAY;

/**
 * The time of the next try; null once all are used up. `triesMade` counts those made, `triedAt` is when the last one
 * was made (for none yet: when the event happened), `jitter` a draw from [0, 1).
 *
 * `retryAfterMs`, what the receiver asked for with Retry-After (RFC 9110 section 10.2.3), can only make the wait
 * longer: the later of the two counts, and what is asked beyond 24 hours is not heard, so that no receiver can hold a
 * delivery open for ever. It adds no tries.
 */
export function nextTryAt(tries: {
  readonly triesMade: number;
  readonly triedAt: Instant;
  readonly jitter: number;
  readonly retryAfterMs?: number | null;
}): Instant | null {
  const { triesMade, triedAt, jitter, retryAfterMs } = tries;
  assert(Number.isSafeInteger(triesMade) && triesMade >= 0, "tries are counted from 0");
  assert(jitter >= 0 && jitter < 1, "jitter is drawn from [0, 1)");
  const wait = WAITS[triesMade];
  if (wait === undefined) return null;
  // Waits are at most a day, so that their microseconds are exact as numbers.
  const spread = BigInt(Math.floor(Number(wait) * JITTER_SHARE * jitter));
  const asked = askedWait(retryAfterMs ?? 0);
  return plusMicros(triedAt, wait + spread > asked ? wait + spread : asked);
}

/** An endpoint that has failed for five days without a success is disabled then, whether or not anything is tried at the time. */
export function disabledAt(failingSince: Instant): Instant {
  return plusMicros(failingSince, DISABLE_AFTER);
}

/** Since when, or longer, an endpoint fails that is disabled by `now`. */
export function failingTooLong(now: Instant): Instant {
  return plusMicros(now, -DISABLE_AFTER);
}

function askedWait(retryAfterMs: number): bigint {
  assert(retryAfterMs >= 0, "Retry-After never lies in the past");
  return BigInt(Math.ceil(Math.min(retryAfterMs, WEBHOOK_RETRY_AFTER_MAX_MS))) * MICROS_PER_MS;
}
