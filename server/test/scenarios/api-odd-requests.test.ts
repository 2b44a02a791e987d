/**
 * Requests that few programs send: without Host, with expectations, compressed, in another charset, by a method of tomorrow,
 * with text that cannot be kept. Each is answered in the envelope, with X-Request-ID, and says why.
 */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import {
  anIntent,
  pay,
  type Reply,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import { rawBytes, rawRequest } from "../support/raw-http.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

const credentials = () => ({
  "x-client-id": platform.merchant.clientId,
  "x-client-secret": platform.merchant.clientSecret,
});

/** Sends these header lines and what follows, and expects an error in the envelope. */
async function refusedBytes(bytes: string, status: number, message: string): Promise<void> {
  const [head = "", body = ""] = (await rawBytes(platform.url, bytes)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toMatch(/^x-request-id: req_[\w-]{16}\r?$/im);
  expect(head).toMatch(/^content-type: application\/json; charset=utf-8\r?$/im);
  expect(JSON.parse(body)).toEqual({ success: false, message, data: [] });
}

function expectError({ status, body, headers }: Reply, expected: number, message: unknown): void {
  expect([status, body]).toEqual([expected, { success: false, message, data: [] }]);
  expect(headers.get("x-request-id")).toMatch(/^req_/);
}

describe("what Node would answer by itself", () => {
  it.each(["/api/platform/intents", "/healthz", "/nothing", "/pay/nobody"])(
    "%s by HTTP/1.1 without Host is 400",
    async (path) => {
      const bytes = `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`;
      await refusedBytes(bytes, 400, "The request has no Host header.");
    },
  );

  it("HTTP/1.0 needs none", async () => {
    expect(await rawBytes(platform.url, "GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(["x", "200-ok, later"])("Expect: %s is 400", async (expectation) => {
    const bytes = `GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: ${expectation}\r\nConnection: close\r\n\r\n`;
    await refusedBytes(bytes, 400, "The only expectation that is met is 100-continue.");
  });

  it("Expect: 100-continue is met", async () => {
    const head = Object.entries({ ...credentials(), "content-type": "application/json" })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    const body = JSON.stringify(anIntent());
    const answer = await rawBytes(
      platform.url,
      `POST /api/platform/intents HTTP/1.1\r\nHost: a\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  it.each(["QUERY", "PROPFIND", "SEARCH", "M-SEARCH", "LINK", "TRACE"])("%s is 405", async (method) => {
    for (const path of ["/api/platform/intents", "/healthz"]) {
      const { status, headers, text } = await rawRequest(platform.url, {
        method,
        path,
        headers: credentials(),
      });
      expect([status, JSON.parse(text)]).toEqual([
        405,
        { success: false, message: expect.any(String), data: [] },
      ]);
      expect(headers.allow).toContain("GET");
      expect(headers["x-request-id"]).toMatch(/^req_/);
    }
    const unknown = await rawRequest(platform.url, { method, path: "/nothing" });
    expect(unknown.status).toBe(404);
  });
});

describe("a body that cannot be read as it is", () => {
  it.each(["gzip", "br", "deflate, identity", "x"])("encoded as %s, is 415 and says so", async (encoding) => {
    const sent = {
      method: "POST",
      path: "/api/platform/intents",
      headers: { ...credentials(), "content-type": "application/json", "content-encoding": encoding },
      body: gzipSync(JSON.stringify(anIntent())),
    };
    const { status, text } = await rawRequest(platform.url, sent);
    expect([status, JSON.parse(text).message]).toEqual([
      415,
      "Send the body as it is, without Content-Encoding: it is not decoded here.",
    ]);
  });

  it("as identity is as it is", async () => {
    const reply = await platform.merchant.post("/intents", anIntent(), { "content-encoding": "identity" });
    expect(reply.status, reply.text).toBe(200);
  });

  it.each(["iso-8859-1", "utf-16", '"latin1"', "windows-1252; x=y"])(
    "in %s is 415 and says so",
    async (charset) => {
      const type = `application/json; charset=${charset}`;
      const reply = await platform.merchant.post("/intents", anIntent(), { "content-type": type });
      expectError(reply, 415, "Send the body in UTF-8: no other charset is read.");
    },
  );

  it.each(["utf-8", '"UTF-8"', "utf8"])("in %s is read", async (charset) => {
    const type = `application/json; charset=${charset}`;
    const reply = await platform.merchant.post("/intents", anIntent(), { "content-type": type });
    expect(reply.status, reply.text).toBe(200);
  });
});

describe("U+0000 and lone surrogates", () => {
  it("are refused in each body, also where nobody looks at it", async () => {
    const { merchant } = platform;
    const { intent_id } = await merchant.createIntent();
    const { subscriptionId } = await subscribe(platform);
    const endpoint = (await merchant.post("/webhook-endpoints", { url: "https://example.com/" })).body.data;
    for (const path of [
      `/intents/${intent_id}/cancel`,
      `/subscriptions/${subscriptionId}/cancel`,
      `/webhook-endpoints/${endpoint.endpoint_id}/rotate-secret`,
      `/webhook-endpoints/${endpoint.endpoint_id}/test`,
    ]) {
      for (const [body, field] of [
        ['{"x":"\\u0000"}', "x"],
        ['{"note":{"deep":["\\ud800"]}}', "note"],
        ['{"a\\udc00":1}', "a\uFFFD"],
        ['["\\u0000"]', "body"],
        ['"\\ud83d"', "body"],
      ] as const) {
        const reply = await merchant.post(path, body);
        expect([reply.status, reply.body], `${path} ${body}`).toEqual([
          422,
          {
            message: "The given data was invalid.",
            errors: { [field]: [`The ${field} format is invalid.`] },
          },
        ]);
      }
    }
    expect((await merchant.intent(intent_id)).status).toBe("requires_payment");
    expect((await merchant.get(`/subscriptions/${subscriptionId}`)).body.data.status).toBe("active");
    expect((await merchant.get(`/webhook-endpoints/${endpoint.endpoint_id}`)).body.data).toMatchObject({
      previous_secret_until: null,
    });
  });

  it("are refused in an array where a refund's fields should be", async () => {
    const { merchant } = platform;
    const { intent_id, payment_url } = await merchant.createIntent();
    await pay(payment_url);
    const reply = await merchant.post(`/intents/${intent_id}/refunds`, '["\\u0000"]');
    expect(reply.status, reply.text).toBe(422);
  });

  it("come after an object that is not there", async () => {
    const reply = await platform.merchant.post(`/intents/pi_${randomUUID()}/cancel`, '{"x":"\\u0000"}');
    expectError(reply, 404, "No such payment intent.");
  });

  it("stand among the other errors in the order of the table", async () => {
    const reply = await platform.merchant.post(
      "/intents",
      JSON.stringify({
        unknown: "\0",
        metadata: { a: "\0" },
        name: "\0",
        order_items: [
          { name: "A", quantity: 0, price: 1 },
          { name: "\0", quantity: 1, price: 1 },
        ],
        email: "x",
      }),
    );
    expect(reply.status).toBe(422);
    expect(Object.keys(reply.body.errors)).toEqual([
      "amount",
      "currency",
      "intent_type",
      "email",
      "name",
      "reference_id",
      "integration_type",
      "metadata",
      "order_items.1.name",
      "order_items.0.quantity",
      "unknown",
    ]);
  });
});
