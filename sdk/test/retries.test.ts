/** What the SDK does when a server fails: sends again what may be, as often and as late as it should, once in effect. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../server/test/support/platform.ts";
import {
  ConnectionError,
  MintroError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from "../src/index.ts";
import { backoffMs, readRetryAfter } from "../src/retry.ts";
import { clientOf, type FaultServer, openFaultServer, type Step } from "./support/fault-server.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Fails, and says that the next try may follow at once, so that no test waits for the backoff. */
const failing = (status: number, message = "no"): Step => ({
  status,
  headers: { "retry-after": "0", "x-request-id": "req-7" },
  body: { success: false, message, data: [] },
});

let server: FaultServer;
beforeAll(async () => {
  server = await openFaultServer();
});
afterAll(() => server.close());

const keys = () => server.seen.map(({ headers }) => headers["idempotency-key"]);
const failureOf = async (promise: Promise<unknown>): Promise<MintroError> => {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof MintroError) return error;
  throw new Error(`expected a MintroError, not ${String(error)}`);
};

describe("a POST", () => {
  it("carries a fresh UUID as its key, another each time", async () => {
    server.answer();
    const mintro = clientOf(server);
    await mintro.intents.cancel("pi_1");
    await mintro.intents.cancel("pi_1");
    const [first, second] = keys();
    expect(first).toMatch(UUID);
    expect(second).toMatch(UUID);
    expect(second).not.toBe(first);
  });

  it("carries the caller's key where one is given", async () => {
    server.answer();
    await clientOf(server).intents.cancel("pi_1", { idempotencyKey: "order-17" });
    expect(keys()).toEqual(["order-17"]);
  });

  it("keeps key and body through a cut connection, a 503, a 500 and a 429, and then succeeds", async () => {
    server.answer("cut", failing(503), failing(500), failing(429));
    const refund = clientOf(server, { maxRetries: 4 }).refunds.create("pi_1", { amount: "1.50" });
    expect(await refund).toEqual({ intent_id: "pi_1" });
    expect(server.seen).toHaveLength(5);
    expect(new Set(keys()).size).toBe(1);
    expect(new Set(server.seen.map(({ body }) => body))).toEqual(new Set(['{"amount":"1.50"}']));
  });

  it("is sent again when its answer breaks off in the middle", async () => {
    server.answer((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
      response.write('{"success":true,');
      setTimeout(() => response.destroy(), 10);
    });
    await clientOf(server).intents.cancel("pi_1");
    expect(server.seen).toHaveLength(2);
    expect(new Set(keys()).size).toBe(1);
  });

  it("tells its key with the error, so that it can be repeated later without being done twice", async () => {
    server.answer("cut");
    const error = await failureOf(clientOf(server, { maxRetries: 0 }).intents.cancel("pi_1"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ status: null, retryable: true, request: "POST /intents/pi_1/cancel" });
    expect(error.idempotencyKey).toBe(keys()[0]);
  });
});

describe("which failures are tried again", () => {
  it.each([408, 429, 500, 502, 503, 504, 599])("%i is", async (status) => {
    server.answer(failing(status), failing(status));
    await clientOf(server).intents.cancel("pi_1");
    expect(server.seen).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 405, 409, 413, 415, 422, 501])("%i is not", async (status) => {
    server.answer(failing(status), failing(status));
    const error = await failureOf(clientOf(server).intents.cancel("pi_1"));
    const message = status === 401 ? "no Check both X-Client-ID and X-Client-Secret." : "no";
    expect(error).toMatchObject({ status, tries: 1, retryable: false, requestId: "req-7", message });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ["GET", () => clientOf(server).intents.get("pi_1")],
    ["PATCH", () => clientOf(server).webhookEndpoints.update("we_1", { enabled: true })],
    ["DELETE", () => clientOf(server).test.faults.disarm()],
  ])("a %s is repeated as well, without a key", async (method, send) => {
    server.answer("cut", failing(503));
    await send();
    expect(server.seen.map((seen) => seen.method)).toEqual([method, method, method]);
    expect(keys()).toEqual([undefined, undefined, undefined]);
  });

  it("a deletion whose answer was lost is still a deletion", async () => {
    server.answer("cut", failing(404));
    const gone = await clientOf(server).webhookEndpoints.delete("we_1");
    expect(gone).toEqual({ endpoint_id: "we_1", deleted: true });
    server.answer(failing(404));
    await expect(clientOf(server).webhookEndpoints.delete("we_1")).rejects.toBeInstanceOf(NotFoundError);
  });

  it("not one more than allowed, for the client or for one call", async () => {
    const step = failing(503);
    server.answer(...Array.from({ length: 9 }, () => step));
    const mintro = clientOf(server);
    expect(await failureOf(mintro.events.get("evt_1"))).toBeInstanceOf(UnavailableError);
    expect(server.seen).toHaveLength(4);
    expect(await failureOf(mintro.events.get("evt_1", { maxRetries: 0 }))).toMatchObject({ tries: 1 });
    expect(server.seen).toHaveLength(5);
  });

  it("each status has its class", async () => {
    const mintro = clientOf(server, { maxRetries: 0 });
    const errors = { email: ["The email field is required."] };
    server.answer({ status: 422, body: { message: "The given data was invalid.", errors } });
    const invalid = await failureOf(mintro.intents.cancel("pi_1"));
    expect(invalid).toBeInstanceOf(ValidationError);
    expect(invalid).toMatchObject({ name: "ValidationError", errors });
    server.answer(failing(429));
    expect(await failureOf(mintro.intents.cancel("pi_1"))).toBeInstanceOf(RateLimitError);
    server.answer({ status: 502, body: "<html>Bad Gateway</html>" });
    const proxy = await failureOf(mintro.intents.cancel("pi_1"));
    expect(proxy).toBeInstanceOf(ServerError);
    expect(proxy.message).toBe("The server answered 502.");
  });
});

