/** Whether a webhook is believed: real deliveries of the platform, and what somebody might make of them. */
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { pay, startPlatform, type TestPlatform } from "../../server/test/support/platform.ts";
import type { Received } from "../../server/test/support/sink.ts";
import {
  signWebhook,
  type VerifyWebhookInput,
  verifyWebhook,
  type WebhookEvent,
  WebhookVerificationError,
} from "../src/webhooks.ts";

let platform: TestPlatform;
let delivery: Received;
let secret: string;
let good: VerifyWebhookInput;
const other = `whsec_${Buffer.from("another secret, also of 32 bytes").toString("base64")}`;

beforeAll(async () => {
  platform = await startPlatform();
  const created = await platform.merchant.createIntent();
  await pay(created.payment_url);
  await platform.settled();
  const [received] = platform.sink.of("payment.succeeded", created.intent_id);
  if (!received) throw new Error("nothing was delivered");
  delivery = received;
  secret = platform.sink.secret;
  good = { body: delivery.body, headers: delivery.headers, secret };
});

function refusalOf(change: Partial<Record<keyof VerifyWebhookInput, unknown>>): WebhookVerificationError {
  try {
    verifyWebhook({ ...good, ...change } as VerifyWebhookInput);
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error;
    throw error;
  }
  throw new Error("it was believed");
}

const withHeader = (name: string, value: string | undefined) => ({ ...delivery.headers, [name]: value });
const stamp = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000);
const anEvent = {
  event: "payment.succeeded",
  intent_id: "pi_1",
  charge_id: 1,
  metadata: { note: "Grüße 👋" },
} as const;

describe("a delivery of the platform", () => {
  it("is believed, and is its event", () => {
    const event = verifyWebhook(good);
    expect(event).toEqual(delivery.payload);
    expect(event.event).toBe("payment.succeeded");
  });

  it("is believed whatever kind of raw body and headers the framework has", () => {
    const bytes = new TextEncoder().encode(delivery.body);
    const headers = new Headers();
    for (const [name, value] of Object.entries(delivery.headers)) headers.set(name, String(value));
    const shouted = Object.fromEntries([...headers].map(([name, value]) => [name.toUpperCase(), [value]]));
    const foreign: unknown = runInNewContext("new Uint8Array(bytes).buffer", { bytes: [...bytes] });
    for (const body of [delivery.body, Buffer.from(delivery.body), bytes, bytes.buffer, foreign])
      for (const given of [headers, delivery.headers, shouted, new Map(headers)])
        expect(verifyWebhook({ ...good, body: body as string, headers: given as Headers })).toEqual(
          delivery.payload,
        );
  });

  it("is believed with either of two secrets, in whatever order", () => {
    for (const secrets of [
      [other, secret],
      [secret, other],
    ])
      expect(verifyWebhook({ ...good, secret: secrets })).toEqual(delivery.payload);
    expect(refusalOf({ secret: [other, `whsec_${btoa("a third")}`] }).code).toBe("signature_wrong");
  });

  it("is believed while a rotated secret signs beside the new one", () => {
    const mine = String(delivery.headers["webhook-signature"]);
    for (const both of [`v1,${btoa("x".repeat(32))} ${mine}`, `${mine} v1a,other`])
      expect(verifyWebhook({ ...good, headers: withHeader("webhook-signature", both) })).toEqual(
        delivery.payload,
      );
  });

  it("is told apart by its type at compile time", () => {
    const event = verifyWebhook(good);
    if (event.event === "payment.succeeded") {
      expectTypeOf(event.charge_id).toEqualTypeOf<number>();
      expectTypeOf(event).not.toHaveProperty("message");
    }
    if (event.event === "subscription.failed") {
      expectTypeOf(event.subscription_id).toEqualTypeOf<string>();
      expectTypeOf(event.message).toEqualTypeOf<string>();
    }
    if (event.event === "payment.refunded") expectTypeOf(event.reason).toEqualTypeOf<string | null>();
    expectTypeOf<"endpoint.test">().toExtend<WebhookEvent["event"]>();
  });
});

