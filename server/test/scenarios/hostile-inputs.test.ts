/**
 * What nobody sends by mistake: bodies, paths, queries and headers made to break something, on every route that the server
 * serves. Each is refused or taken in the document's envelope, never with a 500, and leaves no secret and no card in the log.
 * Bodies that are no JSON, money and metadata: api-bodies.test.ts. Script in names on the page: browser/quality.test.ts.
 */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HTTP } from "../../src/base/limits.ts";
import { createLog } from "../../src/base/log.ts";
import { findCardData } from "../browser/card-data.ts";
import {
  anIntent,
  CARDS,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";
import { type RawReply, rawBytes, rawRequest } from "../support/raw-http.ts";
import { servedRoutes } from "../support/routes.ts";

/** The same for everybody, so that any page may read it. */
const PUBLIC = ["GET /openapi.json", "GET /embed.js"];

const logged: string[] = [];
const answered: string[] = [];
let platform: TestPlatform;
let routes: readonly string[];
let paymentUrl: string;
/** How many requests this file has sent of which it only asked that nothing breaks. */
let tried = 0;

beforeAll(async () => {
  const log = createLog("trace", { write: (line: string) => void logged.push(line) });
  platform = await startPlatform({ log });
  routes = servedRoutes(platform.running.app);
  paymentUrl = (await platform.merchant.createIntent()).payment_url;
});

afterAll(async () => {
  const { clientSecret } = platform.merchant;
  expect(tried).toBeGreaterThan(2_000);
  expect(logged.length).toBeGreaterThan(1_000);
  const token = paymentUrl.split("/").at(-1) ?? "";
  const told = [...logged, ...answered];
  const betrayed = (secret: string) => told.filter((line) => line.includes(secret)).slice(0, 3);
  for (const secret of [clientSecret, platform.sink.secret]) expect(betrayed(secret)).toEqual([]);
  expect(logged.filter((line) => line.includes(token))).toEqual([]);
  expect(await findCardData(platform.databaseUrl, { logged, answered })).toEqual([]);
});

/** The landing page and the guides tell everybody the card to try. No body here writes a number with spaces. */
function withoutTheTestCard(text: string): string {
  return text.replaceAll("4242 4242 4242 4242", "the test card");
}

/** Below half a megabyte unless it is said. The card number has no business anywhere, and must be found nowhere. */
const BODIES: Readonly<Record<string, string | Buffer>> = {
  null: "null",
  "a number": "1e400",
  "a text": '"x"',
  "a list": "[]",
  "a list of lists": `[${Array(1_000).fill("[[]]").join(",")}]`,
  "an empty object": "{}",
  "every key of JavaScript's own":
    '{"__proto__":{"amount":80,"isAdmin":true},"constructor":{"prototype":{"amount":1}},"prototype":{},"toString":1,"hasOwnProperty":null,"valueOf":[],"__defineGetter__":{}}',
  "a prototype as a list": '{"__proto__":[1,2,3],"order_items":{"__proto__":[]}}',
  "doubled keys":
    '{"amount":1,"amount":"x","amount":null,"url":"a","url":{},"permissions":[],"permissions":"all"}',
  "the same key ten thousand times": `{${Array(10_000).fill('"amount":1').join(",")}}`,
  "ten thousand keys": `{${Array.from({ length: 10_000 }, (_, at) => `"k${at}":${at}`).join(",")}}`,
  "every field of the wrong type": `{${[
    "amount",
    "currency",
    "url",
    "events",
    "enabled",
    "permissions",
    "name",
    "since",
    "until",
    "seconds",
    "to",
    "skip",
    "target",
    "fault",
    "count",
    "charge_id",
    "reason",
    "endpoint_id",
  ]
    .map((field) => `"${field}":{"a":[{}]}`)
    .join(",")}}`,
  "numbers without end": `{"amount":${"9".repeat(100_000)},"count":1e999999,"seconds":-1e308,"charge_id":1e-400,"to":0.1e-9999999}`,
  "64 levels": `{"metadata":${'{"a":'.repeat(62)}1${"}".repeat(62)}}`,
  "65 levels": `${"[".repeat(65)}${"]".repeat(65)}`,
  "a hundred thousand levels": "[".repeat(100_000),
  "a text of 400 KB": `{"name":"${"A".repeat(400_000)}","reason":"${"B".repeat(50_000)}"}`,
  "U+0000 everywhere":
    '{"\\u0000":"\\u0000","name":"\\u0000","reason":"a\\u0000b","url":"https://a.example/\\u0000"}',
  "lone surrogates": '{"name":"\\ud800","reason":"\\udfff","\\udc00":1,"url":"https://\\ud800.example"}',
  "bytes that are not UTF-8": Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
  "an overlong slash": Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
  "a card where none belongs": `{"number":"${CARDS.visa}","card":{"number":"${CARDS.visa}"},"reason":${CARDS.visa}, x}`,
  SQL: `{"name":"'; drop table intents; --","currency":"' or 1=1","to":"now()","since":"infinity","until":"-infinity","reason":"$1"}`,
  templates:
    '{"name":"{{7*7}}<%= 7*7 %>%s%n","url":"https://\\u0024{jndi:ldap://a.example}/","events":["*","../.."]}',
  "more than half a megabyte": Buffer.alloc(600_000, 0x20),
};

const HOSTILE_IDS = [
  "%00",
  "%0d%0aset-cookie:%20a=b",
  "..%2f..%2fetc%2fpasswd",
  "%2e%2e",
  "'%20or%20'1'='1",
  "__proto__",
  "constructor",
  "pi_",
  "pi_pi_01a2067c-b043-75f7-891a-400bc508234b",
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "%F0%9F%92%A3",
  "%ef%bc%8e%ef%bc%8e", // full-width dots
  "%ed%a0%80", // a surrogate in UTF-8
  "x".repeat(1_200),
  "-1",
  "1e9",
  "[object%20Object]",
];

const QUERIES = [
  "limit=0",
  "limit=101",
  "limit=1&limit=2",
  "limit[]=1",
  "limit[$gt]=1",
  "limit=%00",
  "limit=1e9&cursor=%00",
  "cursor=__proto__",
  "cursor=",
  `cursor=${"A".repeat(8_000)}`,
  `cursor=${Buffer.from("2026-01-01T00:00:00.000000Z x").toString("base64url")}`,
  `cursor=${Buffer.from("infinity pi_00000000-0000-0000-0000-000000000000").toString("base64url")}`,
  `cursor=${Buffer.from("9999-12-31T23:59:59.999999Z 00000000-0000-0000-0000-000000000000").toString("base64url")}`,
  "status=__proto__&type=constructor",
  "customer_ref_id=%00&status=%ff",
  "created_from=infinity&created_to=-infinity",
  "created_from=9999-99-99T99:99:99Z",
  "created_from=0000-00-00T00:00:00Z&created_to=275760-09-13T00:00:00Z",
  "intent_id='%20or%20true",
  "%",
  "%zz=%zz",
  "__proto__[a]=b&constructor[prototype][a]=b",
  `${"a=b&".repeat(2_000)}`,
];

function keyed(headers: Record<string, string | string[]> = {}): Record<string, string | string[]> {
  const { clientId, clientSecret } = platform.merchant;
  return { "x-client-id": clientId, "x-client-secret": clientSecret, ...headers };
}

async function send(
  route: string,
  wanted: {
    id?: string;
    query?: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
  },
): Promise<RawReply> {
  tried += 1;
  const [method = "", pattern = ""] = route.split(" ");
  const path =
    pattern.replaceAll(/:\w+/g, (part) => wanted.id ?? (part === ":name" ? "sandbox" : randomUUID())) +
    (wanted.query ? `?${wanted.query}` : "");
  const { headers = {}, body } = wanted;
  const reply = await rawRequest(platform.url, {
    method,
    path,
    headers: keyed({ ...(body !== undefined && { "content-length": String(body.length) }), ...headers }),
    ...(body !== undefined && { body: typeof body === "string" ? Buffer.from(body) : body }),
  });
  answered.push(JSON.stringify(reply.headers), withoutTheTestCard(reply.text));
  return reply;
}

/** No answer of ours breaks, is without its envelope, or tells of the inside. */
function expectSound(reply: RawReply, what: string): void {
  expect(reply.status, `${what}: ${reply.text.slice(0, 300)}`).toBeLessThan(500);
  expect(reply.headers["x-request-id"], what).toBeDefined();
  expect(reply.text, what).not.toMatch(
    /\bat \w+ \(|node_modules|server\/src|select .* from|pg_catalog|syntax error/i,
  );
  if (reply.status < 400 || !String(reply.headers["content-type"]).startsWith("application/json")) return;
  const body = JSON.parse(reply.text) as Record<string, unknown>;
  const envelopes = [
    ["success", "message", "data"],
    ["message", "errors"],
    ["success", "errors"],
  ];
  expect(envelopes, what).toContainEqual(Object.keys(body));
}

/** A customer has a card to send, and nothing as long as a merchant's order. */
function isTooLong(route: string, bytes: number): boolean {
  return route.startsWith("POST /pay/") && bytes > HTTP.checkoutBodyBytes;
}

describe("every route", () => {
  it("that takes a body refuses or ignores each hostile one, and nothing of it reaches a prototype", async () => {
    const taking = routes.filter((route) => !route.startsWith("GET "));
    expect(taking.length).toBeGreaterThan(15);
    for (const route of taking) {
      for (const [what, body] of Object.entries(BODIES)) {
        const type = route.includes("/sandbox/") ? "application/x-www-form-urlencoded" : "application/json";
        const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
        const headers = { "content-type": type, "content-length": String(length), connection: "close" };
        const reply = await send(route, { headers, body });
        expectSound(reply, `${route} with ${what}`);
        if (what === "more than half a megabyte") expect(reply.status, route).toBe(413);
        if (/65 levels|hundred thousand/.test(what) && type === "application/json")
          expect(reply.status, `${route} with ${what}`).toBe(isTooLong(route, length) ? 413 : 400);
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)["amount"]).toBeUndefined();
  }, 60_000);

  it("answers any other type of body with 415, a form with a card in it too", async () => {
    for (const route of routes.filter(
      // A page's form, and what a processor signs, have types of their own.
      (each) => /^(?:POST|PATCH)/.test(each) && !/\/(?:sandbox|processors)\//.test(each),
    )) {
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "x",
      ]) {
        const body = `number=${CARDS.visa}&cvc=927`;
        const reply = await send(route, { headers: { "content-type": type }, body });
        expectSound(reply, `${route} as ${type}`);
        expect(reply.status, `${route} as ${type}`).toBe(415);
      }
    }
  });

  it("that takes an id finds nothing under a hostile one", async () => {
    for (const route of routes.filter((each) => each.includes(":"))) {
      for (const id of HOSTILE_IDS) {
        const headers = route.startsWith("GET") ? {} : { "content-type": "application/json" };
        const reply = await send(route, { id, headers });
        expectSound(reply, `${route} with ${id}`);
        expect([400, 404, 422], `${route} with ${id}: ${reply.status}`).toContain(reply.status);
        expect(reply.headers["set-cookie"], route).toBeUndefined();
      }
    }
  });

  it("that lists takes or refuses each hostile query", async () => {
    for (const route of routes.filter((each) => each.startsWith("GET /api/"))) {
      for (const query of QUERIES)
        expectSound(await send(route, { query }), `${route}?${query.slice(0, 60)}`);
    }
  });

  it("takes or refuses hostile headers, and reflects none", async () => {
    const mark = "reflected-7f3a";
    const hostile: Record<string, string>[] = [
      { "x-request-id": mark },
      { "idempotency-key": `"${mark}` },
      { "idempotency-key": "__proto__" },
      { "idempotency-key": "x".repeat(4_000) },
      {
        "x-forwarded-for": `${mark}, 1.2.3.4`,
        "x-forwarded-host": `${mark}.example`,
        "x-forwarded-proto": mark,
      },
      { "accept-language": `${mark},${"a,".repeat(3_000)}*;q=0` },
      { "accept-encoding": `${mark};q=nan` },
      { "if-none-match": `"${mark}"` },
      { host: `${mark}.example` },
      { origin: `https://${mark}.example`, "access-control-request-method": "POST" },
      { cookie: `a=${mark}`, referer: `javascript:${mark}` },
      { "content-encoding": "gzip" },
      { "x-http-method-override": "DELETE" },
    ];
    for (const route of routes.filter((each) => each.startsWith("GET "))) {
      for (const headers of hostile) {
        const reply = await send(route, { headers });
        expectSound(reply, `${route} with ${JSON.stringify(headers).slice(0, 60)}`);
        expect(`${JSON.stringify(reply.headers)}${reply.text}`, route).not.toContain(mark);
        const mayRead = PUBLIC.includes(route) ? "*" : undefined;
        expect(reply.headers["access-control-allow-origin"], route).toBe(mayRead);
      }
    }
  });
});

