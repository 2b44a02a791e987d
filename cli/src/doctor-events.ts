/** Made-up events, shaped as the platform's own, for the doctor to send. They stand for nothing that happened. */
import { randomBytes } from "node:crypto";
import { EVENT_TYPES } from "@mintro/server/domain/event";

export type MadeUp = { readonly id: string; readonly body: string };

/** The type that every endpoint's test has: receivers leave it alone. */
export const TEST_TYPE = "endpoint.test";

export const SENDABLE: readonly string[] = [TEST_TYPE, ...EVENT_TYPES];

/** `metadata`: JSON text, put into the body as it stands. */
export function madeUpEvent(type: string, metadata = '{"mintro_doctor":true}'): MadeUp {
  const id = madeUpId("evt");
  const head = {
    id,
    event: type,
    created_at: new Date().toISOString().replace("Z", "000Z"),
    ...fieldsOf(type),
  };
  return { id, body: `${JSON.stringify(head).slice(0, -1)},"metadata":${metadata}}` };
}

function fieldsOf(type: string): Record<string, unknown> {
  const intent_id = madeUpId("pi");
  const message = "Made up by mintro doctor.";
  if (type === TEST_TYPE) return { endpoint_id: madeUpId("we"), message };
  if (type === "payment.canceled") return { intent_id, message };
  if (type.startsWith("subscription.")) return { subscription_id: madeUpId("sub"), intent_id, message };
  if (type.includes("refund"))
    return {
      refund_id: madeUpId("re"),
      intent_id,
      charge_id: 1,
      amount: "1.00",
      currency: "USD",
      reason: message,
    };
  return { intent_id, charge_id: 1 };
}

/** UUID version 7, as the platform's ids are. */
function madeUpId(prefix: string): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8(0x70 | ((bytes[6] ?? 0) & 0x0f), 6);
  bytes.writeUInt8(0x80 | ((bytes[8] ?? 0) & 0x3f), 8);
  const hex = bytes.toString("hex");
  return `${prefix}_${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")}`;
}
