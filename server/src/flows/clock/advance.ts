/**
 * Advances an account's clock (test mode): everything due on the way happens in order, at its own time, before the answer
 * (contract section 6). The clock stands still at each thing's due time while that is done; the work itself is the same
 * flows that the worker runs, which leaves the account alone meanwhile.
 */
import { formatInstant, type Instant, latest, parseInstant, plusDays, plusMs } from "../../base/instant.ts";
import { CLOCK_ADVANCE } from "../../base/limits.ts";
import { pause } from "../../base/pause.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Account, accountNow, type Books, booksAt } from "../../domain/account.ts";
import { findAccount, leaseClock, releaseClock, stepClock } from "../../store/accounts.ts";
import { Overtaken } from "../../store/database.ts";
import type { Look } from "../../store/due.ts";
import { answerKey } from "../../store/idempotency.ts";
import {
  DELIVERIES,
  DISABLINGS,
  type DueKind,
  type DueThing,
  EXPIRIES,
  LOOK_UPS,
  REFUNDS,
  RENEWALS,
} from "../due.ts";
import {
  type Answered,
  claimOrFind,
  findKey,
  isSameRequest,
  type Keyed,
  type KeyFailure,
  replay,
} from "../once.ts";
import type { Platform } from "../platform.ts";

export type AdvanceCommand = {
  readonly to: { readonly seconds: bigint } | { readonly instant: Instant };
  /** The clock jumps first and the work catches up after, as after an outage. */
  readonly skip: boolean;
  readonly keyed: Keyed | null;
  readonly present: (now: Instant, done: boolean) => string;
};

export type AdvanceFailure =
  | { readonly kind: "clock_not_in_live_mode" }
  | { readonly kind: "clock_cannot_go_back"; readonly now: Instant }
  | { readonly kind: "clock_too_far"; readonly days: number }
  /** Another advance of this account is still at work. */
  | { readonly kind: "clock_busy" };

export async function advance(
  platform: Platform,
  books: Books,
  command: AdvanceCommand,
): Promise<Result<Answered, AdvanceFailure | KeyFailure>> {
  const { account } = books;
  if (account.mode !== "test") return fail({ kind: "clock_not_in_live_mode" });
  const begun = await begin(platform, account, command);
  if (!begun.ok) return begun;
  if (begun.value.kind === "replay") return ok(begun.value.answered);
  const body = await work(platform, account, begun.value, command);
  if (body === null) return fail({ kind: "clock_busy" });
  platform.wake();
  return ok({ body, replayed: false });
}

type Lease = {
  readonly kind: "leased";
  readonly from: Instant;
  readonly target: Instant;
  readonly until: Instant;
};
type Begun = Lease | { readonly kind: "replay"; readonly answered: Answered };

/** The lease and the key commit together; while another advance has the account, this one waits. */
async function begin(
  platform: Platform,
  account: Account,
  command: AdvanceCommand,
): Promise<Result<Begun, AdvanceFailure | KeyFailure>> {
  const giveUpAt = plusMs(platform.world.now(), CLOCK_ADVANCE.waitMs);
  while (platform.world.now() < giveUpAt) {
    const begun = await tryToBegin(platform, account, command);
    if (!begun.ok || begun.value !== "busy") return begun as Result<Begun, AdvanceFailure | KeyFailure>;
    await pause(25);
  }
  return fail({ kind: "clock_busy" });
}

async function tryToBegin(
  platform: Platform,
  { accountId }: Account,
  command: AdvanceCommand,
): Promise<Result<Begun | "busy", AdvanceFailure | KeyFailure>> {
  return await platform.db.transaction(async (tx) => {
    const account = await findAccount(tx, accountId);
    if (!account) throw new Error("Assertion failed: a client has its account");
    const wall = platform.world.now();
    const now = accountNow(account.clock, wall);
    const known = command.keyed && (await findKey(tx, platform.world, accountId, command.keyed.key));
    if (known && command.keyed && (known.answer !== null || !isSameRequest(known, command.keyed))) {
      const replayed = replay(known, command.keyed);
      return replayed.ok ? ok({ kind: "replay", answered: replayed.value } as const) : replayed;
    }
    const asked =
      "seconds" in command.to ? plusMs(now, Number(command.to.seconds) * 1_000) : command.to.instant;
    const refused = known ? null : refusal(now, asked);
    if (refused) return fail(refused);
    // A known key without an answer: the advance was broken off by a crash, and goes on to where it was going.
    const from = account.clock.state === "frozen" ? now : plusMs(now, CLOCK_ADVANCE.aheadMs);
    const target = latest(from, parseInstant(known?.resume ?? "") ?? asked);
    const until = plusMs(wall, CLOCK_ADVANCE.leaseMs);
    const leased = await leaseClock(tx, accountId, { seen: account.clock, frozenAt: from, wall, until });
    if (!leased) return ok("busy" as const);
    if (command.keyed && !known) {
      const claim = { ...command.keyed, answer: null, resume: formatInstant(target) };
      if (await claimOrFind(tx, platform.world, accountId, claim))
        throw new Overtaken("another has claimed the key");
    }
    return ok({ kind: "leased", from, target, until } as const);
  });
}

