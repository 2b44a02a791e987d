/**
 * The whole platform for a test: the wiring of `npm start` on a port and a database of its own, with the sandbox as the
 * only processor. Nothing is mocked; what a test may hand in is another way to the sandbox. When the test file ends, the
 * books are audited, what it leaves behind is searched for secrets, and everything is stopped.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { CheckoutView } from "@mintro/contract/checkout";
import { afterAll, expect } from "vitest";
import { createLog } from "../../src/base/log.ts";
import type { WebhookSecret } from "../../src/domain/webhook-signature.ts";
import { type Running, run, type Wiring } from "../../src/main/wire.ts";
import { findWrongs } from "./audit.ts";
import { createTestDatabase } from "./database.ts";
import { watchAnswers } from "./document-check.ts";
import { told, watchForSecrets } from "./secrets-search.ts";
import { openSink, type Sink } from "./sink.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a merchant's script reads them
export type Json = any;
export type Reply = {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
  readonly headers: Headers;
};

export type Merchant = {
  readonly clientId: string;
  readonly clientSecret: string;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Creates an intent of the document's example with `change` applied; expects 200 and gives back `data`. */
  createIntent(
    change?: Record<string, unknown>,
  ): Promise<{ intent_id: string; payment_url: string; status: string }>;
  intent(id: string): Promise<Json>;
  /** Advances the test clock and expects it done. */
  advance(by: { seconds?: number; to?: string; skip?: boolean }): Promise<string>;
  clockNow(): Promise<string>;
};

export type TestPlatform = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly running: Running;
  readonly merchant: Merchant;
  /** The receiver of the environment's endpoint. */
  readonly sink: Sink;
  /** Waits until no delivery, look-up or renewal is due any more in wall time. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

export const CARDS = {
  visa: "4242424242424242",
  mastercard: "5555555555554444",
  amex: "378282246310005",
  declined: "4000000000000002",
  insufficientFunds: "4000000000009995",
  lost: "4000000000009987",
  stolen: "4000000000009979",
  expired: "4000000000000069",
  wrongCode: "4000000000000127",
  processingError: "4000000000000119",
  firstOnly: "4000000000000341",
  challengeThenSucceeds: "4000000000003220",
  challengeThenDeclined: "4000008400001629",
  challengeOnce: "4000002500003155",
} as const;

for (const number of Object.values(CARDS)) told.cardNumbers.add(number);

/** An intent as in the document's example, with a reference of its own. */
export function anIntent(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    amount: 80,
    currency: "USD",
    intent_type: "one_time",
    email: "customer@example.com",
    name: "John Doe",
    reference_id: `ORDER-${randomUUID()}`,
    integration_type: "iframe",
    metadata: { internal_id: "999" },
    order_items: [{ name: "Product 1", quantity: 1, price: 50.0 }],
    ...change,
  };
}

const opened: {
  readonly platform: TestPlatform;
  readonly misfits: readonly string[];
  readonly findLeaks: () => Promise<string[]>;
  readonly drop: () => Promise<void>;
}[] = [];

// Registered while the test file is collected: in a hook it would be too late, and nothing would be audited.
afterAll(async () => {
  for (const { platform, misfits, findLeaks, drop } of opened.splice(0)) {
    await platform.stop();
    const wrongs = await findWrongs(platform.databaseUrl);
    const leaks = await findLeaks();
    await drop();
    expect(wrongs).toEqual([]);
    expect(leaks, "secrets that were left behind").toEqual([]);
    expect(misfits, "answers that do not fit docs/openapi.json").toEqual([]);
  }
});

/** Stopped and audited by itself at the end of the test file that asked for it. */
export async function startPlatform(change: Partial<Wiring> = {}): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const sink = await openSink();
  const client = {
    clientId: `test_${randomBytes(8).toString("hex")}`,
    clientSecret: randomBytes(24).toString("base64url"),
  };
  const secretKey = change.secretKey ?? randomBytes(32);
  const secrets = watchForSecrets({
    secretKeys: [secretKey, ...(change.previousSecretKeys ?? [])],
    log: change.log ?? createLog(process.env["TEST_LOG_LEVEL"] ?? "silent"),
  });
  const running = await run({
    databaseUrl: database.url,
    port: 0,
    host: "127.0.0.1",
    publicUrl: null,
    client,
    webhook: { url: sink.url, secret: sink.secret as WebhookSecret },
    allowPrivateWebhooks: true,
    allowedOrigins: null,
    rateLimit: 0,
    trustedProxies: [],
    ...change,
    secretKey,
    log: secrets.log,
  });
  const misfits = watchAnswers(running.app.server);
  secrets.watchErrors(running.app.server);
  let stopped: Promise<void> | null = null;
  const platform: TestPlatform = {
    url: running.publicUrl,
    databaseUrl: database.url,
    running,
    sink,
    merchant: merchantOf(running.publicUrl, client),
    settled: () => settled(running),
    stop: () => {
      stopped ??= (async () => {
        await running.stop();
        await sink.close();
      })();
      return stopped;
    },
  };
  opened.push({
    platform,
    misfits,
    findLeaks: () => secrets.find(database.url),
    drop: () => database.drop(),
  });
  return platform;
}

