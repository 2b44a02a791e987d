/**
 * What each operation answers: the schema of `data`, of a page that of its rows. Apart from the table of operations, so that
 * a server which only serves does not load Zod.
 */
import type { z } from "zod";
import { Client, ClientWithSecret } from "../objects/client.ts";
import { Customer } from "../objects/customer.ts";
import { one, page } from "../objects/envelope.ts";
import { CancelledIntent, CreatedIntent, Intent, ListedIntent } from "../objects/intent.ts";
import { Refund } from "../objects/refund.ts";
import { CancelledSubscription, Subscription } from "../objects/subscription.ts";
import { AdvancedClock, Clock, DisarmedFaults, Fault } from "../objects/test-mode.ts";
import {
  DeletedWebhookEndpoint,
  Delivery,
  Event,
  Redelivery,
  Replay,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
  WebhookTest,
} from "../objects/webhook.ts";
import type { OPERATIONS } from "./all.ts";
import type { Operation } from "./operation.ts";

type OperationId = keyof typeof OPERATIONS;

const ANSWERS = {
  createIntent: CreatedIntent,
  listIntents: ListedIntent,
  getIntent: Intent,
  getIntentByReference: Intent,
  cancelIntent: CancelledIntent,
  createRefund: Refund,
  getRefund: Refund,
  listSubscriptions: Subscription,
  getSubscription: Subscription,
  cancelSubscription: CancelledSubscription,
  listCustomers: Customer,
  getCustomer: Customer,
  getCustomerByReference: Customer,
  createWebhookEndpoint: WebhookEndpointWithSecret,
  listWebhookEndpoints: WebhookEndpoint,
  getWebhookEndpoint: WebhookEndpoint,
  updateWebhookEndpoint: WebhookEndpoint,
  deleteWebhookEndpoint: DeletedWebhookEndpoint,
  rotateWebhookSecret: WebhookEndpointWithSecret,
  testWebhookEndpoint: WebhookTest,
  replayWebhookEndpoint: Replay,
  listEvents: Event,
  getEvent: Event,
  listDeliveries: Delivery,
  redeliverEvent: Redelivery,
  createClient: ClientWithSecret,
  listClients: Client,
  revokeClient: Client,
  rotateClientSecret: ClientWithSecret,
  getClock: Clock,
  advanceClock: AdvancedClock,
  armFault: Fault,
  listFaults: Fault.array().meta({ description: "The faults that are armed." }),
  disarmFaults: DisarmedFaults,
} as const satisfies { readonly [id in OperationId]: z.ZodType };

/** The whole body of a success. `operation` is one of OPERATIONS. */
export function successOf({ operationId, shape }: Operation): z.ZodType {
  const answer = ANSWERS[operationId as OperationId];
  return shape === "page" ? page(answer) : one(answer);
}
