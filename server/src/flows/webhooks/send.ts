/**
 * One try of a webhook delivery, on the network: POST, wait, say what happened (contract section 5). The receiver is a
 * stranger who may be slow, endless, hostile or gone: every try ends within one deadline, keeps a bounded part of the
 * answer, follows nothing, and calls public addresses only. It never throws. What a try means for the delivery
 * (the next one, giving up, disabling) is decided by its caller.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { addressRefusal, guardedLookup, type JudgeAddress, urlRefusal } from "../../base/address-guard.ts";
import type { Instant } from "../../base/instant.ts";
import { WEBHOOK_SENDING } from "../../base/limits.ts";
import { type ResolveName, resolveAsSystem, resolveInDns } from "../../base/resolve-name.ts";
import type { World } from "../../base/world.ts";
import { printableStart, retryAfterMs } from "./send-answer.ts";
import { failureText, type SendFailure } from "./send-failure.ts";

const USER_AGENT = "Mintro-Webhooks/1";

export type SendRequest = {
  /** As its owner gave it. Credentials in it are sent as basic authentication. */
  readonly url: string;
  /** All but `user-agent` and what HTTP itself needs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the try at once, as when the platform stops. */
  readonly signal?: AbortSignal;
};

/**
 * `delivered`: a 2xx status came in time, whatever became of the body. `gone`: 410, the receiver wants no more.
 * `failed`: all else.
 */
export type SendOutcome = {
  readonly outcome: "delivered" | "failed" | "gone";
  /** Null where no answer came. */
  readonly status: number | null;
  /** Null for `delivered`; else a short sentence without anything of our network, or of the receiver's words. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The start of the answer's body: printable text of at most `WEBHOOK_SENDING.answerBytes` bytes. */
  readonly responseStart: string;
  /** What the receiver asked for with Retry-After; null for `delivered`. */
  readonly retryAfterMs: number | null;
};

export type WebhookSender = {
  /** What can be said against an http or https URL before its name is looked up; null where it may be called. */
  refusal(url: string): string | null;
  send(request: SendRequest): Promise<SendOutcome>;
  /** Waits for the tries under way (their signals end them sooner), then closes all connections. */
  close(): Promise<void>;
};

export type WebhookSenderOptions = {
  readonly world: World;
  /** Call loopback and private addresses too (`MINTRO_ALLOW_PRIVATE_WEBHOOKS`). */
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
  /** How names are looked up; by default in DNS alone, or as this machine does where private addresses are allowed. */
  readonly resolve?: ResolveName;
};

const anyAddress: JudgeAddress = () => null;

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { world, allowPrivate, timeoutMs = WEBHOOK_SENDING.timeoutMs } = options;
  const resolve = options.resolve ?? (allowPrivate ? resolveAsSystem : resolveInDns());
  const judge = allowPrivate ? anyAddress : addressRefusal;
  const unfinished = new Set<Socket>();
  const agent = newAgent(newConnector({ resolve, judge, timeoutMs, unfinished }));
  const underWay = new Set<Promise<SendOutcome>>();

  async function trySending(request: SendRequest): Promise<SendOutcome> {
    const startedAt = world.now();
    const exchange = await exchangeWith(agent, request, { judge, timeoutMs });
    return outcomeOf(exchange, { startedAt, world });
  }

  return {
    refusal: (url) => urlRefusal(new URL(url), judge),
    async send(request) {
      const sending = trySending(request);
      underWay.add(sending);
      try {
        return await sending;
      } finally {
        underWay.delete(sending);
      }
    },
    async close() {
      await Promise.allSettled(underWay);
      await agent.destroy();
      // What is still being connected belongs to tries that were given up, and undici would let it finish.
      for (const socket of unfinished) socket.destroy();
    },
  };
}

/**
 * Connections are kept for reuse per origin, their number unbounded: each carries one request at a time, and a bound
 * would make the tries of one merchant wait for the hanging receiver of another behind the same host. How many tries
 * run at once is bounded by whoever claims deliveries. No HTTP/2, whose one connection would tie their fates again.
 */
