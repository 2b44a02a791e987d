/** /healthz: the process lives. /readyz: it can serve. /metrics: how it does. No authentication; put a proxy before them where that matters. */
import type { FastifyInstance } from "fastify";
import type { Platform } from "../flows/platform.ts";
import { isReady } from "../store/health.ts";
import type { Metrics } from "./metrics.ts";

export function healthRoutes(app: FastifyInstance, platform: Platform, metrics: Metrics): void {
  app.get("/healthz", (_, reply) => reply.send({ status: "alive" }));
  app.get("/readyz", async (_, reply) => {
    const ready = await isReady(platform.db).catch(() => false);
    return ready
      ? reply.send({ status: "ready" })
      : reply.code(503).header("retry-after", "1").send({ status: "unavailable" });
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
