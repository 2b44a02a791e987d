/** What the README and the guide show to copy stands, word for word, in the samples that package.test.ts runs. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}/${path}`, "utf8");
const samples = globSync("sdk/test/samples/*.ts", { cwd: ROOT }).map(read);

describe.each(["sdk/README.md", "docs/guides/sdk.md"])("%s", (path) => {
  const blocks = [...read(path).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");

  it.each(blocks)("shows what runs: %j", (block) => {
    expect(samples.some((sample) => sample.includes(block))).toBe(true);
  });

  it("shows something", () => {
    expect(blocks.length).toBeGreaterThan(3);
  });
});
