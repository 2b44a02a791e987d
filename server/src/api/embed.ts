/** The embed as a script under a fixed address, which any site may load: it puts the checkout into a merchant's page. */
import type { AssetFile } from "@mintro/checkout/assets";
import type { FastifyInstance } from "fastify";
import { sendAsset } from "./checkout.ts";

export function embedRoutes(app: FastifyInstance, script: AssetFile): void {
  app.get("/embed.js", (request, reply) => {
    reply.headers({
      // Also for pages that isolate themselves (COEP), or load it with `crossorigin` to see its errors.
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
    });
    return sendAsset(request, reply, script);
  });
}
