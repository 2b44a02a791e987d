/** Who may do what: keys that are missing, wrong or revoked, permissions route by route, and books that stay apart. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS, type Permission } from "../../src/domain/account.ts";
import { revokeClient } from "../../src/store/accounts.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  anIntent,
  type Merchant,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import { rawRequest } from "../support/raw-http.ts";
import { servedRoutes } from "../support/routes.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("a request without a valid key", () => {
  const ask = (headers: Record<string, string | string[]>, path = "/intents/x") =>
    rawRequest(platform.url, { method: "GET", path: `/api/platform${path}`, headers });

  it("is answered 401 alike, whatever is wrong with the key", async () => {
    const { clientId, clientSecret } = platform.merchant;
    const other = await newMerchant(platform);
    const wrong: Record<string, Record<string, string | string[]>> = {
      "nothing at all": {},
      "the id alone": { "x-client-id": clientId },
      "the secret alone": { "x-client-secret": clientSecret },
      "an empty id": { "x-client-id": "", "x-client-secret": clientSecret },
      "an empty secret": { "x-client-id": clientId, "x-client-secret": "" },
      "an unknown id": { "x-client-id": "test_nobody", "x-client-secret": clientSecret },
      "a wrong secret": { "x-client-id": clientId, "x-client-secret": `${clientSecret}x` },
      "a secret cut short": { "x-client-id": clientId, "x-client-secret": clientSecret.slice(0, -1) },
      "a secret in other letters": { "x-client-id": clientId, "x-client-secret": clientSecret.toUpperCase() },
      "another client's secret": { "x-client-id": clientId, "x-client-secret": other.clientSecret },
      "the id in capitals": { "x-client-id": clientId.toUpperCase(), "x-client-secret": clientSecret },
      "the id twice": { "x-client-id": [clientId, clientId], "x-client-secret": clientSecret },
      "an id of SQL": { "x-client-id": "' or true --", "x-client-secret": clientSecret },
      "an endless id": { "x-client-id": "x".repeat(5_000), "x-client-secret": clientSecret },
      "an endless secret": { "x-client-id": clientId, "x-client-secret": "x".repeat(5_000) },
      "bytes beyond ASCII": { "x-client-id": "\u00e9\u00ff", "x-client-secret": "\u00e9" },
      "a bearer token": { authorization: `Bearer ${clientSecret}` },
    };
    for (const [what, headers] of Object.entries(wrong)) {
      const reply = await ask(headers);
      expect(reply.status, what).toBe(401);
      expect(reply.text, what).toBe('{"success":false,"message":"Invalid API Key provided.","data":[]}');
      expect(reply.headers["x-request-id"], what).toBeDefined();
    }
    expect((await ask({ "x-client-id": clientId, "x-client-secret": clientSecret })).status).toBe(404);
    expect((await ask({ "X-CLIENT-ID": clientId, "X-Client-Secret": clientSecret })).status).toBe(404);
  });

  it("is refused before its body is looked at", async () => {
    const { clientId } = platform.merchant;
    for (const body of ["{", "x".repeat(600_000), JSON.stringify(anIntent())]) {
      const reply = await rawRequest(platform.url, {
        method: "POST",
        path: "/api/platform/intents",
        headers: {
          "x-client-id": clientId,
          "x-client-secret": "wrong",
          "content-type": "text/plain",
          "content-length": String(body.length),
          connection: "close",
        },
        body: body.slice(0, 1_000).padEnd(body.length),
      });
      expect(reply.status).toBe(401);
    }
  });

  it("of a revoked client is refused at once, and its sibling's is not", async () => {
    const merchant = `Merchant ${randomUUID()}`;
    const [leaving, staying] = [
      await newMerchant(platform, { merchant }),
      await newMerchant(platform, { merchant }),
    ];
    const { intent_id } = await leaving.createIntent();
    const { db, world } = platform.running.platform;
    expect(await revokeClient(db, leaving.clientId, world.now())).toBe(true);
    const refused = await leaving.get(`/intents/${intent_id}`);
    expect(refused.status).toBe(401);
    expect(refused.body).toEqual({ success: false, message: "Invalid API Key provided.", data: [] });
    expect((await staying.get(`/intents/${intent_id}`)).status).toBe(200);
  });

  it("never has its secret stored in readable form", async () => {
    const merchant = await newMerchant(platform);
    const rows = await platform.running.platform.db.query<{ stored: string }>({
      text: "select c::text as stored from clients c where client_id = $1",
      values: [merchant.clientId],
    } as never);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.stored).not.toContain(merchant.clientSecret);
    expect(rows[0]?.stored).not.toContain(merchant.clientSecret.slice(3));
  });
});

const API = "/api/platform";

/** Every route under it, and the one permission that opens it. */
const ROUTES: Record<string, Permission | readonly Permission[]> = {
  "POST /intents": "intents:write",
  "GET /intents": "intents:read",
  "GET /intents/:id": "intents:read",
  "GET /intents/reference/:reference_id": "intents:read",
  "POST /intents/:id/cancel": "intents:write",
  "POST /intents/:id/refunds": "refunds:write",
  "GET /refunds/:id": ["intents:read", "refunds:write"],
  "GET /subscriptions": "subscriptions:read",
  "GET /subscriptions/:id": "subscriptions:read",
  "POST /subscriptions/:id/cancel": "subscriptions:write",
  "GET /customers": "customers:read",
  "GET /customers/:id": "customers:read",
  "GET /customers/reference/:customer_ref_id": "customers:read",
  "GET /webhook-endpoints": "webhooks:read",
  "GET /webhook-endpoints/:id": "webhooks:read",
  "POST /webhook-endpoints": "webhooks:write",
  "PATCH /webhook-endpoints/:id": "webhooks:write",
  "DELETE /webhook-endpoints/:id": "webhooks:write",
  "POST /webhook-endpoints/:id/rotate-secret": "webhooks:write",
  "POST /webhook-endpoints/:id/test": "webhooks:write",
  "POST /webhook-endpoints/:id/replay": "webhooks:write",
  "GET /events": "events:read",
  "GET /events/:id": "events:read",
  "GET /events/:id/deliveries": "events:read",
  "POST /events/:id/redeliver": "webhooks:write",
  "GET /clients": "clients:write",
  "POST /clients": "clients:write",
  "POST /clients/:id/revoke": "clients:write",
  "POST /clients/:id/rotate-secret": "clients:write",
  "GET /test/clock": "test:write",
  "POST /test/clock/advance": "test:write",
  "POST /test/faults": "test:write",
  "GET /test/faults": "test:write",
  "DELETE /test/faults": "test:write",
};

