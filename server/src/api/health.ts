/** /healthz: the process lives. /readyz: it can serve. /metrics: how it does. No authentication; put a proxy before them where that matters. */
import type { FastifyInstance } from "fastify";
import { HTTP } from "../base/limits.ts";
import { pause } from "../base/pause.ts";
import type { Platform } from "../flows/platform.ts";
import { isReady } from "../store/health.ts";
import type { Metrics } from "./metrics.ts";

export function healthRoutes(app: FastifyInstance, platform: Platform, metrics: Metrics): void {
  const ready = readiness(platform);
  app.get("/healthz", (_, reply) => reply.send({ status: "alive" }));
  app.get("/readyz", async (_, reply) => {
    return (await ready())
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