describe("what is not believed", () => {
  it.each<[string, () => Partial<Record<keyof VerifyWebhookInput, unknown>>, string]>([
    ["a changed body", () => ({ body: delivery.body.replace("999", "998") }), "signature_wrong"],
    ["JSON that was parsed and written again", () => ({ body: `${delivery.body}\n` }), "signature_wrong"],
    [
      "a byte order mark before it",
      () => ({ body: Buffer.from(`\ufeff${delivery.body}`) }),
      "signature_wrong",
    ],
    ["another secret", () => ({ secret: other }), "signature_wrong"],
    ["another id", () => ({ headers: withHeader("webhook-id", "evt_2") }), "signature_wrong"],
    ["no signature", () => ({ headers: withHeader("webhook-signature", undefined) }), "headers_missing"],
    ["an empty signature", () => ({ headers: withHeader("webhook-signature", "v1,") }), "signature_wrong"],
    ["no headers", () => ({ headers: undefined }), "headers_missing"],
    ["no id", () => ({ headers: withHeader("webhook-id", "") }), "headers_missing"],
    [
      "no number as its time",
      () => ({ headers: withHeader("webhook-timestamp", "now") }),
      "timestamp_invalid",
    ],
    [
      "an endless time",
      () => ({ headers: withHeader("webhook-timestamp", "9".repeat(400)) }),
      "timestamp_invalid",
    ],
    ["bytes that are no text", () => ({ body: new Uint8Array([0xff, 0xfe]) }), "body_not_json"],
    ["no secret", () => ({ secret: undefined }), "secret_invalid"],
    ["an empty list of secrets", () => ({ secret: [] }), "secret_invalid"],
    ["a secret without its prefix", () => ({ secret: secret.slice(6) }), "secret_invalid"],
    ["an empty secret", () => ({ secret: "whsec_" }), "secret_invalid"],
    ["a broken secret", () => ({ secret: "whsec_%%%" }), "secret_invalid"],
    ["a tolerance that is no number", () => ({ toleranceSeconds: Number.NaN }), "timestamp_too_old"],
  ])("%s", (_, change, code) => {
    expect(refusalOf(change()).code).toBe(code);
  });

  it.each([{ a: 1 }, undefined, null, 1, true, ["x"]])(
    "%j as a body: the error says how to get it raw",
    (body) => {
      const { code, message } = refusalOf({ body });
      expect(code).toBe("body_not_raw");
      for (const word of [
        "express.raw",
        "addContentTypeParser",
        "c.req.text()",
        "request.text()",
        "bodyParser: false",
      ])
        expect(message).toContain(word);
    },
  );

  it("a recording: five minutes off is too much, less is not, and the bound can be moved", () => {
    for (const [secondsAgo, code] of [
      [290, null],
      [310, "timestamp_too_old"],
      [-290, null],
      [-310, "timestamp_too_new"],
    ] as const) {
      const sent = signWebhook({ event: anEvent, secret, timestamp: stamp(secondsAgo) });
      if (code === null) expect(verifyWebhook({ ...sent, secret }).event).toBe("payment.succeeded");
      else expect(refusalOf(sent).code).toBe(code);
    }
    const old = signWebhook({ event: anEvent, secret, timestamp: stamp(3600) });
    expect(verifyWebhook({ ...old, secret, toleranceSeconds: 4000 }).event).toBe("payment.succeeded");
    expect(
      refusalOf({ ...signWebhook({ event: anEvent, secret, timestamp: stamp(20) }), toleranceSeconds: 10 })
        .code,
    ).toBe("timestamp_too_old");
  });

  it("what is signed and yet no event", () => {
    for (const body of ["[]", "7", "hello", '{"id":"evt_1"}', '{"event":1}', ""]) {
      const at = new Date();
      const headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign("evt_1", at, body),
      };
      expect(refusalOf({ body, headers }).code).toBe("body_not_json");
    }
  });

  it("shows neither secret nor body in its error", () => {
    for (const change of [{ secret: other }, { secret: "whsec_%%%secret" }, { body: { card: "4242" } }]) {
      const error = refusalOf(change);
      const shown = `${inspect(error, { showHidden: true })}${error.stack ?? ""}${JSON.stringify(error)}`;
      expect(shown).not.toContain(other.slice(6));
      expect(shown).not.toContain("%%%");
      expect(shown).not.toContain("4242");
    }
  });
});

describe("signWebhook, for a merchant's tests", () => {
  it("signs as Mintro does: an independent verifier believes it", () => {
    const { body, headers } = signWebhook({ event: anEvent, secret });
    const event = new Webhook(secret).verify(body, headers) as WebhookEvent;
    expect(event).toMatchObject(anEvent);
    expect(event.id).toBe(headers["webhook-id"]);
    expect(verifyWebhook({ body, headers, secret })).toEqual(event);
  });

  it("keeps an id that is given, so that a doubled event can be rehearsed", () => {
    const event = { ...anEvent, id: "evt_7", created_at: "2026-11-23T03:39:24.715903Z" };
    const { body, headers } = signWebhook({ event, secret });
    expect(headers["webhook-id"]).toBe("evt_7");
    expect(JSON.parse(body)).toEqual(event);
  });
});
