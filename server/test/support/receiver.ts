/**
 * Receivers of webhooks for tests: real servers on loopback that behave as told, and a sender to call them with. What
 * a test opens is closed after it.
 */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, expect } from "vitest";
import type { ResolveName } from "../../src/base/resolve-name.ts";
import { realWorld } from "../../src/base/world.ts";
import { createWebhookSender, type SendOutcome, type WebhookSender } from "../../src/flows/webhooks/send.ts";

export const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

export function sender(
  options: { allowPrivate?: boolean; timeoutMs?: number; resolve?: ResolveName } = {},
): WebhookSender {
  const made = createWebhookSender({ world: realWorld(), allowPrivate: true, ...options });
  stops.push(() => made.close());
  return made;
}

export type Receiver = { url: string; port: number; sockets: Set<Socket>; connections: () => number };

export async function listen(server: Server, scheme: string): Promise<Receiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://localhost:${port}/hook?a=1`, port, sockets, connections: () => connections };
}

export const receive = (answer: RequestListener) => listen(createServer(answer), "http");
/** A receiver that speaks bytes of its own. */
export const receiveRaw = (talk: (socket: Socket) => void) =>
  listen(
    createTcpServer((socket) => {
      talk(socket);
      socket.resume(); // else the other side's end is not noticed
    }),
    "http",
  );

export function post(to: WebhookSender, url: string, signal?: AbortSignal): Promise<SendOutcome> {
  return to.send({
    url,
    headers: { "content-type": "application/json" },
    body: "{}",
    ...(signal && { signal }),
  });
}

export async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now();
  const value = await work;
  return { value, ms: performance.now() - startedAt };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** A connection is free for reuse one turn of the event loop after its answer's end. */
export const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}
