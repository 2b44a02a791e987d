/**
 * The embed's dialog: where the focus is, every way to close it, that a payment under way is not cut off unasked, and that
 * nobody is kept out of it: by the keyboard, on the smallest phone, in light and dark (WCAG 2.2 AA as far as axe can tell).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFaultyLink } from "../support/faulty-link.ts";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, eventually, type Merchant } from "../support/platform.ts";
import { heading, numberField, payButton } from "./customer.ts";
import {
  type EmbedShop,
  type EmbedShops,
  fits,
  openEmbedShop,
  openEmbedShops,
  payInEmbed,
  press,
  within,
} from "./embed-shop.ts";
import { useStage } from "./stage.ts";

const link = createFaultyLink();
const stage = useStage({ sandboxLink: link });
let shops: EmbedShops;
let merchant: Merchant;
beforeAll(async () => {
  [shops, merchant] = await Promise.all([openEmbedShops(), newMerchant(stage.platform)]);
});
afterAll(() => shops.close());

const MORE = `<p><a href="#further">Further on</a></p>${"<p>More of the shop.</p>".repeat(60)}`;

/** The shop with the dialog open and the page in it, opened from the focused button. */
async function openDialog(options = {}): Promise<EmbedShop> {
  const { payment_url } = await merchant.createIntent();
  const shop = await openEmbedShop(await stage.visit(options), shops, stage.platform, MORE);
  await shop.opener.focus();
  await shop.mount({ paymentUrl: payment_url, modal: true });
  await shop.told(3);
  await fits(shop.page);
  return shop;
}

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Payment" });
const closed = async ({ page, told }: EmbedShop, atLeast: number) => {
  await dialogOf(page).waitFor({ state: "detached" });
  return (await told(atLeast)).at(-1);
};
const closing = (reason: string, phase = "payable") => ({
  name: "one",
  on: "onClose",
  value: { reason, phase },
});

/** Where the focus is: on the shop, in the dialog, or in its frame. */
const FOCUS = `(() => {
  const active = document.activeElement;
  const inner = active?.shadowRoot?.activeElement;
  return inner ? inner.className || inner.localName : active?.id || active?.localName;
})()`;

describe("the dialog", () => {
  test("takes the focus, keeps it, holds the page still, and gives the focus back on Escape", async () => {
    const shop = await openDialog();
    const { page, opener } = shop;
    const dialog = dialogOf(page);
    expect(await page.evaluate(FOCUS)).toBe("embed");
    const visited = new Set<unknown>();
    for (let tab = 0; tab < 12; tab += 1) {
      await page.keyboard.press("Tab");
      visited.add(await page.evaluate(FOCUS));
    }
    expect([...visited].filter((place) => place === "opener" || place === "a")).toEqual([]);
    expect([...visited]).toEqual(expect.arrayContaining(["close", "iframe"]));
    const width = await page.evaluate("document.querySelector('main').offsetWidth");
    await page.mouse.move(5, 400);
    await page.mouse.wheel(0, 500);
    expect(
      await page.evaluate("[getComputedStyle(document.documentElement).overflowY, scrollY].join()"),
    ).toBe("hidden,0");
    await dialog.getByRole("button", { name: "Close" }).focus();
    await page.keyboard.press("Escape");
    expect(await closed(shop, 4)).toEqual(closing("escape"));
    expect(await page.evaluate(FOCUS)).toBe("opener");
    expect(await opener.isVisible()).toBe(true);
    expect(await page.evaluate("document.querySelector('main').offsetWidth")).toBe(width);
    expect(await page.evaluate("getComputedStyle(document.documentElement).overflowY")).toBe("visible");
  });

  test("closes on Escape from within the frame", async () => {
    const shop = await openDialog();
    await numberField(shop.checkout).press("Escape");
    expect(await closed(shop, 4)).toEqual(closing("escape"));
    expect(await shop.page.evaluate(FOCUS)).toBe("opener");
  });

  test("closes by its button", async () => {
    const shop = await openDialog();
    await shop.page.getByRole("button", { name: "Close" }).click();
    expect(await closed(shop, 4)).toEqual(closing("button"));
  });

  test("closes by a press on what lies behind it, but not by one that only ends there", async () => {
    const shop = await openDialog();
    const { page } = shop;
    const box = await dialogOf(page).boundingBox();
    await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 20);
    await page.mouse.down();
    await page.mouse.move(5, 5);
    await page.mouse.up();
    expect(await dialogOf(page).isVisible()).toBe(true);
    await page.mouse.click(5, 5);
    expect(await closed(shop, 4)).toEqual(closing("backdrop"));
  });

  test("closes from code without asking, and another one may open then, but no two at once", async () => {
    const shop = await openDialog();
    const { payment_url } = await merchant.createIntent();
    const again = () => shop.mount({ paymentUrl: payment_url, modal: true }, "again");
    await expect(again()).rejects.toThrow("a dialog is open already: close() or unmount() it first");
    await shop.page.evaluate("mounts.one.close()");
    expect(await closed(shop, 4)).toEqual(closing("api"));
    await again();
    await shop.told(3, "again");
    await shop.page.evaluate("mounts.again.unmount()");
    expect(await shop.told(3, "again")).toHaveLength(3);
    expect(await shop.page.evaluate("document.adoptedStyleSheets.length")).toBe(0);
  });
});