describe("permissions", () => {
  const ask = async (client: Merchant, route: string) => {
    const [method = "", path = ""] = route.split(" ");
    const response = await fetch(`${platform.url}/api/platform${path.replaceAll(/:\w+/g, randomUUID())}`, {
      method,
      headers: { "x-client-id": client.clientId, "x-client-secret": client.clientSecret },
    });
    return { status: response.status, body: (await response.json()) as { message?: string } };
  };

  it("open exactly the routes that they are for, and a 403 names the one that lacks", async () => {
    const served = servedRoutes(platform.running.app)
      .filter((route) => route.includes(` ${API}/`))
      .map((route) => route.replace(API, ""));
    expect(served).toEqual(expect.arrayContaining(["POST /intents", "GET /test/clock"]));
    const nobody = await newMerchant(platform, { permissions: [] });
    for (const route of served) {
      const allowed = [ROUTES[route] ?? []].flat();
      expect(allowed, `${route} is not in this test's table`).not.toEqual([]);
      const refused = await ask(nobody, route);
      expect(refused.status, route).toBe(403);
      expect(refused.body, route).toEqual({ success: false, message: expect.any(String), data: [] });
      const named = PERMISSIONS.filter((permission) => refused.body.message?.includes(permission));
      expect(named, route).toHaveLength(1);
      expect(allowed, route).toContain(named[0]);

      const others = PERMISSIONS.filter((permission) => permission !== named[0]);
      expect((await ask(await newMerchant(platform, { permissions: others }), route)).status, route).toBe(
        403,
      );
      const only = await newMerchant(platform, { permissions: named });
      const { status } = await ask(only, route);
      expect([200, 404, 422], `${route} answered ${status}`).toContain(status);
    }
  });

  it("of one client are not those of another of the same account", async () => {
    const merchant = `Merchant ${randomUUID()}`;
    const writer = await newMerchant(platform, { merchant, permissions: ["intents:write"] });
    const reader = await newMerchant(platform, { merchant, permissions: ["intents:read"] });
    const { intent_id } = await writer.createIntent();
    expect((await writer.get(`/intents/${intent_id}`)).status).toBe(403);
    expect((await reader.get(`/intents/${intent_id}`)).status).toBe(200);
    expect((await reader.post(`/intents/${intent_id}/cancel`)).status).toBe(403);
    expect((await reader.intent(intent_id)).status).toBe("requires_payment");
  });
});

