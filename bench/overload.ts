/**
 * What remains of the platform when 3 and 10 times as many requests arrive as it can serve?
 *
 * A process of its own sends intents on loopback, on a plan: so many a second, whatever becomes of them (an open loop), each
 * on a connection that is free, or a new one. Beside it customers pay, ten a second, as they do on a quiet day. Before, the
 * same process finds out what the platform can do at most, with 64 requests always under way. All figures are of one run
 * and one machine, whose cores the three processes share with PostgreSQL, so the limits are ratios:
 *
 * - goodput (intents created a second) under overload, against the most without: what turning away costs;
 * - memory at its peak, against what 64 requests under way need: what a flood can make it hold;
 * - time until nine tenths of the most are served again, once the flood ends.
 *
 * Run: node bench/overload.ts
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../server/src/main/embedded-postgres.ts";
import type { Order, Report } from "./overload-load.ts";

const FLOODS = [3, 10];
const FLOOD_SECONDS = 8;
const LIMITS = { goodput: 0.6, memory: 2.5, recoverySeconds: 3 };

const here = (name: string) => new URL(name, import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "mintro-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir: folder });
const server = fork(here("./overload-server.ts"), [postgres.url], { execArgv: ["--expose-gc"] });
const [{ port, secret }] = (await once(server, "message")) as [{ port: number; secret: string }];
const load = fork(here("./overload-load.ts"), [String(port), secret]);

async function ask<T>(child: ChildProcess, order: unknown): Promise<T> {
  child.send(order as object);
  const [answer] = (await once(child, "message")) as [T];
  return answer;
}
const drive = (order: Order) => ask<Report>(load, order);
const heapMiB = async () => (await ask<{ heap: number }>(server, "collect")).heap / 2 ** 20;

/** `VmRSS` is now, `VmHWM` the most since it was last forgotten. */
async function memoryMiB(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
}

console.log("warming up …");
await drive({ kind: "closed", seconds: 6, inFlight: 64 });
const most = await drive({ kind: "closed", seconds: 6, inFlight: 64 });
const heapBefore = await heapMiB();
const usual = await memoryMiB("VmHWM");
let peak = most.served / most.seconds;
console.log(
  `most: ${peak.toFixed(0)} intents/s with 64 under way, p99 ${most.served99.toFixed(0)} ms; memory ${usual.toFixed(0)} MiB at its peak, heap ${heapBefore.toFixed(0)} MiB`,
);

const failed: string[] = [];
for (const times of FLOODS) {
  const flood = await drive({
    kind: "open",
    seconds: FLOOD_SECONDS,
    perSecond: peak * times,
    paymentsPerSecond: 10,
  });
  const after = await drive({ kind: "closed", seconds: 5, inFlight: 64 });
  const memory = await memoryMiB("VmHWM");
  // What else the machine does changes from minute to minute: compared with the most just before and just after.
  const around = (peak + after.served / after.seconds) / 2;
  const goodput = flood.served / flood.seconds / around;
  const back = after.windows.findIndex((served) => served / after.windowSeconds >= 0.9 * around);
  const recovery = back === -1 ? Number.POSITIVE_INFINITY : (back + 1) * after.windowSeconds;
  const share = flood.refused / Math.max(1, flood.served + flood.refused);
  console.log(
    [
      `${times} times: ${(flood.sent / flood.seconds).toFixed(0)} requests/s came of ${(peak * times).toFixed(0)} wanted`,
      `goodput ${(goodput * 100).toFixed(0)} % of the most, ${around.toFixed(0)}/s (limit ${LIMITS.goodput * 100} %)`,
      `served: p50 ${flood.served50.toFixed(0)} ms, p99 ${flood.served99.toFixed(0)} ms`,
      `503: ${(share * 100).toFixed(0)} %, p50 ${flood.refused50.toFixed(0)} ms, p99 ${flood.refused99.toFixed(0)} ms`,
      `otherwise answered ${flood.otherwise}, cut off ${flood.cutOff}, not sent for want of a connection ${flood.unsent}`,
      `payments: ${flood.paid} of ${flood.paymentsAsked} succeeded, p50 ${flood.paid50.toFixed(0)} ms, p99 ${flood.paid99.toFixed(0)} ms`,
      `memory ${memory.toFixed(0)} MiB, ${(memory / usual).toFixed(2)} times the usual (limit ${LIMITS.memory})`,
      `full speed again within ${recovery} s (limit ${LIMITS.recoverySeconds} s); connections at the most ${flood.connections}`,
    ].join("\n  "),
  );
  peak = after.served / after.seconds;
  if (goodput < LIMITS.goodput) failed.push(`goodput at ${times} times`);
  if (memory / usual > LIMITS.memory) failed.push(`memory at ${times} times`);
  if (recovery > LIMITS.recoverySeconds) failed.push(`recovery after ${times} times`);
  if (flood.otherwise > 0) failed.push(`${flood.otherwise} answers that are neither 200 nor 503`);
}
const heapAfter = await heapMiB();
console.log(
  `heap ${heapBefore.toFixed(0)} MiB before, ${heapAfter.toFixed(0)} MiB after; ${failed.length === 0 ? "all within the limits" : `NOT within the limits: ${failed.join(", ")}`}`,
);

load.disconnect();
await ask(server, "stop");
server.disconnect();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
