/** The client itself: what it takes, what it shows of itself, where it sends its secret and where it does not. */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mintro, MintroError, type MintroOptions, type RawCall } from "../src/index.ts";
import { VERSION } from "../src/version.ts";
import {
  clientOf,
  type FaultServer,
  OK,
  openFaultServer,
  SECRET,
  type Step,
} from "./support/fault-server.ts";

let server: FaultServer;
beforeAll(async () => {
  server = await openFaultServer();
});
afterAll(() => server.close());

const everythingOf = (value: unknown) =>
  [
    inspect(value, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? value.stack : "",
  ].join("\n");

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("expected a failure");
}

describe("what it is made with", () => {
  const good: MintroOptions = { baseUrl: "http://localhost:3000", clientId: "test_1", clientSecret: SECRET };
  const make = (change: Record<string, unknown>) => () => new Mintro({ ...good, ...change });

  it.each([
    [{ baseUrl: undefined }, "baseUrl is missing"],
    [{ baseUrl: "localhost:3000" }, "baseUrl must begin with"],
    [{ baseUrl: "pay.example.com" }, "baseUrl must be a whole address"],
    [{ baseUrl: "ftp://pay.example.com" }, "baseUrl must begin with"],
    [{ baseUrl: "https://me:word@pay.example.com" }, "no credentials"],
    [{ baseUrl: "https://pay.example.com/?a=1" }, "no query"],
    [{ clientId: "" }, "clientId is missing"],
    [{ clientSecret: undefined }, "clientSecret is missing"],
    [{ clientSecret: `${SECRET}\n` }, "clientSecret must be"],
    [{ clientSecret: `${SECRET}ü` }, "clientSecret must be"],
    [{ timeoutMs: 0 }, "timeoutMs must be"],
    [{ timeoutMs: Number.NaN }, "timeoutMs must be"],
    [{ maxRetries: -1 }, "maxRetries must be"],
    [{ maxRetries: 1.5 }, "maxRetries must be"],
    [{ fetch: "no" }, "fetch must be"],
  ])("%j is refused at the start, without repeating a secret", (change, text) => {
    expect(make(change)).toThrow(TypeError);
    expect(make(change)).toThrow(text);
    expect(make(change)).not.toThrow(SECRET);
  });

  it.each([
    ["", "/api/platform/customers"],
    ["/", "/api/platform/customers"],
    ["/api/platform/", "/api/platform/customers"],
    ["/shop/mintro", "/shop/mintro/api/platform/customers"],
  ])("a base address may end with %j", async (path, asked) => {
    server.answer({ status: 200, body: { success: true, data: [] } });
    await clientOf({ url: server.url + path }).customers.list();
    expect(server.seen[0]?.url).toBe(asked);
  });

  it("does not run in a browser, where everybody can read the secret, unless it is told to", () => {
    const globals = globalThis as { window?: unknown };
    globals.window = { document: {} };
    try {
      expect(make({})).toThrow("must not reach a browser");
      expect(make({ dangerouslyAllowBrowser: true })).not.toThrow();
    } finally {
      delete globals.window;
    }
  });
});

