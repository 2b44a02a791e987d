/** The platform as the benchmarks start it: as in production, but for the limits that are there against people. */
import { randomBytes } from "node:crypto";
import { createLog } from "../server/src/base/log.ts";
import { type Running, run } from "../server/src/main/wire.ts";

export type BenchPlatform = {
  readonly running: Running;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
};

export async function startBenchPlatform(databaseUrl: string): Promise<BenchPlatform> {
  const client = { clientId: "bench", clientSecret: randomBytes(24).toString("base64url") };
  const running = await run({
    databaseUrl,
    log: createLog("info"),
    port: 0,
    host: "127.0.0.1",
    publicUrl: null,
    secretKey: randomBytes(32),
    client,
    webhook: null,
    allowPrivateWebhooks: false,
    allowedOrigins: null,
    rateLimit: 0,
    // One address pays for everybody here.
    misuse: { attempts: 1_000_000, declinesInAccount: 1_000_000 },
    trustedProxies: [],
  });
  return { running, client };
}
