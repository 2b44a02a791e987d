/** When a request is sent again, and after how long. Pure: clock and chance come as arguments. */

const RETRY = {
  /** Before the first retry at most; each later one may wait twice as long. */
  firstMs: 500,
  mostMs: 8_000,
  /** A `Retry-After` beyond this is not waited for: the error tells it, and the caller decides. */
  retryAfterMostMs: 60_000,
} as const;

/** The statuses after which the same request may do better. 501 says that it never will. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/**
 * Milliseconds to wait before try `tries + 1`, or null where waiting would take too long. Exponential backoff with full
 * jitter: clients that failed at one moment do not come back at one moment. `random`: from 0 to below 1.
 */
export function backoffMs(tries: number, retryAfterMs: number | null, random: number): number | null {
  const most = Math.min(RETRY.mostMs, RETRY.firstMs * 2 ** (tries - 1));
  if (retryAfterMs === null) return random * most;
  if (retryAfterMs > RETRY.retryAfterMostMs) return null;
  return retryAfterMs + random * Math.min(RETRY.firstMs, retryAfterMs); // never earlier than asked for
}

/**
 * The milliseconds that a `Retry-After` header asks for, in seconds or as a date (RFC 9110, 10.2.3). A date is compared
 * with the answer's own `Date`, as this machine's clock may be wrong. Null where the header is absent or unreadable.
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | null {
  const text = headers.get("retry-after")?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN; // "-3" would be a date too
  if (Number.isNaN(at)) return null;
  const answeredAt = Date.parse(headers.get("date") ?? "");
  return Math.max(0, at - (Number.isNaN(answeredAt) ? nowMs : answeredAt));
}
