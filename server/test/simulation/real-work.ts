/**
 * Work that really takes time: statements at PostgreSQL. One step's work runs at a time, and what came of it is handed out
 * only when nothing moves any more; so the order in which results arrive over the network decides nothing.
 *
 * A statement may wait for a row that another, halted in the middle of its transaction, holds. Then its step is over too:
 * it goes on when the other's transaction ends. Whether it waits is PostgreSQL's word (pg_locks), not a matter of time.
 * Where halted transactions wait for each other in a circle, the one that closed it is the victim, as PostgreSQL would decide.
 * Where two wait for the same transaction, PostgreSQL would wake both at its end and let them race; so the later one is
 * called back, and asks again a little later.
 */
import { findWaiters, rivalOf, victimOf } from "./lock-waits.ts";
import type { Observer } from "./observer.ts";
import type { Life } from "./timeline.ts";

export type RealWork = {
  /** Counts as moving until `arrive` is called with the work done; then the caller waits for its turn. */
  begin(life: Life): Piece;
  /** Nothing of this life is waited for any more. */
  forget(life: Life): void;
  /** Resolves when nothing moves: all has been handed out, or waits for a lock. */
  settle(): Promise<void>;
  /** How many pieces wait for a lock. */
  waiting(): number;
  /** Why a statement that PostgreSQL cancelled was cancelled: the simulation asked for it. */
  cancelledAs(): Cancelled;
};
export type Cancelled = "deadlock" | "called back";
/** Resolves when it is this piece's turn; never, where its life has ended. */
export type Piece = { arrive(): Promise<void> };

type Kept = { readonly id: number; readonly life: Life; deliver: (() => void) | null };

/** A statement that is not back after this is asked after; each time in vain, since it is only slow, a little later. */
const ASK_AFTER_MS = { first: 2, last: 32 } as const;

/** `observer` is a connection of the simulation's own to the same database. */
export function createRealWork(observer: Observer): RealWork {
  const pieces = new Map<number, Kept>();
  let ids = 0;
  let cancelled: Cancelled = "deadlock";
  let waiting = 0;
  let askAfterMs: number = ASK_AFTER_MS.first;
  const bell = createBell();

  const moving = () => [...pieces.values()].filter((piece) => piece.deliver === null);

  async function isStuck(): Promise<boolean> {
    const count = moving().length;
    // Those that were found waiting before most likely still do.
    if (count > waiting) {
      await bell.heard(askAfterMs);
      if (moving().length !== count) return false;
    }
    const waiters = await findWaiters(observer);
    if (moving().length !== count || waiters.length !== count) {
      askAfterMs = Math.min(2 * askAfterMs, ASK_AFTER_MS.last);
      return false;
    }
    askAfterMs = ASK_AFTER_MS.first;
    const victim = victimOf(waiters);
    const rival = rivalOf(waiters);
    if (victim !== null || rival !== null) {
      cancelled = victim === null ? "called back" : "deadlock";
      const back = bell.heard(5_000);
      await observer.query({ text: "select pg_cancel_backend($1)", values: [victim ?? rival] });
      await back;
      return false;
    }
    waiting = count;
    return true;
  }

  return {
    begin(life) {
      const piece: Kept = { id: ids++, life, deliver: null };
      pieces.set(piece.id, piece);
      return {
        arrive: () =>
          new Promise((resolve) => {
            piece.deliver = resolve;
            bell.ring();
          }),
      };
    },
    forget(life) {
      for (const piece of pieces.values()) if (piece.life === life) pieces.delete(piece.id);
      waiting = Math.min(waiting, moving().length);
    },
    async settle() {
      for (;;) {
        await turn();
        await turn();
        const still = moving().length;
        if (still === 0) askAfterMs = ASK_AFTER_MS.first;
        if (still > 0 && !(await isStuck())) continue;
        if (still === 0) waiting = 0;
        const next = [...pieces.values()].find((piece) => piece.deliver !== null);
        if (!next) return;
        pieces.delete(next.id);
        next.deliver?.();
      }
    },
    waiting: () => waiting,
    cancelledAs: () => cancelled,
  };
}

type Bell = { ring(): void; heard(withinMs: number): Promise<void> };

/** `heard` resolves when it rings, or when so much of real time has passed. */
function createBell(): Bell {
  let wake = () => {};
  return {
    ring: () => wake(),
    heard: (withinMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => wake(), withinMs);
        wake = () => {
          clearTimeout(timer);
          wake = () => {};
          resolve();
        };
      }),
  };
}

/** One turn of the event loop: what follows from the last result at once has been done after it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
