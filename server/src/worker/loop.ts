/**
 * The worker: lanes that look for what is due and hand it to its flow. A lane looks when it is woken, when something ended
 * while more was waiting, and every half second as the safety net. It holds no state that matters: what it was doing when it
 * was killed is found again by its due time and lease.
 */
import { plusMs } from "../base/instant.ts";
import { IDEMPOTENCY, WORKER } from "../base/limits.ts";
import { type Account, booksOf } from "../domain/account.ts";
import type { AccountId, EndpointId } from "../domain/ids.ts";
import {
  DELIVERIES,
  type DueKind,
  type DueThing,
  EXPIRIES,
  LOOK_UPS,
  REFUNDS,
  RENEWALS,
} from "../flows/due.ts";
import type { Platform } from "../flows/platform.ts";
import { accountsWithMovedClock, findAccounts, releaseAbandonedClocks } from "../store/accounts.ts";
import { DatabaseUnavailable } from "../store/database.ts";
import { sweepKeys } from "../store/idempotency.ts";

export type Worker = {
  /** Look now: something became due. */
  readonly wake: () => void;
  /** Begins nothing more, and waits for what is under way. */
  readonly stop: () => Promise<void>;
};

type Lane = { look(): void; drain(): Promise<void> };

export function startWorker(platform: Platform): Worker {
  const stopping = new AbortController();
  const lanes: Lane[] = [
    openLane(platform, stopping.signal, LOOK_UPS, WORKER.concurrency),
    openLane(platform, stopping.signal, REFUNDS, WORKER.concurrency),
    openLane(platform, stopping.signal, RENEWALS, WORKER.concurrency),
    openLane(platform, stopping.signal, EXPIRIES, WORKER.concurrency),
    openLane(platform, stopping.signal, DELIVERIES, WORKER.deliveries, (due) => due.endpointId),
  ];
  const lookEverywhere = () => {
    for (const lane of lanes) lane.look();
  };
  const poll = setInterval(lookEverywhere, WORKER.pollMs);
  const sweeps = new Set<Promise<void>>();
  const sweeper = setInterval(() => {
    const swept = sweep(platform).finally(() => sweeps.delete(swept));
    sweeps.add(swept);
  }, WORKER.sweepMs);
  lookEverywhere();
  return {
    wake: lookEverywhere,
    async stop() {
      stopping.abort();
      clearInterval(poll);
      clearInterval(sweeper);
      await Promise.all([...lanes.map((lane) => lane.drain()), ...sweeps]);
    },
  };
}

