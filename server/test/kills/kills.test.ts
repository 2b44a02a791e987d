import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchParent } from "../support/scratch.ts";
import { reportOf } from "./report.ts";
import { run } from "./run.ts";

test("killed part by part under load, it loses nothing that was told, charges nothing twice, and tells every event", async () => {
  const folder = await mkdtemp(join(await scratchParent(), "mintro-kills-"));
  const said: string[] = [];
  try {
    const result = await run({
      seed: 7,
      kills: 6,
      everyMs: 700,
      awayMs: 300,
      servers: 1,
      workers: 1,
      shops: 1,
      shoppers: 3,
      publishers: 1,
      subscribers: 3,
      paceMs: 60,
      folder,
      durable: false,
      takesOver: true,
      print: (line) => said.push(line),
    });
    const report = [...said, reportOf(result)].join("\n");
    expect(result.wrongs, report).toEqual([]);
    expect(result.counts.get("kills: server"), report).toBe(2);
    expect(result.counts.get("kills: worker"), report).toBe(2);
    expect(result.counts.get("kills: PostgreSQL"), report).toBe(2);
    expect(result.totals["intents paid"], report).toBeGreaterThanOrEqual(5);
    expect(result.totals["deliveries"], report).toBeGreaterThanOrEqual(5);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);
