/** The platform as a process of its own, for bench/overload.ts: says its port and secret, tells its heap, and stops. */
import { startBenchPlatform } from "./platform.ts";

const [databaseUrl = ""] = process.argv.slice(2);
const { running, client } = await startBenchPlatform(databaseUrl);
process.on("message", (order) => {
  if (order === "collect") {
    globalThis.gc?.();
    process.send?.({ heap: process.memoryUsage().heapUsed });
  } else void running.stop().then(() => process.send?.("stopped"));
});
process.send?.({ port: running.port, secret: client.clientSecret });
