/** Webhook endpoints and deliveries: what is sent where, and how an endpoint's health is judged (contract section 5). */
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId, EventId, IntentId } from "./ids.ts";

export type Endpoint = {
  readonly accountId: AccountId;
  readonly endpointId: EndpointId;
  readonly url: string;
  /** Null: all types. */
  readonly events: readonly string[] | null;
  readonly enabled: boolean;
  readonly disabledReason: DisabledReason | null;
  readonly failingSince: Instant | null;
};

/** `gone`: it answered 410. `failing`: five days without a success. `removed`: the environment names it no longer. */
export type DisabledReason = "gone" | "failing" | "removed";

/** A delivery that one worker holds, with all that a try needs. Secrets are still encrypted. */
export type ClaimedDelivery = {
  readonly accountId: AccountId;
  readonly eventId: EventId;
  readonly endpointId: EndpointId;
  readonly intentId: IntentId;
  readonly tries: number;
  readonly url: string;
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
  readonly previousSecretUntil: Instant | null;
  readonly failingSince: Instant | null;
  readonly body: string;
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
  readonly next:
    | { readonly status: "delivered" }
    | { readonly status: "failed" }
    | { readonly status: "pending"; readonly dueAt: Instant };
};
