/** What is answered when something is wrong: the document's statuses and envelopes, X-Request-ID on everything, no secrets. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/base/log.ts";
import { createTestDatabase } from "../support/database.ts";
import { newMerchant } from "../support/merchants.ts";
import { anIntent, eventually, type Reply, startPlatform, type TestPlatform } from "../support/platform.ts";
import { rawBytes, rawRequest } from "../support/raw-http.ts";

const REQUEST_ID = /^req_[\w-]{16}$/;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

function expectError(reply: Reply, status: number, message: unknown): void {
  expect(reply.status, reply.text).toBe(status);
  expect(Object.keys(reply.body)).toEqual(["success", "message", "data"]);
  expect(reply.body).toEqual({ success: false, message, data: [] });
  expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(reply.headers.get("x-request-id")).toMatch(REQUEST_ID);
}

describe("the document's error table", () => {
  it("400: a request that cannot be read", async () => {
    expectError(
      await platform.merchant.post("/intents", "{"),
      400,
      expect.stringContaining("not valid JSON"),
    );
  });

  it("401: in the document's own words", async () => {
    const reply = await platform.merchant.get("/intents/x", { "x-client-secret": "wrong" });
    expectError(reply, 401, "Invalid API Key provided.");
    expect(reply.text).toBe('{"success":false,"message":"Invalid API Key provided.","data":[]}');
  });

  it("403: with the permission that lacks", async () => {
    const reader = await newMerchant(platform, { permissions: ["intents:read"] });
    expectError(await reader.post("/intents", anIntent()), 403, expect.stringContaining("intents:write"));
  });

  it("404: for what does not exist", async () => {
    expectError(await platform.merchant.get(`/intents/${randomUUID()}`), 404, "No such payment intent.");
  });

  it("422: in Laravel's envelope, which has neither success nor data", async () => {
    const reply = await platform.merchant.post("/intents", anIntent({ email: undefined, amount: 0 }));
    expect(reply.status).toBe(422);
    expect(reply.text).toBe(
      '{"message":"The given data was invalid.","errors":{' +
        '"amount":["The amount must be at least 1."],"email":["The email field is required."]}}',
    );
    expect(reply.headers.get("x-request-id")).toMatch(REQUEST_ID);
  });
});

describe("beyond the table, where HTTP has the word", () => {
  it("404: an address that nothing stands at, whoever asks", async () => {
    for (const path of ["/nothing", "/", "", "/intents/a/b/c", "/../../etc/passwd"]) {
      expectError(await platform.merchant.get(path), 404, expect.any(String));
    }
    const outside = await fetch(`${platform.url}/nothing`);
    expect(outside.status).toBe(404);
    expect(await outside.json()).toEqual({ success: false, message: expect.any(String), data: [] });
  });

  describe("404 in a browser", () => {
    const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const browse = (path: string, init: RequestInit = {}) =>
      fetch(platform.url + path, { ...init, headers: { accept } });

    it.each(["/nothing", "/docs/nothing", "/docs/assets/none.js", "/pay/assets/none.js", "/apis?a=/api/"])(
      "%s: a page with the ways on, under the policy of the others",
      async (path) => {
        const reply = await browse(path);
        expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
        expect(reply.headers.get("vary")).toBe("accept");
        expect(reply.headers.get("cache-control")).toBe("no-store");
        expect(reply.headers.get("x-request-id")).toMatch(REQUEST_ID);
        const policy = (await browse("/docs/guides/webhooks")).headers.get("content-security-policy");
        expect(reply.headers.get("content-security-policy")).toBe(policy);
        const html = await reply.text();
        expect(html).toContain("<h1>There is nothing here</h1>");
        const ways = [...html.slice(html.indexOf("<main")).matchAll(/href="([^"]*)"/g)].map(([, way]) => way);
        expect(ways).toEqual(["/", "/docs/guides/first-payment", "/docs"]);
        for (const way of ways) expect((await browse(String(way))).status).toBe(200);
        const head = await browse(path, { method: "HEAD" });
        expect([head.status, head.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
        const program = await fetch(platform.url + path);
        expect(program.headers.get("vary")).toBe("accept");
        expect(await program.json()).toMatchObject({ success: false });
      },
    );

    it.each([
      ["GET", "/api"],
      ["GET", "/api/nothing"],
      ["GET", "/metrics/none"],
      ["GET", "/processors/none"],
      ["POST", "/nothing"],
    ])("%s %s: stays JSON", async (method, path) => {
      const reply = await browse(path, { method });
      expect([reply.status, reply.headers.get("vary")]).toEqual([404, null]);
      expect(await reply.json()).toMatchObject({ success: false, data: [] });
    });

    it("of a part that is longer than any id: the same page", async () => {
      const reply = await browse(`/pay/${"x".repeat(5_000)}`);
      expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    });
  });

  it.each([
    ["PUT", "/api/platform/intents", ["POST"]],
    ["DELETE", `/api/platform/intents/pi_${randomUUID()}`, ["GET", "HEAD"]],
    ["PATCH", "/api/platform/intents/reference/ORDER-1", ["GET", "HEAD"]],
    ["GET", `/api/platform/intents/${randomUUID()}/cancel`, ["POST"]],
    ["POST", "/api/platform/subscriptions", ["GET", "HEAD"]],
    ["POST", "/api/platform/subscriptions/?limit=5", ["GET", "HEAD"]],
    ["DELETE", "/pay/demo", ["GET", "HEAD"]],
    ["POST", "/healthz", ["GET", "HEAD"]],
  ])("405: %s on %s, with the methods that it takes in Allow", async (method, path, allowed) => {
    const response = await fetch(`${platform.url}${path}`, { method });
    expect(response.status).toBe(405);
    const allow = (response.headers.get("allow") ?? "").split(", ");
    expect(allow).toEqual(expect.arrayContaining(allowed));
    expect(allow).not.toContain(method);
    expect(await response.json()).toEqual({ success: false, message: expect.any(String), data: [] });
    expect(response.headers.get("x-request-id")).toMatch(REQUEST_ID);
  });

  it("413: a body beyond half a megabyte, whether its length was told or not", async () => {
    const huge = JSON.stringify(anIntent({ metadata: { note: "x".repeat(600_000) } }));
    expectError(await platform.merchant.post("/intents", huge), 413, expect.stringContaining("524288 bytes"));
    const { clientId, clientSecret } = platform.merchant;
    const chunked = await rawRequest(platform.url, {
      method: "POST",
      path: "/api/platform/intents",
      headers: {
        "x-client-id": clientId,
        "x-client-secret": clientSecret,
        "content-type": "application/json",
        "transfer-encoding": "chunked",
      },
      body: huge,
    });
    expect(chunked.status).toBe(413);
    expect(chunked.headers["x-request-id"]).toMatch(REQUEST_ID);
  });

  it("415: a body that says it is no JSON, or does not say what it is", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "nonsense",
    ]) {
      const reply = await platform.merchant.post("/intents", anIntent(), { "content-type": type });
      expectError(reply, 415, expect.stringContaining("application/json"));
    }
    const untyped = await rawRequest(platform.url, {
      method: "POST",
      path: "/api/platform/intents",
      headers: {
        "x-client-id": platform.merchant.clientId,
        "x-client-secret": platform.merchant.clientSecret,
      },
      body: "{}",
    });
    expect(untyped.status).toBe(415);
  });

  it("429: more requests in a second than the limit, with Retry-After, for that client alone", async () => {
    const limited = await startPlatform({ rateLimit: 5 });
    const other = await newMerchant(limited);
    const replies = await Promise.all(Array.from({ length: 30 }, () => limited.merchant.get("/intents/x")));
    const refused = replies.filter((reply) => reply.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    const statuses = replies.map((reply) => reply.status);
    expect(statuses.filter((status) => status === 404).length, statuses.join()).toBeGreaterThanOrEqual(5);
    for (const reply of refused) {
      expectError(reply, 429, expect.any(String));
      expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    }
    expect((await other.get("/intents/x")).status).toBe(404);
    // Nor can somebody without its secret use up another's limit.
    const guesses = Array.from({ length: 30 }, () => other.get("/intents/x", { "x-client-secret": "guess" }));
    expect((await Promise.all(guesses)).every((reply) => reply.status === 401)).toBe(true);
    expect((await other.get("/intents/x")).status).toBe(404);
    await eventually(async () => (await limited.merchant.get("/intents/x")).status === 404);
  });

  it("400: an address or a request that is not HTTP as it should be", async () => {
    const escaped = await rawRequest(platform.url, { method: "GET", path: "/api/platform/intents/%zz" });
    expect(escaped.status).toBe(400);
    expect(escaped.headers["x-request-id"]).toMatch(REQUEST_ID);
    expect(JSON.parse(escaped.text)).toEqual({ success: false, message: expect.any(String), data: [] });
    for (const bytes of [
      "NONSENSE\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n",
      `GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
      "POST /api/platform/intents HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\u0001b\r\nContent-Length: 0\r\n\r\n",
    ]) {
      const [head = "", body = ""] = (await rawBytes(platform.url, bytes)).split("\r\n\r\n");
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(head).toMatch(/x-request-id: req_/i);
      expect(JSON.parse(body)).toEqual({ success: false, message: expect.any(String), data: [] });
    }
  });
});

describe("X-Request-ID", () => {
  it("is on every answer, pages, assets and health checks too, and never the same twice", async () => {
    const { payment_url } = await platform.merchant.createIntent();
    const page = await (await fetch(payment_url)).text();
    const asset = /(?:src|href)="(\/[^"]+\.(?:js|css))"/.exec(page)?.[1] ?? "/missing";
    const asked = [
      payment_url,
      `${payment_url}/state`,
      `${platform.url}/pay/nobody`,
      `${platform.url}${asset}`,
      `${platform.url}/healthz`,
      `${platform.url}/readyz`,
      `${platform.url}/metrics`,
      `${platform.url}/sandbox/challenges/nobody`,
      `${platform.url}/api/platform/intents`,
      `${platform.url}/nowhere`,
    ];
    const seen = new Set<string | null>();
    for (const url of asked) {
      const response = await fetch(url, { headers: { "x-request-id": "mine" } });
      expect(response.headers.get("x-request-id"), url).toMatch(REQUEST_ID);
      seen.add(response.headers.get("x-request-id"));
    }
    expect(seen.size).toBe(asked.length);
    expect((await fetch(`${platform.url}${asset}`)).status).toBe(200);
  });
});

describe("500", () => {
  it("says only that something went wrong; what did stands in the log, without the customer's data", async () => {
    const lines: string[] = [];
    const log = createLog("info", { write: (line) => lines.push(line) });
    const broken = await startPlatform({ log });
    const { intent_id, payment_url } = await broken.merchant.createIntent();
    const database = new pg.Client({ connectionString: broken.databaseUrl });
    await database.connect();
    await database.query("alter table intents rename to intents_elsewhere");
    try {
      const replies = [
        await broken.merchant.get(`/intents/${intent_id}`),
        await broken.merchant.post("/intents", anIntent({ email: "private@example.com" })),
        await broken.merchant.post(`/intents/${intent_id}/cancel`, {}, { "idempotency-key": "k" }),
      ];
      for (const reply of replies) expectError(reply, 500, "Something went wrong on our end.");
      const page = await fetch(payment_url);
      expect(page.status).toBe(500);
      expect(await page.text()).not.toMatch(/intents|relation|at .*\.ts|node_modules|select /);
      const requestId = replies[1]?.headers.get("x-request-id") ?? "none";
      const told = lines.filter((line) => line.includes(requestId));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain("intents");
      expect(lines.join("")).not.toContain("private@example.com");
      expect(lines.join("")).not.toContain(broken.merchant.clientSecret);
      expect(lines.join("")).not.toContain(new URL(payment_url).pathname);
    } finally {
      await database.query("alter table intents_elsewhere rename to intents");
      await database.end();
    }
    // What failed had no effect, its key included.
    const again = await broken.merchant.post(`/intents/${intent_id}/cancel`, {}, { "idempotency-key": "k" });
    expect(again.status).toBe(200);
    expect(again.headers.get("idempotency-replayed")).toBeNull();
  });

  it("a constraint that an intent breaks is not told either", async () => {
    const broken = await startPlatform();
    const database = new pg.Client({ connectionString: broken.databaseUrl });
    await database.connect();
    await database.query("alter table intents add constraint no_johns check (name <> 'John Doe')");
    await database.end();
    const refused = [
      broken.merchant.post("/intents", anIntent()),
      broken.merchant.post("/intents", anIntent()),
    ];
    const sound = broken.merchant.post("/intents", anIntent({ name: "Jane Doe" }));
    for (const reply of await Promise.all(refused)) {
      expectError(reply, 500, "Something went wrong on our end.");
    }
    expect((await sound).status).toBe(200);
  });
});

describe("503", () => {
  it("is answered with Retry-After while the database cannot be reached, and passes with it", async () => {
    const database = await createTestDatabase();
    const relay = await openRelay(database.url);
    const cut = await startPlatform({ databaseUrl: relay.url });
    const { intent_id } = await cut.merchant.createIntent();
    await relay.cut();
    for (const ask of [
      () => cut.merchant.get(`/intents/${intent_id}`),
      () => cut.merchant.post("/intents", anIntent()),
      () => cut.merchant.post(`/intents/${intent_id}/cancel`),
    ]) {
      const reply = await ask();
      expectError(reply, 503, expect.any(String));
      expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    }
    const ready = await fetch(`${cut.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect((await fetch(`${cut.url}/healthz`)).status).toBe(200);
    await relay.mend();
    await eventually(async () => (await fetch(`${cut.url}/readyz`)).status === 200);
    expect((await cut.merchant.post(`/intents/${intent_id}/cancel`)).status).toBe(200);
    await cut.stop();
    await relay.cut();
    await database.drop();
  });
});

describe("while the server stops", () => {
  it("what runs is finished, and what comes over an open connection is answered, each with its envelope", async () => {
    const stopping = await startPlatform();
    const { intent_id } = await stopping.merchant.createIntent();
    const { clientId, clientSecret } = stopping.merchant;
    const { hostname, port } = new URL(stopping.url);
    const open = async () => {
      const socket = connect(Number(port), hostname);
      await once(socket, "connect");
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      return { socket, answer: once(socket, "close").then(() => text) };
    };
    const headers = `Host: a\r\nX-Client-ID: ${clientId}\r\nX-Client-Secret: ${clientSecret}\r\n`;
    const body = JSON.stringify(anIntent());
    const typed = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const [busy, late] = [await open(), await open()];
    const database = new pg.Client({ connectionString: stopping.databaseUrl });
    await database.connect();
    await database.query("begin; lock table intents in share mode");
    busy.socket.write(`POST /api/platform/intents HTTP/1.1\r\n${headers}${typed}\r\n${body}`);
    await eventually(async () => {
      const query =
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      return (await database.query(query)).rowCount === 1;
    });
    const stopped = stopping.stop();
    await eventually(() =>
      fetch(`${stopping.url}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    late.socket.write(`GET /api/platform/intents/${intent_id} HTTP/1.1\r\n${headers}\r\n`);
    expect(await late.answer).toMatch(/^HTTP\/1\.1 200 OK/);
    await database.query("rollback");
    await database.end();
    expect(await busy.answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"status":"requires_payment"/);
    await stopped;
    for (const answer of [await late.answer, await busy.answer]) {
      expect(answer).toMatch(/x-request-id: req_/);
      expect(answer).toMatch(/connection: close/i);
    }
  });
});

/** A way to the database that can be cut. */
async function openRelay(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  const newServer = () =>
    createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        open.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => other.destroy());
        socket.pipe(other);
      }
    });
  let server = newServer();
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.port = String(port);
  return {
    url: url.href,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      open.clear();
      await closed;
    },
    mend: async () => {
      server = newServer();
      await listen(port);
    },
  };
}
