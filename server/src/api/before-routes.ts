/**
 * What is wrong with a request whatever its route. Node answers some of it by itself, without the envelope and X-Request-ID:
 * here it becomes an answer like all others.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { failureAnswer, type RequestFailure, send } from "./answer.ts";

/** For Fastify's `http`: else Node answers HTTP/1.1 without Host by itself. */
export const HTTP_OPTIONS = { requireHostHeader: false } as const;

export const NO_HOST = "The request has no Host header.";
export const UNMET_EXPECTATION = "The only expectation that is met is 100-continue.";

/** After the door (admission.ts), before everything else. */
export function refuseBeforeRoutes(app: FastifyInstance): void {
  const unmet = new WeakSet<object>();
  // With an Expect header of its own making (RFC 9110, section 10.1.1); 100-continue has been met by then.
  app.server.on("checkExpectation", (request, response) => {
    unmet.add(request);
    app.server.emit("request", request, response);
  });
  app.addHook("onRequest", async (request, reply) => {
    const { raw } = request;
    const text = lacksHost(raw) ? NO_HOST : unmet.has(raw) ? UNMET_EXPECTATION : null;
    return text === null ? undefined : send(reply, failureAnswer({ kind: "malformed", text }));
  });
  app.addHook("preParsing", async (request) => {
    const kind = hasBody(request) ? unreadable(request) : null;
    if (kind !== null) throw new BodyUnread(kind);
  });
}

/** RFC 9112, section 3.2. */
function lacksHost({ httpVersion, headers }: FastifyRequest["raw"]): boolean {
  return httpVersion === "1.1" && headers.host === undefined;
}

/** Thrown where a body is not to be read at all. */
export class BodyUnread extends Error {
  override name = "BodyUnread";
  readonly failure: RequestFailure;
  constructor(kind: "body_encoded" | "charset_unknown") {
    super(kind);
    this.failure = { kind };
  }
}

/** Read as it is, it would be taken for malformed JSON, or for other text than was sent. */
function unreadable({ headers }: FastifyRequest): "body_encoded" | "charset_unknown" | null {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") return "body_encoded";
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(headers["content-type"] ?? "") ?? [];
  return charset === undefined || /^utf-?8$/i.test(charset) ? null : "charset_unknown";
}

export function hasBody({ raw: { headers } }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}
