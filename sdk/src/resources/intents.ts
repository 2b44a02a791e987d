/** Payment intents: what a customer is asked to pay. */
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import type { Params, Time } from "../params.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type { CancelledIntent, CreatedIntent, CreateIntentRequest, Intent, ListedIntent } from "../types.ts";

export type IntentStatus = Intent["status"];

export interface IntentFilters extends PageParams {
  readonly status?: IntentStatus | undefined;
  readonly customer_ref_id?: string | undefined;
  /** Inclusive. */
  readonly created_from?: Time | undefined;
  /** Exclusive. */
  readonly created_to?: Time | undefined;
}

export interface Intents {
  /**
   * Creates a payment intent and its payment link. Amounts are numbers or decimal strings, and come back as strings;
   * what was computed is best given as a string, since `0.1 + 0.2` has more decimals than any currency.
   */
  create(params: Params<CreateIntentRequest>, options?: RequestOptions): Promise<CreatedIntent>;
  get(intentId: string, options?: RequestOptions): Promise<Intent>;
  /** By your own id for it. */
  getByReference(referenceId: string, options?: RequestOptions): Promise<Intent>;
  /** Ends one that is not paid. Again: the same answer. */
  cancel(intentId: string, options?: RequestOptions): Promise<CancelledIntent>;
  /** Newest first, without their charges. */
  list(filters?: IntentFilters, options?: RequestOptions): List<ListedIntent>;
}

export function intents(ask: Ask, send: Send): Intents {
  return {
    create: (body, options) => ask({ method: "POST", path: "/intents", body }, options),
    get: async (id, options) => ask({ method: "GET", path: route`/intents/${id}` }, options),
    getByReference: async (id, options) =>
      ask({ method: "GET", path: route`/intents/reference/${id}` }, options),
    cancel: async (id, options) => ask({ method: "POST", path: route`/intents/${id}/cancel` }, options),
    list: (filters, options) => listOf(send, "/intents", filters, options),
  };
}
