/** Webhook endpoints and deliveries: what is sent where, and how an endpoint's health is judged (contract section 5). */
import type { Instant } from "../base/instant.ts";
import type { EventType } from "./event.ts";
import type { AccountId, EndpointId, EventId, IntentId } from "./ids.ts";
import type { Held } from "./test-fault.ts";

export type Endpoint = {
  readonly accountId: AccountId;
  readonly endpointId: EndpointId;
  readonly url: string;
  /** Null: all types. */
  readonly events: readonly EventType[] | null;
  readonly enabled: boolean;
  readonly disabledReason: DisabledReason | null;
  readonly failingSince: Instant | null;
  /** Made by MINTRO_WEBHOOK_URL, which points it there and enables it at each start. */
  readonly fromEnvironment: boolean;
  /** Wall time until which the secret before the last rotation signs too. */
  readonly previousSecretUntil: Instant | null;
  readonly createdAt: Instant;
};

/**
 * `gone`: it answered 410. `failing`: five days of nothing but failed tries. `removed`: the environment names it no longer.
 * `merchant`: its owner disabled it.
 */
export type DisabledReason = "gone" | "failing" | "removed" | "merchant";

/** What signs for an endpoint, still encrypted. */
export type EndpointSecrets = {
  readonly secret: Buffer;
  /** Those that were rotated away less than a day ago, the newest first. */
  readonly earlierSecrets: readonly Buffer[];
};

/** A delivery that one worker holds, with all that a try needs. Secrets are still encrypted. */
export type ClaimedDelivery = EndpointSecrets & {
  readonly accountId: AccountId;
  readonly eventId: EventId;
  readonly endpointId: EndpointId;
  readonly intentId: IntentId;
  readonly tries: number;
  /** Tries made before it was last sent again: the schedule counts from there. */
  readonly resentAfter: number;
  readonly url: string;
  readonly body: string;
  /** Set where a fault (test mode) has put this try off already. */
  readonly held: Held | null;
  /** Faults (test mode) were armed for the account's deliveries: one may be left for it, or another wait for it to go first. */
  readonly mayMeetFault: boolean;
};

export type DeliveryStatus = "pending" | "delivered" | "failed";

/** How a delivery stands, as its event's owner sees it. */
export type Delivery = {
  readonly endpointId: EndpointId;
  /** Null where the endpoint has been deleted. */
  readonly url: string | null;
  readonly status: DeliveryStatus;
  readonly triesMade: number;
  readonly nextTryAt: Instant | null;
  /** When its event happened. */
  readonly createdAt: Instant;
};

/** What one try came to, and what follows for its delivery. */
export type TryRecord = {
  readonly eventId: EventId;
  readonly endpointId: EndpointId;
  readonly try: number;
  readonly triedAt: Instant;
  readonly durationMs: number;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly responseStart: string;
  /** As the delivery had it when the try began; another since then says that it was sent again meanwhile. */
  readonly resentAfter: number;
  readonly next:
    | { readonly status: "delivered" }
    | { readonly status: "failed" }
    | { readonly status: "pending"; readonly dueAt: Instant };
};

/** What tries that ended together say of one endpoint, by the times when they began. Of both, one may be null, not both. */
export type HealthSeen = {
  readonly endpointId: EndpointId;
  /** The newest try that was acknowledged. */
  readonly succeededAt: Instant | null;
  /** Of those begun after it, the first and the last that failed. */
  readonly failed: { readonly first: Instant; readonly last: Instant } | null;
};
