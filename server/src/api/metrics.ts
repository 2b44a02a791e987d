/** GET /metrics: Prometheus text, for operators. Routes are labelled by their pattern, never by what stands in them. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = {
  readonly registry: Registry;
  readonly requests: Histogram<"method" | "route" | "status">;
  readonly deliveries: Counter<"outcome">;
  readonly inWork: Gauge<"kind">;
  readonly shed: Counter<"kind" | "why">;
  readonly connections: Gauge;
  readonly dropped: Counter;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: "mintro_http_request_seconds",
      help: "HTTP requests by method, route and status",
      labelNames: ["method", "route", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    }),
    deliveries: new Counter({
      name: "mintro_webhook_tries_total",
      help: "Tries of webhook deliveries by outcome: delivered, failed or gone",
      labelNames: ["outcome"],
      registers: [registry],
    }),
    inWork: new Gauge({
      name: "mintro_http_in_work",
      help: "Requests in work: creating intents, asking the API anything else, paying",
      labelNames: ["kind"],
      registers: [registry],
    }),
    shed: new Counter({
      name: "mintro_http_shed_total",
      help: "Requests answered 503 at the door: busy, account (it holds its share), or database (it does not answer)",
      labelNames: ["kind", "why"],
      registers: [registry],
    }),
    connections: new Gauge({
      name: "mintro_http_connections",
      help: "Open connections",
      registers: [registry],
    }),
    dropped: new Counter({
      name: "mintro_http_connections_dropped_total",
      help: "Connections dropped because too many were open",
      registers: [registry],
    }),
  };
}

export function countRequest(metrics: Metrics, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? "unknown";
  metrics.requests.observe(
    { method: request.method, route, status: String(reply.statusCode) },
    reply.elapsedTime / 1_000,
  );
}
