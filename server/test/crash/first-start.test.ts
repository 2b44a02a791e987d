import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import {
  afterThisTest,
  crash,
  merchantAt,
  newScratch,
  query,
  startMintro,
  stopMintro,
} from "../processes/mintro.ts";
import type {} from "../support/global-setup.ts"; // declares what is injected
import { eventually, type Merchant, pay } from "../support/platform.ts";
import { holdByChange } from "./table-lock.ts";

async function expectPays(merchant: Merchant): Promise<void> {
  const { payment_url } = await merchant.createIntent();
  expect((await pay(payment_url)).status).toBe("succeeded");
}

test("killed while its database is made: the next start makes it whole", async () => {
  const dataDir = join(await newScratch(), "data");
  const first = startMintro({ dataDir });
  await eventually(async () =>
    (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith("postgres.new-")),
  );
  await crash(first);
  const second = startMintro({ dataDir });
  await expectPays(await merchantAt(second));
  await stopMintro(second);
});

describe("on an empty database of one's own", () => {
  async function emptyDatabase(): Promise<string> {
    const { adminUrl, prefix } = inject("testDatabases");
    const name = `${prefix}empty_${randomBytes(4).toString("hex")}`;
    await query(adminUrl, `create database ${name}`);
    afterThisTest(() => query(adminUrl, `drop database ${name} with (force)`));
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  const envFor = (url: string) => ({
    DATABASE_URL: url,
    MINTRO_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
  });
  const migrated = async (url: string) => (await query(url, "select name from schema_migrations")).length;

  test("killed in the middle of the migrations: the next start goes on with the file that was cut off", async () => {
    const url = await emptyDatabase();
    const hold = await holdByChange(url, "create schema sandbox"); // as the second file does
    const dataDir = join(await newScratch(), "data");
    const first = startMintro({ dataDir, env: envFor(url) });
    await hold.reached();
    expect(await migrated(url)).toBe(1);
    await crash(first);
    await hold.release();

    const second = startMintro({ dataDir, env: envFor(url) });
    await expectPays(await merchantAt(second));
    expect(await migrated(url)).toBe((await readdir(new URL("../../migrations/", import.meta.url))).length);
    await stopMintro(second);
  });

  test("two that start at the same moment make it once, and both work", async () => {
    const url = await emptyDatabase();
    const folder = await newScratch();
    const both = ["a", "b"].map((name) => startMintro({ dataDir: join(folder, name), env: envFor(url) }));
    const merchants = await Promise.all(both.map(merchantAt));
    await Promise.all(merchants.map(expectPays));
    expect(await query(url, "select mode from accounts order by mode")).toEqual([
      { mode: "live" },
      { mode: "test" },
    ]);
  });
});
