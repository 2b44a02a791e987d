/** A server that does as it is told: the tests say, try by try, what it answers, and see what it was sent. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Mintro, type MintroOptions } from "../../src/index.ts";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds on the clock of `performance`. */
  readonly at: number;
}

/** `cut` breaks the connection without an answer; `hang` never answers; a function writes its own. */
export type Step =
  | "cut"
  | "hang"
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

export interface FaultServer {
  readonly url: string;
  readonly seen: Seen[];
  /** What the next tries get, in this order; after them a success. */
  answer(...steps: Step[]): void;
  close(): Promise<void>;
}

export const SECRET = "sk_never_to_be_seen_0123456789abcdef";
export const OK: Step = { status: 200, body: { success: true, data: { intent_id: "pi_1" } } };

export async function openFaultServer(): Promise<FaultServer> {
  const seen: Seen[] = [];
  let steps: Step[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const body = Buffer.concat(chunks).toString();
      seen.push({ method, url, headers, body, at: performance.now() });
      perform(steps.shift() ?? OK, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer(...next) {
      steps = next;
      seen.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function perform(step: Step, response: ServerResponse): void {
  if (step === "hang") return;
  if (step === "cut") response.destroy();
  else if (typeof step === "function") step(response);
  else {
    const text = typeof step.body === "string" ? step.body : JSON.stringify(step.body ?? {});
    response.writeHead(step.status, { "content-type": "application/json", ...step.headers }).end(text);
  }
}

export function clientOf(server: Pick<FaultServer, "url">, options: Partial<MintroOptions> = {}): Mintro {
  return new Mintro({ baseUrl: server.url, clientId: "test_1", clientSecret: SECRET, ...options });
}
