/** So many requests a second and client (contract section 1), counted in this process in windows of a second. */
import rateLimit, { type FastifyRateLimitStore } from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { type Instant, plusMs } from "../base/instant.ts";
import { RATE_LIMIT } from "../base/limits.ts";
import type { World } from "../base/world.ts";

/** For the routes that are added after it. Refusals are thrown with the status 429, Retry-After already set. */
export async function limitRate(api: FastifyInstance, world: World, perSecond: number): Promise<void> {
  await api.register(rateLimit, {
    global: true,
    max: perSecond,
    timeWindow: RATE_LIMIT.windowMs,
    store: countingBy(world),
    keyGenerator: (request) => request.client?.clientId ?? request.ip,
  });
}

type Window = { readonly endsAt: Instant; count: number };
type Store = new () => FastifyRateLimitStore;

/**
 * The plugin's own store hands out one object for all requests of a window, and the plugin reads it a moment later: of
 * requests that arrive together, all would be refused as soon as the last of them is one too many.
 */
function countingBy(world: World): Store {
  return class Windows implements FastifyRateLimitStore {
    readonly #windows = new Map<string, Window>();

    incr(
      key: string,
      callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
    ): void {
      const now = world.now();
      const known = this.#windows.get(key);
      const window =
        known && known.endsAt > now ? known : { endsAt: plusMs(now, RATE_LIMIT.windowMs), count: 0 };
      if (window !== known) this.#keep(key, window, now);
      window.count += 1;
      callback(null, { current: window.count, ttl: Number((window.endsAt - now) / 1_000n) });
    }

    /** All routes count together. */
    child(): this {
      return this;
    }

    #keep(key: string, window: Window, now: Instant): void {
      if (this.#windows.size >= RATE_LIMIT.clients)
        for (const [other, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(other);
      this.#windows.set(key, window);
    }
  };
}
