import { lstat, readFile } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import {
  answerChallenge,
  CARDS,
  eventually,
  type Json,
  type Merchant,
  pay,
  subscribe,
  tryToPay,
} from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";
import {
  afterThisTest,
  databaseOf,
  type Mintro,
  merchantAt,
  newScratch,
  query,
  startMintro,
  stopMintro,
  useSeed,
} from "./mintro.ts";

const seeded = useSeed();
const KEY = Buffer.alloc(32, 7).toString("base64");

async function openedSink(): Promise<Sink> {
  const sink = await openSink();
  afterThisTest(() => sink.close());
  return sink;
}

const readyLine = (mintro: Mintro) => mintro.logLines().find(({ msg }) => msg === "Mintro is ready");

async function paidIntent(merchant: Merchant): Promise<string> {
  const { intent_id, payment_url } = await merchant.createIntent();
  expect((await pay(payment_url)).status).toBe("succeeded");
  return intent_id;
}

describe("the webhook endpoint of the environment", () => {
  async function startWith(dataDir: string, env: Record<string, string>): Promise<[Mintro, Merchant]> {
    const mintro = startMintro({ dataDir, env });
    return [mintro, await merchantAt(mintro)];
  }

  /** The webhook of a new payment, whose signature is right by `secret`. */
  async function expectTold(merchant: Merchant, sink: Sink, secret: string): Promise<void> {
    const intentId = await paidIntent(merchant);
    const [received] = await eventually(() => {
      const found = sink.of("payment.succeeded", intentId);
      return found.length > 0 && found;
    });
    new Webhook(secret).verify(received?.body ?? "", (received?.headers ?? {}) as Record<string, string>);
  }

  test("is made sure of at every start: with a generated secret, another address, a given secret, and none at all", async () => {
    const dataDir = await seeded();
    const [one, two] = [await openedSink(), await openedSink()];
    const secretFile = join(dataDir, "webhook-secret");

    const [first, merchant] = await startWith(dataDir, { MINTRO_WEBHOOK_URL: one.url });
    const generated = (await readFile(secretFile, "utf8")).trim();
    expect(generated).toMatch(/^whsec_/);
    expect((await lstat(secretFile)).mode & 0o777).toBe(0o600);
    expect(first.stdout()).toContain(secretFile);
    expect(first.stdout()).not.toContain(generated);
    await expectTold(merchant, one, generated);
    await stopMintro(first);

    const [second, sameMerchant] = await startWith(dataDir, { MINTRO_WEBHOOK_URL: two.url });
    await expectTold(sameMerchant, two, generated);
    await stopMintro(second);

    const [third, again] = await startWith(dataDir, {
      MINTRO_WEBHOOK_URL: two.url,
      MINTRO_WEBHOOK_SECRET: two.secret,
    });
    await expectTold(again, two, two.secret);
    expect(third.stdout()).not.toContain(two.secret);
    await stopMintro(third);

    const [fourth, alone] = await startWith(dataDir, {});
    await paidIntent(alone);
    const url = await databaseOf(fourth);
    expect(
      await query(url, "select url, enabled, disabled_reason, from_environment from webhook_endpoints"),
    ).toEqual([{ url: two.url, enabled: false, disabled_reason: "removed", from_environment: true }]);
    expect(
      await query(url, "select count(*)::int as count from deliveries where status <> 'delivered'"),
    ).toEqual([{ count: 0 }]);
    expect([one.received.length, two.received.length]).toEqual([1, 2]);
  });

  test("is not called at a private address where MINTRO_ALLOW_PRIVATE_WEBHOOKS is off", async () => {
    const sink = await openedSink();
    const url = sink.url.replace("127.0.0.1", "localhost");
    const [mintro, merchant] = await startWith(await seeded(), {
      MINTRO_WEBHOOK_URL: url,
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "off",
    });
    await paidIntent(merchant);
    const database = await databaseOf(mintro);
    const [tried] = await eventually(async () => {
      const found = await query(database, "select status_code, error from delivery_tries");
      return found.length > 0 && found;
    });
    expect(tried?.["status_code"]).toBeNull();
    expect(sink.received).toEqual([]);
  });
});

test("MINTRO_RATE_LIMIT answers 429 with Retry-After beyond it, and 0 is no limit", async () => {
  const dataDir = await seeded();
  const limited = startMintro({ dataDir, env: { MINTRO_RATE_LIMIT: "5" } });
  const merchant = await merchantAt(limited);
  const replies = await Promise.all(Array.from({ length: 40 }, () => merchant.get("/test/clock")));
  const refused = replies.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5); // more where a second ended
  for (const reply of refused) {
    expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
  }
  await stopMintro(limited);
  const unlimited = await merchantAt(startMintro({ dataDir, env: { MINTRO_RATE_LIMIT: "0" } }));
  const all = await Promise.all(Array.from({ length: 1_100 }, () => unlimited.get("/test/clock")));
  expect(all.every(({ status }) => status === 200)).toBe(true);
});

