/** The pages for developers: `/`, `/docs` and all below it. They hold nothing of any account, and need no credentials. */
import { createSite, type Site, type SiteSettings } from "@mintro/site/site";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failureAnswer, send } from "./answer.ts";
import { sendAsset } from "./checkout.ts";

export function siteRoutes(app: FastifyInstance, settings: SiteSettings): void {
  const site = createSite(settings);
  for (const url of ["/", "/docs", "/docs/*"]) {
    app.get(url, (request, reply) => sendPage(site, request, reply));
  }
}

async function sendPage(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = request.url.split(/[?#]/, 1)[0] ?? "/";
  const address = path === "/" ? path : path.replace(/\/$/, "");
  const file = await site.at(address);
  if (!file) return send(reply, failureAnswer({ kind: "unknown_route" }));
  if (file.contentType.startsWith("text/html")) {
    reply.headers({
      "content-security-policy": policyOf(address),
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
    });
  }
  return sendAsset(request, reply, file);
}

/** Scalar writes its styles into the page, hence the reference alone allows styles that stand in it. */
function policyOf(address: string): string {
  const styles = address === "/docs" ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'";
  return [
    "default-src 'none'",
    "script-src 'self'",
    styles,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
