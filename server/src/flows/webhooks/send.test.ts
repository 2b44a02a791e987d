import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import {
  bodyOf,
  moment,
  post,
  receive,
  receiveRaw,
  sender,
  stops,
  timed,
  until,
} from "../../../test/support/receiver.ts";
import type { ResolveName } from "../../base/resolve-name.ts";

describe("a receiver that answers", () => {
  test("gets the body and headers exactly, and a 2xx delivers", async () => {
    const seen: IncomingMessage[] = [];
    const bodies: string[] = [];
    const receiver = await receive((request, response) => {
      seen.push(request);
      void bodyOf(request).then((body) => {
        bodies.push(body);
        response.writeHead(202).end("thanks");
      });
    });
    const body = '{"name":"Zoë 🧾","note":"a\u2028b"}';
    const outcome = await sender().send({ url: receiver.url, headers: { "webhook-id": "evt_1" }, body });
    expect(outcome).toEqual({
      outcome: "delivered",
      status: 202,
      error: null,
      durationMs: expect.any(Number),
      responseStart: "thanks",
      retryAfterMs: null,
    });
    expect(bodies).toEqual([body]);
    expect(seen).toMatchObject([{ method: "POST", url: "/hook?a=1" }]);
    expect(seen[0]?.headers).toMatchObject({
      host: `localhost:${receiver.port}`,
      "user-agent": "Mintro-Webhooks/1",
      "webhook-id": "evt_1",
      "content-length": String(Buffer.byteLength(body)),
    });
  });

  test.each([
    [200, "delivered", null],
    [204, "delivered", null],
    [299, "delivered", null],
    [300, "failed", "redirect not followed (300)"],
    [304, "failed", "redirect not followed (304)"],
    [400, "failed", "answered 400"],
    [409, "failed", "answered 409"],
    [410, "gone", "answered 410"],
    [429, "failed", "answered 429"],
    [500, "failed", "answered 500"],
    [599, "failed", "answered 599"],
  ])("with %i has the try %s", async (status, outcome, error) => {
    const receiver = await receive((_, response) => response.writeHead(status).end());
    expect(await post(sender(), receiver.url)).toMatchObject({ outcome, status, error, responseStart: "" });
  });

  test("by a redirect is not followed, wherever it leads", async () => {
    let reached = 0;
    const target = await receive((_, response) => {
      reached += 1;
      response.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const receiver = await receive((_, response) =>
        response.writeHead(status, { location: target.url }).end(),
      );
      expect(await post(sender(), receiver.url)).toMatchObject({
        outcome: "failed",
        status,
        error: `redirect not followed (${status})`,
      });
    }
    expect(reached).toBe(0);
  });

  test("may ask for a later try, unless it took this one", async () => {
    const receiver = await receive((request, response) => {
      response.writeHead(request.url === "/busy" ? 503 : 200, { "retry-after": "7" }).end();
    });
    const to = sender();
    expect(await post(to, new URL("/busy", receiver.url).href)).toMatchObject({
      status: 503,
      retryAfterMs: 7_000,
    });
    expect(await post(to, receiver.url)).toMatchObject({ status: 200, retryAfterMs: null });
  });

  test("gets the credentials of its URL as basic authentication", async () => {
    const receiver = await receive((request, response) => response.end(request.headers.authorization));
    const url = receiver.url.replace("://", "://shop:p%40ss@");
    const credentials = Buffer.from("shop:p@ss").toString("base64");
    expect(await post(sender(), url)).toMatchObject({
      outcome: "delivered",
      responseStart: `Basic ${credentials}`,
    });
  });

  test("over and over is spoken to on one connection", async () => {
    const receiver = await receive(
      (request, response) => void request.resume().on("end", () => response.end("ok")),
    );
    const to = sender();
    for (let i = 0; i < 10; i += 1) {
      expect((await post(to, receiver.url)).outcome).toBe("delivered");
      await moment();
    }
    expect(receiver.connections()).toBe(1);
  });

  test("and then closes the connection is spoken to on a new one", async () => {
    const receiver = await receive((_, response) => response.end("ok"));
    const to = sender();
    expect((await post(to, receiver.url)).outcome).toBe("delivered");
    for (const socket of receiver.sockets) socket.end();
    await until(() => receiver.sockets.size === 0);
    expect((await post(to, receiver.url)).outcome).toBe("delivered");
    expect(receiver.connections()).toBe(2);
  });
});

describe("a receiver that misbehaves", () => {
  test("with an endless body is cut off after the kilobyte that is kept", async () => {
    const receiver = await receive((_, response) => {
      const pour = () => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", pour);
      pour();
    });
    const { value, ms } = await timed(post(sender(), receiver.url));
    expect(value).toMatchObject({ outcome: "delivered", status: 200, responseStart: "x".repeat(1_024) });
    expect(ms).toBeLessThan(2_000);
    await until(() => receiver.sockets.size === 0);
  });

  test("with a body that trickles without end is heard until the deadline; its status counts", async () => {
    const receiver = await receive((_, response) => {
      const timer = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(timer));
    });
    const { value, ms } = await timed(post(sender({ timeoutMs: 300 }), receiver.url));
    expect(value).toMatchObject({
      outcome: "delivered",
      status: 200,
      responseStart: expect.stringMatching(/^\.+$/),
    });
    expect(ms).toBeLessThan(1_000);
    await until(() => receiver.sockets.size === 0);
  });

  test("by breaking off after its status has given that status", async () => {
    const answer = (status: string) => `HTTP/1.1 ${status}\r\ncontent-length: 100\r\n\r\nhalf`;
    const kept = await receiveRaw((socket) => socket.end(answer("200 OK")));
    expect(await post(sender(), kept.url)).toMatchObject({ outcome: "delivered", responseStart: "half" });
    const lost = await receiveRaw((socket) => socket.end(answer("500 Oh")));
    expect(await post(sender(), lost.url)).toMatchObject({
      outcome: "failed",
      status: 500,
      error: "answered 500",
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ["says nothing", () => {}],
    [
      "lets its headers trickle",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\nx: ");
        const timer = setInterval(() => socket.write("x"), 20);
        socket.on("close", () => clearInterval(timer));
      },
    ],
    [
      "gives interim answers without end",
      (socket) => {
        const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 20);
        socket.on("close", () => clearInterval(timer));
      },
    ],
  ])("that %s is left at the deadline, and its connection dropped", async (_, talk) => {
    const receiver = await receiveRaw((socket) => void socket.once("data", () => talk(socket)));
    const { value, ms } = await timed(post(sender({ timeoutMs: 300 }), receiver.url));
    expect(value).toMatchObject({ outcome: "failed", status: null, error: "timed out after 0.3 s" });
    expect(value.durationMs).toBeGreaterThanOrEqual(290);
    expect(ms).toBeLessThan(1_000);
    await until(() => receiver.sockets.size === 0);
  });

  test.each([
    ["answer is not HTTP", "SSH-2.0-OpenSSH_9.9\r\n"],
    ["answer's headers too large", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(17_000)}\r\n\r\n`],
    ["answer's headers too large", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}\r\n`],
    ["connection closed before an answer", ""],
    ["connection closed before an answer", "HTTP/1.1 200 OK\r\nx: "],
    [
      "connection closed before an answer",
      "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    ],
  ])("fails as %j", async (error, bytes) => {
    const receiver = await receiveRaw((socket) => void socket.once("data", () => socket.end(bytes)));
    expect(await post(sender(), receiver.url)).toMatchObject({ outcome: "failed", status: null, error });
  });

  test("by not being there is refused, or not found", async () => {
    const receiver = await receiveRaw(() => {});
    await stops.pop()?.();
    expect((await post(sender(), receiver.url)).error).toBe("connection refused");
    const resolve: ResolveName = () =>
      Promise.reject(Object.assign(new Error("secret"), { code: "ENOTFOUND" }));
    expect((await post(sender({ resolve }), receiver.url)).error).toBe("name not found");
  });

  test("by names that resolve for ever, or handshakes that never end, is left at the deadline", async () => {
    const resolve: ResolveName = () => new Promise(() => {});
    const mute = await receiveRaw(() => {});
    for (const [to, url] of [
      [sender({ resolve, timeoutMs: 200 }), "http://receiver.example/"],
      [sender({ timeoutMs: 200 }), mute.url.replace("http:", "https:")],
    ] as const) {
      const { value, ms } = await timed(post(to, url));
      expect(value).toMatchObject({ status: null, error: "timed out after 0.2 s" });
      expect(ms).toBeLessThan(1_000);
    }
  });

  test("by hanging holds up neither others nor its neighbours behind the same host", async () => {
    const receiver = await receive((request, response) => {
      if (request.url === "/fine") response.end("ok");
    });
    const to = sender({ timeoutMs: 1_000 });
    const hanging = Array.from({ length: 200 }, () => post(to, receiver.url));
    await until(() => receiver.connections() >= 100);
    const { value, ms } = await timed(post(to, new URL("/fine", receiver.url).href));
    expect(value.outcome).toBe("delivered");
    expect(ms).toBeLessThan(500);
    for (const outcome of await Promise.all(hanging)) expect(outcome.error).toBe("timed out after 1 s");
  });
});
