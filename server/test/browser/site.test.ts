/**
 * The pages for developers in a browser: nothing is blocked by their own policy, nothing is asked of anybody else, and
 * axe finds no violation, from the smallest phone to the desktop, in light and dark.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { useStage } from "./stage.ts";

const stage = useStage();
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function open(path: string, options = {}): Promise<Page> {
  const page = await stage.visit(options);
  await page.goto(stage.platform.url + path);
  return page;
}

const fitsTheWidth = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");

describe("the pages for developers", () => {
  const looks = [
    { name: "a phone", options: { viewport: { width: 320, height: 640 } } },
    {
      name: "a desktop in the dark",
      options: { viewport: { width: 1360, height: 900 }, colorScheme: "dark" },
    },
  ];
  const paths = ["/", "/docs/guides/webhooks", "/docs/operate/configuration", "/docs/decisions", "/nothing"];

  test.each(looks.flatMap((look) => paths.map((path) => ({ ...look, path }))))(
    "keep $path whole and for everybody on $name",
    async ({ path, options }) => {
      const page = await open(path, options);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(await fitsTheWidth(page)).toBe(true);
    },
  );

  test("lead a newcomer to a payment in one step", async () => {
    const page = await open("/");
    await page.getByRole("link", { name: "Open a demo payment" }).click();
    await page.getByRole("button", { name: /^Pay / }).waitFor();
  });

  test("show a curl that does as it is pasted, and again when it is pasted once more", async () => {
    const page = await open("/");
    const curl = await page.locator("pre", { hasText: "curl" }).innerText();
    const { clientId, clientSecret } = stage.platform.merchant;
    const folder = await mkdtemp(join(tmpdir(), "mintro-landing-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, ".mintro"));
    await writeFile(join(folder, ".mintro/client-id"), `${clientId}\n`);
    await writeFile(join(folder, ".mintro/client-secret"), `${clientSecret}\n`);
    const paste = async () => {
      const { stdout } = await promisify(execFile)("sh", ["-c", curl], { cwd: folder });
      return JSON.parse(stdout).data.payment_url;
    };
    const links = [await paste(), await paste()];
    expect(links[0]).toMatch(/^http:\/\/localhost:\d+\/pay\//);
    expect(links[1]).not.toBe(links[0]);
    await page.goto(links[1]);
    await page.getByRole("button", { name: /^Pay / }).waitFor();
  });

  test("name the address at which they are, in every sample", async () => {
    const page = await open("/docs/guides/first-payment");
    const samples = await page.locator("pre").allInnerTexts();
    expect(samples.join("\n")).toContain(`api=${stage.platform.url}/api/platform`);
    expect(samples.join("\n")).not.toContain("localhost:3000");
  });

  test.each(["/docs/guides/subscriptions", "/docs/about/readme", "/docs/guides/iframe-integration"])(
    "have room for the samples of %s",
    async (path) => {
      const page = await open(path, { viewport: { width: 1280, height: 900 } });
      await page.locator(".code").first().waitFor();
      const wide = await page.evaluate(
        '[...document.querySelectorAll("pre")].filter((pre) => pre.scrollWidth > pre.clientWidth).map((pre) => pre.innerText)',
      );
      expect(wide).toEqual([]);
    },
  );

  test("copy a block of code whole", async () => {
    const page = await open("/docs/guides/webhooks");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const block = page.locator(".code").first();
    await block.hover();
    await block.getByRole("button", { name: "Copy" }).click();
    await block.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate("navigator.clipboard.readText()");
    expect(String(copied).trim()).toBe((await block.locator("code").innerText()).trim());
  });

  // Scalar's script is several megabytes, which a busy machine takes its time over.
  test("show the interactive reference of every route, with nothing of anybody else's", async () => {
    const page = await open("/docs", { viewport: { width: 1360, height: 900 } });
    const timeout = 80_000;
    await page.getByRole("heading", { name: "Mintro API" }).waitFor({ timeout });
    await page.getByRole("link", { name: /^Create a payment intent/ }).waitFor({ timeout });
  }, 90_000);
});
