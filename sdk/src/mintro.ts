/** The client of Mintro's API, for servers. */
import { type MintroOptions, type RequestOptions, readOptions } from "./options.ts";
import { type Ask, asker, type Call, sender } from "./request.ts";
import { type Clients, clients } from "./resources/clients.ts";
import { type Customers, customers } from "./resources/customers.ts";
import { type Events, events } from "./resources/events.ts";
import { type Intents, intents } from "./resources/intents.ts";
import { type Refunds, refunds } from "./resources/refunds.ts";
import { type Subscriptions, subscriptions } from "./resources/subscriptions.ts";
import { type TestMode, testMode } from "./resources/test-mode.ts";
import { type WebhookEndpoints, webhookEndpoints } from "./resources/webhook-endpoints.ts";

/** A call of a route, and how it is to be made. */
export type RawCall = Call & RequestOptions;

/**
 * Every method sends one request, again where that can help, and gives back the answer's `data` or rejects with a
 * `MintroError`. One client serves a whole process.
 *
 *     const mintro = new Mintro({ baseUrl: "http://localhost:3000", clientId, clientSecret });
 */
export class Mintro {
  readonly intents: Intents;
  readonly refunds: Refunds;
  readonly subscriptions: Subscriptions;
  readonly customers: Customers;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly events: Events;
  readonly clients: Clients;
  readonly test: TestMode;
  // Private in the language too: neither console.log nor JSON shows it, nor the secret behind it.
  readonly #ask: Ask;

  /** Throws a `TypeError` where an option is missing or wrong. */
  constructor(options: MintroOptions) {
    const send = sender(readOptions(options));
    const ask = asker(send);
    this.#ask = ask;
    this.intents = intents(ask, send);
    this.refunds = refunds(ask);
    this.subscriptions = subscriptions(ask, send);
    this.customers = customers(ask, send);
    this.webhookEndpoints = webhookEndpoints(ask, send);
    this.events = events(ask, send);
    this.clients = clients(ask, send);
    this.test = testMode(ask);
  }

  /**
   * Any route under `/api/platform`, for what is not wrapped: with the same key, retries and errors.
   *
   *     await mintro.request({ method: "GET", path: "/intents", query: { limit: 1 } });
   */
  async request<T = unknown>({ method, path, query, body, ...options }: RawCall): Promise<T> {
    return await this.#ask<T>({ method, path, query, body }, options);
  }
}