describe("a payment under way", () => {
  test("is not left without a question, which goes by itself when the outcome has come", async () => {
    const held = link.nextCharge("late");
    const shop = await openDialog();
    const { page, checkout } = shop;
    await payInEmbed(checkout);
    await held.struck;
    await shop.told(4);
    await page.keyboard.press("Escape"); // the focus is in the frame
    const question = page.getByRole("alertdialog", { name: /^Your payment is still under way\./ });
    await question.waitFor();
    expect(await page.evaluate(FOCUS)).toBe("first");
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "hidden" });
    expect(await page.evaluate(FOCUS)).toBe("embed");
    await page.mouse.click(5, 5);
    await page.getByRole("button", { name: "Keep open" }).click();
    await question.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await question.waitFor();
    held.release();
    await heading(checkout, "Payment successful").waitFor();
    await question.waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    expect(await closed(shop, 7)).toEqual(closing("escape", "over"));
  });

  test("can be left all the same, and the merchant is told that its outcome is still to come", async () => {
    const shop = await openDialog();
    const { page, checkout } = shop;
    await payInEmbed(checkout, CARDS.challengeThenSucceeds);
    await checkout.getByRole("button", { name: "Complete" }).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("button", { name: "Close anyway" }).click();
    expect(await closed(shop, 5)).toEqual(closing("button", "challenge"));
  });

  test("with a bank that says no leaves the dialog open for another card", async () => {
    const { page, checkout, told } = await openDialog();
    await payInEmbed(checkout, CARDS.challengeThenSucceeds);
    await press(checkout.getByRole("button", { name: "Fail" }));
    await checkout.getByRole("alert").getByText("Your bank could not confirm").waitFor();
    await payInEmbed(checkout);
    await heading(checkout, "Payment successful").waitFor();
    expect((await told(9)).map(({ on }) => on)).toContain("onFailed");
    await fits(page);
  });
});

const AXE = readFileSync(
  createRequire(import.meta.resolve("@axe-core/playwright")).resolve("axe-core"),
  "utf8",
);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LOOK = `axe.run(document, {
  iframes: false, // looked at apart
  runOnly: ${JSON.stringify(RULES)},
  rules: { "frame-tested": { enabled: false } },
}).then(({ violations, incomplete }) =>
  [...violations, ...incomplete].flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`;

/** Of the merchant's page and of the page in the frame, in light and dark. */
async function barriers(page: Page): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const seen = [await page.evaluate(LOOK), await within(page, LOOK)].flat();
    found.push(...seen.map((barrier) => `${colorScheme}: ${String(barrier)}`));
  }
  return found;
}

describe("nobody is kept out:", () => {
  test.each([
    ["on the smallest phone it fills the screen", { width: 320, height: 640 }, true],
    ["on a phone laid down as well", { width: 740, height: 360 }, true],
    ["on a desktop it leaves the page to be seen", { width: 1280, height: 800 }, false],
  ])("%s, and has no barrier", async (_, viewport, fills) => {
    const { page, checkout } = await openDialog({ viewport, reducedMotion: "reduce" });
    const box = await dialogOf(page).boundingBox();
    if (fills) expect(box).toEqual({ x: 0, y: 0, ...viewport });
    else expect(box?.width).toBe(960);
    await page.context().addInitScript(AXE);
    for (const frame of page.frames()) await frame.evaluate(AXE);
    expect(await barriers(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await payInEmbed(checkout, CARDS.challengeThenSucceeds);
    await checkout.getByRole("button", { name: "Complete" }).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("button", { name: "Close anyway" }).waitFor();
    await eventually(async () => (await within(page, "typeof axe")) === "object");
    expect(await barriers(page)).toEqual([]);
    for (const name of ["Close", "Keep open", "Close anyway"]) {
      const button = await page.getByRole("button", { name, exact: true }).boundingBox();
      expect(Math.min(button?.width ?? 0, button?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
  });

  test("nor by a page that loads, or that cannot be shown; and each speaks the customer's language", async () => {
    const page = await stage.visit({ locale: "ar", reducedMotion: "reduce" });
    await page.clock.install();
    const { payment_url } = await merchant.createIntent();
    let answer = () => {};
    await page.route(payment_url, async (route) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await route.abort("connectionrefused");
    });
    const { mount } = await openEmbedShop(page, shops, stage.platform);
    await mount({ paymentUrl: payment_url, modal: true });
    const dialog = page.getByRole("dialog", { name: "الدفع" });
    await dialog.getByRole("status").waitFor();
    expect(await dialog.getAttribute("dir")).toBe("rtl");
    await page.evaluate(AXE);
    expect(await page.evaluate(LOOK)).toEqual([]);
    answer();
    const retry = page.getByRole("button", { name: "إعادة المحاولة" });
    await eventually(async () => {
      await page.clock.fastForward(20_000);
      return retry.isVisible();
    });
    expect(await page.evaluate(LOOK)).toEqual([]);
    await page.unrouteAll();
    await retry.press("Enter");
    await payButton(page.frameLocator("iframe"))
      .or(page.frameLocator("iframe").locator("[type=submit]"))
      .waitFor();
  });
});
