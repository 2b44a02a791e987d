/** The platform as a process of its own, for bench/overload.ts: says its port and secret, tells its heap, and stops. */
import { randomBytes } from "node:crypto";
import { createLog } from "../server/src/base/log.ts";
import { run } from "../server/src/main/wire.ts";

const [databaseUrl = ""] = process.argv.slice(2);
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
process.on("message", (order) => {
  if (order === "collect") {
    globalThis.gc?.();
    process.send?.({ heap: process.memoryUsage().heapUsed });
  } else void running.stop().then(() => process.send?.("stopped"));
});
process.send?.({ port: running.port, secret: client.clientSecret });
