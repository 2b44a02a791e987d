/** What the parameters in paths are. */
import type { Doc } from "../laravel-rules.ts";
import { EXAMPLE } from "../objects/examples.ts";

export type PathParam = Doc & {
  /** Of an id: what it may be written without. */
  readonly prefix?: string;
};

const idParam = (what: string, prefix: string, example: string): { readonly id: PathParam } => ({
  id: { description: `The ${what}'s id, with or without its prefix.`, example, prefix },
});

export const intentParam = idParam("intent", "pi_", EXAMPLE.intent);
export const refundParam = idParam("refund", "re_", EXAMPLE.refund);
export const subscriptionParam = idParam("subscription", "sub_", EXAMPLE.subscription);
export const customerParam = idParam("customer", "cus_", EXAMPLE.customer);
export const endpointParam = idParam("webhook endpoint", "we_", EXAMPLE.endpoint);
export const eventParam = idParam("event", "evt_", EXAMPLE.event);
export const clientParam = { id: { description: "The client's id.", example: EXAMPLE.client } };
