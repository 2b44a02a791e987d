/**
 * The merchants' receiver of webhooks. While there is trouble it fails, hangs and hangs up at times. Each try is verified with
 * the `standardwebhooks` package, and kept: what arrived when, and what was answered.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import type { Chance } from "../simulation/chance.ts";
import { pause, type Stage } from "./stage.ts";

export type Received = {
  readonly eventId: string;
  readonly intentId: string;
  readonly body: string;
  /** Milliseconds of wall time. */
  readonly at: number;
  readonly timestamp: number;
  readonly signature: string;
  /** By a secret that was told by then; one that was told a moment later is tried in the end. */
  readonly verified: boolean;
  /** It was answered 200, and the whole answer written. */
  acknowledged: boolean;
};

export type Hook = {
  readonly url: string;
  readonly received: Received[];
  /** One that the platform has told, in force from `toldAt` (wall time, ms) at the latest. */
  addSecret(secret: string, toldAt: number): void;
  /** The ids of tries that carry no valid signature, or not the one of the newest secret known when they were made. */
  wronglySigned(): string[];
};

export type Receiver = {
  /** A merchant's. `moods`: how likely each kind of trouble is. */
  hook(name: string, moods: Moods): Hook;
  /** From now on everything is taken; what hangs is let go. */
  calm(): void;
  /** When something was acknowledged last, in milliseconds of this process. */
  readonly lastAt: number;
  close(): Promise<void>;
};

export type Moods = Readonly<Record<"fails" | "hangs" | "hangs up" | "is slow", number>>;
type Taker = { take(body: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> };

export async function openReceiver(stage: Stage): Promise<Receiver> {
  const chance = stage.chance.fork("receiver");
  const takers = new Map<string, Taker>();
  const trouble = { is: true };
  let lastAt = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined); // its sender was killed
    request.on("end", () => {
      const taker = takers.get(request.url ?? "");
      if (taker) void taker.take(Buffer.concat(chunks).toString("utf8"), request.headers, response);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    hook(name, moods) {
      const path = `/hooks/${name}`;
      const { hook, taker } = createHook(stage, {
        url: `http://127.0.0.1:${port}${path}`,
        chance: chance.fork(name),
        moods,
        trouble,
        onAcknowledged: () => (lastAt = performance.now()),
      });
      takers.set(path, taker);
      return hook;
    },
    calm() {
      trouble.is = false;
    },
    get lastAt() {
      return lastAt;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type HookOptions = {
  readonly url: string;
  readonly chance: Chance;
  readonly moods: Moods;
  readonly trouble: { readonly is: boolean };
  readonly onAcknowledged: () => void;
};

function createHook(stage: Stage, options: HookOptions): { hook: Hook; taker: Taker } {
  const received: Received[] = [];
  const secrets: { readonly verifier: Webhook; readonly toldAt: number }[] = [];
  const take: Taker["take"] = async (body, headers, response) => {
    const { intent_id: intentId } = JSON.parse(body) as { intent_id: string };
    const seen: Received = {
      eventId: String(headers["webhook-id"]),
      intentId,
      body,
      at: Date.now(),
      timestamp: Number(headers["webhook-timestamp"]),
      signature: String(headers["webhook-signature"]),
      verified: secrets.some(({ verifier }) => verifies(verifier, body, headers)),
      acknowledged: false,
    };
    received.push(seen);
    stage.count("webhook tries received");
    if (await misbehaves(stage, options, response)) return;
    response.on("finish", () => {
      seen.acknowledged = true;
      options.onAcknowledged();
    });
    response.writeHead(200, { "content-type": "text/plain" }).end("ok");
  };
  const hook: Hook = {
    url: options.url,
    received,
    addSecret(secret, toldAt) {
      secrets.push({ verifier: new Webhook(secret), toldAt });
    },
    wronglySigned: () => received.filter((seen) => !isSigned(seen, secrets)).map(({ eventId }) => eventId),
  };
  return { hook, taker: { take } };
}

/** True: it has answered, or never will. */
async function misbehaves(
  stage: Stage,
  { chance, moods, trouble }: HookOptions,
  response: ServerResponse,
): Promise<boolean> {
  const { fails, hangs, "hangs up": hangsUp, "is slow": isSlow } = moods;
  const draw = chance.float();
  if (!trouble.is) return false;
  if (draw < fails) {
    stage.count("webhook tries answered 500");
    response.writeHead(500).end("not now");
    return true;
  }
  if (draw < fails + hangsUp) {
    stage.count("webhook tries hung up on");
    response.socket?.destroy();
    return true;
  }
  if (draw < fails + hangsUp + hangs) {
    stage.count("webhook tries left hanging");
    for (let waited = 0; waited < 30_000 && trouble.is && !response.destroyed; waited += 100)
      await pause(100);
    response.socket?.destroy();
    return true;
  }
  if (draw < fails + hangsUp + hangs + isSlow) await pause(chance.between(100, 1_500));
  return response.destroyed; // its sender was killed, or gave up
}

function verifies(verifier: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/** By any secret that was told, at whatever time; and once a newer one was told, by that too. */
function isSigned(seen: Received, secrets: readonly { verifier: Webhook; toldAt: number }[]): boolean {
  const signedBy = ({ verifier }: { verifier: Webhook }) =>
    seen.signature
      .split(" ")
      .includes(verifier.sign(seen.eventId, new Date(seen.timestamp * 1_000), seen.body));
  const inForce = secrets.findLast(({ toldAt }) => toldAt / 1_000 + 1 < seen.timestamp);
  return (seen.verified || secrets.some(signedBy)) && (inForce === undefined || signedBy(inForce));
}
