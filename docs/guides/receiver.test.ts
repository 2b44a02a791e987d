/** The guide's receiver against the platform itself: what it shows to copy must work. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newWebhookSecret } from "../../server/src/domain/webhook-signature.ts";
import {
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../../server/test/support/platform.ts";
import { createReceiver, type Inbox, inboxInMemory, type MintroEvent } from "./receiver.ts";

/** A delivery as it came over the wire, to be sent again by the tests. */
type Recorded = { readonly body: string; readonly headers: Record<string, string> };

const secret = newWebhookSecret((bytes) => randomBytes(bytes));
const handled: MintroEvent[] = [];
const recorded: Recorded[] = [];
let brokenFor: string | null = null;
let receiver: Server;
let url: string;
let platform: TestPlatform;

/** The inbox of the guide, but that of one intent's events cannot be kept while `brokenFor` names it. */
function inboxThatMayFail(): Inbox {
  const inbox = inboxInMemory();
  return {
    async add(event) {
      if (event.intent_id === brokenFor) throw new Error("The disk is full.");
      return await inbox.add(event);
    },
  };
}

function record(request: IncomingMessage): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const headers = Object.fromEntries(
      ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [
        name,
        String(request.headers[name]),
      ]),
    );
    recorded.push({ body: Buffer.concat(chunks).toString("utf8"), headers });
  });
}

async function send({ body, headers }: Recorded): Promise<number> {
  return (await fetch(url, { method: "POST", body, headers })).status;
}

const handledOf = (intentId: string) => handled.filter((event) => event.intent_id === intentId);

async function paidIntent(): Promise<{ intentId: string; delivery: Recorded }> {
  const created = await platform.merchant.createIntent();
  await pay(created.payment_url);
  await eventually(() => handledOf(created.intent_id).length > 0);
  const delivery = recorded.find(({ body }) => body.includes(created.intent_id));
  if (!delivery) throw new Error("what was handled was received");
  return { intentId: created.intent_id, delivery };
}

describe("the receiver of the webhook guide", () => {
  beforeAll(async () => {
    receiver = createReceiver({ secret, inbox: inboxThatMayFail(), handle: (event) => handled.push(event) });
    receiver.prependListener("request", record);
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
    platform = await startPlatform({ webhook: { url, secret } });
  });
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  it("takes a payment and a subscription as the platform sends them, in their order", async () => {
    const { intentId } = await subscribe(platform, { change: { metadata: { cart: "17" } } });
    await eventually(() => handledOf(intentId).length === 2);
    expect(handledOf(intentId).map(({ event }) => event)).toEqual([
      "payment.succeeded",
      "subscription.created",
    ]);
    expect(handledOf(intentId)[0]?.metadata).toEqual({ cart: "17" });
  });

  it("says thanks for an event that comes twice, and takes it once", async () => {
    const { intentId, delivery } = await paidIntent();
    expect(await Promise.all([send(delivery), send(delivery)])).toEqual([200, 200]);
    expect(await send(delivery)).toBe(200);
    expect(handledOf(intentId)).toHaveLength(1);
  });

  it("refuses a body that was changed on the way", async () => {
    const { intentId, delivery } = await paidIntent();
    const other = { ...delivery, body: delivery.body.replace("payment.succeeded", "payment.failed") };
    expect(other.body).not.toBe(delivery.body);
    expect(await send(other)).toBe(400);
    expect(handledOf(intentId)).toHaveLength(1);
  });

  it("refuses a body that was parsed and written again, as only the bytes are signed", async () => {
    const { delivery } = await paidIntent();
    const rewritten = { ...delivery, body: JSON.stringify(JSON.parse(delivery.body), null, 1) };
    expect(await send(rewritten)).toBe(400);
  });

  it("refuses an old recording, whose signature is right for its old time", async () => {
    const { delivery } = await paidIntent();
    const id = "evt_an-old-recording";
    const signedAt = (at: number): Recorded => ({
      body: delivery.body,
      headers: {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at / 1_000)),
        "webhook-signature": new Webhook(secret).sign(id, new Date(at), delivery.body),
      },
    });
    expect(await send(signedAt(Date.now()))).toBe(200);
    expect(await send(signedAt(Date.now() - 6 * 60_000))).toBe(400);
  });

  it("refuses a recording whose time was moved on", async () => {
    const { delivery } = await paidIntent();
    const later = String(Number(delivery.headers["webhook-timestamp"]) + 60);
    expect(await send({ ...delivery, headers: { ...delivery.headers, "webhook-timestamp": later } })).toBe(
      400,
    );
  });

  it("refuses what is not signed, or signed with another secret", async () => {
    const { delivery } = await paidIntent();
    expect(await send({ ...delivery, headers: {} })).toBe(400);
    const other = new Webhook(newWebhookSecret((bytes) => randomBytes(bytes)));
    const id = delivery.headers["webhook-id"] ?? "";
    const signature = other.sign(id, new Date(), delivery.body);
    expect(
      await send({ ...delivery, headers: { ...delivery.headers, "webhook-signature": signature } }),
    ).toBe(400);
  });

  it("is sent again what it could not keep", async () => {
    const created = await platform.merchant.createIntent();
    brokenFor = created.intent_id;
    await pay(created.payment_url);
    await eventually(() => recorded.some(({ body }) => body.includes(created.intent_id)));
    await platform.settled();
    expect(handledOf(created.intent_id)).toEqual([]);
    brokenFor = null;
    await platform.merchant.advance({ seconds: 6 });
    await eventually(() => handledOf(created.intent_id).length === 1);
    const tries = recorded.filter(({ body }) => body.includes(created.intent_id));
    expect(tries.length).toBeGreaterThan(1);
    expect(new Set(tries.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("reads no more than a webhook can be long", async () => {
    const tooLong = { body: JSON.stringify({ text: "x".repeat(200_000) }), headers: {} };
    expect(await send(tooLong).catch(() => "cut off")).not.toBe(200);
  });
});