describe("another site's page", () => {
  it("is allowed by no route to send or read anything", async () => {
    const patterns = new Set(routes.map((route) => route.split(" ")[1] ?? ""));
    for (const pattern of patterns) {
      const headers = {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, x-client-id",
      };
      const reply = await send(`OPTIONS ${pattern}`, { headers });
      expectSound(reply, pattern);
      expect(reply.status, pattern).toBe(405);
      const allowing = Object.keys(reply.headers).filter((header) => header.startsWith("access-control-"));
      expect(allowing, pattern).toEqual([]);
    }
  });
});

describe("a request that is two", () => {
  it("in one stream is never read in two ways", async () => {
    const { clientId, clientSecret } = platform.merchant;
    const head = `POST /api/platform/intents HTTP/1.1\r\nHost: a\r\nX-Client-ID: ${clientId}\r\nX-Client-Secret: ${clientSecret}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    const smuggled = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    const both = [
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}${smuggled}`,
      `${head}Transfer-Encoding: identity, chunked, x\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Content-Length: +2\r\n\r\n{}${smuggled}`,
      `${head}X: a\rb\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
      `${head}X: a\0b\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
    ];
    for (const bytes of both) {
      tried += 1;
      const text = await rawBytes(platform.url, bytes);
      expect(text, bytes).toMatch(/^HTTP\/1\.1 400 /);
      expect(text, bytes).not.toContain("mintro_http_request");
    }
  });
});

