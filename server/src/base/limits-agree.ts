/** That the limits know each other: a lease that ends before what it guards would be worse than none. */
import {
  ADMISSION,
  AUTHENTICATE_BATCH,
  CLOCK_ADVANCE,
  CREATE_BATCH,
  DATABASE,
  HTTP,
  IDEMPOTENCY,
  MISUSE,
  NOTIFICATIONS,
  PROCESSOR,
  TEST_FAULTS,
  WEBHOOK_SENDING,
  WORKER,
} from "./limits.ts";

/** What must hold between limits; asserted once at start. Each sentence says why. */
export function limitsThatDisagree(): readonly string[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [WORKER.leaseMs >= WEBHOOK_SENDING.timeoutMs * 2, "a lease outlasts a delivery's whole try"],
    [WORKER.leaseMs > PROCESSOR.callTimeoutMs, "a lease outlasts a processor's call"],
    [NOTIFICATIONS.unansweredMs > PROCESSOR.callTimeoutMs, "a notification comes once the call was given up"],
    [CLOCK_ADVANCE.leaseMs > WEBHOOK_SENDING.timeoutMs * 2, "an advance's lease outlasts its longest step"],
    [DATABASE.queryTimeoutMs > DATABASE.lockTimeoutMs, "waiting for a key ends before its statement does"],
    [
      HTTP.requestTimeoutMs > DATABASE.lockTimeoutMs + CREATE_BATCH.size * IDEMPOTENCY.lastTryMs,
      "a request outlasts its wait for a key, and the last tries of its whole batch",
    ],
    [CREATE_BATCH.waiting >= CREATE_BATCH.size * CREATE_BATCH.concurrency, "the queue fills the batches"],
    [ADMISSION.creating < ADMISSION.api, "new intents leave places to what is asked about the old ones"],
    [
      ADMISSION.creating >= 2 * CREATE_BATCH.size * CREATE_BATCH.concurrency,
      "the door lets in enough to fill the batches while as many are on their way",
    ],
    [
      ADMISSION.api <= Math.min(CREATE_BATCH.waiting, AUTHENTICATE_BATCH.waiting),
      "whoever was let in finds a place in the queues behind the door",
    ],
    [
      ((ADMISSION.api + ADMISSION.paying + 4 * WORKER.concurrency + WORKER.deliveries) / DATABASE.poolSize) *
        ADMISSION.statementMs <
        DATABASE.connectTimeoutMs,
      "whoever is in work gets a connection to the database before the wait for it ends",
    ],
    [
      ADMISSION.api + ADMISSION.paying < ADMISSION.connections,
      "a connection that waits for no answer is not the reason why others are closed",
    ],
    [
      ADMISSION.connectionsMost / ADMISSION.refusalsPerSecond < 5,
      "even where every connection is to be turned away, the last one hears of it within seconds",
    ],
    [ADMISSION.connections < ADMISSION.connectionsMost, "connections are closed before they are dropped"],
    [
      2 * DATABASE.silentMs < DATABASE.connectTimeoutMs,
      "a database that hangs is known before waits for it end",
    ],
    [HTTP.checkoutBodyBytes < HTTP.bodyBytes, "strangers may send less than merchants"],
    [HTTP.breakOffMs + 1_000 < HTTP.shutdownMs, "what is broken off is put back before all is cut off"],
    [HTTP.shutdownMs + 3_000 < HTTP.exitMs, "the database has time to stop after what ran"],
    [TEST_FAULTS.swapMs > WEBHOOK_SENDING.timeoutMs, "a swapped delivery waits for the other's whole try"],
    [MISUSE.declinesInAccount > MISUSE.attempts, "one address alone cannot use up an account's declines"],
    [HTTP.exitMs < 10_000, "a shutdown ends within the contract's 10 s"],
  ];
  return rules.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}
