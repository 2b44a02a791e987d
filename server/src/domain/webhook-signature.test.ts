import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { newWebhookSecret, parseWebhookSecret, signWebhook } from "./webhook-signature.ts";

const bodies = fc.oneof(fc.string({ unit: "binary" }), fc.json());
const ids = fc.uuid().map((uuid) => `evt_${uuid}`);
const nowSeconds = () => Math.floor(Date.now() / 1000);

function verify(secret: string, body: string, headers: Record<string, string>): unknown {
  return new Webhook(secret).verify(body, headers, { jsonParse: false });
}

describe("signing a webhook", () => {
  test("a receiver with a library of the standard accepts every body, id and secret", () => {
    fc.assert(
      fc.property(ids, bodies, fc.uint8Array({ minLength: 32, maxLength: 32 }), (id, body, key) => {
        const secret = newWebhookSecret(() => Buffer.from(key));
        const timestamp = nowSeconds();
        const headers = {
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": signWebhook({ id, timestamp, body, secrets: [secret] }),
        };
        expect(() => verify(secret, body, headers)).not.toThrow();
      }),
    );
  });

  test("while a secret rotates, receivers with the old and with the new one both accept", () => {
    const [before, after, stranger] = [1, 2, 3].map(() => newWebhookSecret(randomBytes));
    if (!before || !after || !stranger) throw new Error("three secrets");
    const message = { id: "evt_1", timestamp: nowSeconds(), body: '{"name":"Zoë 🧾"}' };
    const headers = {
      "webhook-id": message.id,
      "webhook-timestamp": String(message.timestamp),
      "webhook-signature": signWebhook({ ...message, secrets: [after, before] }),
    };
    expect(headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
    expect(() => verify(before, message.body, headers)).not.toThrow();
    expect(() => verify(after, message.body, headers)).not.toThrow();
    expect(() => verify(stranger, message.body, headers)).toThrow();
    expect(() => verify(after, `${message.body} `, headers)).toThrow();
    expect(() => verify(after, message.body, { ...headers, "webhook-id": "evt_2" })).toThrow();
  });

  test("the signature of the standard's own example comes out", () => {
    const secret = parseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    if (!secret.ok) throw new Error(secret.failure.sentence);
    const signature = signWebhook({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
      secrets: [secret.value],
    });
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("what could be signed ambiguously, or not at all, is a bug of ours", () => {
    const secret = newWebhookSecret(randomBytes);
    const message = { id: "evt_1", timestamp: 1, body: "{}", secrets: [secret] };
    expect(() => signWebhook({ ...message, id: "evt_1.2" })).toThrow();
    expect(() => signWebhook({ ...message, timestamp: 1.5 })).toThrow();
    expect(() => signWebhook({ ...message, secrets: [] })).toThrow();
  });
});

describe("webhook secrets", () => {
  test("a new secret reads back, and holds 32 bytes", () => {
    const secret = newWebhookSecret(randomBytes);
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
    expect(parseWebhookSecret(secret)).toEqual({ ok: true, value: secret });
  });

  test("secrets of 24 to 64 bytes are taken, all others are not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (key) => {
        const read = parseWebhookSecret(`whsec_${Buffer.from(key).toString("base64")}`);
        expect(read.ok).toBe(key.length >= 24 && key.length <= 64);
      }),
    );
  });

  const sample = Buffer.alloc(32, 0xfb).toString("base64");
  test.each([
    ["prefix", sample],
    ["prefix", `WHSEC_${sample}`],
    ["prefix", ` whsec_${sample}`],
    ["base64", `whsec_${sample} `],
    ["base64", `whsec_${sample.replace(/=+$/, "")}`],
    ["base64", `whsec_${Buffer.alloc(32, 0xfb).toString("base64url")}=`],
    ["base64", "whsec_correct horse battery staple!"],
    ["length", "whsec_"],
    ["length", `whsec_${Buffer.alloc(23).toString("base64")}`],
    ["length", `whsec_${Buffer.alloc(65).toString("base64")}`],
  ])("a secret with a wrong %s is refused with a sentence that does not show it", (kind, text) => {
    const read = parseWebhookSecret(text);
    expect(read).toMatchObject({ ok: false, failure: { kind } });
    if (!read.ok) {
      expect(read.failure.sentence).toMatch(/^A webhook secret .*\.$/);
      expect(read.failure.sentence).not.toContain(sample.slice(0, 10));
    }
  });
});
