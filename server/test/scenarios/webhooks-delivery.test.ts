/** How one webhook is delivered: its signature, its tries, and what the receiver's answer means (contract section 5). */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EndpointId, newEndpointId } from "../../src/domain/ids.ts";
import { secretContext } from "../../src/flows/webhooks/deliver.ts";
import { sql } from "../../src/store/sql.ts";
import { insertEndpoint } from "../../src/store/webhooks.ts";
import { eventually, startPlatform, type TestPlatform } from "../support/platform.ts";

type Try = {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly at: number;
};
type Receiver = {
  readonly endpointId: EndpointId;
  readonly secret: string;
  readonly tries: Try[];
  readonly port: number;
  answer: (response: ServerResponse, tries: number) => void;
};

const closing: (() => void)[] = [];
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => {
  for (const close of closing) close();
});

describe("a delivery is signed", () => {
  it("over id, timestamp and body, with the decoded part of the secret", async () => {
    const receiver = await openReceiver();
    await happen();
    const { headers, body, method } = await theTry(receiver, 0);
    expect(method).toBe("POST");
    const key = Buffer.from(receiver.secret.slice("whsec_".length), "base64");
    const signed = [headers["webhook-id"], headers["webhook-timestamp"], body].join(".");
    expect(headers["webhook-signature"]).toBe(
      `v1,${createHmac("sha256", key).update(signed).digest("base64")}`,
    );
    expect(() => verify(receiver.secret, body, headers)).not.toThrow();
    expect(() => verify(receiver.secret, `${body} `, headers)).toThrow();
    expect(() => verify(newSecret(), body, headers)).toThrow();
    await retire(receiver);
  });

  it("with both secrets while one rotates, and with the new one alone afterwards", async () => {
    const receiver = await openReceiver();
    const previous = newSecret();
    const { db, cipher } = platform.running.platform;
    const sealed = cipher.encrypt(previous, secretContext(platform.running.accountId, receiver.endpointId));
    const rotate = (until: string) =>
      db.query(sql`
        update webhook_endpoints set previous_secret = ${sealed}, previous_secret_until = now() + ${until}::interval
         where endpoint_id = ${receiver.endpointId}`);
    await rotate("24 hours");
    await happen();
    const during = await theTry(receiver, 0);
    expect(String(during.headers["webhook-signature"]).split(" ")).toHaveLength(2);
    verify(receiver.secret, during.body, during.headers);
    verify(previous, during.body, during.headers);
    // Rotation goes by wall time: a test clock that is far ahead ends nothing.
    await platform.merchant.advance({ seconds: 3 * 86_400 });
    await happen();
    verify(previous, (await theTry(receiver, 1)).body, (await theTry(receiver, 1)).headers);
    await rotate("-1 second");
    await happen();
    const after = await theTry(receiver, 2);
    expect(String(after.headers["webhook-signature"]).split(" ")).toHaveLength(1);
    verify(receiver.secret, after.body, after.headers);
    expect(() => verify(previous, after.body, after.headers)).toThrow();
    await retire(receiver);
  });
});