describe("what it sends", () => {
  it("says who asks, and keeps one connection for it all", async () => {
    server.answer();
    const ports = new Set<unknown>();
    const mintro = clientOf(server);
    for (let times = 0; times < 3; times += 1) {
      await mintro.intents.get("pi_1");
      ports.add(server.seen.at(-1)?.headers.connection);
    }
    const { headers } = server.seen[0] ?? {};
    const agent = `mintro-sdk/${VERSION} node/${process.versions.node}`;
    expect(headers).toMatchObject({ "user-agent": agent, "x-mintro-client": agent, "x-client-id": "test_1" });
    expect([...ports]).toEqual(["keep-alive"]);
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(VERSION).toBe(version);
  });

  it("writes filters into the query, times among them, and leaves out what is absent", async () => {
    server.answer({ status: 200, body: { success: true, data: [] } });
    await clientOf(server).intents.list({
      status: "succeeded",
      customer_ref_id: "a b&c",
      created_from: new Date("2026-11-01T00:00:00Z"),
      created_to: undefined,
      limit: 5,
    });
    expect(server.seen[0]?.url).toBe(
      "/api/platform/intents?status=succeeded&customer_ref_id=a+b%26c&created_from=2026-11-01T00%3A00%3A00.000Z&limit=5",
    );
  });

  it.each(["", " ", ".", ".."])("an id %j leads to no other route", async (id) => {
    server.answer();
    await expect(clientOf(server).intents.get(id)).rejects.toThrow("The id is missing.");
    await expect(clientOf(server).webhookEndpoints.delete(id)).rejects.toThrow("The id is missing.");
    expect(server.seen).toHaveLength(0);
  });

  it("an id is one part of the path, whatever is in it", async () => {
    server.answer();
    await clientOf(server).customers.getByReference("a/../b?c#d é");
    expect(server.seen[0]?.url).toBe("/api/platform/customers/reference/a%2F..%2Fb%3Fc%23d%20%C3%A9");
  });

  it("asks any other route by request()", async () => {
    server.answer();
    const call: RawCall = {
      method: "POST",
      path: "/new",
      query: { a: 1 },
      body: { b: 2 },
      idempotencyKey: "k",
    };
    expect(await clientOf(server).request<{ intent_id: string }>(call)).toEqual({ intent_id: "pi_1" });
    expect(server.seen[0]).toMatchObject({ method: "POST", url: "/api/platform/new?a=1", body: '{"b":2}' });
    expect(server.seen[0]?.headers).toMatchObject({ "idempotency-key": "k" });
    await expect(clientOf(server).request({ method: "GET", path: "https://evil.example" })).rejects.toThrow(
      TypeError,
    );
  });

  it.each(["", "a b", "ü", "x".repeat(256)])(
    "a key %j is refused before it is sent",
    async (idempotencyKey) => {
      server.answer();
      await expect(clientOf(server).intents.cancel("pi_1", { idempotencyKey })).rejects.toThrow(
        "idempotencyKey",
      );
      expect(server.seen).toHaveLength(0);
    },
  );

  it("uses the fetch that it is given, and else the global one of the moment", async () => {
    const answer = () => Response.json({ success: true, data: { now: "then" } });
    const own = clientOf(server, { fetch: async () => answer() });
    expect(await own.test.clock.get()).toEqual({ now: "then" });
    const late = clientOf(server);
    const before = globalThis.fetch;
    globalThis.fetch = async () => answer();
    try {
      expect(await late.test.clock.get()).toEqual({ now: "then" });
    } finally {
      globalThis.fetch = before;
    }
  });
});

describe("where the secret does not go", () => {
  it("not to the log, when the client is printed", async () => {
    const mintro = clientOf(server);
    expect(everythingOf(mintro)).not.toContain(SECRET);
    server.answer({ status: 200, body: { success: true, data: [] } });
    const list = mintro.intents.list();
    expect(everythingOf(list)).not.toContain(SECRET);
    await list;
  });

  it.each<[string, Step[]]>([
    ["an answer that repeats it", [{ status: 400, body: { success: false, message: `wrong: ${SECRET}` } }]],
    ["a page of a proxy", [{ status: 502, body: `<html>${SECRET}` }]],
    ["a cut connection", ["cut"]],
    ["a time-out", ["hang"]],
    ["a success that is none", [{ status: 200, body: `hello ${SECRET}` }]],
  ])("not into the error of %s", async (_, steps) => {
    server.answer(...steps);
    const mintro = clientOf(server, { maxRetries: 0, timeoutMs: 200 });
    const error = await failureOf(mintro.intents.get("pi_1"));
    expect(error).toBeInstanceOf(MintroError);
    expect(everythingOf(error)).not.toContain(SECRET);
  });

  it("not into the error of a fetch that shows what it was given", async () => {
    const mintro = clientOf(server, {
      maxRetries: 0,
      fetch: async (_, init) => {
        throw Object.assign(new Error(`could not send ${JSON.stringify(init)}`), { config: init });
      },
    });
    const error = await failureOf(mintro.intents.get("pi_1"));
    expect(everythingOf(error)).not.toContain(SECRET);
    expect(error.message).toContain("could not send");
  });

  it("not to where a redirect leads", async () => {
    const other = await openFaultServer();
    server.answer({ status: 307, headers: { location: `${other.url}/api/platform/intents/pi_1` } });
    const error = await failureOf(clientOf(server).intents.get("pi_1"));
    expect(error.message).toBe("GET /intents/pi_1: the answer is a redirect. Is baseUrl right?");
    expect(other.seen).toHaveLength(0);
    expect(server.seen).toHaveLength(1);
    await other.close();
  });
});

