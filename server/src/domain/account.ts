/**
 * An account is the books of one merchant in one mode: test and live are two accounts of the same merchant, so nothing
 * of one can reach the other. A client is a pair of id and secret that acts on one account.
 */
import { PERMISSIONS, type Permission } from "@mintro/contract/vocabulary";
import { type Instant, plusMicros } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import type { AccountId, ClientId, MerchantId } from "./ids.ts";

export type Mode = "test" | "live";

export { PERMISSIONS, type Permission };

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

/** How an account's time follows from wall time: it runs ahead by an offset, or stands still while an advance works. */
export type AccountClock =
  | { readonly state: "running"; readonly offsetMicros: bigint }
  | { readonly state: "frozen"; readonly at: Instant };

export type Account = {
  readonly accountId: AccountId;
  readonly merchantId: MerchantId;
  readonly mode: Mode;
  readonly name: string;
  readonly clock: AccountClock;
};

export type Client = {
  readonly clientId: ClientId;
  readonly secretSha256: Buffer;
  /** The secret before the last rotation, which opens too until its time (wall time). */
  readonly previousSecret: { readonly sha256: Buffer; readonly until: Instant } | null;
  readonly permissions: readonly Permission[];
  readonly revoked: boolean;
  /** To the minute; null: never. */
  readonly lastUsedAt: Instant | null;
  readonly account: Account;
};

/** The first of `wanted` that is not among `held`: nobody can give, or use through another, what they lack themselves. */
export function lackingPermission(
  held: readonly Permission[],
  wanted: readonly Permission[],
): Permission | null {
  return wanted.find((permission) => !held.includes(permission)) ?? null;
}

export function accountNow(clock: AccountClock, wall: Instant): Instant {
  return clock.state === "frozen" ? clock.at : plusMicros(wall, clock.offsetMicros);
}

/** One account's books at work: whose they are, and what time it is in them. */
export type Books = { readonly account: Account; readonly now: () => Instant };

export function booksOf(account: Account, world: World): Books {
  return { account, now: () => accountNow(account.clock, world.now()) };
}

/** Books whose clock stands at one instant: what an advance hands to the work that is due then. */
export function booksAt(account: Account, at: Instant): Books {
  return { account, now: () => at };
}
