/**
 * The HTTP server: one port for the API, the checkout page and the health checks. Every answer carries X-Request-ID, every
 * error the document's envelope, and no log line a payment token, a secret or a card: routes are logged by their pattern.
 */
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import helmet from "@fastify/helmet";
import fastify, {
  type ConnectionError,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { QueueFull } from "../base/batcher.ts";
import { HTTP } from "../base/limits.ts";
import { createSeldom, type Seldom } from "../base/seldom.ts";
import type { IntentCreator } from "../flows/intents/create.ts";
import type { Platform } from "../flows/platform.ts";
import type { ChallengeDesk } from "../processors/sandbox/challenges.ts";
import { DatabaseUnavailable, LockTimeout } from "../store/database.ts";
import { type AdmissionLimits, type Door, openDoor } from "./admission.ts";
import { failureAnswer, type RequestFailure, send } from "./answer.ts";
import { createAuthenticator } from "./authenticate.ts";
import { BodyUnread, HTTP_OPTIONS, hasBody, refuseBeforeRoutes } from "./before-routes.ts";
import { type CheckoutSettings, checkoutRoutes } from "./checkout.ts";
import { clientRoutes } from "./clients.ts";
import { clockRoutes } from "./clock.ts";
import { type CustomerPages, createCustomerPages } from "./customer-pages.ts";
import { customerRoutes } from "./customers.ts";
import { embedRoutes } from "./embed.ts";
import { endpointRoutes } from "./endpoints.ts";
import { eventRoutes } from "./events.ts";
import { faultRoutes } from "./faults.ts";
import { healthRoutes } from "./health.ts";
import { intentRoutes } from "./intents.ts";
import { countRequest, type Metrics } from "./metrics.ts";
import { createMisuse, type Misuse, type MisuseLimits } from "./misuse.ts";
import { notificationRoutes } from "./notifications.ts";
import { openApiRoute } from "./openapi-route.ts";
import { limitRate } from "./rate-limit.ts";
import { refundRoutes } from "./refunds.ts";
import { sandboxRoutes } from "./sandbox.ts";
import { sendNothingHere, siteRoutes } from "./site.ts";
import { subscriptionRoutes } from "./subscriptions.ts";

export type ServerSettings = {
  /** The path of the public address, below which browsers find everything: "", or such as "/mintro". */
  readonly basePath: string;
  readonly checkout: CheckoutSettings;
  /** Requests a second and client; 0: no limit. */
  readonly rateLimit: number;
  readonly misuse: MisuseLimits;
  readonly admission: AdmissionLimits;
  readonly trustedProxies: readonly string[];
};

export async function createServer(
  platform: Platform,
  parts: { creator: IntentCreator; challenges: ChallengeDesk; metrics: Metrics; isAway: () => boolean },
  settings: ServerSettings,
): Promise<FastifyInstance> {
  const pages = createCustomerPages(settings.checkout);
  const requestId = () => `req_${platform.world.random(12).toString("base64url")}`;
  const app = fastify({
    logger: false,
    http: HTTP_OPTIONS,
    rewriteUrl: ({ url = "/" }) => withoutBase(url, settings.basePath, methods),
    bodyLimit: HTTP.bodyBytes,
    requestTimeout: HTTP.requestTimeoutMs,
    keepAliveTimeout: HTTP.keepAliveMs,
    forceCloseConnections: "idle",
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    genReqId: requestId,
    requestIdHeader: false,
    frameworkErrors: (error, request, reply) => {
      reply.header("x-request-id", request.id);
      const failure = refusalOf(error) ?? { kind: "broken" };
      if (pages.isFor(request)) void pages.refuse(request, reply, { kind: "unknown_route" });
      else if (failure.kind === "unknown_route") void sendNothingHere(settings.basePath, request, reply);
      else void send(reply, failureAnswer(failure));
    },
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, requestId()),
    routerOptions: { maxParamLength: HTTP.pathPartChars, ignoreTrailingSlash: true },
    // While stopping, a request on an open connection is served like those before it, and the connection closed.
    return503OnClosing: false,
  });
  const { world, log } = platform;
  const { refuse } = pages;
  const door = openDoor(app, { world, log, ...parts, refuse, limits: settings.admission });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body: Buffer, done) =>
    // Decoded without a look, what is not UTF-8 would be stored as other text than was sent.
    isUtf8(body) ? done(null, body.toString("utf8")) : done(new NotUtf8()),
  );
  // Pages bring their own, stricter policies; an API answer is never framed nor run.
  await app.register(helmet, {
    contentSecurityPolicy: false,
    frameguard: false,
    crossOriginResourcePolicy: false,
    // Whether the operator's other hosts speak HTTPS is not Mintro's to promise.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  });
  addHooks(app, platform, parts.metrics);
  refuseBeforeRoutes(app);
  const methods = collectMethods(app);
  answerTheRest(app, platform, { ...settings, pages, methods });

  const { checkout, rateLimit } = settings;
  const misuse = createMisuse({ world: platform.world, log: platform.log, limits: settings.misuse });
  healthRoutes(app, platform, parts.metrics, parts.isAway);
  checkoutRoutes(app, platform, parts.creator, { settings: checkout, pages, misuse });
  embedRoutes(app, checkout.assets.embed);
  openApiRoute(app, platform);
  const demo = checkout.demoAccount !== null;
  siteRoutes(app, { base: settings.basePath, publicUrl: () => platform.publicUrl, demo });
  await app.register(async (challenges) =>
    sandboxRoutes(challenges, platform, parts.challenges, { settings: checkout, pages, misuse }),
  );
  await app.register(async (calls) => notificationRoutes(calls, platform, misuse));
  await app.register((api) => apiRoutes(api, platform, parts.creator, { rateLimit, misuse, door }), {
    prefix: "/api/platform",
  });
  return app;
}

/** What no route answers: other addresses, other methods, and what a route threw. */
function answerTheRest(
  app: FastifyInstance,
  platform: Platform,
  {
    basePath,
    pages,
    methods,
  }: { basePath: string; pages: CustomerPages; methods: (url: string) => readonly string[] },
): void {
  const unserved = createSeldom(platform.world);
  const answerNoRoute = (request: FastifyRequest, reply: FastifyReply) => {
    if (pages.isFor(request)) return pages.refuse(request, reply, { kind: "unknown_route" });
    const allowed = methods(request.url);
    const known = allowed.length > 0 && !allowed.includes(request.method);
    if (known) return send(reply, failureAnswer({ kind: "method_not_allowed", allowed }));
    return sendNothingHere(basePath, request, reply);
  };
  app.setNotFoundHandler(answerNoRoute);
  app.setErrorHandler((error: FastifyError, request, reply) =>
    // Of a QUERY, which no route takes, Fastify first asks for a body's type.
    error.code === "FST_ERR_ROUTE_MISSING_CONTENT_TYPE"
      ? answerNoRoute(request, reply)
      : pages.refuse(request, reply, failureOf(platform, unserved, error, request)),
  );
}

function addHooks(app: FastifyInstance, platform: Platform, metrics: Metrics): void {
  app.addHook("onSend", async (_, reply) => {
    // Otherwise a connection that was at work when the stop began would stay open, and hold it up.
    if (platform.stopping.aborted) reply.header("connection", "close");
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    // An empty body is of no type, though many clients name one with every POST.
    if (!hasBody(request)) delete request.raw.headers["content-type"];
  });
  app.addHook("preParsing", (request, _, payload, done) => {
    // Whose sender has left while credentials were looked up never ends: Fastify would wait for it for ever.
    if (request.raw.destroyed && hasBody(request)) done(new BrokenOff());
    else done(null, payload);
  });
  app.addHook("onResponse", async (request, reply) => {
    countRequest(metrics, request, reply);
    platform.log.debug(
      {
        request_id: request.id,
        ip: request.ip,
        method: request.method,
        route: request.routeOptions.url ?? "unknown",
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      "request",
    );
  });
}

/** Authentication comes before the limit, so that nobody can use up another client's, and both before the body. */
async function apiRoutes(
  api: FastifyInstance,
  platform: Platform,
  creator: IntentCreator,
  { rateLimit, misuse, door }: { rateLimit: number; misuse: Misuse; door: Door },
): Promise<void> {
  const authenticator = createAuthenticator(platform);
  api.decorateRequest("client", null);
  api.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const { "x-client-id": clientId, "x-client-secret": clientSecret } = request.headers;
    const proof = clientId && clientSecret ? `${String(clientId)}\n${String(clientSecret)}` : null;
    const heldUp = proof === null ? null : misuse.keys.refuse(request, proof);
    if (heldUp) return send(reply, failureAnswer(heldUp));
    request.client = await authenticator.authenticate({ clientId, clientSecret });
    if (proof !== null) misuse.keys.note(request, proof, request.client !== null);
    if (!request.client) return send(reply, failureAnswer({ kind: "unauthenticated" }));
    // Whose answer is on its way is waited for.
    return door.admitsFor(request.client.account.accountId, request, reply) ? undefined : reply;
  });
  if (rateLimit > 0) await limitRate(api, platform.world, rateLimit);
  intentRoutes(api, platform, creator);
  refundRoutes(api, platform);
  subscriptionRoutes(api, platform);
  customerRoutes(api, platform);
  endpointRoutes(api, platform);
  eventRoutes(api, platform);
  clientRoutes(api, platform);
  clockRoutes(api, platform);
  faultRoutes(api, platform);
}

