/** What a server serves, as it says itself: so that a test which walks the routes fails for one that it does not know. */
import type { FastifyInstance } from "fastify";

/** `POST /api/platform/intents/:id/cancel`: every route, without the HEAD that comes with each GET. */
export function servedRoutes(app: FastifyInstance): string[] {
  const routes: string[] = [];
  const above: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent = "", part, methods] = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (part === undefined) continue;
    above.length = indent.length / 4;
    above.push(part);
    for (const method of methods?.split(", ") ?? [])
      if (method !== "HEAD") routes.push(`${method} ${above.join("")}`);
  }
  return routes;
}