describe("books stay apart", () => {
  it("between accounts: each answers 404 for the other's intents and subscriptions, and leaves them alone", async () => {
    const other = await newMerchant(platform);
    const reference = `ORDER-${randomUUID()}`;
    const { intent_id } = await platform.merchant.createIntent({ reference_id: reference });
    const { subscriptionId } = await subscribe(platform);
    const asked = [
      await other.get(`/intents/${intent_id}`),
      await other.get(`/intents/reference/${reference}`),
      await other.post(`/intents/${intent_id}/cancel`),
      await other.get(`/subscriptions/${subscriptionId}`),
      await other.post(`/subscriptions/${subscriptionId}/cancel`),
    ];
    for (const reply of asked) {
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
    }
    expect((await other.get("/subscriptions")).body.data).toEqual([]);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_payment");
    const kept = (await platform.merchant.get(`/subscriptions/${subscriptionId}`)).body.data;
    expect(kept.status).toBe("active");
  });

  it("between accounts: the same reference is free in the other's", async () => {
    const [one, other] = [await newMerchant(platform), await newMerchant(platform)];
    const reference = `ORDER-${randomUUID()}`;
    const [ours, theirs] = [
      await one.createIntent({ reference_id: reference }),
      await other.createIntent({ reference_id: reference, amount: 5 }),
    ];
    expect((await one.get(`/intents/reference/${reference}`)).body.data.intent_id).toBe(ours.intent_id);
    expect((await other.get(`/intents/reference/${reference}`)).body.data.intent_id).toBe(theirs.intent_id);
    await pay(theirs.payment_url);
    expect((await one.intent(ours.intent_id)).status).toBe("requires_payment");
  });

  it("but a new merchant has one, though two clients are made for it at the same moment", async () => {
    const merchant = `Merchant ${randomUUID()}`;
    const clients = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        newMerchant(platform, { merchant, mode: at % 2 ? "live" : "test" }),
      ),
    );
    const { intent_id } = await (clients[0] ?? platform.merchant).createIntent();
    const seen = await Promise.all(
      clients.map(async (client) => (await client.get(`/intents/${intent_id}`)).status),
    );
    expect(seen).toEqual([200, 404, 200, 404, 200, 404]);
  });

  it("between the modes of one merchant: live sees nothing of test", async () => {
    const merchant = `Merchant ${randomUUID()}`;
    const test = await newMerchant(platform, { merchant, mode: "test" });
    const live = await newMerchant(platform, { merchant, mode: "live" });
    const { intent_id } = await test.createIntent();
    expect((await live.get(`/intents/${intent_id}`)).status).toBe(404);
    expect((await live.post(`/intents/${intent_id}/cancel`)).status).toBe(404);
    expect((await test.intent(intent_id)).status).toBe("requires_payment");
  });

  it("in live mode, without a real processor, an intent is refused with 400 and the clock stands alone", async () => {
    const live = await newMerchant(platform, { mode: "live" });
    const body = anIntent();
    const refused = await live.post("/intents", body, { "idempotency-key": "live-1" });
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      success: false,
      message: expect.stringContaining("live payments"),
      data: [],
    });
    expect((await live.get(`/intents/reference/${String(body["reference_id"])}`)).status).toBe(404);
    expect((await live.post("/intents", anIntent({ amount: 0 }))).status).toBe(422);
    expect((await live.get("/test/clock")).status).toBe(400);
    expect((await live.post("/test/clock/advance", { seconds: 60 })).status).toBe(400);
  });
});
