/** Refunds: money given back of a charge. */
import type { RequestOptions } from "../options.ts";
import type { Params } from "../params.ts";
import { type Ask, route } from "../request.ts";
import type { CreateRefundRequest, Refund } from "../types.ts";

export interface Refunds {
  /**
   * Gives back `amount` of an intent's charge, or all that is left. The answer is `pending`; the outcome comes with the
   * webhooks `payment.refunded` and `refund.failed`, and by `get`.
   */
  create(intentId: string, params?: Params<CreateRefundRequest>, options?: RequestOptions): Promise<Refund>;
  get(refundId: string, options?: RequestOptions): Promise<Refund>;
}

export function refunds(ask: Ask): Refunds {
  return {
    create: async (id, body = {}, options) =>
      ask({ method: "POST", path: route`/intents/${id}/refunds`, body }, options),
    get: async (id, options) => ask({ method: "GET", path: route`/refunds/${id}` }, options),
  };
}