function openLane<T extends DueThing>(
  platform: Platform,
  stopping: AbortSignal,
  kind: DueKind<T>,
  concurrency: number,
  endpointOf?: (due: T) => EndpointId,
): Lane {
  const underWay = new Map<string, { done: Promise<void>; endpoint: EndpointId | undefined }>();
  let looking: Promise<void> | null = null;
  let lookAgain = false;

  const begin = (account: Account, due: T): void => {
    const key = kind.key(due);
    const done = kind
      .perform(platform, booksOf(account, platform.world), due)
      .then(() => undefined)
      .catch((error: unknown) => report(platform, kind.name, error))
      .finally(() => {
        underWay.delete(key);
        // An event may have waited for the intent's earlier one, and any delivery for a place at its endpoint.
        if (lookAgain || endpointOf) look();
      });
    underWay.set(key, { done, endpoint: endpointOf?.(due) });
  };

  const lookOnce = async (): Promise<void> => {
    const room = concurrency - underWay.size;
    if (room <= 0) {
      lookAgain = true;
      return;
    }
    const found = await findDue(platform, kind, busyEndpoints(underWay.values()));
    const fresh = found.filter(({ due }) => !underWay.has(kind.key(due)));
    const perEndpoint = new Map<EndpointId, number>();
    for (const { endpoint } of underWay.values()) if (endpoint) count(perEndpoint, endpoint);
    let begun = 0;
    for (const { account, due } of fresh) {
      if (begun >= room || stopping.aborted) break;
      const endpoint = endpointOf?.(due);
      if (endpoint && count(perEndpoint, endpoint) > WORKER.deliveriesPerEndpoint) continue;
      begin(account, due);
      begun++;
    }
    // More is waiting than found a place: whoever ends first looks again.
    lookAgain ||= begun < fresh.length || found.length >= WORKER.scanRows;
  };

  function look(): void {
    if (stopping.aborted) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    looking = lookOnce()
      .catch((error: unknown) => report(platform, kind.name, error))
      .finally(() => {
        looking = null;
        if (lookAgain && underWay.size < concurrency) setImmediate(look);
      });
  }

  return {
    look,
    async drain() {
      await looking;
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
}

function count(counts: Map<EndpointId, number>, endpoint: EndpointId): number {
  const next = (counts.get(endpoint) ?? 0) + 1;
  counts.set(endpoint, next);
  return next;
}

function busyEndpoints(underWay: Iterable<{ endpoint: EndpointId | undefined }>): EndpointId[] {
  const counts = new Map<EndpointId, number>();
  for (const { endpoint } of underWay) if (endpoint) count(counts, endpoint);
  return [...counts]
    .filter(([, tries]) => tries >= WORKER.deliveriesPerEndpoint)
    .map(([endpoint]) => endpoint);
}

/**
 * One look by wall time serves all accounts, since no account's clock is behind it; one more serves each account whose
 * clock runs ahead. Accounts that an advance holds are left to it.
 */
async function findDue<T extends DueThing>(
  platform: Platform,
  kind: DueKind<T>,
  busy: readonly EndpointId[],
): Promise<{ account: Account; due: T }[]> {
  const wall = platform.world.now();
  const moved = await accountsWithMovedClock(platform.db);
  const frozen = moved
    .filter((account) => account.clock.state === "frozen")
    .map((account) => account.accountId);
  const look = { wall, most: WORKER.scanRows };
  const found = await kind.find(platform, { ...look, at: wall, of: { allBut: frozen } }, busy);
  for (const account of moved) {
    if (account.clock.state === "frozen") continue;
    const at = booksOf(account, platform.world).now();
    found.push(...(await kind.find(platform, { ...look, at, of: { accountId: account.accountId } }, busy)));
  }
  if (found.length === 0) return [];
  const distinct = new Map(found.map((due) => [kind.key(due), due]));
  const accounts = await accountsOf(platform, [...distinct.values()]);
  return [...distinct.values()].flatMap((due) => {
    const account = accounts.get(due.accountId);
    return account && account.clock.state !== "frozen" ? [{ account, due }] : [];
  });
}

async function accountsOf(platform: Platform, due: readonly DueThing[]): Promise<Map<AccountId, Account>> {
  const found = await findAccounts(platform.db, [...new Set(due.map((thing) => thing.accountId))]);
  return new Map(found.map((account) => [account.accountId, account]));
}

/** Once a minute: forgotten keys go, and clocks that a broken-off advance left standing run again. */
async function sweep(platform: Platform): Promise<void> {
  try {
    const wall = platform.world.now();
    await sweepKeys(platform.db, plusMs(wall, -IDEMPOTENCY.rememberedMs), IDEMPOTENCY.sweepRows);
    const released = await releaseAbandonedClocks(platform.db, wall);
    for (const accountId of released)
      platform.log.warn({ account_id: accountId }, "a broken-off clock advance was ended");
  } catch (error) {
    report(platform, "sweeping", error);
  }
}

function report(platform: Platform, what: string, error: unknown): void {
  if (error instanceof DatabaseUnavailable)
    platform.log.warn({ err: error }, `${what} wait for the database`);
  else platform.log.error({ err: error }, `${what} met an error; what was due will be tried again`);
}
