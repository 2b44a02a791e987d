/** The API's description of itself: it tells of every route and of no other, and is there for anybody. */
import { beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { documentedRoutes, servedRoutes } from "../support/routes.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("/openapi.json", () => {
  it("tells of every route under /api/platform that is served, and of no other", async () => {
    const served = servedRoutes(platform.running.app).filter((route) => route.includes(" /api/platform/"));
    expect((await documentedRoutes(platform.url)).sort()).toEqual(served.sort());
    expect(served.length).toBeGreaterThan(30);
  });

  it("needs no key, may be read by any page, is kept for a while, and names this server", async () => {
    const answer = await fetch(`${platform.url}/openapi.json`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    const document = (await answer.json()) as { openapi: string; servers: { url: string }[] };
    expect(document.openapi).toBe("3.1.1");
    expect(document.servers.map(({ url }) => url)).toEqual([platform.url]);
    const etag = answer.headers.get("etag") ?? "";
    const again = await fetch(`${platform.url}/openapi.json`, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });
});
