/** What becomes of a webhook try that is under way when the process is told to stop (contract section 1). */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { HTTP } from "../../src/base/limits.ts";
import { eventually, type Json, type Merchant } from "../support/platform.ts";
import { afterThisTest, type Mintro, merchantAt, startMintro, useSeed } from "./mintro.ts";

const seeded = useSeed();

/** Answers the first try 204 after `firstMs`, and every other at once; gives back how many came. */
async function openSlowReceiver(firstMs: number) {
  const came: string[] = [];
  const server = createServer((request, response) => {
    const isFirst = came.push(String(request.headers["webhook-id"])) === 1;
    request.resume();
    setTimeout(() => response.writeHead(204).end(), isFirst ? firstMs : 0);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterThisTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { came, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

/** One event whose try is under way when the signal comes. */
async function stopDuringTry(dataDir: string, receiver: { came: string[]; url: string }) {
  const mintro = startMintro({ dataDir, env: { MINTRO_WEBHOOK_URL: receiver.url } });
  const merchant = await merchantAt(mintro);
  const { intent_id } = await merchant.createIntent();
  await merchant.post(`/intents/${intent_id}/cancel`);
  await eventually(() => receiver.came.length === 1);
  const askedAt = performance.now();
  mintro.child.kill("SIGTERM");
  expect(await mintro.exited, mintro.stdout() + mintro.stderr()).toEqual({ code: 0, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(10_000);
}

async function startAgain(dataDir: string, url: string): Promise<{ mintro: Mintro; merchant: Merchant }> {
  const mintro = startMintro({ dataDir, env: { MINTRO_WEBHOOK_URL: url } });
  return { mintro, merchant: await merchantAt(mintro) };
}

async function deliveryOf(merchant: Merchant, receiver: { came: string[] }): Promise<Json> {
  return (await merchant.get(`/events/${receiver.came[0]}/deliveries`)).body.data[0];
}

test("SIGTERM during a webhook try: it is finished and recorded, and not made again", async () => {
  const dataDir = await seeded();
  const receiver = await openSlowReceiver(2_000);
  await stopDuringTry(dataDir, receiver);
  const { merchant } = await startAgain(dataDir, receiver.url);
  const delivery = await deliveryOf(merchant, receiver);
  expect(delivery).toMatchObject({ status: "delivered", tries_made: 1 });
  expect(delivery.tries).toMatchObject([{ try: 1, status_code: 204 }]);
  await merchant.advance({ seconds: 60 });
  expect(receiver.came).toHaveLength(1);
});

test("SIGTERM during a webhook try that takes too long: it is broken off, does not count, and is made again", async () => {
  const dataDir = await seeded();
  const receiver = await openSlowReceiver(HTTP.exitMs);
  await stopDuringTry(dataDir, receiver);
  const { merchant } = await startAgain(dataDir, receiver.url);
  await eventually(async () => (await deliveryOf(merchant, receiver)).status === "delivered");
  expect(await deliveryOf(merchant, receiver)).toMatchObject({ tries_made: 1 });
  expect(receiver.came).toHaveLength(2);
});
