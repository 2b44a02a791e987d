/** Clients by API: a key that may make others, with no more than its own permissions, and what becomes of their secrets. */
import { beforeAll, describe, expect, it } from "vitest";
import { CLIENTS } from "../../src/base/limits.ts";
import { findClients, renewClient } from "../../src/store/accounts.ts";
import { newMerchant } from "../support/merchants.ts";
import { walk } from "../support/pages.ts";
import {
  eventually,
  type Json,
  type Merchant,
  merchantOf,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

async function issue(merchant: Merchant, permissions: readonly string[], name = "shop"): Promise<Json> {
  const reply = await merchant.post("/clients", { name, permissions });
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
}

const as = (pair: { client_id: string; client_secret: string }): Merchant =>
  merchantOf(platform.url, { clientId: pair.client_id, clientSecret: pair.client_secret });

const query = <Row>(text: string, values: unknown[] = []) =>
  platform.running.platform.db.query<Row>({ text, values } as never);

describe("a client that another makes", () => {
  it("acts on the same account with the permissions given, and its secret is shown once", async () => {
    const merchant = await newMerchant(platform);
    const { intent_id } = await merchant.createIntent();
    const { client_secret, ...made } = await issue(merchant, ["intents:read", "intents:read"], " Reports ");
    expect(made).toEqual({
      client_id: expect.stringMatching(/^test_/),
      name: "Reports",
      permissions: ["intents:read"],
      last_used_at: null,
      previous_secret_until: null,
      created_at: expect.stringMatching(/Z$/),
      revoked_at: null,
    });
    const reader = as({ ...made, client_secret });
    expect((await reader.get(`/intents/${intent_id}`)).status).toBe(200);
    expect((await reader.post(`/intents/${intent_id}/cancel`)).status).toBe(403);
    expect((await merchant.get("/clients")).text).not.toContain(client_secret);
  });

  it("never gets a permission that its maker lacks", async () => {
    const merchant = await newMerchant(platform, { permissions: ["clients:write", "intents:read"] });
    const refused = await merchant.post("/clients", {
      name: "x",
      permissions: ["intents:read", "refunds:write"],
    });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toBe("This API key lacks the permission refunds:write.");
    const child = as(await issue(merchant, ["clients:write"]));
    expect((await child.post("/clients", { name: "y", permissions: ["intents:read"] })).status).toBe(403);
    await issue(child, ["clients:write"]);
  });

  it("is of its maker's mode", async () => {
    const live = await newMerchant(platform, { mode: "live" });
    const made = await issue(live, ["test:write"]);
    expect(made.client_id).toMatch(/^live_/);
    expect((await as(made).get("/test/clock")).status).toBe(400);
  });

  it.each([
    [{}, { name: ["The name field is required."], permissions: ["The permissions field is required."] }],
    [{ name: "x", permissions: [] }, { permissions: ["The permissions field is required."] }],
    [{ name: "x", permissions: "all" }, { permissions: ["The permissions must be an array."] }],
    [{ name: "x", permissions: ["all"] }, { "permissions.0": ["The selected permissions.0 is invalid."] }],
  ])("is refused for %j", async (body, errors) => {
    const reply = await platform.merchant.post("/clients", body);
    expect(reply.status).toBe(422);
    expect(reply.body.errors).toEqual(errors);
  });

  it("is made once under a key, whose stored answer does not hold its secret in the clear", async () => {
    const merchant = await newMerchant(platform);
    const post = () =>
      merchant.post(
        "/clients",
        { name: "x", permissions: ["intents:read"] },
        { "idempotency-key": "client-1" },
      );
    const replies = await Promise.all([post(), post(), post()]);
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect((await post()).text).toBe(replies[0]?.text);
    expect((await merchant.get("/clients")).body.data).toHaveLength(2);
    const [row] = await query<{ stored: string }>(
      "select k::text || encode(k.sealed_answer, 'escape') as stored from idempotency_keys k where key = 'client-1'",
    );
    expect(row?.stored).not.toContain(replies[0]?.body.data.client_secret);
  });

  it("is one too many where the account has as many as it may, however many are asked for at once", async () => {
    const merchant = await newMerchant(platform);
    const asked = Array.from({ length: CLIENTS.most + 4 }, () =>
      merchant.post("/clients", { name: "x", permissions: ["intents:read"] }),
    );
    const replies = await Promise.all(asked);
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(CLIENTS.most - 1);
    expect(replies.find((reply) => reply.status === 400)?.body.message).toMatch(/at most 100 clients/);
    const { client_id } = replies.find((reply) => reply.status === 200)?.body.data ?? {};
    await merchant.post(`/clients/${client_id}/revoke`);
    await issue(merchant, ["intents:read"]);
  });
});

describe("GET /clients", () => {
  it("shows the account's own, newest first, page by page, without any secret", async () => {
    const [merchant, other] = [await newMerchant(platform), await newMerchant(platform)];
    for (const name of ["a", "b", "c", "d"]) await issue(merchant, ["intents:read"], name);
    const pages = await walk(merchant, "/clients?limit=2", () => issue(merchant, ["intents:read"], "late"));
    expect(pages.map((page) => page.map((row) => row.name))).toEqual([["d", "c"], ["b", "a"], ["tests"]]);
    expect(Object.keys(pages[0]?.[0])).not.toContain("client_secret");
    const { data } = (await other.get("/clients")).body;
    expect(data.map((row: Json) => row.client_id)).toEqual([other.clientId]);
  });

  it("shows when each was last used, noted at most once a minute", async () => {
    const merchant = await newMerchant(platform);
    const made = await issue(merchant, ["intents:read"]);
    const used = async () =>
      (await merchant.get("/clients")).body.data.find((row: Json) => row.client_id === made.client_id)
        .last_used_at;
    expect(await used()).toBeNull();
    const refused = as({ ...made, client_secret: "wrong" });
    expect((await refused.get("/intents")).status).toBe(401);
    expect(await used()).toBeNull();
    await Promise.all(Array.from({ length: 10 }, () => as(made).get("/intents")));
    const first = await eventually(used);
    expect(Math.abs(Date.now() - Date.parse(first))).toBeLessThan(5_000);
    await as(made).get("/intents");
    expect(await used()).toBe(first);
    await query("update clients set last_used_at = last_used_at - interval '61 s' where client_id = $1", [
      made.client_id,
    ]);
    await as(made).get("/intents");
    await eventually(async () => (await used()) > first);
  });
});

describe("revoking", () => {
  it("ends a client at once, also itself, and says the same again", async () => {
    const merchant = await newMerchant(platform);
    const made = await issue(merchant, ["intents:read"]);
    const revoked = await merchant.post(`/clients/${made.client_id}/revoke`);
    expect(revoked.body.data).toMatchObject({ client_id: made.client_id, revoked_at: expect.any(String) });
    expect((await as(made).get("/intents")).status).toBe(401);
    expect((await merchant.post(`/clients/${made.client_id}/revoke`)).text).toBe(revoked.text);
    expect((await merchant.post(`/clients/${made.client_id}/rotate-secret`)).status).toBe(400);
    expect((await merchant.post(`/clients/${merchant.clientId}/revoke`)).status).toBe(200);
    expect((await merchant.get("/clients")).status).toBe(401);
  });

  it("and rotating reach no client of another account, nor one that does not exist", async () => {
    const [merchant, other] = [await newMerchant(platform), await newMerchant(platform)];
    for (const id of [other.clientId, "test_nobody", "%00", "%C3%BC"]) {
      for (const verb of ["revoke", "rotate-secret"]) {
        const reply = await merchant.post(`/clients/${id}/${verb}`);
        expect(reply.status, `${id} ${verb}`).toBe(404);
        expect(reply.body.message).toBe("No such client.");
      }
    }
    expect((await other.get("/clients")).status).toBe(200);
  });
});

describe("rotating a client's secret", () => {
  it("lets both open for a day, and then the new one alone", async () => {
    const merchant = await newMerchant(platform);
    const made = await issue(merchant, ["intents:read"]);
    const reply = await merchant.post(`/clients/${made.client_id}/rotate-secret`);
    const rotated = reply.body.data;
    expect(rotated.client_secret).not.toBe(made.client_secret);
    const hours = (Date.parse(rotated.previous_secret_until) - Date.now()) / 3_600_000;
    expect(Math.round(hours * 10) / 10).toBe(24);
    for (const pair of [made, rotated]) expect((await as(pair).get("/intents")).status).toBe(200);
    await query("update clients set previous_secret_until = now() where client_id = $1", [made.client_id]);
    expect((await as(made).get("/intents")).status).toBe(401);
    expect((await as(rotated).get("/intents")).status).toBe(200);
  });

  it("twice leaves the first out; under one key it happens once; revoking ends them all", async () => {
    const merchant = await newMerchant(platform);
    const made = await issue(merchant, ["intents:read"]);
    const rotate = async (key: string) =>
      (await merchant.post(`/clients/${made.client_id}/rotate-secret`, {}, { "idempotency-key": key })).body
        .data;
    const [second, same] = await Promise.all([rotate("k1"), rotate("k1")]);
    expect(same).toEqual(second);
    const third = await rotate("k2");
    const statuses = () =>
      Promise.all([made, second, third].map(async (pair) => (await as(pair).get("/intents")).status));
    expect(await statuses()).toEqual([401, 200, 200]);
    await merchant.post(`/clients/${made.client_id}/revoke`);
    expect(await statuses()).toEqual([401, 401, 401]);
  });

  it("is not the way to a client with more permissions than one's own", async () => {
    const merchant = await newMerchant(platform);
    const manager = as(await issue(merchant, ["clients:write"]));
    const refused = await manager.post(`/clients/${merchant.clientId}/rotate-secret`);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toMatch(/^This API key lacks the permission /);
    expect((await merchant.get("/clients")).status).toBe(200);
  });

  it("of the environment's client holds until the next start gives it the environment's again", async () => {
    const { db } = platform.running.platform;
    const merchant = await newMerchant(platform);
    const known = (await findClients(db, [merchant.clientId])).get(merchant.clientId);
    const rotated = (await merchant.post(`/clients/${merchant.clientId}/rotate-secret`)).body.data;
    if (known) await renewClient(db, known);
    expect((await merchant.get("/clients")).status).toBe(200);
    expect((await as(rotated).get("/clients")).status).toBe(401);
  });
});