test("MINTRO_ALLOWED_ORIGINS may frame the checkout page, and nobody else", async () => {
  const env = { MINTRO_ALLOWED_ORIGINS: "https://shop.example, https://other.example:8443" };
  const merchant = await merchantAt(startMintro({ dataDir: await seeded(), env }));
  const { payment_url } = await merchant.createIntent();
  const policy = (await fetch(payment_url)).headers.get("content-security-policy");
  expect(policy).toContain("frame-ancestors https://shop.example https://other.example:8443;".slice(0, -1));
});

describe.each(["takes the path off", "passes the path on"])("behind a proxy that %s", (how) => {
  const base = "/payments";

  /** What customers and merchants talk to. It tells Mintro, at `target`, whom it speaks for. */
  async function openProxy(): Promise<{ origin: string; to: (target: string) => void }> {
    let target = "";
    const server = createServer((request, response) => {
      const path = request.url ?? "";
      if (!path.startsWith(`${base}/`)) return response.writeHead(404).end();
      const url = new URL(how === "takes the path off" ? path.slice(base.length) : path, target);
      const headers = { ...request.headers, "x-forwarded-for": "203.0.113.9" };
      return request.pipe(
        forward(url, { method: request.method ?? "GET", headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterThisTest(async () => {
      server.closeAllConnections();
      server.close();
    });
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      to: (url) => (target = url),
    };
  }

  test("everything is reached below MINTRO_PUBLIC_URL, and MINTRO_TRUSTED_PROXIES is believed about who asks", async () => {
    const proxy = await openProxy();
    const publicUrl = `${proxy.origin}${base}`;
    const mintro = startMintro({
      dataDir: await seeded(),
      env: { MINTRO_PUBLIC_URL: `${publicUrl}/`, MINTRO_TRUSTED_PROXIES: "loopback", LOG_LEVEL: "debug" },
    });
    const { url, demoUrl } = await mintro.ready();
    expect([url, demoUrl]).toEqual([publicUrl, `${publicUrl}/pay/demo`]);
    const { port } = await eventually(() => readyLine(mintro));
    proxy.to(`http://127.0.0.1:${String(port)}`);

    const merchant = await merchantAt(mintro);
    const { payment_url, intent_id } = await merchant.createIntent();
    expect(payment_url.startsWith(`${publicUrl}/pay/`)).toBe(true);
    const page = await (await fetch(payment_url)).text();
    const files = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(files.length).toBeGreaterThan(1);
    for (const path of files)
      expect([path, (await fetch(`${proxy.origin}${path}`)).status]).toEqual([path, 200]);

    const paying = await pay(payment_url, CARDS.challengeThenSucceeds);
    expect(paying.challenge_url?.startsWith(`${publicUrl}/sandbox/challenges/`)).toBe(true);
    const challenge = await (await fetch(paying.challenge_url ?? "")).text();
    const action = new URL(/action="([^"]+)"/.exec(challenge)?.[1] ?? "", paying.challenge_url ?? "");
    expect(action.href).toBe(paying.challenge_url);
    await answerChallenge(paying, "complete");
    expect((await merchant.intent(intent_id)).status).toBe("succeeded");

    const asked = mintro.logLines().filter(({ msg }) => msg === "request");
    expect(new Set(asked.map(({ ip }) => ip))).toEqual(new Set(["203.0.113.9"]));
  });
});

test("a proxy that is not trusted is not believed", async () => {
  const mintro = startMintro({ dataDir: await seeded(), env: { LOG_LEVEL: "debug" } });
  const { url } = await mintro.ready();
  await fetch(`${url}/healthz`, { headers: { "x-forwarded-for": "203.0.113.9" } });
  const line = await eventually(() => mintro.logLines().find(({ route }) => route === "/healthz"));
  expect(line["ip"]).toBe("127.0.0.1");
});

describe("two instances", () => {
  test("on two data folders know nothing of each other", async () => {
    const [a, b] = [startMintro({ dataDir: await seeded() }), startMintro({ dataDir: await seeded() })];
    const [first, second] = [await merchantAt(a), await merchantAt(b)];
    expect((await a.ready()).url).not.toBe((await b.ready()).url);
    const [ofFirst, ofSecond] = await Promise.all([paidIntent(first), paidIntent(second)]);
    expect((await first.get(`/intents/${ofSecond}`)).status).toBe(404);
    expect((await second.get(`/intents/${ofFirst}`)).status).toBe(404);
    await stopMintro(a);
    await paidIntent(second);
  });

  test("on one database, started at the same moment, are one platform", async () => {
    const database = await createTestDatabase();
    afterThisTest(() => database.drop());
    const sink = await openedSink();
    const env = {
      DATABASE_URL: database.url,
      MINTRO_SECRET_KEY: KEY,
      MINTRO_WEBHOOK_URL: sink.url,
      MINTRO_WEBHOOK_SECRET: sink.secret,
      MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on",
    };
    const folder = await newScratch();
    const [a, b] = ["a", "b"].map((name) => startMintro({ dataDir: join(folder, name), env })) as [
      Mintro,
      Mintro,
    ];
    const [atA, atB] = [await merchantAt(a), await merchantAt(b)];
    expect(atA.clientId).not.toBe(atB.clientId);
    expect(await query(database.url, "select mode from accounts order by mode")).toEqual([
      { mode: "live" },
      { mode: "test" },
    ]);
    expect(await query(database.url, "select count(*)::int as count from webhook_endpoints")).toEqual([
      { count: 1 },
    ]);

    const intents = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? atA : atB).createIntent()),
    );
    // Each is paid on both at the same moment: one charge.
    const { url: urlA } = await a.ready();
    const { url: urlB } = await b.ready();
    await Promise.all(
      intents.flatMap(({ payment_url }) =>
        [urlA, urlB].map((url) => tryToPay(payment_url.replace(/^http:\/\/[^/]+/, url))),
      ),
    );
    const ids = intents.map(({ intent_id }) => intent_id);
    await eventually(async () => {
      const seen = await Promise.all(ids.map((id) => atB.intent(id)));
      return seen.every(({ status }: Json) => status === "succeeded");
    });
    await eventually(() => ids.every((id) => sink.of("payment.succeeded", id).length > 0));
    const { subscriptionId, intentId } = await subscribe({ merchant: atB });
    await atA.advance({ seconds: 61 * 86_400 });
    expect(sink.of("subscription.renewed", intentId)).toHaveLength(2);
    await stopMintro(a);
    expect((await atB.get(`/subscriptions/${subscriptionId}`)).body.data.current_cycle).toBe(2);
    expect(sink.received.map(({ id }) => id)).toEqual([...new Set(sink.received.map(({ id }) => id))]);
    await stopMintro(b);
  });
});

