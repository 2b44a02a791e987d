/**
 * Guessing and card testing: how many wrong keys, unknown links and cards one address may send in a minute, and how many
 * declines an account may have. The addresses are those that a trusted proxy on this machine tells.
 */
import { randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instantFromMicros } from "../../src/base/instant.ts";
import { createLog } from "../../src/base/log.ts";
import { realWorld } from "../../src/base/world.ts";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, type Merchant, type Reply, startPlatform, type TestPlatform } from "../support/platform.ts";

const MINUTE = 60_000_000n;
const wall = realWorld();
let passed = 0n;
const world = { ...wall, now: () => instantFromMicros(wall.now() + passed) };
const logged: string[] = [];
const log = createLog("warn", { write: (line: string) => void logged.push(line) });

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({
    world,
    log,
    trustedProxies: ["loopback"],
    misuse: { attempts: 5, declinesInAccount: 8 },
  });
});
beforeEach(() => {
  passed += MINUTE;
});

/** An address that nobody else in this file has. */
let last = 0;
function newAddress(): string {
  last += 1;
  return `198.51.100.${last}`;
}

async function ask(
  from: string,
  path: string,
  init: { headers?: Record<string, string>; method?: string; body?: string } = {},
): Promise<Omit<Reply, "body">> {
  const headers = { ...init.headers, "x-forwarded-for": from };
  const response = await fetch(new URL(path, platform.url), { ...init, headers, redirect: "manual" });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

function knock(from: string, clientId: string, clientSecret: string): Promise<Omit<Reply, "body">> {
  const headers = { "x-client-id": clientId, "x-client-secret": clientSecret };
  return ask(from, "/api/platform/intents?limit=1", { headers });
}

const guess = (from: string, clientId = platform.merchant.clientId) =>
  knock(from, clientId, randomBytes(24).toString("base64url"));
const open = (from: string, { clientId, clientSecret } = platform.merchant) =>
  knock(from, clientId, clientSecret);

function sendCard(from: string, paymentUrl: string, number: string): Promise<Omit<Reply, "body">> {
  const body = JSON.stringify({ name: "John Doe", number, expiry: "12/40", cvc: "123" });
  const headers = { "content-type": "application/json" };
  return ask(from, `${new URL(paymentUrl).pathname}/pay`, { method: "POST", headers, body });
}

async function statuses(count: number, one: (at: number) => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let at = 0; at < count; at++) seen.push((await one(at)).status);
  return seen;
}

const times = (count: number, status: number) => Array<number>(count).fill(status);

function expectHeldUp(reply: Omit<Reply, "body">): void {
  expect(reply.status, reply.text).toBe(429);
  expect(JSON.parse(reply.text)).toEqual({
    success: false,
    message: "Too many requests. Slow down and try again.",
    data: [],
  });
  const wait = Number(reply.headers.get("retry-after"));
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  expect(reply.headers.get("x-request-id")).not.toBeNull();
}