describe("addresses and names of an intent", () => {
  const URLS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://shop.example/x",
    "//shop.example/thanks",
    "/thanks",
    "https:/shop.example",
    "https://",
    "https:///thanks",
    "https://shop.example/\r\nset-cookie: a=b",
    "https://shop.example/\nx",
    "https://shop.example/\tx",
    "https://shop.example\\@evil.example/",
    "https://shop.example@evil.example/",
    "https://user:password@shop.example/",
    "https://shop\u0000.example/",
    "https://shop.example:99999/",
    `https://shop.example/${"a".repeat(2_100)}`,
    "https://[::1",
    "https://shop .example/",
  ];

  it.each(URLS.map((url) => [url.slice(0, 60), url]))(
    "%j is no address to send a customer to",
    async (_, url) => {
      tried += 2;
      for (const field of ["success_url", "cancel_url"]) {
        const good = {
          integration_type: "url",
          success_url: "https://a.example/",
          cancel_url: "https://a.example/",
        };
        const reply = await platform.merchant.post("/intents", anIntent({ ...good, [field]: url }));
        expect(reply.status, `${field}: ${reply.text}`).toBe(422);
        expect(Object.keys(reply.body.errors)).toEqual([field]);
      }
    },
  );

  it.each([
    "ORDER-1\r\nset-cookie: a=b",
    "ORDER 1",
    "../../etc/passwd",
    "ORDER%0d%0a",
    "ORDER<script>",
    "ОRDER-1", // a Cyrillic O
    "ORDER-１", // a full-width digit
    "ORDER\u200b1",
    "\u202eORDER",
    "A".repeat(101),
  ])("%j is no reference", async (reference) => {
    tried += 1;
    const reply = await platform.merchant.post("/intents", anIntent({ reference_id: reference }));
    expect(reply.status, reply.text).toBe(422);
    expect(Object.keys(reply.body.errors)).toEqual(["reference_id"]);
  });

  it.each([
    "John\r\nBcc: everybody@example.com",
    "</script><script>alert(1)</script>",
    "\u202egnp.exe",
    "\u0024{jndi:ldap://a.example/x}",
    '"><img src=x onerror=alert(1)>',
    "a\u2028b\u2029c",
    `Z${"\u0300".repeat(60)}`,
  ])("the name %j is kept as it is, in the answer and the page, and in no header", async (name) => {
    tried += 1;
    const { merchant } = platform;
    const items = [{ name: `Item ${name}`, quantity: 1, price: 1 }];
    const { intent_id, payment_url } = await merchant.createIntent({
      name: `A ${name} B`,
      order_items: items,
    });
    const shown = await merchant.intent(intent_id);
    expect(shown.customer.name).toBe(`A ${name} B`);
    expect(shown.order_items[0].name).toBe(`Item ${name}`);
    const page = await rawRequest(platform.url, { method: "GET", path: new URL(payment_url).pathname });
    expect(page.status).toBe(200);
    for (const [header, value] of Object.entries(page.headers))
      expect(`${header}: ${String(value)}`).not.toContain(name);
    expect(page.text.match(/<script/g)).toHaveLength(1); // the page's own, however many were wished for
    expect(page.text).not.toContain("<img");
    await pay(payment_url);
  });
});

