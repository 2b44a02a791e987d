/** GET /openapi.json: the API's own description, for anybody and from any page. */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Platform } from "../flows/platform.ts";

const MAX_AGE_SECONDS = 300;

/** The document names the public address as its server. It is written once, when it is first asked for. */
export function openApiRoute(app: FastifyInstance, platform: Platform): void {
  let writing: Promise<Written> | null = null;
  app.get("/openapi.json", async (request, reply) => {
    writing ??= write(platform.publicUrl).catch((error: unknown) => {
      writing = null; // a failure may pass
      throw error;
    });
    const { body, etag } = await writing;
    reply.headers({
      "access-control-allow-origin": "*",
      "cache-control": `public, max-age=${MAX_AGE_SECONDS}`,
      etag,
    });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(body);
  });
}

type Written = { readonly body: string; readonly etag: string };

/** What it is made of is loaded only now: a server that is never asked starts sooner. */
async function write(publicUrl: string): Promise<Written> {
  const { openApiDocument } = await import("./openapi.ts");
  const body = JSON.stringify(openApiDocument({ url: publicUrl, description: "This Mintro." }));
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` };
}
