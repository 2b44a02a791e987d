/** Subscriptions: what a recurring intent starts when it is paid. */
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type { CancelledSubscription, Subscription } from "../types.ts";

export type SubscriptionStatus = Subscription["status"];

export interface SubscriptionFilters extends PageParams {
  readonly status?: SubscriptionStatus | undefined;
}

export interface Subscriptions {
  /** Newest first. */
  list(filters?: SubscriptionFilters, options?: RequestOptions): List<Subscription>;
  get(subscriptionId: string, options?: RequestOptions): Promise<Subscription>;
  /** Ends it at once, and refunds nothing. Again: the same answer. */
  cancel(subscriptionId: string, options?: RequestOptions): Promise<CancelledSubscription>;
}

export function subscriptions(ask: Ask, send: Send): Subscriptions {
  return {
    list: (filters, options) => listOf(send, "/subscriptions", filters, options),
    get: async (id, options) => ask({ method: "GET", path: route`/subscriptions/${id}` }, options),
    cancel: async (id, options) => ask({ method: "POST", path: route`/subscriptions/${id}/cancel` }, options),
  };
}