describe("whatever JSON comes", () => {
  /** A sound intent of which some fields are anything: most random objects would fail at the first look. */
  const anything = fc.jsonValue({ maxDepth: 3 });
  const field = fc.constantFrom(
    ...Object.keys(anIntent()),
    "interval_days",
    "tax",
    "discount",
    "customer_ref_id",
  );
  const change = fc.dictionary(field, anything, { maxKeys: 3 });

  it("POST /intents answers 200, 400 or 422, and three hundred times never a 500", async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          change.map((changed) => anIntent(changed)),
          anything,
        ),
        async (body) => {
          tried += 1;
          const reply = await platform.merchant.post("/intents", JSON.stringify(body));
          seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
          expect([200, 400, 422], reply.text).toContain(reply.status);
          if (reply.status === 200) {
            const shown = await platform.merchant.get(`/intents/${reply.body.data.intent_id}`);
            expect(shown.status, shown.text).toBe(200);
            expect((await fetch(reply.body.data.payment_url)).status).toBe(200);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(seen.get(200) ?? 0).toBeGreaterThan(10);
    expect(seen.get(422) ?? 0).toBeGreaterThan(50);
  }, 60_000);

  it("the other routes that take a body answer it as well, and never with a 500", async () => {
    const { intentId, subscriptionId } = await subscribe(platform);
    const paths = [
      `/intents/${intentId}/refunds`,
      `/subscriptions/${subscriptionId}/cancel`,
      "/webhook-endpoints",
      "/clients",
      "/test/faults",
      "/test/clock/advance",
    ];
    const fields = fc.constantFrom(
      "amount",
      "charge_id",
      "reason",
      "url",
      "events",
      "enabled",
      "name",
      "permissions",
      "target",
      "fault",
      "count",
      "to",
      "skip", // not `seconds`: a year is legal, and would be lived through
    );
    const body = fc.oneof(anything, fc.dictionary(fields, anything, { maxKeys: 4 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async (path, value) => {
        tried += 1;
        const reply = await platform.merchant.post(path, JSON.stringify(value));
        expect([200, 400, 422], `${path}: ${reply.text}`).toContain(reply.status);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("so does the payment itself, whose card is never stored, told or logged", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom("name", "number", "expiry", "cvc"), anything),
        async (card) => {
          tried += 1;
          const reply = await tryToPay(paymentUrl, card);
          expect([200, 400, 422], reply.text).toContain(reply.status);
        },
      ),
      { numRuns: 100 },
    );
    const hidden = { number: CARDS.visa, cvc: "927" };
    await tryToPay(paymentUrl, { ...hidden, expiry: CARDS.visa });
    await tryToPay(paymentUrl, { ...hidden, name: CARDS.visa, expiry: "927" });
  });
});
