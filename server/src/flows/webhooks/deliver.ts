/**
 * Delivers events: claim what is due, try each with no transaction open, write what came of it. A try that is broken off
 * by a crash leaves its lease to run out and is made again: at least once, under the same webhook-id (contract section 5).
 */
import { createBatcher } from "../../base/batcher.ts";
import { type Instant, MICROS_PER_SECOND, plusMs } from "../../base/instant.ts";
import { WORKER } from "../../base/limits.ts";
import type { Books } from "../../domain/account.ts";
import { type AccountId, type EndpointId, showEndpointId, showEventId } from "../../domain/ids.ts";
import { nextTryAt } from "../../domain/retry-schedule.ts";
import type {
  ClaimedDelivery,
  DisabledReason,
  EndpointSecrets,
  HealthSeen,
  TryRecord,
} from "../../domain/webhook.ts";
import { signWebhook, type WebhookSecret } from "../../domain/webhook-signature.ts";
import type { Db } from "../../store/database.ts";
import { recordTries } from "../../store/deliveries.ts";
import type { DueDelivery } from "../../store/due-deliveries.ts";
import { claimDeliveries, disableEndpoint, recordHealth, releaseDelivery } from "../../store/webhooks.ts";
import type { Platform, RecordedTry } from "../platform.ts";
import { sendUnderFaults } from "./rehearsed-faults.ts";
import type { SendOutcome } from "./send.ts";

/** Takes those of one account's deliveries that are still due, and gives each back as a try to be made. */
export async function claim(
  platform: Platform,
  accountId: AccountId,
  due: readonly DueDelivery[],
): Promise<ClaimedDelivery[]> {
  const wall = platform.world.now();
  return await claimDeliveries(platform.db, accountId, due, { wall, until: plusMs(wall, WORKER.leaseMs) });
}

/** Makes one try of a delivery that the caller has claimed, and writes what came of it. */
export async function deliver(platform: Platform, books: Books, delivery: ClaimedDelivery): Promise<void> {
  const triedAt = books.now();
  const send = () =>
    platform.sender.send({
      url: delivery.url,
      headers: signedHeaders(platform, delivery, { id: showEventId(delivery.eventId), body: delivery.body }),
      body: delivery.body,
      signal: platform.breakingOff,
    });
  const outcome = await sendUnderFaults(platform, books, delivery, send);
  if (outcome === null) return;
  if (platform.breakingOff.aborted && outcome.status === null) {
    await releaseDelivery(platform.db, delivery); // broken off by ourselves: no try, and due at once for whoever comes next
    return;
  }
  platform.onTry(outcome.outcome);
  const record = recordOf(platform, delivery, triedAt, outcome);
  await platform.tryRecorder.add(delivery.accountId, { record, isGone: outcome.outcome === "gone" });
  const line = {
    event_id: showEventId(delivery.eventId),
    endpoint_id: showEndpointId(delivery.endpointId),
    try: record.try,
    status: record.statusCode,
    error: record.error,
    ms: record.durationMs,
  };
  if (outcome.outcome === "delivered") platform.log.debug(line, "webhook delivered");
  else platform.log.info(line, "webhook try failed");
}

/** The headers of one try, signed at this moment with the endpoint's secret, and those before while it rotates. */
export function signedHeaders(
  platform: Platform,
  endpoint: EndpointSecrets & { readonly accountId: AccountId; readonly endpointId: EndpointId },
  { id, body }: { readonly id: string; readonly body: string },
): Record<string, string> {
  const timestamp = Number(platform.world.now() / MICROS_PER_SECOND);
  const context = secretContext(endpoint.accountId, endpoint.endpointId);
  const secrets = [endpoint.secret, ...endpoint.earlierSecrets].map((sealed) =>
    platform.cipher.decrypt(sealed, context),
  );
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signWebhook({
      id,
      timestamp,
      body,
      secrets: secrets as WebhookSecret[], // parsed before they were encrypted
    }),
  };
}

/** What an endpoint's encrypted secret is bound to: it cannot be read from another row. */
export function secretContext(accountId: AccountId, endpointId: EndpointId): string {
  return `webhook-secret:${accountId}:${endpointId}`;
}

function recordOf(
  platform: Platform,
  delivery: ClaimedDelivery,
  triedAt: Instant,
  outcome: SendOutcome,
): TryRecord {
  const tries = delivery.tries + 1;
  const base = {
    eventId: delivery.eventId,
    endpointId: delivery.endpointId,
    try: tries,
    triedAt,
    durationMs: Math.round(outcome.durationMs),
    statusCode: outcome.status,
    error: outcome.error,
    responseStart: outcome.responseStart,
    resentAfter: delivery.resentAfter,
  };
  if (outcome.outcome === "delivered") return { ...base, next: { status: "delivered" } };
  if (outcome.outcome === "gone") return { ...base, next: { status: "failed" } };
  const jitter = platform.world.random(4).readUInt32BE() / 2 ** 32;
  // The schedule counts from the try, what the receiver asks for from its answer.
  const retryAfterMs = outcome.retryAfterMs === null ? null : outcome.retryAfterMs + base.durationMs;
  const dueAt = nextTryAt({ triesMade: tries - delivery.resentAfter, triedAt, jitter, retryAfterMs });
  return { ...base, next: dueAt === null ? { status: "failed" } : { status: "pending", dueAt } };
}

/** Results that arrive together are written together: one transaction for all tries of an account that just ended. */
export function createTryRecorder(
  db: Db,
  onDisabled: (endpointId: EndpointId, reason: DisabledReason) => void,
) {
  return createBatcher<AccountId, RecordedTry, null>({
    size: 200,
    concurrency: 1,
    waiting: 10_000,
    leftNothing: () => true, // a try is recorded once, whatever its number of writings: compare-and-set on the count
    run: (accountId, tries) => recordTogether(db, accountId, tries, onDisabled),
  });
}

async function recordTogether(
  db: Db,
  accountId: AccountId,
  tries: readonly RecordedTry[],
  onDisabled: (endpointId: EndpointId, reason: DisabledReason) => void,
): Promise<null[]> {
  const disabled = await db.transaction(async (tx) => {
    await recordTries(
      tx,
      accountId,
      tries.map((t) => t.record),
    );
    await recordHealth(tx, accountId, healthSeen(tries.map((t) => t.record)));
    const gone: EndpointId[] = [];
    for (const endpointId of new Set(tries.filter((t) => t.isGone).map((t) => t.record.endpointId))) {
      if (await disableEndpoint(tx, accountId, endpointId, "gone")) gone.push(endpointId);
    }
    return gone;
  });
  for (const endpointId of disabled) onDisabled(endpointId, "gone");
  return tries.map(() => null);
}

function healthSeen(tries: readonly TryRecord[]): HealthSeen[] {
  return [...Map.groupBy(tries, (made) => made.endpointId)].map(([endpointId, made]) => {
    const inOrder = made.toSorted((a, b) => (a.triedAt < b.triedAt ? -1 : 1));
    const succeededAt = inOrder.findLast(isAcknowledged)?.triedAt ?? null;
    const failed = inOrder.filter(
      (one) => !isAcknowledged(one) && (succeededAt === null || one.triedAt > succeededAt),
    );
    const [first, last] = [failed.at(0), failed.at(-1)];
    return {
      endpointId,
      succeededAt,
      failed: first && last ? { first: first.triedAt, last: last.triedAt } : null,
    };
  });
}

const isAcknowledged = ({ next }: TryRecord): boolean => next.status === "delivered";
