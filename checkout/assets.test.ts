import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkoutAssets } from "./assets.ts";

/** What a customer on a slow phone waits for, compressed. */
const BUDGET_BYTES = 28 * 1024;
/** What a merchant's page waits for, compressed: the embed with its style and its words in seven languages. */
const EMBED_BYTES = 5 * 1024;

describe("the built checkout", () => {
  test("is one script and one style sheet of few bytes, under names that may be kept for ever", async () => {
    const { script, style, files } = await checkoutAssets();
    expect([...files.keys()].sort()).toEqual([script.path, style.path].sort());
    for (const path of files.keys()) expect(path).toMatch(/^\/pay\/assets\/main-[\w-]{8}\.(js|css)$/);
    const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
    const all = [...files.values()];
    expect(sum(all.map((file) => file.brotli?.length ?? Number.NaN))).toBeLessThan(BUDGET_BYTES);
    expect(sum(all.map((file) => file.gzip?.length ?? Number.NaN))).toBeLessThan(BUDGET_BYTES);
  });

  test("is the same in every encoding", async () => {
    const { files } = await checkoutAssets();
    for (const file of files.values()) {
      expect(brotliDecompressSync(file.brotli ?? "").equals(file.body)).toBe(true);
      expect(gunzipSync(file.gzip ?? "").equals(file.body)).toBe(true);
      expect(file.etag).toMatch(/^W\/"[\w-]{22}"$/);
    }
  });

  test("holds no texts, so that it serves every language, and no library of schemas", async () => {
    const { script, files } = await checkoutAssets();
    const source = files.get(script.path)?.body.toString("utf8") ?? "";
    expect(source).not.toContain("Card number");
    expect(source).not.toContain("ZodError");
  });
});

describe("the built embed", () => {
  test("is one small classic script, the same in every encoding, that a page asks for again after a while", async () => {
    const { embed } = await checkoutAssets();
    expect(embed.brotli?.length).toBeLessThanOrEqual(EMBED_BYTES);
    expect(brotliDecompressSync(embed.brotli ?? "").equals(embed.body)).toBe(true);
    expect(gunzipSync(embed.gzip ?? "").equals(embed.body)).toBe(true);
    expect(embed.cacheControl).toMatch(/^public, max-age=\d{3},/);
    const source = embed.body.toString("utf8");
    expect(source).not.toMatch(/\b(?:import|export)\b/);
    expect(source).not.toMatch(/setAttribute\(.style/);
  });
});
