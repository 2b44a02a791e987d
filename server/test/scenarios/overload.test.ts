/** More requests than there are places: who is turned away, how, and that nobody inside is any the worse for it. */
import { connect, type Socket } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../src/base/log.ts";
import { type Hold, holdTable } from "../crash/table-lock.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  anIntent,
  checkoutState,
  eventually,
  type Merchant,
  pay,
  type Reply,
  startPlatform,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";

const PLACES = { api: 6, creating: 4, paying: 3, accountShare: 100 };
const link = createFaultyLink();
const lines: { level: number; msg: string; kind?: string }[] = [];
let platform: TestPlatform;
let merchant: Merchant;
beforeAll(async () => {
  const log = createLog("info", { write: (line: string) => void lines.push(JSON.parse(line)) });
  platform = await startPlatform({ admission: PLACES, sandboxLink: link, log });
  merchant = platform.merchant;
});

const holds: Hold[] = [];
const sockets: Socket[] = [];
beforeEach(() => void lines.splice(0));
afterEach(async () => {
  for (const hold of holds.splice(0)) await hold.release();
  for (const socket of sockets.splice(0)) socket.destroy();
  await eventually(async () => (await inWork()).sum === 0);
});

async function metricsOf(of: TestPlatform, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${of.url}/metrics`)).text();
  const found = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\d+)$`, "gm"));
  return new Map([...found].map(([, labels = "", value]) => [labels.replaceAll('"', ""), Number(value)]));
}

async function inWork(of = platform): Promise<Record<"creating" | "asking" | "paying" | "sum", number>> {
  const found = await metricsOf(of, "mintro_http_in_work");
  const count = (kind: string) => found.get(`kind=${kind}`) ?? 0;
  const counts = { creating: count("creating"), asking: count("asking"), paying: count("paying") };
  return { ...counts, sum: counts.creating + counts.asking + counts.paying };
}

/** From now on whoever comes to the customers waits: creations, and who asks for them. */
async function hold(table = "customers"): Promise<Hold> {
  const held = await holdTable(platform.databaseUrl, table);
  holds.push(held);
  return held;
}

function expectTurnedAway(reply: Reply): void {
  expect(reply.status).toBe(503);
  expect(reply.headers.get("retry-after")).toBe("1");
  expect(reply.headers.get("x-request-id")).toMatch(/^req_/);
  expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
}

const create = (by = merchant) => by.post("/intents", anIntent());
const many = <T>(count: number, what: () => T): T[] => Array.from({ length: count }, what);

/** Sends these bytes, and waits for nothing. */
function sendBytes(bytes: string, of = platform): Socket {
  const { hostname, port } = new URL(of.url);
  const socket = connect(Number(port), hostname.replace("localhost", "127.0.0.1"));
  socket.on("error", () => {});
  socket.write(bytes);
  sockets.push(socket);
  return socket;
}

