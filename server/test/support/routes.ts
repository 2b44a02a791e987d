/**
 * What a server serves, and what its OpenAPI document tells of: so that a test which walks the routes fails for one that it
 * does not know.
 */
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
      if (method !== "HEAD") routes.push(`${method} ${above.join("").replace(/(?<!\/)\*$/, "/*")}`);
  }
  return routes;
}

type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/** The same spelling, of every operation in the document that the server at `url` serves. */
export async function documentedRoutes(url: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
  );
}
