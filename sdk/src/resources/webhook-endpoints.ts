/** Webhook endpoints: addresses of yours that are told what happens. */
import { NotFoundError } from "../errors.ts";
import type { RequestOptions } from "../options.ts";
import type { List, PageParams } from "../page.ts";
import type { Params, Time } from "../params.ts";
import { type Ask, listOf, route, type Send } from "../request.ts";
import type {
  CreateWebhookEndpointRequest,
  DeletedWebhookEndpoint,
  Replay,
  ReplayWebhookEndpointRequest,
  UpdateWebhookEndpointRequest,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
  WebhookTest,
} from "../types.ts";

/** Times may be `Date`s. */
export type ReplayParams = { readonly [K in keyof ReplayWebhookEndpointRequest]: Time | undefined } & {
  readonly since: Time;
};

export interface WebhookEndpoints {
  /** The answer holds the signing secret, this once. */
  create(
    params: Params<CreateWebhookEndpointRequest>,
    options?: RequestOptions,
  ): Promise<WebhookEndpointWithSecret>;
  list(params?: PageParams, options?: RequestOptions): List<WebhookEndpoint>;
  get(endpointId: string, options?: RequestOptions): Promise<WebhookEndpoint>;
  /** What is left out stays. */
  update(
    endpointId: string,
    params: Params<UpdateWebhookEndpointRequest>,
    options?: RequestOptions,
  ): Promise<WebhookEndpoint>;
  delete(endpointId: string, options?: RequestOptions): Promise<DeletedWebhookEndpoint>;
  /** A new signing secret, shown this once. The one before signs beside it for 24 hours. */
  rotateSecret(endpointId: string, options?: RequestOptions): Promise<WebhookEndpointWithSecret>;
  /** Sends a signed `endpoint.test` and tells what your server answered. */
  test(endpointId: string, options?: RequestOptions): Promise<WebhookTest>;
  /** Sends again what this endpoint failed to take. Where `has_more` is true, ask again. */
  replay(endpointId: string, params: ReplayParams, options?: RequestOptions): Promise<Replay>;
}

export function webhookEndpoints(ask: Ask, send: Send): WebhookEndpoints {
  return {
    create: (body, options) => ask({ method: "POST", path: "/webhook-endpoints", body }, options),
    list: (params, options) => listOf(send, "/webhook-endpoints", params, options),
    get: async (id, options) => ask({ method: "GET", path: route`/webhook-endpoints/${id}` }, options),
    update: async (id, body, options) =>
      ask({ method: "PATCH", path: route`/webhook-endpoints/${id}`, body }, options),
    async delete(id, options) {
      try {
        return await ask({ method: "DELETE", path: route`/webhook-endpoints/${id}` }, options);
      } catch (error) {
        // An earlier try of this call deleted it, and its answer was lost.
        if (error instanceof NotFoundError && error.tries > 1) return { endpoint_id: id, deleted: true };
        throw error;
      }
    },
    rotateSecret: async (id, options) =>
      ask({ method: "POST", path: route`/webhook-endpoints/${id}/rotate-secret` }, options),
    test: async (id, options) => ask({ method: "POST", path: route`/webhook-endpoints/${id}/test` }, options),
    replay: async (id, body, options) =>
      ask({ method: "POST", path: route`/webhook-endpoints/${id}/replay`, body }, options),
  };
}
