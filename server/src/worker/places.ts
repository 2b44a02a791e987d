/**
 * How the places of a lane are shared, so that a backlog, or a receiver that hangs, takes no more than its share. A holder
 * may have one more thing under way while it has less than a number of times the free places: one alone gets many, of many
 * each gets few, and some stay free for whoever comes next, without anybody's share being known beforehand (dynamic
 * thresholds, Choudhury and Hahne 1998, as switches share a buffer). A holder with nothing under way gets any free place.
 */
import { WORKER } from "../base/limits.ts";

export type Holder = {
  /** Tells one holder from another, of all kinds. */
  readonly key: string;
  /** How many times the free places it may have. */
  readonly share: number;
  /** And never more than this. */
  readonly most?: number;
};

export type Places = {
  readonly free: () => number;
  /** Whether one more thing that all of these hold may begin. */
  readonly mayTake: (holders: readonly Holder[]) => boolean;
  readonly take: (holders: readonly Holder[]) => void;
  readonly giveBack: (holders: readonly Holder[]) => void;
  /** Of those that hold anything, the ones that may not have more now. */
  readonly full: () => ReadonlySet<string>;
};

export function createPlaces(size: number): Places {
  const held = new Map<string, { readonly holder: Holder; count: number }>();
  let free = size;
  const isFull = ({ key, share, most = size }: Holder): boolean => {
    const count = held.get(key)?.count ?? 0;
    return count > 0 && count >= Math.min(most, share * free);
  };
  return {
    free: () => free,
    mayTake: (holders) => free > 0 && !holders.some(isFull),
    take(holders) {
      free--;
      for (const holder of holders) {
        const known = held.get(holder.key);
        if (known) known.count++;
        else held.set(holder.key, { holder, count: 1 });
      }
    },
    giveBack(holders) {
      free++;
      for (const { key } of holders) {
        const known = held.get(key);
        if (known && --known.count === 0) held.delete(key);
      }
    },
    full: () =>
      new Set([...held.values()].filter(({ holder }) => isFull(holder)).map(({ holder }) => holder.key)),
  };
}

/**
 * Who holds a delivery: its endpoint, and not its account, whose endpoints that hang would else hold up its sound ones. All
 * endpoints whose last try failed share a part: most that hang have hung before.
 */
export function holdersOfDelivery(due: {
  readonly endpointId: string;
  readonly isFailing: boolean;
}): Holder[] {
  const { endpointShare, deliveriesPerEndpoint, failingShare } = WORKER;
  return [
    { key: due.endpointId, share: endpointShare, most: deliveriesPerEndpoint },
    ...(due.isFailing ? [{ key: FAILING, share: failingShare }] : []),
  ];
}

/** The holder that stands for all failing endpoints. */
export const FAILING = "failing";

/** Who holds anything else. */
export function holdersOf(due: { readonly accountId: string }): Holder[] {
  return [{ key: due.accountId, share: WORKER.accountShare }];
}
