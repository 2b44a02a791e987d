/** A merchant's receiver of webhooks: keeps what it gets and verifies each with the `standardwebhooks` package. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export type Received = {
  readonly id: string;
  readonly event: string;
  /** The parsed body. */
  readonly payload: Record<string, unknown>;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly verified: boolean;
  readonly status: number;
};

export type Sink = {
  readonly url: string;
  readonly secret: string;
  /** Every try, in the order of arrival. */
  readonly received: Received[];
  /** Tries of one event type; of one intent where given. */
  of(event: string, intentId?: string): Received[];
  /** The event types that were acknowledged for one intent, in the order of arrival. */
  typesFor(intentId: string): string[];
  /** What is answered from now on: a status, or a function of the try. */
  answer(with_: number | ((received: Omit<Received, "status">) => number | Promise<number>)): void;
  /** Down: connections are refused until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
};

export async function openSink(): Promise<Sink> {
  const secret = `whsec_${Buffer.from("a secret of the tests, 32 bytes!").toString("base64")}`;
  const verifier = new Webhook(secret);
  const received: Received[] = [];
  let answer: (received: Omit<Received, "status">) => number | Promise<number> = () => 200;
  let server = newServer();
  let port = 0;

  function newServer() {
    return createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => void take());
      const take = async () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const { headers } = request;
        const payload = JSON.parse(body) as Record<string, unknown>;
        const seen = {
          id: String(headers["webhook-id"]),
          event: String(payload["event"]),
          payload,
          body,
          headers,
          verified: isVerified(verifier, body, headers),
        };
        const status = await answer(seen);
        received.push({ ...seen, status });
        response.writeHead(status, { "content-type": "text/plain" }).end(status < 300 ? "ok" : "not now");
      };
    });
  }
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  await listen();
  return {
    get url() {
      return `http://127.0.0.1:${port}/hook`;
    },
    secret,
    received,
    of: (event, intentId) =>
      received.filter(
        (r) => r.event === event && (intentId === undefined || r.payload["intent_id"] === intentId),
      ),
    typesFor: (intentId) =>
      received.filter((r) => r.payload["intent_id"] === intentId && r.status < 300).map((r) => r.event),
    answer(with_) {
      answer = typeof with_ === "number" ? () => with_ : with_;
    },
    down: close,
    async up() {
      server = newServer();
      await listen();
    },
    close,
  };
}

function isVerified(verifier: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
