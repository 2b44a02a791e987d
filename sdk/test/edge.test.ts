/**
 * The SDK where there is no Node: bundled as for an edge runtime and run in a realm that has the language and the web's
 * own functions, and nothing else. And how large it is there.
 */
import { fileURLToPath } from "node:url";
import { type Context, createContext, runInContext } from "node:vm";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultServer, openFaultServer, SECRET } from "./support/fault-server.ts";

/** What the Minimum Common Web API (Ecma 429) has everywhere, as far as it is used. */
const WEB = {
  AbortController,
  AbortSignal,
  clearTimeout,
  crypto,
  fetch,
  Headers,
  Request,
  Response,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
};

/** Kilobytes (1000 bytes) that an entry may have, with all that it imports. What has grown past it needs a reason. */
const LIMITS = [
  { entry: "index", minified: 11.5, gzip: 4.5, brotli: 4.0 },
  // Two thirds of it are SHA-256 and base64 in JavaScript, the price of a verifier that need not be awaited.
  { entry: "webhooks", minified: 16.0, gzip: 6.0, brotli: 5.3 },
] as const;

const bundles = new Map<string, string>();
let server: FaultServer;
let realm: Context;

async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("..", import.meta.url)),
    build: {
      write: false,
      minify: true,
      target: "es2022",
      lib: { entry: `src/${entry}.ts`, formats: ["iife"], name: entry },
    },
  });
  const [result] = Array.isArray(output) ? output : [output];
  if (!result || !("output" in result)) throw new Error("nothing was bundled");
  expect(result.output).toHaveLength(1);
  return result.output[0].code;
}

beforeAll(async () => {
  for (const { entry } of LIMITS) bundles.set(entry, await bundle(entry));
  server = await openFaultServer();
  realm = createContext({ ...WEB });
  for (const code of bundles.values()) runInContext(code, realm);
});
afterAll(() => server.close());

const inRealm = (code: string): unknown => runInContext(code, realm);

describe("at the edge", () => {
  it("nothing of Node is there, and nothing of it is asked for", () => {
    expect(inRealm("typeof process + typeof Buffer + typeof require")).toBe("undefinedundefinedundefined");
    for (const code of bundles.values()) expect(code).not.toMatch(/["'`]node:/);
  });

  it("the client creates an intent, and again after a failure, under one key", async () => {
    server.answer({ status: 503, headers: { "retry-after": "0" } });
    const options = JSON.stringify({ baseUrl: server.url, clientId: "test_1", clientSecret: SECRET });
    const created = inRealm(`new index.Mintro(${options}).intents.create({ amount: "80.00" })`);
    expect(await created).toEqual({ intent_id: "pi_1" });
    expect(server.seen).toHaveLength(2);
    expect(new Set(server.seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(server.seen[0]?.headers["x-mintro-client"]).toMatch(/^mintro-sdk\/[\d.]+ web$/);
  });

  it("a webhook is signed, believed, and refused when changed", () => {
    const told = inRealm(`
      const secret = "whsec_" + "c2VjcmV0IG9mIHRoZSBlZGdlIQ==";
      const sent = webhooks.signWebhook({ event: { event: "payment.failed", intent_id: "pi_1" }, secret });
      const event = webhooks.verifyWebhook({ ...sent, headers: new Headers(sent.headers), secret });
      const bytes = new TextEncoder().encode(sent.body);
      const same = webhooks.verifyWebhook({ body: bytes, headers: sent.headers, secret });
      let refused;
      try { webhooks.verifyWebhook({ ...sent, body: sent.body + " ", secret }); } catch (error) { refused = error.code; }
      [event.intent_id, same.event, refused].join(" ");
    `);
    expect(told).toBe("pi_1 payment.failed signature_wrong");
  });
});

describe("its size", () => {
  it.each(LIMITS)("$entry: at most $minified kB minified, $gzip kB gzip, $brotli kB brotli", (limit) => {
    const code = bundles.get(limit.entry) ?? "";
    const sizes = {
      minified: Buffer.byteLength(code),
      gzip: gzipSync(code, { level: 9 }).length,
      brotli: brotliCompressSync(code).length,
    };
    for (const kind of ["minified", "gzip", "brotli"] as const)
      expect(sizes[kind], `${limit.entry} ${JSON.stringify(sizes)}`).toBeLessThanOrEqual(limit[kind] * 1000);
  });
});
