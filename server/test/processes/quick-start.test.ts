import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { afterThisTest } from "./mintro.ts";
import { doQuickStart } from "./quick-start.ts";

describe("the README's quick start", () => {
  test("leads from an empty folder to a verified webhook, in six commands and fifteen lines", async () => {
    // On disk: what npm installs is too much for the memory of a small machine.
    const folder = await mkdtemp(join(tmpdir(), "mintro-quick-start-"));
    afterThisTest(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const { commands, ownLines, heard, changed } = await doQuickStart(folder);
    expect(heard).toMatch(/^verified: payment\.succeeded evt_[0-9a-f-]{36}$/);
    expect(changed).toBe("");
    expect(commands.length).toBeLessThanOrEqual(6);
    expect(ownLines).toBeLessThanOrEqual(15);
  }, 300_000);
});