class NotUtf8 extends Error {
  override name = "NotUtf8";
  readonly statusCode = 400;
}

class BrokenOff extends Error {
  override name = "BrokenOff";
  readonly statusCode = 400;
}

function failureOf(
  platform: Platform,
  unserved: Seldom,
  error: FastifyError,
  request: FastifyRequest,
): RequestFailure {
  const refusal = refusalOf(error, request.routeOptions.bodyLimit);
  if (refusal) return refusal;
  const line = { err: error, request_id: request.id, route: request.routeOptions.url ?? "unknown" };
  if (error instanceof DatabaseUnavailable || error instanceof LockTimeout || error instanceof QueueFull) {
    unserved.happened((times) => platform.log.warn({ ...line, times }, "a request was answered 503"));
    return { kind: "unavailable" };
  }
  platform.log.error(line, "a request failed");
  return { kind: "broken" };
}

function refusalOf(error: FastifyError, bodyLimit: number = HTTP.bodyBytes): RequestFailure | null {
  if (error instanceof BodyUnread) return error.failure;
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return { kind: "body_too_large", bytes: bodyLimit };
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return { kind: "not_json" };
    case "FST_ERR_MAX_PARAM_LENGTH":
      return { kind: "unknown_route" }; // longer than any id or reference
    default:
      if (error.statusCode === 429) return { kind: "too_many_requests", retryAfterSeconds: 1 };
      if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
        return { kind: "malformed", text: "The request could not be understood." };
      }
      return null;
  }
}

