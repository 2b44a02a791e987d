/** Who waits for whom inside PostgreSQL, and whom the simulation calls back so that waiting decides nothing by chance. */
import type { Observer } from "./observer.ts";

export type Waiter = { readonly pid: number; readonly blockers: number[] };

/** Statements of this database that wait for a lock, the newest last. */
export async function findWaiters(observer: Observer): Promise<Waiter[]> {
  const { rows } = await observer.query({
    text: `
    select a.pid, pg_blocking_pids(a.pid) as blockers
      from pg_stat_activity a
     where a.datname = current_database()
       and exists (select 1 from pg_locks l where l.pid = a.pid and not l.granted)
     order by a.query_start`,
  });
  return rows as Waiter[];
}

/** Of the waiters in a circle the newest, which closed it; null: there is no circle. */
export function victimOf(waiters: readonly Waiter[]): number | null {
  const blockers = new Map(waiters.map((waiter) => [waiter.pid, waiter.blockers]));
  const leadsBack = (from: number, to: number, seen: Set<number>): boolean =>
    (blockers.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return leadsBack(next, to, seen);
    });
  const circle = waiters.filter(({ pid }) => leadsBack(pid, pid, new Set()));
  return circle.at(-1)?.pid ?? null;
}

/** Of two waiters for the same transaction the newer; null: there are no two. */
export function rivalOf(waiters: readonly Waiter[]): number | null {
  const rivals = waiters.filter((waiter, index) =>
    waiters.slice(0, index).some((earlier) => earlier.blockers.some((pid) => waiter.blockers.includes(pid))),
  );
  return rivals.at(-1)?.pid ?? null;
}
