/** The main story, once through: an intent, a payment, its webhooks, two years of renewals. */
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, pay, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

describe("from curl to webhook", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });

  it("pays an intent and tells the merchant", async () => {
    const { merchant, sink } = platform;
    const created = await merchant.createIntent();
    expect(created.status).toBe("requires_payment");
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
    const [received] = await eventually(() => {
      const found = sink.of("payment.succeeded", created.intent_id);
      return found.length > 0 && found;
    });
    expect(received?.verified).toBe(true);
    expect(Object.keys(received?.payload ?? {}).sort()).toEqual(
      ["charge_id", "created_at", "event", "id", "intent_id", "metadata"].sort(),
    );
  });

  it("renews a subscription of 30 days 24 times in two years, at the exact instants", async () => {
    const { merchant, sink } = platform;
    const { intentId, subscriptionId } = await subscribe(platform);
    const before = (await merchant.get(`/subscriptions/${subscriptionId}`)).body.data;
    await merchant.advance({ seconds: 2 * 365 * 86_400 });
    const renewals = sink.of("subscription.renewed", intentId);
    expect(renewals).toHaveLength(24);
    const anchor = Date.parse(before.anchor_at);
    renewals.forEach((renewal, index) => {
      const createdAt = String(renewal.payload["created_at"]);
      expect(Date.parse(createdAt) - anchor).toBe((index + 1) * 30 * 86_400_000);
      expect(createdAt.slice(-4)).toBe(before.anchor_at.slice(-4));
    });
    expect(sink.typesFor(intentId).slice(0, 2)).toEqual(["payment.succeeded", "subscription.created"]);
  });
});
