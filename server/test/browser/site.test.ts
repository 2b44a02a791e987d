/**
 * The pages for developers in a browser: nothing is blocked by their own policy, nothing is asked of anybody else, and
 * axe finds no violation, from the smallest phone to the desktop, in light and dark.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
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