describe("when all places are taken", () => {
  it("the next intent gets 503 with Retry-After at once, and those inside are answered in full", async () => {
    const held = await hold();
    const inside = many(PLACES.creating, () => create());
    await eventually(async () => (await inWork()).creating === PLACES.creating);
    for (const reply of await Promise.all(many(5, () => create()))) expectTurnedAway(reply);
    expect((await inWork()).creating).toBe(PLACES.creating);

    await held.release();
    for (const reply of await Promise.all(inside)) expect(reply.status, reply.text).toBe(200);
    await eventually(async () => (await inWork()).sum === 0);
    expect((await create()).status).toBe(200);
  });

  it("a request that was turned away had no effect, and its Idempotency-Key serves for the next", async () => {
    const intent = anIntent();
    const key = { "idempotency-key": String(intent["reference_id"]) };
    const held = await hold();
    const inside = many(PLACES.creating, () => create());
    await eventually(async () => (await inWork()).creating === PLACES.creating);
    expectTurnedAway(await merchant.post("/intents", intent, key));
    await held.release();
    await Promise.all(inside);
    const reply = await merchant.post("/intents", intent, key);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("idempotency-replayed")).toBeNull();
  });

  it("new intents are turned away first: what asks about the old ones still gets in", async () => {
    const { intent_id } = await merchant.createIntent();
    const held = await hold();
    const inside = many(PLACES.creating, () => create());
    await eventually(async () => (await inWork()).creating === PLACES.creating);
    expectTurnedAway(await create());
    expect((await merchant.get(`/intents/${intent_id}`)).status).toBe(200);

    const asking = many(PLACES.api - PLACES.creating, () => merchant.get("/customers"));
    await eventually(async () => (await inWork()).asking === asking.length);
    expectTurnedAway(await merchant.get(`/intents/${intent_id}`));
    await held.release();
    for (const reply of await Promise.all([...inside, ...asking])) expect(reply.status).toBe(200);
  });

  it("customers pay on, since no request of the API takes their places", async () => {
    const { payment_url } = await merchant.createIntent();
    const held = await hold("idempotency_keys");
    const keyed = () => merchant.post("/intents", anIntent(), { "idempotency-key": crypto.randomUUID() });
    const refund = () =>
      merchant.post(
        `/intents/pi_${crypto.randomUUID()}/refunds`,
        {},
        { "idempotency-key": crypto.randomUUID() },
      );
    const inside = [...many(PLACES.creating, keyed), ...many(PLACES.api - PLACES.creating, refund)];
    await eventually(async () => (await inWork()).sum === PLACES.api);
    expectTurnedAway(await merchant.get("/intents"));

    expect((await checkoutState(payment_url)).status).toBe("requires_payment");
    expect((await pay(payment_url)).status).toBe("succeeded");
    await held.release();
    await Promise.all(inside);
  });

  it("more customers than places get 503 too, and the API goes on beside them", async () => {
    const intents = await Promise.all(many(PLACES.paying, () => merchant.createIntent()));
    const one = await merchant.createIntent();
    const faults = intents.map(() => link.nextCharge("late"));
    const paying = intents.map(({ payment_url }) => pay(payment_url));
    await eventually(async () => (await inWork()).paying === PLACES.paying);
    expectTurnedAway(await tryToPay(one.payment_url));
    expect((await fetch(one.payment_url)).status).toBe(503);
    expect((await create()).status).toBe(200);

    for (const { release } of faults) release();
    for (const view of await Promise.all(paying)) expect(view.status).toBe("succeeded");
    await eventually(async () => (await inWork()).paying === 0);
    expect((await pay(one.payment_url)).status).toBe("succeeded");
  });

  it("health, readiness and metrics are answered, and the log has one line for all who are turned away", async () => {
    const held = await hold();
    const inside = many(PLACES.creating, () => create());
    await eventually(async () => (await inWork()).creating === PLACES.creating);
    const before = (await metricsOf(platform, "mintro_http_shed_total")).get("kind=creating,why=busy") ?? 0;
    await Promise.all(many(30, () => create()));
    for (const path of ["/healthz", "/readyz", "/metrics"])
      expect((await fetch(`${platform.url}${path}`)).status).toBe(200);
    const after = (await metricsOf(platform, "mintro_http_shed_total")).get("kind=creating,why=busy") ?? 0;
    expect(after - before).toBe(30);
    expect(lines.filter(({ msg }) => msg.includes("too many requests")).length).toBeLessThanOrEqual(1);
    await held.release();
    await Promise.all(inside);
  });
});

describe("a place is given back", () => {
  it("when the work is done, also where the client did not wait for it", async () => {
    const held = await hold();
    const leaving = new AbortController();
    const left = fetch(`${platform.url}/api/platform/intents`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-client-id": merchant.clientId,
        "x-client-secret": merchant.clientSecret,
      },
      body: JSON.stringify(anIntent()),
      signal: leaving.signal,
    }).catch(() => "left");
    await eventually(async () => (await inWork()).creating === 1);
    leaving.abort();
    expect(await left).toBe("left");
    // The one that comes after it shows that the server has seen it go.
    expect((await merchant.get("/intents")).status).toBe(200);
    expect((await inWork()).creating).toBe(1);
    await held.release();
    await eventually(async () => (await inWork()).creating === 0);
  });

  it("when a client breaks off in the middle of its body", async () => {
    const socket = sendBytes(
      `POST /api/platform/intents HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nx-client-id: ${merchant.clientId}\r\nx-client-secret: ${merchant.clientSecret}\r\ncontent-length: 1000\r\n\r\n{"amount":`,
    );
    await eventually(async () => (await inWork()).creating === 1);
    socket.destroy();
    await eventually(async () => (await inWork()).creating === 0);
  });

  it("after every kind of answer, refusals and errors among them", async () => {
    const { payment_url } = await merchant.createIntent();
    await Promise.all([
      merchant.post("/intents", {}),
      merchant.post("/intents", "{"),
      merchant.get("/intents/pi_unknown"),
      merchant.get("/nothing"),
      fetch(`${platform.url}/api/platform/intents`),
      fetch(`${platform.url}/pay/unknown`),
      fetch(payment_url, { method: "HEAD" }),
      fetch(`${payment_url}/pay`, { method: "POST", body: "x".repeat(20_000) }),
      tryToPay(payment_url, { number: "1" }),
    ]);
    await eventually(async () => (await inWork()).sum === 0);
  });
});

