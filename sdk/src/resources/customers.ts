/** Customers: who pays, one for each `customer_ref_id`, else for each e-mail address. */
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type { Customer } from "../types.ts";

export interface Customers {
  /** Newest first. */
  list(params?: PageParams, options?: RequestOptions): List<Customer>;
  get(customerId: string, options?: RequestOptions): Promise<Customer>;
  /** By your own id for them. */
  getByReference(customerRefId: string, options?: RequestOptions): Promise<Customer>;
}

export function customers(ask: Ask, send: Send): Customers {
  return {
    list: (params, options) => listOf(send, "/customers", params, options),
    get: async (id, options) => ask({ method: "GET", path: route`/customers/${id}` }, options),
    getByReference: async (id, options) =>
      ask({ method: "GET", path: route`/customers/reference/${id}` }, options),
  };
}