describe("what it logs", () => {
  test("is JSON, begins with what runs where, and holds no secret, card or payment link", async () => {
    const sink = await openedSink();
    const dataDir = await seeded();
    const env = { LOG_LEVEL: "trace", MINTRO_WEBHOOK_URL: sink.url, MINTRO_WEBHOOK_SECRET: sink.secret };
    const mintro = startMintro({ dataDir, env });
    const merchant = await merchantAt(mintro);
    const { port } = new URL((await mintro.ready()).url);
    const line = await eventually(() => readyLine(mintro));
    expect(line).not.toHaveProperty("migrations"); // none was left to apply
    expect(mintro.stdout()).toMatch(/Mintro is ready at[\s\S]*"msg":"Mintro is ready"/); // people first
    expect(line).toMatchObject({
      level: 30,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      database: "embedded",
      postgres: expect.stringMatching(/^18\./),
      port: Number(port),
    });

    const made = await merchant.createIntent();
    const [token] = new URL(made.payment_url).pathname.split("/").slice(-1);
    const cvc = "7391";
    await tryToPay(made.payment_url, { number: CARDS.insufficientFunds, cvc: "739" });
    await tryToPay(made.payment_url, { number: "4111111111111111" });
    sink.answer(500);
    await tryToPay(made.payment_url, { number: CARDS.amex, cvc });
    await eventually(() => sink.of("payment.succeeded", made.intent_id).length > 0);
    await fetch(`${made.payment_url}x`);
    await merchant.post("/intents", "{ not json");
    await merchant.post("/intents", { reference_id: 1 }, { "x-client-secret": `${merchant.clientSecret}x` });
    const [method] = await query(await databaseOf(mintro), "select token from sandbox.methods");
    await stopMintro(mintro);

    const log = mintro.stdout().split("\n");
    const lines = log.filter((line) => line.startsWith("{"));
    const inLog = (text: string) => lines.filter((line) => line.includes(text));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    const kept = ["client-secret", "secret-key", "webhook-secret", "postgres-password"];
    const secrets = await Promise.all(
      kept.map(async (name) => (await readFile(join(dataDir, name), "utf8")).trim()),
    );
    const never = [...secrets, String(token), String(method?.["token"]), CARDS.insufficientFunds, CARDS.amex];
    for (const text of [...never, "4111111111111111", cvc, "customer@example.com"])
      expect([text, inLog(text)]).toEqual([text, []]);
    for (const text of secrets) expect(mintro.stdout()).not.toContain(text);
  });
});

test("says how it is: /healthz, /readyz, and /metrics as Prometheus reads it", async () => {
  const mintro = startMintro({ dataDir: await seeded() });
  const { url } = await mintro.ready();
  await paidIntent(await merchantAt(mintro));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await metrics.text();
  // Prometheus' text format 0.0.4: comments, or a name, labels in braces, and a number.
  const line =
    /^(#.*|[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\\n])*",?)*\})? (-?[\d.]+(e[+-]?\d+)?|NaN|[+-]Inf)( \d+)?)$/;
  for (const each of text.split("\n")) if (each !== "") expect(each).toMatch(line);
  expect(text.endsWith("\n")).toBe(true);
  expect(text).toMatch(/mintro_http_request_seconds_count\{[^}]*route="\/api\/platform\/intents"[^}]*\} 1/);
});