describe("how long it waits", () => {
  const waited = () => (server.seen[1]?.at ?? 0) - (server.seen[0]?.at ?? 0);

  it("as many seconds as Retry-After says, and not less", async () => {
    server.answer({ status: 503, headers: { "retry-after": "1" } });
    await clientOf(server).intents.cancel("pi_1");
    expect(waited()).toBeGreaterThanOrEqual(995);
    expect(waited()).toBeLessThan(15_000);
  });

  it("until the date of Retry-After, by the server's clock", async () => {
    const serverNow = Date.parse("2001-02-03T04:05:06Z");
    const date = new Date(serverNow).toUTCString();
    const headers = { date, "retry-after": new Date(serverNow + 1000).toUTCString() };
    server.answer({ status: 503, headers });
    await clientOf(server).intents.cancel("pi_1");
    expect(waited()).toBeGreaterThanOrEqual(995);
    expect(waited()).toBeLessThan(15_000);
  });

  it("not at all where Retry-After asks for more than a minute: the caller is told", async () => {
    server.answer({ status: 429, headers: { "retry-after": "61" } });
    const error = await failureOf(clientOf(server).intents.cancel("pi_1"));
    expect(error).toMatchObject({ retryAfterMs: 61_000, retryable: true, tries: 1 });
  });

  it("twice as long each time at most, spread over all of it, up to a bound", () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((tries) => backoffMs(tries, null, 0.999_999))).toEqual(
      [500, 1000, 2000, 4000, 8000, 8000, 8000].map((most) => expect.closeTo(most, 0) as number),
    );
    expect(backoffMs(3, null, 0)).toBe(0);
    expect(backoffMs(1, 2000, 0)).toBe(2000);
    expect(backoffMs(1, 2000, 1)).toBe(2500);
    expect(backoffMs(1, 0, 1)).toBe(0);
    expect(backoffMs(1, 60_001, 0)).toBeNull();
  });

  it.each([
    ["5", 5000],
    ["0", 0],
    ["1.5", 1500],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["soon", null],
    ["-3", null],
    ["", null],
  ])("Retry-After %j is %j ms", (text, expected) => {
    const now = Date.parse("2020-01-01T00:00:00Z");
    expect(readRetryAfter(new Headers({ "retry-after": text }), now)).toBe(expected);
  });
});

describe("time-outs and signals", () => {
  const untilSeen = () => eventually(() => server.seen.length > 0);

  it("each try has its own time, and a try that hangs is given up and repeated", async () => {
    server.answer("hang");
    const started = performance.now();
    await clientOf(server, { timeoutMs: 1000 }).intents.cancel("pi_1");
    expect(server.seen).toHaveLength(2);
    expect(new Set(keys()).size).toBe(1);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("an answer that stops in its middle times out too", async () => {
    server.answer((response) => void response.writeHead(200, { "content-length": "90" }).write("{"));
    const error = await failureOf(clientOf(server, { timeoutMs: 100, maxRetries: 0 }).intents.get("pi_1"));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe("GET /intents/pi_1: no answer within 100 ms.");
  });

  it("a signal ends a running request at once, with its own reason and without a retry", async () => {
    server.answer("hang");
    const controller = new AbortController();
    const reason = new Error("the customer left");
    const asked = clientOf(server).intents.get("pi_1", { signal: controller.signal });
    await untilSeen();
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
  });

  it("a signal ends the wait between two tries", async () => {
    server.answer({ status: 503, headers: { "retry-after": "30" } });
    const started = performance.now();
    const controller = new AbortController();
    const asked = clientOf(server).intents.get("pi_1", { signal: controller.signal });
    await untilSeen();
    setTimeout(() => controller.abort(), 100);
    await expect(asked).rejects.toThrow(/abort/i);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(server.seen).toHaveLength(1);
  });

  it("a signal that was given already sends nothing", async () => {
    server.answer();
    await expect(clientOf(server).intents.get("pi_1", { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(server.seen).toHaveLength(0);
  });

  it("leaves nothing behind on a signal that lives long", async () => {
    server.answer(failing(503));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await clientOf(server).intents.get("pi_1", { signal });
    expect(listeners).toBe(0);
  });
});
