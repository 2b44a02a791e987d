/** Every operation under /api/platform, by its id, in the order of the reference. */
import { createClient, listClients, revokeClient, rotateClientSecret } from "./clients.ts";
import { getCustomer, getCustomerByReference, listCustomers } from "./customers.ts";
import { getEvent, listDeliveries, listEvents, redeliverEvent } from "./events.ts";
import { cancelIntent, createIntent, getIntent, getIntentByReference, listIntents } from "./intents.ts";
import { createRefund, getRefund } from "./refunds.ts";
import { cancelSubscription, getSubscription, listSubscriptions } from "./subscriptions.ts";
import { advanceClock, armFault, disarmFaults, getClock, listFaults } from "./test-mode.ts";
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  replayWebhookEndpoint,
  rotateWebhookSecret,
  testWebhookEndpoint,
  updateWebhookEndpoint,
} from "./webhook-endpoints.ts";

export const API_PREFIX = "/api/platform";

export const OPERATIONS = {
  createIntent,
  listIntents,
  getIntent,
  getIntentByReference,
  cancelIntent,
  createRefund,
  getRefund,
  listSubscriptions,
  getSubscription,
  cancelSubscription,
  listCustomers,
  getCustomer,
  getCustomerByReference,
  createWebhookEndpoint,
  listWebhookEndpoints,
  getWebhookEndpoint,
  updateWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  testWebhookEndpoint,
  replayWebhookEndpoint,
  listEvents,
  getEvent,
  listDeliveries,
  redeliverEvent,
  createClient,
  listClients,
  revokeClient,
  rotateClientSecret,
  getClock,
  advanceClock,
  armFault,
  listFaults,
  disarmFaults,
};
