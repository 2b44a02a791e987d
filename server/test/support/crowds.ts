/** Many requests at the same moment, to one server or to two on the same database, and what came of them all. */
import { randomBytes } from "node:crypto";
import { newMerchant } from "./merchants.ts";
import { type Merchant, merchantOf, type Reply, startPlatform, type TestPlatform } from "./platform.ts";

export type TwoServers = { readonly platform: TestPlatform; readonly second: TestPlatform };

/** What one process queues for itself, two must settle in SQL. `second` must be stopped before the test file ends. */
export async function startTwoServers(): Promise<TwoServers> {
  const secretKey = randomBytes(32);
  const platform = await startPlatform({ secretKey });
  const { databaseUrl, sink } = platform;
  const second = await startPlatform({ secretKey, databaseUrl, webhook: { url: sink.url, secret: null } });
  return { platform, second };
}

/** A new merchant's way to the one server, then the other, and so on. */
export async function twoWays({ platform, second }: TwoServers): Promise<(at: number) => Merchant> {
  const one = await newMerchant(platform);
  const other = merchantOf(second.url, one);
  return (at) => (at % 2 === 0 ? one : other);
}

export function crowd<T>(send: (at: number) => Promise<T>, size: number): Promise<T[]> {
  return Promise.all(Array.from({ length: size }, (_, at) => send(at)));
}

/** How many answers there were of each status. */
export function statuses(replies: readonly Reply[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export const keyed = (key: string) => ({ "idempotency-key": key });
export const replayed = (reply: Reply) => reply.headers.get("idempotency-replayed") === "true";
