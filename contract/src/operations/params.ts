/** What the parameters in paths are. */
import type { Doc } from "../laravel-rules.ts";
import { EXAMPLE } from "../objects/examples.ts";

const idParam = (what: string, example: string): { readonly id: Doc } => ({
  id: { description: `The ${what}'s id, with or without its prefix.`, example },
});

export const intentParam = idParam("intent", EXAMPLE.intent);
export const refundParam = idParam("refund", EXAMPLE.refund);
export const subscriptionParam = idParam("subscription", EXAMPLE.subscription);
export const customerParam = idParam("customer", EXAMPLE.customer);
export const endpointParam = idParam("webhook endpoint", EXAMPLE.endpoint);
export const eventParam = idParam("event", EXAMPLE.event);
export const clientParam = { id: { description: "The client's id.", example: EXAMPLE.client } };