describe("a try that fails is made again", () => {
  it("with the same id and body, at its own wall time, until it is acknowledged", async () => {
    const receiver = await openReceiver();
    receiver.answer = (response, tries) => response.writeHead(tries < 3 ? 500 : 204).end();
    await happen();
    await theTry(receiver, 0);
    await eventually(() => Date.now() - (receiver.tries[0]?.at ?? 0) > 1_000);
    await platform.merchant.advance({ seconds: 3_600 });
    expect(receiver.tries).toHaveLength(3);
    expect(new Set(receiver.tries.map((made) => made.headers["webhook-id"])).size).toBe(1);
    expect(new Set(receiver.tries.map((made) => made.body)).size).toBe(1);
    for (const { headers, body, at } of receiver.tries) {
      verify(receiver.secret, body, headers);
      expect(Math.abs(Number(headers["webhook-timestamp"]) * 1000 - at)).toBeLessThan(2_000);
    }
    const [first, second] = receiver.tries.map((made) => Number(made.headers["webhook-timestamp"]));
    expect(second).toBeGreaterThan(Number(first));
    await platform.merchant.advance({ seconds: 86_400 });
    expect(receiver.tries).toHaveLength(3);
    await retire(receiver);
  });

  it.each([200, 201, 202, 204, 299])("but not when the answer is %i", async (status) => {
    const receiver = await openReceiver();
    receiver.answer = (response) => response.writeHead(status).end();
    await happen();
    await theTry(receiver, 0);
    await platform.merchant.advance({ seconds: 86_400 });
    expect(receiver.tries).toHaveLength(1);
    await retire(receiver);
  });

  it.each([301, 302, 303, 307, 308])(
    "when the answer is a redirect (%i), which is not followed",
    async (status) => {
      const elsewhere = await openReceiver(false);
      const receiver = await openReceiver();
      receiver.answer = (response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
      await happen();
      await theTry(receiver, 0);
      await platform.merchant.advance({ seconds: 60 });
      expect(receiver.tries).toHaveLength(2);
      expect(elsewhere.tries).toEqual([]);
      await retire(receiver);
    },
  );

  it.each([400, 401, 404, 429, 500, 503])("when the answer is %i", async (status) => {
    const receiver = await openReceiver();
    receiver.answer = (response) => response.writeHead(status).end();
    await happen();
    await theTry(receiver, 0);
    await platform.merchant.advance({ seconds: 60 });
    expect(receiver.tries).toHaveLength(2);
    await retire(receiver);
  });

  it("not before the time that the receiver asks for with Retry-After", async () => {
    const receiver = await openReceiver();
    receiver.answer = (response, tries) =>
      response.writeHead(tries === 1 ? 503 : 200, { "retry-after": "7200" }).end();
    await happen();
    await theTry(receiver, 0);
    await platform.merchant.advance({ seconds: 7_100 });
    expect(receiver.tries).toHaveLength(1);
    await platform.merchant.advance({ seconds: 120 });
    expect(receiver.tries).toHaveLength(2);
    await retire(receiver);
  });

  it("no sooner than asked for, counted from the answer and not from the try's start", async () => {
    const receiver = await openReceiver();
    const answeredAfterMs = 1_500;
    receiver.answer = (response, tries) =>
      void setTimeout(
        () => response.writeHead(503, { "retry-after": "8" }).end(),
        tries === 1 ? answeredAfterMs : 0,
      );
    await happen();
    await theTry(receiver, 0);
    const [row] = await eventually(async () => {
      const rows = await platform.running.platform.db.query<{ waited: string }>(sql`
        select extract(epoch from d.due_at - t.tried_at)::text as waited from deliveries d
          join delivery_tries t using (account_id, event_id, endpoint_id)
         where d.endpoint_id = ${receiver.endpointId} and d.tries = 1`);
      return rows.length > 0 && rows;
    });
    expect(Number(row?.waited)).toBeGreaterThanOrEqual(8 + answeredAfterMs / 1000);
    await retire(receiver);
  });
});

describe("a receiver that is gone (410)", () => {
  it("is disabled at once: nothing more is sent, neither what waits nor what comes", async () => {
    const receiver = await openReceiver();
    receiver.answer = (response, tries) => response.writeHead(tries === 1 ? 500 : 410).end();
    await happen();
    await theTry(receiver, 0);
    await happen();
    await theTry(receiver, 1);
    const endpoint = await eventually(async () => {
      const [row] = await platform.running.platform.db.query<{ enabled: boolean; reason: string }>(sql`
        select enabled, disabled_reason as reason from webhook_endpoints where endpoint_id = ${receiver.endpointId}`);
      return row?.enabled === false && row;
    });
    expect(endpoint.reason).toBe("gone");
    await happen();
    await platform.merchant.advance({ seconds: 10 * 86_400 });
    expect(receiver.tries).toHaveLength(2);
    const waiting = await platform.running.platform.db.query(sql`
      select 1 from deliveries where endpoint_id = ${receiver.endpointId} and status = 'pending'`);
    expect(waiting).toEqual([]);
  });
});

function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

function verify(secret: string, body: string, headers: IncomingHttpHeaders): void {
  new Webhook(secret).verify(body, headers as Record<string, string>);
}

/** A receiver of its own, which answers 200 until told otherwise; an endpoint of the account unless `registered` is false. */
async function openReceiver(registered = true): Promise<Receiver> {
  const { running } = platform;
  const { db, cipher, world } = running.platform;
  const source = { at: world.now(), random: world.random };
  const tries: Try[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { headers, method = "" } = request;
      tries.push({ body: Buffer.concat(chunks).toString(), headers, method, at: Date.now() });
      receiver.answer(response, tries.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const endpointId = newEndpointId(source);
  const receiver: Receiver = {
    endpointId,
    secret: newSecret(),
    tries,
    port,
    answer: (response) => response.writeHead(200).end(),
  };
  if (registered) {
    const { accountId } = running;
    const secret = cipher.encrypt(receiver.secret, secretContext(accountId, endpointId));
    const url = `http://127.0.0.1:${port}/hook`;
    const endpoint = { accountId, endpointId, url, events: ["payment.canceled"], secret };
    await insertEndpoint(db, { ...endpoint, fromEnvironment: false, createdAt: source.at });
  }
  return receiver;
}

/** Leaves nothing behind for the next test's advances. */
async function retire({ endpointId }: Receiver): Promise<void> {
  await platform.running.platform.db.query(sql`
    update webhook_endpoints set enabled = false, disabled_reason = 'removed' where endpoint_id = ${endpointId}`);
  await platform.running.platform.db.query(sql`
    update deliveries set status = 'failed', due_at = null where endpoint_id = ${endpointId} and due_at is not null`);
}

/** One event that the receivers of this file hear. */
async function happen(): Promise<void> {
  const created = await platform.merchant.createIntent();
  expect((await platform.merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(200);
}

async function theTry(receiver: Receiver, index: number): Promise<Try> {
  return await eventually(() => receiver.tries[index]);
}