describe("wrong keys", () => {
  it("are answered thirty times a minute to one address, then held up until the minute is over", async () => {
    const [guesser, other] = [newAddress(), newAddress()];
    expect(await statuses(30, () => guess(guesser))).toEqual(times(30, 401));
    expectHeldUp(await guess(guesser));
    expectHeldUp(await guess(guesser, "test_somebody_else"));
    expect((await guess(other)).status).toBe(401);
    passed += MINUTE;
    expect((await guess(guesser)).status).toBe(401);
  });

  it("beyond the limit are not even tried: the right one among them opens nothing", async () => {
    const guesser = newAddress();
    await statuses(30, () => guess(guesser));
    expectHeldUp(await open(guesser));
    passed += MINUTE;
    expect((await open(guesser)).status).toBe(200);
  });

  it("lock nobody out who was right before from the same address, until that key is revoked", async () => {
    const shared = newAddress();
    const neighbour = await newMerchant(platform);
    expect((await open(shared, neighbour)).status).toBe(200);
    await statuses(31, () => guess(shared));
    expect((await open(shared, neighbour)).status).toBe(200);
    expectHeldUp(await knock(shared, neighbour.clientId, `${neighbour.clientSecret}x`));
    expect((await revokeBy(neighbour)).status).toBe(200);
    expect((await open(shared, neighbour)).status).toBe(401);
  });

  it("do not count where they are right, nor where there is none", async () => {
    const busy = newAddress();
    expect(await statuses(100, () => open(busy))).toEqual(times(100, 200));
    expect(await statuses(40, () => ask(busy, "/api/platform/intents"))).toEqual(times(40, 401));
    expect((await guess(busy)).status).toBe(401);
  });

  it("count for a whole IPv6 network of one customer", async () => {
    const many = (at: number) => `2001:db8:7:7::${(at + 1).toString(16)}`;
    expect(await statuses(30, (at) => guess(many(at)))).toEqual(times(30, 401));
    expectHeldUp(await guess("2001:db8:7:7:ffff:ffff:ffff:ffff"));
    expect((await guess("2001:db8:7:8::1")).status).toBe(401);
  });

  it("count for the address that the proxy saw, whatever the sender writes before it", async () => {
    const guesser = newAddress();
    await statuses(30, (at) => guess(`203.0.113.${at}, ${guesser}`));
    expectHeldUp(await guess(`203.0.113.77, ${guesser}`));
    expect((await guess("203.0.113.77")).status).toBe(401);
  });

  it("are told to the operator once a minute and address, without a key", async () => {
    const guesser = newAddress();
    const before = logged.length;
    await statuses(40, () => guess(guesser));
    const lines = logged.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toEqual([
      {
        level: 40,
        time: expect.any(String),
        limit: "wrongKeys",
        from: guesser,
        msg: "guessing or card testing is held up",
      },
    ]);
  });

  async function revokeBy({ clientId, clientSecret }: Merchant): Promise<{ status: number }> {
    const headers = { "x-client-id": clientId, "x-client-secret": clientSecret };
    return await ask(newAddress(), `/api/platform/clients/${clientId}/revoke`, { method: "POST", headers });
  }
});

describe("payment links that nobody knows", () => {
  /** A token of the right form: everything but the secret part is true. */
  const guessOf = (paymentUrl: string) => {
    const bytes = Buffer.from(paymentUrl.split("/").at(-1) ?? "", "base64url");
    return `/pay/${Buffer.concat([bytes.subarray(0, 32), randomBytes(16)]).toString("base64url")}`;
  };

  it("are answered sixty times a minute to one address, by whatever route, and then held up on all of them", async () => {
    const { payment_url } = await platform.merchant.createIntent();
    const [guesser, other] = [newAddress(), newAddress()];
    const routes = [
      () => ask(guesser, guessOf(payment_url)),
      () => ask(guesser, `${guessOf(payment_url)}/state`),
      () => sendCard(guesser, new URL(guessOf(payment_url), platform.url).href, CARDS.visa),
      () => ask(guesser, `/sandbox/challenges/${randomBytes(32).toString("base64url")}`),
      () =>
        ask(guesser, `/sandbox/challenges/${randomBytes(32).toString("base64url")}`, {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: "result=complete",
        }),
    ];
    expect(await statuses(60, (at) => routes[at % routes.length]?.() ?? Promise.reject())).toEqual(
      times(60, 404),
    );
    for (const route of routes) expectHeldUp(await route());
    expectHeldUp(await ask(guesser, new URL(payment_url).pathname));
    expect((await ask(other, new URL(payment_url).pathname)).status).toBe(200);
  });

  it("lock no customer out who has opened a link from the same address before", async () => {
    const { payment_url } = await platform.merchant.createIntent();
    const shared = newAddress();
    const path = new URL(payment_url).pathname;
    expect((await ask(shared, path)).status).toBe(200);
    await statuses(61, () => ask(shared, guessOf(payment_url)));
    expect((await ask(shared, `${path}/state`)).status).toBe(200);
    expect((await sendCard(shared, payment_url, CARDS.visa)).status).toBe(200);
  });

  it("do not count where they are right: a page may follow its payment for as long as it likes", async () => {
    const { payment_url } = await platform.merchant.createIntent();
    const customer = newAddress();
    const path = `${new URL(payment_url).pathname}/state`;
    expect(await statuses(150, () => ask(customer, path))).toEqual(times(150, 200));
  });
});

