import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { afterThisTest } from "./mintro.ts";
import { doQuickStart } from "./quick-start.ts";

describe("the README's quick start", () => {
  test("leads from an empty folder over a payment in the first minute to a verified webhook, in six commands and fifteen lines", async () => {
    // On disk: what npm installs is too much for the memory of a small machine.
    const folder = await mkdtemp(join(tmpdir(), "mintro-quick-start-"));
    afterThisTest(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const done = await doQuickStart(folder);

    expect(done.shownOfIt).toHaveLength(5);
    for (const line of done.shownOfIt) {
      const own = line.replace(/http:\/\/localhost:3000(\S*).*$/, ":\\d+$1").replace(/…$/, "");
      expect(done.welcome).toMatch(new RegExp(own.replaceAll(/ +/g, ".+")));
    }
    expect(done.seen).toMatch(/^\S+Z +payment\.succeeded +evt_[0-9a-f-]{36}\n +\{"id":"evt_/m);
    expect(done.answer).toMatch(/"status":"requires_payment","amount":"80\.00","payment_url":"http/);
    expect(done.heard).toMatch(/^verified: payment\.succeeded evt_[0-9a-f-]{36}$/);
    expect(done.changed).toBe("");

    const looks = done.commands.filter((command) => command.startsWith("npx mintro events"));
    expect(looks).toHaveLength(1);
    expect(done.commands.length - looks.length).toBeLessThanOrEqual(6); // and nothing waits for the look
    expect(done.ownLines).toBeLessThanOrEqual(15);
    const paidFirst = done.commands.slice(0, done.commands.indexOf(looks[0] ?? ""));
    expect(paidFirst).toEqual(["git clone REPOSITORY_URL mintro", "cd mintro", "npm ci", "npm start"]);
  }, 300_000);
});
