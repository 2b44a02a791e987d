/**
 * Every answer of the API that a test receives, by whatever client, is held against the reference: its status is among the
 * operation's, a success has exactly the fields that are told, and an error one of the very texts. What does not fit is
 * gathered, and fails the test file at its end.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ValidationErrorAnswer } from "@mintro/contract/objects/envelope";
import { API_PREFIX, OPERATIONS } from "@mintro/contract/operations/all";
import { successOf } from "@mintro/contract/operations/answers";
import type { FailureKind } from "@mintro/contract/operations/failures";
import { failuresOf, type Operation } from "@mintro/contract/operations/operation";
import { PERMISSIONS } from "@mintro/contract/vocabulary";
import { failureAnswer } from "../../src/api/answer.ts";
import { answersTo } from "../../src/api/openapi/failures.ts";
import { HTTP } from "../../src/base/limits.ts";

type Answered = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
};

const known = Object.values(OPERATIONS).map((operation: Operation) => {
  const { method, path } = operation;
  const pattern = new RegExp(`^${API_PREFIX}${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  return { operation, method, pattern, body: successOf(operation) };
});

/** Watches all that `server` answers below /api/platform; the sentences are those of answers that do not fit. */
export function watchAnswers(server: Server): readonly string[] {
  const misfits: string[] = [];
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "" } = request;
    if (!url.startsWith(`${API_PREFIX}/`) || method === "HEAD") return;
    const chunks: Buffer[] = [];
    const headers: Record<string, unknown> = {};
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((code: number, ...given: unknown[]) => {
      Object.assign(headers, given.at(-1)); // Node keeps those that are handed in here to itself
      return writeHead(code, ...(given as never[]));
    }) as typeof response.writeHead;
    const end = response.end.bind(response);
    response.end = ((chunk?: unknown, ...more: never[]) => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
      return end(chunk as never, ...more);
    }) as typeof response.end;
    const write = response.write.bind(response);
    response.write = ((chunk: string | Uint8Array, ...more: never[]) => {
      chunks.push(Buffer.from(chunk as string));
      return write(chunk, ...more);
    }) as typeof response.write;
    response.on("finish", () => {
      const { statusCode: status } = response;
      const body = Buffer.concat(chunks).toString("utf8");
      const misfit = misfitOf(method, url, {
        status,
        body,
        headers: { ...headers, ...response.getHeaders() },
      });
      if (misfit !== null)
        misfits.push(`${method} ${url} answered ${status} ${body.slice(0, 300)}: ${misfit}`);
    });
  });
  return misfits;
}

/** Null: it fits. */
function misfitOf(method: string, url: string, answer: Answered): string | null {
  const path = (url.split("?", 1)[0] ?? "").replace(/\/$/, "");
  const found = known.find((each) => each.method === method && each.pattern.test(path));
  if (answer.headers["x-request-id"] === undefined) return "it has no X-Request-ID";
  if (answer.status === 200) {
    if (!found) return "no operation is told of here";
    if (answer.headers["idempotency-replayed"] !== undefined && method !== "POST") return "it is a replay";
    return wrongs(found.body, answer.body);
  }
  if ((answer.status === 429 || answer.status === 503) && !(Number(answer.headers["retry-after"]) > 0))
    return "it has no Retry-After";
  return errorMisfit(found?.operation, path, answer);
}

function wrongs(schema: ReturnType<typeof successOf>, body: string): string | null {
  const parsed = schema.safeParse(JSON.parse(body));
  return parsed.success ? null : parsed.error.message;
}

/** What is answered where there is no operation, or where the address cannot even be read. */
const WITHOUT_OPERATION: readonly FailureKind[] = [
  "unknown_route",
  "malformed",
  "broken",
  "unavailable",
  "unauthenticated",
];

function errorMisfit(operation: Operation | undefined, path: string, answer: Answered): string | null {
  if (!operation && answer.status === 405) return null; // which methods are named, other tests see
  const tooLong = path.split("/").some((part) => part.length > HTTP.pathPartChars);
  const kinds = operation && !tooLong ? failuresOf(operation) : WITHOUT_OPERATION;
  const possible = kinds.filter((kind) => answersTo(kind)[0].status === answer.status);
  if (possible.length === 0) return "this status is not among the operation's";
  if (answer.status === 422) return wrongs(ValidationErrorAnswer, answer.body);
  const texts = possible.flatMap((kind) => answersTo(kind, operation).map(({ body }) => body));
  if (texts.includes(answer.body) || isPlaceInJson(answer.body)) return null;
  // Who makes a key needs every permission that the key is to have.
  if (operation?.tag === "Clients" && anyPermission.includes(answer.body)) return null;
  return `none of the texts that are told: ${texts.join(" ")}`;
}

const anyPermission = PERMISSIONS.map(
  (permission) => failureAnswer({ kind: "not_permitted", permission }).body,
);

function isPlaceInJson(body: string): boolean {
  return /^\{"success":false,"message":"The request body is not valid JSON \(line \d+, column \d+\)\.","data":\[\]\}$/.test(
    body,
  );
}
