/** Events: what happened, and each try to tell it. */
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import type { Params } from "../params.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type { Delivery, Event, RedeliverEventRequest, Redelivery } from "../types.ts";

export type EventType = Event["event"];

export interface EventFilters extends PageParams {
  readonly type?: EventType | undefined;
  readonly intent_id?: string | undefined;
}

export interface Events {
  /** Newest first. */
  list(filters?: EventFilters, options?: RequestOptions): List<Event>;
  get(eventId: string, options?: RequestOptions): Promise<Event>;
  /** How it was told to each endpoint, try by try; the newest endpoint first. */
  deliveries(eventId: string, params?: PageParams, options?: RequestOptions): List<Delivery>;
  /** Tells it again, also where it was taken. */
  redeliver(
    eventId: string,
    params?: Params<RedeliverEventRequest>,
    options?: RequestOptions,
  ): Promise<Redelivery>;
}

export function events(ask: Ask, send: Send): Events {
  return {
    list: (filters, options) => listOf(send, "/events", filters, options),
    get: async (id, options) => ask({ method: "GET", path: route`/events/${id}` }, options),
    deliveries: (id, params, options) => listOf(send, route`/events/${id}/deliveries`, params, options),
    redeliver: async (id, body = {}, options) =>
      ask({ method: "POST", path: route`/events/${id}/redeliver`, body }, options),
  };
}
