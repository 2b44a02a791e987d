/** /healthz: the process lives. /readyz: it can serve. /metrics: how it does. No authentication; put a proxy before them where that matters. */
import fastify, { type FastifyInstance } from "fastify";
import { HTTP } from "../base/limits.ts";
import { pause } from "../base/pause.ts";
import type { Platform } from "../flows/platform.ts";
import { isReady } from "../store/health.ts";
import { failureAnswer, send } from "./answer.ts";
import type { Metrics } from "./metrics.ts";

/** For a process that serves nothing else. */
export function createHealthServer(
  platform: Platform,
  metrics: Metrics,
  isAway: () => boolean,
): FastifyInstance {
  const app = fastify({
    logger: false,
    requestTimeout: HTTP.requestTimeoutMs,
    keepAliveTimeout: HTTP.keepAliveMs,
    forceCloseConnections: "idle",
  });
  healthRoutes(app, platform, metrics, isAway);
  app.setNotFoundHandler((_, reply) => send(reply, failureAnswer({ kind: "unknown_route" })));
  return app;
}

/** `isAway`: that the database does not answer is known already. */
export function healthRoutes(
  app: FastifyInstance,
  platform: Platform,
  metrics: Metrics,
  isAway: () => boolean,
): void {
  const ready = readiness(platform);
  app.get("/healthz", (_, reply) => reply.send({ status: "alive" }));
  app.get("/readyz", async (_, reply) => {
    // Also after it has answered: the watch may have given it up meanwhile, and the door is shut until it asks again.
    return !isAway() && (await ready()) && !isAway()
      ? reply.send({ status: "ready" })
      : reply.code(503).header("retry-after", "1").send({ status: "unavailable" });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** A database that hangs is asked one question at a time, and nobody waits long for its answer. */
function readiness({ db }: Platform): () => Promise<boolean> {
  let asked: Promise<boolean> | null = null;
  return () => {
    asked ??= isReady(db)
      .catch(() => false)
      .finally(() => {
        asked = null;
      });
    return Promise.race([asked, pause(HTTP.readyMs).then(() => false)]);
  };
}