/** A proxy may pass the public address's path on, or take it off; what is a route as it comes is left alone. */
function withoutBase(url: string, base: string, methods: (url: string) => readonly string[]): string {
  if (base === "" || !url.startsWith(`${base}/`) || methods(url).length > 0) return url;
  return url.slice(base.length);
}

/** Which methods an address takes, for 405 and its Allow header: Fastify itself answers 404. */
function collectMethods(app: FastifyInstance): (url: string) => string[] {
  const patterns: { pattern: RegExp; method: string }[] = [];
  app.addHook("onRoute", (route) => {
    const source = route.url
      .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
      .replaceAll(/:[A-Za-z_]+/g, "[^/]+")
      .replace(/\\\*$/, ".*");
    for (const method of [route.method].flat())
      patterns.push({ pattern: new RegExp(`^${source}/?$`), method });
  });
  return (url) => {
    const path = url.split("?", 1)[0] ?? "";
    return [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
  };
}

/** What is not even HTTP, or whose headers are too large, never becomes a request; it is answered all the same. */
function refuseUnreadable(error: ConnectionError, socket: Socket, requestId: string): void {
  if (error.code === "ECONNRESET" || !socket.writable) return;
  const { body } = failureAnswer({ kind: "malformed", text: "The request could not be understood." });
  const head = [
    "HTTP/1.1 400 Bad Request",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