export function merchantOf(url: string, client: { clientId: string; clientSecret: string }): Merchant {
  told.clientSecrets.add(client.clientSecret);
  const ask = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Reply> => {
    const response = await fetch(`${url}/api/platform${path}`, {
      method,
      headers: {
        "x-client-id": client.clientId,
        "x-client-secret": client.clientSecret,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: text === "" ? null : JSON.parse(text),
      headers: response.headers,
    };
  };
  const merchant: Merchant = {
    ...client,
    get: (path, headers = {}) => ask("GET", path, undefined, headers),
    post: (path, body, headers = {}) => ask("POST", path, body, headers),
    async createIntent(change = {}) {
      const reply = await merchant.post("/intents", anIntent(change));
      expect(reply.status, reply.text).toBe(200);
      return reply.body.data;
    },
    async intent(id) {
      const reply = await merchant.get(`/intents/${id}`);
      expect(reply.status, reply.text).toBe(200);
      return reply.body.data;
    },
    async advance(by) {
      const reply = await merchant.post("/test/clock/advance", by);
      expect(reply.status, reply.text).toBe(200);
      expect(reply.body.data.done).toBe(true);
      return reply.body.data.now;
    },
    async clockNow() {
      return (await merchant.get("/test/clock")).body.data.now;
    },
  };
  return merchant;
}

/** Pays through the checkout page's own request; what the page would show comes back. */
export async function pay(paymentUrl: string, number: string = CARDS.visa): Promise<CheckoutView> {
  const reply = await tryToPay(paymentUrl, { number });
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
}

export async function tryToPay(paymentUrl: string, card: Record<string, unknown> = {}): Promise<Reply> {
  const response = await fetch(`${paymentUrl}/pay`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "John Doe", number: CARDS.visa, expiry: "12/40", cvc: "123", ...card }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text), headers: response.headers };
}

/** What the checkout page would show now. */
export async function checkoutState(paymentUrl: string): Promise<CheckoutView> {
  const response = await fetch(`${paymentUrl}/state`);
  expect(response.status).toBe(200);
  return (await response.json()) as CheckoutView;
}

/** Answers an open challenge as the customer's browser does, and comes back to the checkout page. */
export async function answerChallenge(view: CheckoutView, result: "complete" | "fail"): Promise<void> {
  expect(view.challenge_url).not.toBeNull();
  const answered = await fetch(view.challenge_url ?? "", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `result=${result}`,
    redirect: "manual",
  });
  expect(answered.status).toBe(303);
  const back = await fetch(answered.headers.get("location") ?? "");
  expect(back.status).toBe(200);
}

/** A recurring intent, paid; gives back the subscription's id too. */
export async function subscribe(
  platform: Pick<TestPlatform, "merchant">,
  options: { number?: string; intervalDays?: number; change?: Record<string, unknown> } = {},
): Promise<{ intentId: string; subscriptionId: string; paymentUrl: string }> {
  const { merchant } = platform;
  const created = await merchant.createIntent({
    intent_type: "recurring",
    interval_days: options.intervalDays ?? 30,
    ...options.change,
  });
  await pay(created.payment_url, options.number);
  const intent = await merchant.intent(created.intent_id);
  expect(intent.status).toBe("succeeded");
  return {
    intentId: created.intent_id,
    subscriptionId: intent.subscription_id,
    paymentUrl: created.payment_url,
  };
}

/** Waits for `condition`, which is asked again and again, at most `withinMs`; for what has no answer to wait for. */
export async function eventually<T>(
  condition: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  withinMs = 10_000,
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > giveUpAt) throw new Error(`Not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

async function settled(running: Running): Promise<void> {
  const { db } = running.platform;
  await eventually(async () => {
    const [row] = await db.query<{ waiting: bigint }>({
      text: `select (select count(*) from deliveries where due_at <= clock_timestamp())
                  + (select count(*) from charges where look_up_at <= clock_timestamp() or status = 'pending')
                  + (select count(*) from subscriptions where due_at <= clock_timestamp()) as waiting`,
      values: [],
    } as never);
    return row?.waiting === 0n;
  });
}
