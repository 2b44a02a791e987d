/** The pages for developers: `/`, `/docs` and all below it. They hold nothing of any account, and need no credentials. */
import { createSite, notFoundPage, type Site, type SiteSettings } from "@mintro/site/site";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failureAnswer, send } from "./answer.ts";
import { sendAsset } from "./checkout.ts";
import { prefersHtml } from "./prefers-html.ts";

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
  if (!file) {
    reply.callNotFound();
    return reply;
  }
  if (file.contentType.startsWith("text/html")) reply.headers(pageHeaders(address));
  return sendAsset(request, reply, file);
}

/** Addresses that programs alone ask. */
const FOR_PROGRAMS = /^\/(?:api|openapi\.json|metrics|healthz|readyz|processors)(?:[/?]|$)/;

/** 404, where nothing stands: as a page for whoever is at a browser, and as the API's errors are for everybody else. */
export function sendNothingHere(base: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method, url, headers } = request;
  const mayBeRead = (method === "GET" || method === "HEAD") && !FOR_PROGRAMS.test(url);
  if (mayBeRead) reply.header("vary", "accept");
  if (!mayBeRead || !prefersHtml(headers.accept))
    return send(reply, failureAnswer({ kind: "unknown_route" }));
  return reply
    .code(404)
    .headers({ ...pageHeaders(NOWHERE), "cache-control": "no-store" })
    .type("text/html; charset=utf-8")
    .send(notFoundPage(base));
}

const NOWHERE = "";

function pageHeaders(address: string): Record<string, string> {
  return {
    "content-security-policy": policyOf(address),
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
  };
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
