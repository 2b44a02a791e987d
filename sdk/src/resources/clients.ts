/** Clients: pairs of id and secret that may use the API. */
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import type { Params } from "../params.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type { Client, ClientWithSecret, CreateClientRequest } from "../types.ts";

export type Permission = Client["permissions"][number];

export interface Clients {
  /** The answer holds the secret, this once. */
  create(params: Params<CreateClientRequest>, options?: RequestOptions): Promise<ClientWithSecret>;
  /** Newest first, revoked ones included. */
  list(params?: PageParams, options?: RequestOptions): List<Client>;
  /** Ends it and all its secrets at once. */
  revoke(clientId: string, options?: RequestOptions): Promise<Client>;
  /** A new secret, shown this once. The one before opens too for 24 hours. */
  rotate(clientId: string, options?: RequestOptions): Promise<ClientWithSecret>;
}

export function clients(ask: Ask, send: Send): Clients {
  return {
    create: (body, options) => ask({ method: "POST", path: "/clients", body }, options),
    list: (params, options) => listOf(send, "/clients", params, options),
    revoke: async (id, options) => ask({ method: "POST", path: route`/clients/${id}/revoke` }, options),
    rotate: async (id, options) =>
      ask({ method: "POST", path: route`/clients/${id}/rotate-secret` }, options),
  };
}
