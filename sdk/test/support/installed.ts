/**
 * Runs in a project that has installed the SDK from its tarball: opens the samples' receivers, uses the samples' client,
 * and says what came of it, one JSON a line. Ends when its input does.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import {
  daysThatPass,
  isPaid,
  itemsSoldSince,
  latestOrders,
  paymentLink,
  refundHalf,
  wrongFields,
} from "./samples/client.ts";
import { app as inExpress } from "./samples/express.ts";
import { app as inFastify } from "./samples/fastify.ts";
import { app as inHono } from "./samples/hono.ts";
import { POST } from "./samples/next.ts";
import { receiverTakesAPayment } from "./samples/receiver-test.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/** What a server of web requests does: a `Request` in, a `Response` out. */
async function listen(handle: Handler): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => void answer());
    const answer = async () => {
      const headers = incoming.headers as Record<string, string>;
      const body = Buffer.concat(chunks);
      const response = await handle(
        new Request(`http://localhost${incoming.url}`, { method: "POST", headers, body }),
      );
      outgoing.writeHead(response.status).end(await response.text());
    };
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const expressServer = createServer(inExpress);
await new Promise<void>((resolve) => expressServer.listen(0, "127.0.0.1", resolve));
await inFastify.listen({ port: 0, host: "127.0.0.1" });

const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({
  express: (expressServer.address() as AddressInfo).port,
  fastify: (inFastify.server.address() as AddressInfo).port,
  hono: await listen((request) => inHono.fetch(request)),
  next: await listen(POST),
});

const order = { id: `ORDER-${crypto.randomUUID()}`, total: "80.00" };
const link = await paymentLink(order);
say({
  link,
  isPaid: await isPaid(order.id),
  isUnknownPaid: await isPaid(`${order.id}-0`),
  latest: (await latestOrders()).includes(order.id),
  items: await itemsSoldSince(new Date(Date.now() + 86_400_000)),
  wrong: await wrongFields(`${order.id}-1`),
  ownTest: await receiverTakesAPayment(),
});
// A line of input is an intent to refund a part of, twice under one key.
for await (const line of createInterface({ input: process.stdin })) {
  const [first, second] = [await refundHalf(line, "half-1"), await refundHalf(line, "half-1")];
  say({ refunds: new Set([first, second]).size, isPaid: await isPaid(order.id), days: await daysThatPass() });
}
process.exit(0);