it("whoever sends the checkout's requests slowly takes nobody's place, nor sends much", async () => {
  const { payment_url } = await merchant.createIntent();
  const { pathname } = new URL(payment_url);
  const post = `POST ${pathname}/pay HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`;
  for (const _ of many(PLACES.paying * 2, () => 0)) sendBytes(`${post}content-length: 100\r\n\r\n{"name":`);
  expect((await pay(payment_url)).status).toBe("succeeded");

  const large = await tryToPay(payment_url, { name: "x".repeat(20_000) });
  expect(large.status).toBe(413);
  expect(large.body.message).toContain("16384");
});

it("one account's flood leaves places to another's", async () => {
  const fair = await startPlatform({ admission: { ...PLACES, creating: 4, accountShare: 1 } });
  const other = await newMerchant(fair);
  const held = await holdTable(fair.databaseUrl, "customers");
  holds.push(held);
  // Of 4 places an account may hold as many as are free: 2.
  const replies = many(PLACES.creating, () => create(fair.merchant));
  await eventually(
    async () => (await metricsOf(fair, "mintro_http_shed_total")).get("kind=creating,why=account") === 2,
  );
  await eventually(async () => (await inWork(fair)).creating === 2);
  const others = create(other);
  await eventually(async () => (await inWork(fair)).creating === 3);
  await held.release();
  expect((await others).status).toBe(200);
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 503, 503]);
});

it("in a crowd answers close their connections, and beyond that new ones are dropped while those that stand are served", async () => {
  const crowded = await startPlatform({ admission: { connections: 2, connectionsMost: 4 } });
  const talk = (socket: Socket) =>
    new Promise<string>((resolve) => {
      socket.once("data", (bytes: Buffer) => resolve(bytes.toString()));
      socket.once("close", () => resolve("dropped"));
      socket.write("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
    });
  const first = sendBytes("", crowded);
  const second = sendBytes("", crowded);
  expect(await talk(first)).not.toContain("connection: close");
  expect(await talk(second)).not.toContain("connection: close");
  const [third, fourth] = [sendBytes("", crowded), sendBytes("", crowded)];
  expect(await talk(sendBytes("", crowded))).toBe("dropped");
  for (const socket of [third, fourth]) {
    const answer = await talk(socket);
    expect(answer).toContain("HTTP/1.1 200");
    expect(answer).toContain("connection: close");
  }
  expect(await talk(first)).toContain("HTTP/1.1 200");
  await eventually(async () => (await talk(sendBytes("", crowded))).includes("HTTP/1.1 200"));
});

it("whoever reads no answers holds few places, and for a short time", async () => {
  const own = await startPlatform({ admission: { paying: 8, ofConnection: 4, unreadMs: 2_000 } });
  const { payment_url } = await own.merchant.createIntent();
  const large = "GET /docs/assets/scalar.js HTTP/1.1\r\nhost: a\r\n\r\n";
  expect((await fetch(`${own.url}/docs/assets/scalar.js`)).status).toBe(200); // made once
  const socket = connect(Number(new URL(own.url).port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {}); // nothing reads from it, so what is large does not fit on the way
  socket.write(large.repeat(20) + "GET /pay/abcdefgh HTTP/1.1\r\nhost: a\r\n\r\n".repeat(200));
  await eventually(async () => (await inWork(own)).paying === 4);
  expect((await fetch(payment_url)).status).toBe(200);
  await eventually(async () => (await inWork(own)).paying === 0);
});
