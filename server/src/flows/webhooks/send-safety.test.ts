import type { LookupAddress } from "node:dns";
import { getEventListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import {
  listen,
  moment,
  post,
  receive,
  receiveRaw,
  sender,
  stops,
  timed,
  until,
} from "../../../test/support/receiver.ts";
import { selfSigned } from "../../../test/support/self-signed.ts";
import type { ResolveName } from "../../base/resolve-name.ts";

describe("addresses that are not public", () => {
  test("are not called by any spelling of them", async () => {
    const receiver = await receive((_, response) => response.end());
    const to = sender({ allowPrivate: false });
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "0",
      "[::ffff:7f00:1]",
      "[::1]",
    ]) {
      const outcome = await post(to, `http://${host}:${receiver.port}/`);
      expect(outcome).toMatchObject({ outcome: "failed", status: null });
      expect(outcome.error).toMatch(/^address not allowed: \S+ is a (loopback|unspecified) address$/);
    }
    expect(receiver.connections()).toBe(0);
  });

  test("are not called by a name that rebinds to them after it was checked, over http or https", async () => {
    const receiver = await receive((_, response) => response.end());
    const answers = ["8.8.8.8", "127.0.0.1", "127.0.0.1"];
    const resolve: ResolveName = () => Promise.resolve([{ address: answers.shift() ?? "", family: 4 }]);
    expect(await resolve("receiver.example")).toEqual([{ address: "8.8.8.8", family: 4 }]); // the check, somewhere before
    for (const scheme of ["http", "https"]) {
      const to = sender({ allowPrivate: false, resolve });
      expect(await post(to, `${scheme}://receiver.example:${receiver.port}/`)).toMatchObject({
        status: null,
        error: "address not allowed: the name leads to a loopback address",
      });
    }
    expect(answers).toEqual([]);
    expect(receiver.connections()).toBe(0);
  });

  test("are called where the operator allows it, at the address that was looked up once", async () => {
    const receiver = await receive((request, response) => response.end(request.headers.host));
    let lookups = 0;
    const resolve: ResolveName = () => {
      lookups += 1;
      return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    };
    const to = sender({ resolve });
    const url = `http://receiver.example:${receiver.port}/`;
    for (let i = 0; i < 3; i += 1) {
      expect(await post(to, url)).toMatchObject({
        outcome: "delivered",
        responseStart: `receiver.example:${receiver.port}`,
      });
      await moment();
    }
    expect(lookups).toBe(1);
  });

  test.each([
    "",
    "not a url",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "http://",
    "http://a%:b@127.0.0.1:1/",
  ])("and %j, which is no URL to call, fails without throwing", async (url) => {
    for (const allowPrivate of [true, false]) {
      const outcome = await post(sender({ allowPrivate }), url);
      expect(outcome).toMatchObject({ outcome: "failed", status: null, error: expect.stringMatching(/./) });
    }
  });
});

describe("a receiver with TLS", () => {
  async function receiveTls(dnsNames: readonly string[], options: { trusted: boolean; notAfter?: string }) {
    const certificate = selfSigned(dnsNames, options.notAfter);
    const before = getCACertificates("default");
    if (options.trusted) {
      setDefaultCACertificates([...before, certificate.cert]);
      stops.push(() => Promise.resolve(setDefaultCACertificates(before)));
    }
    return listen(
      createTlsServer(certificate, (_: IncomingMessage, response: ServerResponse) => response.end("ok")),
      "https",
    );
  }

  test("that proves who it is gets its delivery", async () => {
    const receiver = await receiveTls(["localhost"], { trusted: true });
    expect(await post(sender(), receiver.url)).toMatchObject({ outcome: "delivered", responseStart: "ok" });
  });

  test("that does not gets nothing", async () => {
    const stranger = await receiveTls(["localhost"], { trusted: false });
    expect((await post(sender(), stranger.url)).error).toBe("certificate is self-signed");
    const other = await receiveTls(["other.example"], { trusted: true });
    expect((await post(sender(), other.url)).error).toBe("certificate is for another name");
    const old = await receiveTls(["localhost"], { trusted: true, notAfter: "210101000000Z" });
    expect((await post(sender(), old.url)).error).toBe("certificate has expired");
    const plain = await receive((_, response) => response.end());
    expect((await post(sender(), plain.url.replace("http:", "https:"))).error).toMatch(/^TLS failed/);
  });
});

describe("stopping", () => {
  test("a signal ends a try at once, whether it waits for an answer or was not begun", async () => {
    const receiver = await receiveRaw(() => {});
    const to = sender();
    const stop = new AbortController();
    const waiting = post(to, receiver.url, stop.signal);
    await until(() => receiver.connections() === 1);
    stop.abort();
    const { value, ms } = await timed(waiting);
    expect(value).toMatchObject({
      outcome: "failed",
      status: null,
      error: "interrupted: the platform is stopping",
    });
    expect(ms).toBeLessThan(200);
    expect((await post(to, receiver.url, stop.signal)).error).toBe("interrupted: the platform is stopping");
    await until(() => receiver.sockets.size === 0);
    expect(receiver.connections()).toBe(1);
  });

  test("a try that was given up before its connection was made is not sent when it is", async () => {
    let requests = 0;
    const receiver = await receive((_, response) => {
      requests += 1;
      response.end();
    });
    const found = Promise.withResolvers<LookupAddress[]>();
    const to = sender({ resolve: () => found.promise });
    const stop = new AbortController();
    const waiting = post(to, receiver.url, stop.signal);
    stop.abort();
    expect(await waiting).toMatchObject({ outcome: "failed", status: null });
    found.resolve([{ address: "127.0.0.1", family: 4 }]);
    await until(() => receiver.connections() === 1);
    expect((await post(to, receiver.url)).outcome).toBe("delivered");
    expect(requests).toBe(1);
  });

  test("a signal that outlives its tries, as the platform's does, keeps nothing of them", async () => {
    const receiver = await receive((_, response) => response.end());
    const to = sender();
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i += 1) await post(to, receiver.url, signal);
    await post(to, "not a url", signal);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("a closing sender waits for the tries under way, then leaves no connection", async () => {
    const receiver = await receive((_, response) => void setTimeout(() => response.end("late"), 200));
    const to = sender();
    const sending = post(to, receiver.url);
    await until(() => receiver.connections() === 1);
    await to.close();
    expect(await sending).toMatchObject({ outcome: "delivered", responseStart: "late" });
    await until(() => receiver.sockets.size === 0);
    expect(await post(to, receiver.url)).toMatchObject({ outcome: "failed", status: null });
  });

  test("a closing sender drops connections that are still being made for tries it gave up", async () => {
    const mute = await receiveRaw(() => {});
    const to = sender({ timeoutMs: 5_000 });
    const stop = new AbortController();
    const waiting = post(to, mute.url.replace("http:", "https:"), stop.signal);
    await until(() => mute.sockets.size === 1);
    stop.abort();
    await waiting;
    const { ms } = await timed(to.close());
    await until(() => mute.sockets.size === 0);
    expect(ms).toBeLessThan(500);
  });
});
