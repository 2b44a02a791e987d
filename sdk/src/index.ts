/** The face of @mintro/sdk. Webhooks are verified by @mintro/sdk/webhooks, and browsers use @mintro/sdk/embed. */
export {
  AuthenticationError,
  BadRequestError,
  ConnectionError,
  MintroError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from "./errors.ts";
export { Mintro, type RawCall } from "./mintro.ts";
export type { Fetch, FetchInit, MintroOptions, RequestOptions } from "./options.ts";
export type { List, Page, PageParams } from "./page.ts";
export type { Params, Time } from "./params.ts";
export type { Clients, Permission } from "./resources/clients.ts";
export type { Customers } from "./resources/customers.ts";
export type { EventFilters, Events, EventType } from "./resources/events.ts";
export type { IntentFilters, IntentStatus, Intents } from "./resources/intents.ts";
export type { Refunds } from "./resources/refunds.ts";
export type { SubscriptionFilters, SubscriptionStatus, Subscriptions } from "./resources/subscriptions.ts";
export type { AdvanceClockParams, TestMode } from "./resources/test-mode.ts";
export type { ReplayParams, WebhookEndpoints } from "./resources/webhook-endpoints.ts";
export type {
  AdvanceClockRequest,
  AdvancedClock,
  ArmFaultRequest,
  CancelledIntent,
  CancelledSubscription,
  Card,
  Charge,
  Client,
  ClientWithSecret,
  Clock,
  CreateClientRequest,
  CreatedIntent,
  CreateIntentRequest,
  CreateRefundRequest,
  CreateWebhookEndpointRequest,
  Customer,
  DeletedWebhookEndpoint,
  Delivery,
  DeliveryTry,
  DisarmedFaults,
  EndpointTestEvent,
  Event,
  EventPayload,
  Fault,
  Intent,
  IntentCustomer,
  ListedIntent,
  OrderItem,
  PaymentCanceledEvent,
  PaymentFailedEvent,
  PaymentRefundedEvent,
  PaymentSucceededEvent,
  RedeliverEventRequest,
  Redelivery,
  Refund,
  RefundFailedEvent,
  Replay,
  ReplayWebhookEndpointRequest,
  Subscription,
  SubscriptionCanceledEvent,
  SubscriptionCreatedEvent,
  SubscriptionFailedEvent,
  SubscriptionRenewedEvent,
  UpdateWebhookEndpointRequest,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
  WebhookTest,
} from "./types.ts";
