/**
 * A receiver of Mintro's webhooks, small enough to read and complete enough to copy. It believes nothing that is not
 * signed, keeps each event before it answers, answers at once, and takes an event that comes twice only once.
 *
 *   WEBHOOK_SECRET=whsec_… npx node docs/guides/receiver.ts        listens on http://localhost:4000/webhooks
 *
 * The guide beside it, webhooks.md, tells the reasons.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { Webhook } from "standardwebhooks";

/** What every event carries; the rest depends on `event`. */
export type MintroEvent = {
  /** `evt_…`, the same on every try: the key to recognise a doubled event by. */
  readonly id: string;
  /** `payment.succeeded`, `subscription.renewed`, … More may come, so leave unknown ones alone. */
  readonly event: string;
  /** When it happened, in the account's time. */
  readonly created_at: string;
  /** Of every event but `endpoint.test`. */
  readonly intent_id?: string;
  readonly charge_id?: number;
  readonly subscription_id?: string;
  readonly message?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** Where events wait for your own work. In production a table of yours with the event's id as its primary key. */
export type Inbox = {
  /** Keeps the event for good; false where one of this id is there already. May throw: then Mintro sends it again. */
  add(event: MintroEvent): Promise<boolean>;
};

/** Webhooks are a few hundred bytes, and your metadata at most 16 KiB. */
const BODY_BYTES_MAX = 100_000;

/**
 * A server that answers 200 for what is kept, 400 for what Mintro has not signed, and 500 where keeping failed.
 * `secret`: the endpoint's `whsec_…`. `handle`: your work, called after the answer and once for each event.
 */
export function createReceiver(options: {
  readonly secret: string;
  readonly inbox: Inbox;
  readonly handle: (event: MintroEvent) => void;
}): Server {
  const webhook = new Webhook(options.secret);
  const receive = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== "POST" || request.url !== "/webhooks") return 404;
    const body = await readBody(request);
    if (body === null) return 413;
    let event: MintroEvent;
    try {
      // The signature covers the bytes as they came: JSON that was parsed and written again would not match. An hour-old
      // recording is refused too, since the timestamp is signed and may be at most five minutes off.
      event = webhook.verify(body, request.headers as Record<string, string>) as MintroEvent;
    } catch {
      return 400;
    }
    const isNew = await options.inbox.add(event);
    if (isNew) setImmediate(options.handle, event);
    return 200;
  };
  return createServer((request, response) => {
    receive(request)
      .catch(() => 500) // not kept: Mintro tries again in a few seconds, then ever more slowly
      .then((status) => response.writeHead(status).end())
      .catch(() => response.destroy());
  });
}

/** Null where it is too long to be a webhook. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** For trying it out: forgets everything when it ends. */
export function inboxInMemory(): Inbox {
  const kept = new Map<string, MintroEvent>();
  return {
    async add(event) {
      if (kept.has(event.id)) return false;
      kept.set(event.id, event);
      return true;
    },
  };
}

if (import.meta.main) {
  const port = Number(process.env["PORT"] ?? 4000);
  const receiver = createReceiver({
    secret: process.env["WEBHOOK_SECRET"] ?? "",
    inbox: inboxInMemory(),
    handle: (event) => process.stdout.write(`${event.event}  ${JSON.stringify(event)}\n`),
  });
  receiver.listen(port, "127.0.0.1", () =>
    process.stdout.write(`Waiting at http://localhost:${port}/webhooks\n`),
  );
}
