/**
 * Ids: `pi_`, `sub_`, `cus_`, `evt_`, `we_` and a UUID of version 7 (RFC 9562), so that they sort by time. Inside, and in
 * the tables, an id is the bare UUID under a brand; the prefix belongs to the wire (contract section 2).
 */
import { readId } from "@mintro/contract/ids";
import type { Brand } from "../base/brand.ts";
import { type Instant, MICROS_PER_MS } from "../base/instant.ts";

export type AccountId = Brand<string, "AccountId">;
export type MerchantId = Brand<string, "MerchantId">;
export type ClientId = Brand<string, "ClientId">;
export type CustomerId = Brand<string, "CustomerId">;
export type IntentId = Brand<string, "IntentId">;
export type ChargeId = Brand<bigint, "ChargeId">;
export type AttemptKey = Brand<string, "AttemptKey">;
export type RefundId = Brand<string, "RefundId">;
export type SubscriptionId = Brand<string, "SubscriptionId">;
export type EventId = Brand<string, "EventId">;
export type EndpointId = Brand<string, "EndpointId">;
export type TestFaultId = Brand<string, "TestFaultId">;

/** Where ids come from: the time they carry, and ten random bytes. */
export type IdSource = { readonly at: Instant; readonly random: (bytes: number) => Buffer };

function uuid7(source: IdSource): string {
  const bytes = Buffer.concat([Buffer.alloc(6), source.random(10)]);
  bytes.writeUIntBE(Number(source.at / MICROS_PER_MS), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuidFromBytes(bytes);
}

export function uuidFromBytes(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function uuidToBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

export const newAccountId = (source: IdSource) => uuid7(source) as AccountId;
export const newMerchantId = (source: IdSource) => uuid7(source) as MerchantId;
export const newCustomerId = (source: IdSource) => uuid7(source) as CustomerId;
export const newIntentId = (source: IdSource) => uuid7(source) as IntentId;
export const newAttemptKey = (source: IdSource) => uuid7(source) as AttemptKey;
export const newRefundId = (source: IdSource) => uuid7(source) as RefundId;
export const newSubscriptionId = (source: IdSource) => uuid7(source) as SubscriptionId;
export const newEventId = (source: IdSource) => uuid7(source) as EventId;
export const newEndpointId = (source: IdSource) => uuid7(source) as EndpointId;
export const newTestFaultId = (source: IdSource) => uuid7(source) as TestFaultId;

/** What MINTRO_CLIENT_ID may be, and so any client's id; undefined for anything else. */
export const parseClientId = (text: string) =>
  /^[\x21-\x7e]{1,255}$/.test(text) ? (text as ClientId) : undefined;

/** As a processor hands them back to us: bare. */
export const parseAccountId = (text: string) => readId("", text) as AccountId | undefined;
export const parseAttemptKey = (text: string) => readId("", text) as AttemptKey | undefined;

/** With or without the prefix; undefined for anything that cannot be such an id. */
export const parseIntentId = (text: string) => readId("pi_", text) as IntentId | undefined;
export const parseCustomerId = (text: string) => readId("cus_", text) as CustomerId | undefined;
export const parseRefundId = (text: string) => readId("re_", text) as RefundId | undefined;
export const parseSubscriptionId = (text: string) => readId("sub_", text) as SubscriptionId | undefined;
export const parseEventId = (text: string) => readId("evt_", text) as EventId | undefined;
export const parseEndpointId = (text: string) => readId("we_", text) as EndpointId | undefined;

export const showIntentId = (id: IntentId) => `pi_${id}`;
export const showRefundId = (id: RefundId) => `re_${id}`;
export const showSubscriptionId = (id: SubscriptionId) => `sub_${id}`;
export const showCustomerId = (id: CustomerId) => `cus_${id}`;
export const showEventId = (id: EventId) => `evt_${id}`;
export const showEndpointId = (id: EndpointId) => `we_${id}`;
/** Charge ids are at most 2^53 − 1 (the table's check), so a JSON number carries them exactly. */
export const showChargeId = (id: ChargeId) => Number(id);
