/**
 * The worker: lanes that look for what is due and hand it to its flow. A lane looks when it is woken, when something ended
 * while more was waiting, and every half second as the safety net. It holds no state that matters: what it was doing when it
 * was killed is found again by its due time and lease.
 */
import { plusMs } from "../base/instant.ts";
import { IDEMPOTENCY, LOGGED, WORKER } from "../base/limits.ts";
import { createSeldom, type Seldom } from "../base/seldom.ts";
import { type Account, booksOf } from "../domain/account.ts";
import type { AccountId, EndpointId } from "../domain/ids.ts";
import {
  DELIVERIES,
  DISABLINGS,
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
import { createPlaces, FAILING, type Holder, holdersOf, holdersOfDelivery } from "./places.ts";

export type Worker = {
  /** Look now: something became due. */
  readonly wake: () => void;
  /** Begins nothing more, and waits for what is under way. */
  readonly stop: () => Promise<void>;
};

type Lane = { look(): void; drain(): Promise<void> };

type Around = {
  readonly platform: Platform;
  readonly stopping: AbortSignal;
  /** What all lanes together say of a database that is away. */
  readonly waits: Seldom;
};

export function startWorker(platform: Platform): Worker {
  const stopping = new AbortController();
  const around: Around = {
    platform,
    stopping: stopping.signal,
    waits: createSeldom(platform.world, LOGGED.calmMs),
  };
  const lanes: Lane[] = [
    openLane(around, LOOK_UPS, WORKER.concurrency, holdersOf),
    openLane(around, REFUNDS, WORKER.concurrency, holdersOf),
    openLane(around, RENEWALS, WORKER.concurrency, holdersOf),
    openLane(around, EXPIRIES, WORKER.concurrency, holdersOf),
    openLane(around, DISABLINGS, WORKER.concurrency, holdersOf),
    openLane(around, DELIVERIES, WORKER.deliveries, holdersOfDelivery),
  ];
  const lookEverywhere = () => {
    for (const lane of lanes) lane.look();
  };
  const poll = setInterval(lookEverywhere, WORKER.pollMs);
  const sweeps = new Set<Promise<void>>();
  const sweeper = setInterval(() => {
    const swept = sweep(around).finally(() => sweeps.delete(swept));
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
  around: Around,
  kind: DueKind<T>,
  concurrency: number,
  holders: (due: T) => Holder[],
): Lane {
  const { platform, stopping } = around;
  const underWay = new Map<string, Promise<void>>();
  const places = createPlaces(concurrency);
  let looking: Promise<void> | null = null;
  let lookAgain = false;

  const begin = (account: Account, due: T): void => {
    const key = kind.key(due);
    const held = holders(due);
    places.take(held);
    const done = kind
      .perform(platform, booksOf(account, platform.world), due)
      .then(() => undefined)
      .catch((error: unknown) => report(around, kind.name, error))
      .finally(() => {
        underWay.delete(key);
        places.giveBack(held);
        // A delivery may have waited for the intent's earlier event, or for a place.
        if (lookAgain || kind.name === DELIVERIES.name) look();
      });
    underWay.set(key, done);
  };

  const lookOnce = async (): Promise<void> => {
    if (places.free() === 0) {
      lookAgain = true;
      return;
    }
    const found = await findDue(platform, kind, places.full());
    noteAnswer(around);
    const fresh = found.filter(({ due }) => !underWay.has(kind.key(due)));
    let begun = 0;
    for (const { account, due } of fresh) {
      if (stopping.aborted || !places.mayTake(holders(due))) continue;
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
      .catch((error: unknown) => report(around, kind.name, error))
      .finally(() => {
        looking = null;
        if (lookAgain && places.free() > 0) setImmediate(look);
      });
  }

  return {
    look,
    async drain() {
      await looking;
      await Promise.all(underWay.values());
    },
  };
}

/**
 * One look by wall time serves all accounts, since no account's clock is behind it; one more serves each account whose
 * clock runs ahead. Accounts that an advance holds are left to it.
 */
async function findDue<T extends DueThing>(
  platform: Platform,
  kind: DueKind<T>,
  full: ReadonlySet<string>,
): Promise<{ account: Account; due: T }[]> {
  const wall = platform.world.now();
  const moved = await accountsWithMovedClock(platform.db);
  const frozen = moved
    .filter((account) => account.clock.state === "frozen")
    .map((account) => account.accountId);
  const named = [...full].filter((holder) => holder !== FAILING);
  const busy = {
    accounts: named as AccountId[],
    endpoints: named as EndpointId[],
    failing: full.has(FAILING),
  };
  const look = { wall, most: WORKER.scanRows };
  const found = await kind.find(platform, { ...look, at: wall, of: { allBut: frozen } }, busy);
  for (const account of moved) {
    if (account.clock.state === "frozen" || full.has(account.accountId)) continue;
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

/** Once in a while: forgotten keys go, and clocks that a broken-off advance left standing run again. */
async function sweep(around: Around): Promise<void> {
  const { platform } = around;
  try {
    const wall = platform.world.now();
    await sweepKeys(platform.db, plusMs(wall, -IDEMPOTENCY.rememberedMs), IDEMPOTENCY.sweepRows);
    const released = await releaseAbandonedClocks(platform.db, wall);
    for (const accountId of released)
      platform.log.warn({ account_id: accountId }, "a broken-off clock advance was ended");
  } catch (error) {
    report(around, "sweeping", error);
  }
}

/** An outage is told once, by the first lane that meets it, and not by each at each look. */
function report({ platform: { log }, waits }: Around, what: string, error: unknown): void {
  if (error instanceof DatabaseUnavailable)
    waits.happened((times) => log.warn({ err: error, times }, `${what} wait for the database`));
  else log.error({ err: error }, `${what} met an error; what was due will be tried again`);
}

function noteAnswer({ platform, waits }: Around): void {
  waits.over((times) => platform.log.info({ times }, "work goes on: the database answers"));
}
