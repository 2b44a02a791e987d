/**
 * What an Idempotency-Key stands for: an operation, its parameters, and a body. Two spellings of one request have one
 * fingerprint (contract section 2: fingerprints compare the parsed JSON): a path with and without a slash at its end, an id
 * with and without its prefix, no body and an empty object.
 */
import { createHash } from "node:crypto";
import { readId } from "@mintro/contract/ids";
import type { Operation } from "@mintro/contract/operations/operation";
import type { FastifyRequest } from "fastify";
import { canonicalJson, type Json } from "../base/json.ts";
import type { Keyed } from "../flows/once.ts";

/** `body`: as it was parsed; undefined where there is none. */
export function fingerprintsOf(
  request: FastifyRequest,
  operation: Operation,
  body: Json | undefined,
): Omit<Keyed, "key"> {
  const { method } = request;
  const json = body === undefined ? "" : canonicalJson(body);
  const plain = `${method} ${plainPath(request, operation)}\n${json === "{}" ? "" : json}`;
  // Earlier versions went by the path and the body as they were sent. A day after the last of them this can go.
  const asSent = `${method} ${request.url.split("?", 1)[0] ?? ""}\n${json}`;
  return { fingerprint: sha256(plain), formerly: asSent === plain ? undefined : sha256(asSent) };
}

/** The route with its parameters in it, each in the spelling that answers have. */
function plainPath(request: FastifyRequest, { params = {} }: Operation): string {
  const given = request.params as Readonly<Record<string, string>>;
  return (request.routeOptions.url ?? "").replaceAll(/:(\w+)/g, (_, name: string) => {
    const text = given[name] ?? "";
    const prefix = params[name]?.prefix;
    const bare = prefix === undefined ? undefined : readId(prefix, text);
    return bare === undefined ? encodeURIComponent(text) : `${prefix}${bare}`;
  });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
