/**
 * Follows an account's events over `GET /events`, whose list is newest first, so that each is told once and none is missed:
 * also many in a burst, several of the same instant, and one that becomes visible late, behind newer ones, since its
 * transaction took longer. Hence each look reads on until a page brings nothing new, and every few seconds one reads back
 * as far as a transaction can be late.
 */

import { sixDecimals } from "./span.ts";

export type FeedEvent = {
  /** `evt_…` */
  readonly id: string;
  readonly event: string;
  readonly intentId: string;
  /** In the account's time, six decimals: texts compare as the moments do. */
  readonly createdAt: string;
  /** Byte for byte what a webhook of it sends. */
  readonly body: string;
};

export type FeedPage = { readonly events: readonly FeedEvent[]; readonly next: string | null };

export type Feed = {
  /** Events that were not told yet, the oldest first. Rejects as `readPage` does, and then has told nothing. */
  look(): Promise<FeedEvent[]>;
};

/** No transaction of the platform lasts longer: a statement is given up after 45 s, a lock after 30 s. */
const LATE_MS = 60_000;
const LOOK_BACK_EVERY_MS = 5_000;
/** Ids that are remembered at least, so that what lies on the first page is known even when it is old. */
const REMEMBERED = 1_000;

/**
 * `since`: the moment from which events are told; null for those that happen after the first look. `now`: milliseconds that
 * only grow, for how long ago something was seen. The first look then tells nothing.
 */
export function createFeed(
  readPage: (cursor: string | null) => Promise<FeedPage>,
  options: { readonly since: string | null; readonly now?: () => number },
): Feed {
  const now = options.now ?? (() => performance.now());
  const told = new Map<string, FeedEvent>();
  /** What the newest event was, and when it was so: all that is a minute older cannot get company any more. */
  let heads: { readonly at: number; readonly newest: string }[] = [];
  /** Nothing older is told. */
  let floor = options.since === null ? "" : sixDecimals(options.since);
  let started = options.since !== null;
  /** When it last read back, and when it does again. */
  let lookedBackAt = 0;
  let lookBackAt = 0;

  async function look(): Promise<FeedEvent[]> {
    const startedAt = now();
    const isLookingBack = startedAt >= lookBackAt;
    const depth = isLookingBack ? settled() : "\uffff";
    const found = await read(depth);
    const newest = found[0]?.createdAt ?? "";
    remember(found, newest, startedAt);
    if (isLookingBack) {
      lookedBackAt = startedAt;
      lookBackAt = now() + Math.max(LOOK_BACK_EVERY_MS, 10 * (now() - startedAt));
    }
    if (started) return found.sort(byAge);
    started = true;
    return [];
  }

  /** What is new, the newest first: page by page until one brings nothing new and is older than `depth`. */
  async function read(depth: string): Promise<FeedEvent[]> {
    const found = new Map<string, FeedEvent>();
    let cursor: string | null = null;
    do {
      const page: FeedPage = await readPage(cursor);
      const fresh = page.events.filter((event) => event.createdAt >= floor && !told.has(event.id));
      for (const event of fresh) found.set(event.id, event);
      if (!started && floor === "") floor = startOf(page);
      const last = page.events.at(-1)?.createdAt ?? "";
      if (last < floor || (fresh.length === 0 && last < depth)) break;
      cursor = page.next;
    } while (cursor !== null);
    return [...found.values()];
  }

  /**
   * What is older was complete when it last read back: whatever became visible since then was begun at most LATE_MS before
   * that, however long ago that is now.
   */
  function settled(): string {
    const old = heads.filter((head) => head.at <= lookedBackAt - LATE_MS);
    if (old.length > 1) heads = heads.slice(old.length - 1);
    return old.at(-1)?.newest ?? floor;
  }

  function remember(found: readonly FeedEvent[], newest: string, at: number): void {
    for (const event of [...found].reverse()) told.set(event.id, event);
    const known = heads.at(-1)?.newest ?? "";
    if (newest > known) heads.push({ at, newest });
    for (const forgotten of forgettable(told, settled())) {
      told.delete(forgotten.id);
      if (forgotten.createdAt >= floor) floor = justAfter(forgotten.createdAt); // it may not be told again
    }
  }

  return { look };
}

/** What lies before `complete` and is not among the newest told, the first told first. */
function* forgettable(told: ReadonlyMap<string, FeedEvent>, complete: string): Iterable<FeedEvent> {
  for (const event of told.values()) {
    if (told.size <= REMEMBERED || event.createdAt >= complete) return;
    yield event;
  }
}

/** Where to begin with what happens from now on: a little before the newest, for what is late. */
function startOf(page: FeedPage): string {
  const newest = page.events[0]?.createdAt;
  if (newest === undefined) return "";
  return sixDecimals(new Date(Date.parse(newest) - LATE_MS).toISOString());
}

function justAfter(moment: string): string {
  return `${moment}\uffff`;
}

function byAge(a: FeedEvent, b: FeedEvent): number {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;
}