describe("answers that are not Mintro's", () => {
  it.each(["<html>welcome</html>", "", "[]", '{"success":true}', "null"])("%j", async (body) => {
    server.answer({ status: 200, body }, OK);
    const error = await failureOf(clientOf(server).intents.get("pi_1"));
    expect(error).toMatchObject({ status: 200, retryable: false });
    expect(error.message).toContain("Is baseUrl right?");
  });

  it.each(["<html>no</html>", "{}", '{"message":"Cannot GET /api","statusCode":404}', '{"success":false}'])(
    "a failure, %j",
    async (body) => {
      server.answer({ status: 400, body });
      const error = await failureOf(clientOf(server).intents.get("pi_1"));
      expect(error).toMatchObject({ status: 400, retryable: false });
      expect(error.message).toBe("The server answered 400, but not as Mintro does: is baseUrl right?");
    },
  );
});

describe("lists", () => {
  const page = (data: number[], next: string | null): Step => ({
    status: 200,
    body: { success: true, data, pagination: { has_more: next !== null, next_cursor: next } },
  });

  it("awaited, give their first page", async () => {
    server.answer(page([1, 2], "c1"));
    const found = await clientOf(server).events.list({ limit: 2 });
    expect(found).toEqual({ data: [1, 2], hasMore: true, nextCursor: "c1" });
    expect(server.seen).toHaveLength(1);
  });

  it("iterated, give every member of every page, with the filters on each", async () => {
    server.answer(page([1, 2], "c1"), page([], "c2"), page([3], null));
    const found: unknown[] = [];
    for await (const event of clientOf(server).events.list({ type: "payment.failed", limit: 2 }))
      found.push(event);
    expect(found).toEqual([1, 2, 3]);
    expect(server.seen.map(({ url }) => url.split("?")[1])).toEqual([
      "type=payment.failed&limit=2",
      "type=payment.failed&limit=2&cursor=c1",
      "type=payment.failed&limit=2&cursor=c2",
    ]);
  });

  it("ask for no page that nobody wants", async () => {
    server.answer(page([1, 2], "c1"));
    for await (const event of clientOf(server).events.list()) if (Number(event) === 2) break;
    expect(server.seen).toHaveLength(1);
  });

  it("end when a server repeats its cursor, instead of never", async () => {
    server.answer(page([1], "c1"), page([1], "c1"), page([1], "c1"));
    const iterate = async () => {
      for await (const event of clientOf(server).events.list()) void event;
    };
    await expect(iterate()).rejects.toThrow("cursor does not move on");
  });

  it("fail as any call does", async () => {
    const gone: Step = { status: 404, body: { success: false, message: "gone", data: [] } };
    server.answer(gone, gone);
    await expect(clientOf(server).events.deliveries("evt_1")).rejects.toThrow("gone");
    const iterate = async () => {
      for await (const event of clientOf(server).events.deliveries("evt_1")) void event;
    };
    await expect(iterate()).rejects.toThrow("gone");
  });
});