describe("cards", () => {
  it("from one address beyond the limit are not charged; the intent stays payable, and other addresses pay", async () => {
    const { merchant } = platform;
    const [tester, other] = [newAddress(), newAddress()];
    const { intent_id, payment_url } = await merchant.createIntent();
    expect(await statuses(5, () => sendCard(tester, payment_url, CARDS.declined))).toEqual(times(5, 200));
    expectHeldUp(await sendCard(tester, payment_url, CARDS.visa));
    const another = await merchant.createIntent();
    expectHeldUp(await sendCard(tester, another.payment_url, CARDS.visa));
    expect((await ask(tester, `${new URL(payment_url).pathname}/state`)).status).toBe(200);

    const held = await merchant.intent(intent_id);
    expect(held.status).toBe("requires_payment");
    expect(held.charges).toHaveLength(5);
    expect((await sendCard(other, payment_url, CARDS.visa)).status).toBe(200);
    expect((await merchant.intent(intent_id)).status).toBe("succeeded");
    passed += MINUTE;
    expect((await sendCard(tester, another.payment_url, CARDS.visa)).status).toBe(200);
  });

  it("sent at the same moment count as well, those that are refused as input too", async () => {
    const tester = newAddress();
    const { intent_id, payment_url } = await (await newMerchant(platform)).createIntent();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => sendCard(tester, payment_url, "4111111111111111")),
    );
    const seen = all.map(({ status }) => status).sort((a, b) => a - b);
    expect(seen).toEqual([...times(5, 422), ...times(15, 429)]);
    expect(intent_id).toMatch(/^pi_/);
  });

  it("declined for one account from many addresses hold up that account alone; successes do not count", async () => {
    const [attacked, neighbour] = [await newMerchant(platform), await newMerchant(platform)];
    for (let at = 0; at < 20; at++) {
      const { payment_url } = await attacked.createIntent();
      expect((await sendCard(newAddress(), payment_url, CARDS.visa)).status).toBe(200);
    }
    const tried = await attacked.createIntent();
    expect(await statuses(8, () => sendCard(newAddress(), tried.payment_url, CARDS.declined))).toEqual(
      times(8, 200),
    );
    expectHeldUp(await sendCard(newAddress(), tried.payment_url, CARDS.visa));
    expect((await attacked.intent(tried.intent_id)).charges).toHaveLength(8);
    const { payment_url } = await neighbour.createIntent();
    expect((await sendCard(newAddress(), payment_url, CARDS.visa)).status).toBe(200);
    passed += MINUTE;
    expect((await sendCard(newAddress(), tried.payment_url, CARDS.visa)).status).toBe(200);
  });

  it("and demo payments share one limit, so that nobody fills the books with demos", async () => {
    const visitor = newAddress();
    expect(await statuses(5, () => ask(visitor, "/pay/demo"))).toEqual(times(5, 303));
    expectHeldUp(await ask(visitor, "/pay/demo"));
  });
});

describe("this machine itself", () => {
  it("is not held up, since tests, probes and an unnamed proxy look so; the operator is told once of such a proxy", async () => {
    const lines: string[] = [];
    const near = await startPlatform({
      log: createLog("warn", { write: (line: string) => void lines.push(line) }),
      misuse: { wrongKeys: 3, unknownLinks: 3, attempts: 3, declinesInAccount: 3 },
    });
    const knockNear = (headers: Record<string, string>) =>
      fetch(`${near.url}/api/platform/intents`, {
        headers: { "x-client-id": near.merchant.clientId, "x-client-secret": "wrong", ...headers },
      });
    expect(await statuses(10, () => knockNear({}))).toEqual(times(10, 401));
    expect(lines).toEqual([]);
    const forwarded = { "x-forwarded-for": "203.0.113.9" };
    expect(await statuses(10, () => knockNear(forwarded))).toEqual(times(10, 401));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("MINTRO_TRUSTED_PROXIES");
    expect(await statuses(10, () => fetch(`${near.url}/pay/nobody`))).toEqual(times(10, 404));
  });
});
