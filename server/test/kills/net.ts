/**
 * Requests over real connections to servers that may die at any moment. What comes back is an answer, or nothing, and then
 * nobody knows whether it was done; each is counted.
 */
import type { Chance } from "../simulation/chance.ts";
import { pause, type Stage } from "./stage.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a merchant's script reads them
export type Json = any;

export type Ask = {
  readonly method: "GET" | "POST";
  /** From the host on. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as a form. */
  readonly body?: object | string;
  readonly timeoutMs?: number;
};

export type Answer = {
  readonly kind: "answer";
  readonly status: number;
  readonly text: string;
  readonly body: Json;
  readonly headers: Headers;
};

export type Heard = Answer | { readonly kind: "nothing" };

export type Net = {
  /** Once, to one of the servers. */
  ask(request: Ask): Promise<Heard>;
  /** The same again until there is an answer other than "try again". `onRepeat` is told of each repetition. */
  insist(request: Ask, onRepeat?: () => void): Promise<Answer>;
};

/** Longer than the longest wait for a key, 30 s. */
const TIMEOUT_MS = 40_000;
/** Once nothing is killed any more: leases have to run out, and an advance may take its time. */
const PATIENCE_MS = 240_000;

export function createNet(
  stage: Stage,
  servers: readonly string[],
  /** Told of each success: which server, and when the request was begun. */
  onSuccess: (server: string, begunAt: number) => void,
): Net {
  const chance = stage.chance.fork("net");
  const ask: Net["ask"] = async (request) => {
    const server = chance.pick(servers);
    const begunAt = performance.now();
    const heard = await send(server, request);
    stage.count(`requests: ${outcomeOf(heard)}`);
    if (heard.kind === "answer" && heard.status < 400) onSuccess(server, begunAt);
    if (heard.kind === "answer" && heard.status >= 500 && heard.status !== 503)
      stage.wrong("no-unexpected-error", `${request.method} ${request.path}: ${heard.status} ${heard.text}`);
    return heard.kind === "answer" ? heard : { kind: "nothing" };
  };
  return {
    ask,
    async insist(request, onRepeat = () => undefined) {
      let giveUpAt = performance.now() + PATIENCE_MS;
      for (;;) {
        const heard = await ask(request);
        if (heard.kind === "answer" && !isTryAgain(heard)) return heard;
        // An advance that is killed again and again comes to its end only when the kills do.
        if (stage.isLoading) giveUpAt = performance.now() + PATIENCE_MS;
        if (performance.now() > giveUpAt)
          throw new Error(`${request.method} ${request.path} was not answered in ${PATIENCE_MS / 1_000} s`);
        onRepeat();
        await pause(chance.between(50, 400));
      }
    },
  };
}

export function isTryAgain({ status }: Answer): boolean {
  return status === 503 || status === 429;
}

type Sent = Answer | { readonly kind: "refused" | "lost" | "late" };

async function send(server: string, request: Ask): Promise<Sent> {
  const { method, path, headers = {}, body, timeoutMs = TIMEOUT_MS } = request;
  const type = typeof body === "string" ? "application/x-www-form-urlencoded" : "application/json";
  try {
    const response = await fetch(`${server}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": type }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      kind: "answer",
      status: response.status,
      text,
      body: isJson ? JSON.parse(text) : null,
      headers: response.headers,
    };
  } catch (error) {
    return { kind: kindOf(error) };
  }
}

function kindOf(error: unknown): "refused" | "lost" | "late" {
  if (error instanceof Error && error.name === "TimeoutError") return "late";
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ECONNREFUSED" ? "refused" : "lost";
}

function outcomeOf(sent: Sent): string {
  switch (sent.kind) {
    case "refused":
      return "connection refused";
    case "lost":
      return "connection lost";
    case "late":
      return "no answer in time";
    case "answer":
      return sent.status === 503 || sent.status === 429
        ? String(sent.status)
        : `${Math.floor(sent.status / 100)}xx`;
  }
}

/** Of customers, who each have an address of their own. */
export function anAddress(chance: Chance): string {
  return `10.${chance.below(256)}.${chance.below(256)}.${1 + chance.below(254)}`;
}