function newAgent(connect: buildConnector.connector): Agent {
  return new Agent({
    connect,
    allowH2: false,
    pipelining: 1,
    clientTtl: WEBHOOK_SENDING.connectionAgeMs,
    keepAliveTimeout: WEBHOOK_SENDING.idleConnectionMs,
    keepAliveMaxTimeout: WEBHOOK_SENDING.idleConnectionMs,
    maxHeaderSize: WEBHOOK_SENDING.answerHeaderBytes,
    // undici's own timers start anew at every step and are coarse: the deadline of the try covers all steps.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Makes connections, to addresses that were judged alone. `unfinished` holds those that are not made yet. */
function newConnector(options: {
  readonly resolve: ResolveName;
  readonly judge: JudgeAddress;
  readonly timeoutMs: number;
  readonly unfinished: Set<Socket>;
}): buildConnector.connector {
  const { resolve, judge, timeoutMs, unfinished } = options;
  const connector = buildConnector({
    lookup: guardedLookup(resolve, judge),
    // Looking up, TCP and TLS. The deadline of the try is sharper; this one clears away what the try left behind.
    timeout: timeoutMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: WEBHOOK_SENDING.addressAttemptMs,
    allowH2: false,
  });
  return (target, callback) => {
    // undici returns the socket without saying so in its types. Its option `signal` would do the same, but then each
    // connection leaves a listener behind.
    const socket: unknown = connector(target, (...made) => {
      if (socket instanceof Socket) unfinished.delete(socket);
      callback(...made);
    });
    if (socket instanceof Socket) unfinished.add(socket);
  };
}

/** What came of one request. `failure` is null once the answer was read as far as it is kept. */
type Exchange = {
  status: number | null;
  retryAfter: string | string[] | undefined;
  readonly start: Buffer[];
  failure: SendFailure | null;
};

/** Sends and reads; resolves at the deadline at the latest, and always. */
function exchangeWith(
  agent: Agent,
  request: SendRequest,
  rules: { readonly judge: JudgeAddress; readonly timeoutMs: number },
): Promise<Exchange> {
  const { signal } = request;
  const exchange: Exchange = { status: null, retryAfter: undefined, start: [], failure: null };
  return new Promise((resolve) => {
    let settled = false;
    let controller: Dispatcher.DispatchController | undefined;
    const settle = (failure: SendFailure | null) => {
      if (settled) return;
      settled = true;
      deadline.removeEventListener("abort", giveUp);
      signal?.removeEventListener("abort", interrupt);
      resolve({ ...exchange, failure });
    };
    // A request that still waits for its connection has no controller: it is dropped when it gets one.
    const drop = (failure: SendFailure | null) => {
      settle(failure);
      controller?.abort(new Error("given up"));
    };
    const interrupt = () => drop({ kind: "interrupted" });
    const giveUp = () => drop({ kind: "timed_out", timeoutMs: rules.timeoutMs });
    const deadline = AbortSignal.timeout(rules.timeoutMs);
    deadline.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted) return interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });

    try {
      const url = new URL(request.url);
      const sentence = urlRefusal(url, rules.judge);
      if (sentence !== null) return settle({ kind: "not_allowed", sentence });
      agent.dispatch(dispatchOptions(url, request), {
        onRequestStart(started) {
          controller = started;
          if (settled) started.abort(new Error("given up"));
        },
        ...keepAnswer(exchange, { enough: () => drop(null), ended: () => settle(null) }),
        onResponseError: (_, error) => settle({ kind: "broken", error }),
      });
    } catch (error) {
      settle({ kind: "broken", error });
    }
  });
}

function dispatchOptions(url: URL, request: SendRequest): Dispatcher.DispatchOptions & { origin: string } {
  const headers: Record<string, string> = { ...request.headers, "user-agent": USER_AGENT };
  if (url.username !== "" || url.password !== "") {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: "POST",
    headers,
    body: request.body,
  };
}

/** Handlers that note status, Retry-After and the body's start; `enough` once the body is longer than what is kept. */
function keepAnswer(
  exchange: Exchange,
  on: { readonly enough: () => void; readonly ended: () => void },
): Pick<Dispatcher.DispatchHandler, "onResponseStart" | "onResponseData" | "onResponseEnd"> {
  let room: number = WEBHOOK_SENDING.answerBytes;
  return {
    onResponseStart(_, status: number, headers: IncomingHttpHeaders) {
      if (status < 200) return; // interim answers say nothing yet (RFC 9110 section 15.2)
      exchange.status = status;
      exchange.retryAfter = headers["retry-after"];
    },
    onResponseData(_, chunk) {
      // Copied, so that a kept kilobyte does not hold the large buffer it came in.
      exchange.start.push(Buffer.from(chunk.subarray(0, Math.max(0, room))));
      room -= chunk.length;
      if (room < 0) on.enough();
    },
    onResponseEnd: on.ended,
  };
}

/** A status decides, even where the body broke off after it: the receiver had answered. */
function outcomeOf(
  exchange: Exchange,
  clock: { readonly startedAt: Instant; readonly world: World },
): SendOutcome {
  const { status, failure } = exchange;
  const facts = {
    status,
    durationMs: Number((clock.world.now() - clock.startedAt) / 1000n),
    responseStart: printableStart(Buffer.concat(exchange.start), WEBHOOK_SENDING.answerBytes),
  };
  if (status === null) {
    const error = failure === null ? "closed without an answer" : failureText(failure);
    return { ...facts, outcome: "failed", error, retryAfterMs: null };
  }
  if (status >= 200 && status < 300) {
    return { ...facts, outcome: "delivered", error: null, retryAfterMs: null };
  }
  return {
    ...facts,
    outcome: status === 410 ? "gone" : "failed",
    error: status >= 300 && status < 400 ? `redirect not followed (${status})` : `answered ${status}`,
    retryAfterMs: retryAfterMs(exchange.retryAfter, clock.world),
  };
}