function refusal(now: Instant, target: Instant): AdvanceFailure | null {
  if (target < now) return { kind: "clock_cannot_go_back", now };
  const { furthestDays: days } = CLOCK_ADVANCE;
  return target > plusDays(now, days) ? { kind: "clock_too_far", days } : null;
}

/** The answer's body. Null: the lease was lost to another advance. Whatever ends the work, the clock runs again from where it stands. */
async function work(
  platform: Platform,
  account: Account,
  lease: Lease,
  { skip, keyed, present }: AdvanceCommand,
): Promise<string | null> {
  const { accountId } = account;
  const { db, world } = platform;
  const held = { until: lease.until };
  try {
    const came = await walk(platform, account, lease, skip, held);
    if (!came) return null;
    const body = present(came.now, came.done);
    // Together: whoever waits with the same key finds the clock held, or the answer.
    const isReleased = await db.transaction(async (tx) => {
      if (!(await releaseClock(tx, accountId, held.until, world.now()))) return false;
      if (keyed) await answerKey(tx, accountId, keyed.key, body);
      return true;
    });
    return isReleased ? body : null;
  } catch (error) {
    await releaseClock(db, accountId, held.until, world.now()).catch(() => false); // else the worker does it when the lease has ended
    throw error;
  }
}

/** From one due time to the next, until the target, the budget or a shutdown. Null: the lease was lost. */
async function walk(
  platform: Platform,
  account: Account,
  { from, target }: Lease,
  skip: boolean,
  held: { until: Instant },
): Promise<{ now: Instant; done: boolean } | null> {
  const stopAt = plusMs(platform.world.now(), CLOCK_ADVANCE.budgetMs);
  let now = skip ? target : from;
  for (;;) {
    const due = await earliest(platform, account, target);
    const next = due.length > 0 ? latest(now, due[0]?.dueAt ?? now) : target;
    const isTimeUp = platform.world.now() >= stopAt || platform.stopping.aborted;
    if (due.length > 0 && isTimeUp) return { now, done: false };
    const until = plusMs(platform.world.now(), CLOCK_ADVANCE.leaseMs);
    if (!(await stepClock(platform.db, account.accountId, { held: held.until, to: next, until })))
      return null;
    held.until = until;
    now = next;
    if (due.length === 0) return { now, done: true };
    const performed = await Promise.all(due.map((task) => task.perform(booksAt(account, now))));
    if (!performed.some(Boolean)) await pause(20); // begun by the worker before the advance: done in a moment
  }
}

type Task = { readonly dueAt: Instant; perform(books: Books): Promise<boolean> };

/** All of the one kind that comes first; at the same instant money comes before time limits, and both before telling. */
async function earliest(platform: Platform, account: Account, target: Instant): Promise<readonly Task[]> {
  const kinds = await Promise.all([
    tasks(platform, LOOK_UPS, account, target),
    tasks(platform, REFUNDS, account, target),
    tasks(platform, RENEWALS, account, target),
    tasks(platform, EXPIRIES, account, target),
    tasks(platform, DISABLINGS, account, target),
    tasks(platform, DELIVERIES, account, target),
  ]);
  return kinds.reduce((first, kind) => {
    const [a, b] = [first[0]?.dueAt, kind[0]?.dueAt];
    return b !== undefined && (a === undefined || b < a) ? kind : first;
  });
}

const TASKS_AT_ONCE = 16;

async function tasks<T extends DueThing>(
  platform: Platform,
  kind: DueKind<T>,
  { accountId }: Account,
  at: Instant,
): Promise<Task[]> {
  // Leased rows too: what a worker began must be done before the clock goes on.
  const look: Look = { at, wall: plusDays(platform.world.now(), 1), of: { accountId }, most: TASKS_AT_ONCE };
  const found = await kind.find(platform, look, null);
  return found
    .filter((due) => due.dueAt === found[0]?.dueAt)
    .map((due) => ({ dueAt: due.dueAt, perform: (books) => kind.perform(platform, books, due) }));
}
