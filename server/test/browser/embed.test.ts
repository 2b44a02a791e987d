/**
 * The embed on a merchant's page: what its callbacks and the page's own listener hear, that the frame is as high as its
 * content, and what it says when the page cannot be shown. The dialog is in embed-modal.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { CARDS, eventually, type Merchant } from "../support/platform.ts";
import { heading, nextQuestion, payButton } from "./customer.ts";
import {
  type EmbedShops,
  fits,
  openEmbedShop,
  openEmbedShops,
  payInEmbed,
  press,
  type Told,
  within,
} from "./embed-shop.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
let shops: EmbedShops;
let merchant: Merchant;
beforeAll(async () => {
  [shops, merchant] = await Promise.all([openEmbedShops(), newMerchant(stage.platform)]);
});
afterAll(() => shops.close());

const inOne = (paymentUrl: string) => ({ paymentUrl, container: "#one" });
const open = async (options = {}, more = "") =>
  openEmbedShop(await stage.visit(options), shops, stage.platform, more);

/** The callbacks' names and what they were given, without `ready`, which comes when it comes. */
const calls = (told: readonly Told[]) =>
  told.filter(({ on }) => on !== "ready").map(({ on, value }) => [on, value]);

async function eventsOf(created: { intent_id: string }) {
  const { reference_id } = await merchant.intent(created.intent_id);
  const about = { intent_id: created.intent_id, client_reference_id: reference_id };
  return {
    started: { event: "payment.started", message: "Checkout opened.", ...about },
    success: { event: "payment.success", message: "Payment successful.", ...about, status: "succeeded" },
    canceled: { event: "payment.canceled", message: "Payment canceled.", ...about, status: "canceled" },
    failed: {
      event: "payment.failed",
      message: "Your card was declined. Try again, or use another card.",
      ...about,
      status: "failed",
    },
  };
}

describe("what happens is told", () => {
  test("to the callback of its own and to onEvent, and the page's listener hears the document's events alone", async () => {
    const created = await merchant.createIntent();
    const { started, failed, success } = await eventsOf(created);
    const { page, checkout, mount, told, heard } = await open();
    const logged: string[] = [];
    page.on("console", (message) => void logged.push(`${message.type()}: ${message.text()}`));
    await mount(inOne(created.payment_url));
    await payInEmbed(checkout, CARDS.declined);
    await checkout.getByRole("alert").getByText("Your card was declined.").waitFor();
    await payInEmbed(checkout);
    await heading(checkout, "Payment successful").waitFor();
    await fits(page);
    expect(calls(await told(9))).toEqual([
      ["onEvent", started],
      ["onStarted", started],
      ["onProcessing", undefined],
      ["onEvent", failed],
      ["onFailed", failed],
      ["onProcessing", undefined],
      ["onEvent", success],
      ["onSuccess", success],
    ]);
    expect(await heard()).toEqual(
      [started, failed, success].map((data) => ({ origin: stage.platform.url, data })),
    );
    expect(logged).toEqual([
      `log: User opened checkout: ${created.intent_id}`,
      `error: Payment failed ${failed.message}`,
      expect.stringMatching(/^log: Payment successful! /),
    ]);
  });

  test("for errors of the form and the customer's Cancel, and for a cancel by the API", async () => {
    const created = await merchant.createIntent();
    const { canceled } = await eventsOf(created);
    const visitor = await stage.visit();
    await visitor.clock.install();
    const { page, checkout, mount, told } = await openEmbedShop(visitor, shops, stage.platform);
    await mount(inOne(created.payment_url));
    await press(payButton(checkout));
    const wrong = "Enter the card number. Enter the expiration date. Enter the security code.";
    const error = { event: "error", type: "error", message: wrong };
    expect(calls(await told(5)).slice(2)).toEqual([
      ["onEvent", error],
      ["onError", error],
    ]);
    await press(checkout.getByRole("button", { name: "Cancel" }));
    await heading(checkout, "You canceled the payment").waitFor();
    await merchant.post(`/intents/${created.intent_id}/cancel`);
    await nextQuestion(page);
    await heading(checkout, "Payment canceled").waitFor();
    const cancels = [
      ["onEvent", canceled],
      ["onCanceled", canceled],
    ];
    expect(calls(await told(9)).slice(4)).toEqual([...cancels, ...cancels]);
  });

  test("through a challenge and back, and a reload in the middle of it is no failure of the frame", async () => {
    const { payment_url } = await merchant.createIntent();
    const { page, checkout, mount, told, heard } = await open();
    await mount(inOne(payment_url));
    await payInEmbed(checkout, CARDS.challengeThenSucceeds);
    const complete = checkout.getByRole("button", { name: "Complete" });
    await complete.waitFor();
    await page.reload();
    await mount(inOne(payment_url));
    await complete.waitFor();
    expect(await told(1)).toEqual([{ name: "one", on: "ready" }]);
    await fits(page); // nothing to scroll on the bank's page either
    await press(complete);
    await heading(checkout, "Payment successful").waitFor();
    await fits(page);
    expect((await told(3)).map(({ on }) => on)).toEqual(["ready", "onEvent", "onSuccess"]);
    expect(await heard()).toHaveLength(1);
  });

  test("to the checkout that it happened in, of several on a page", async () => {
    const [first, second] = await Promise.all([merchant.createIntent(), merchant.createIntent()]);
    const { page, other, mount, told } = await open();
    await mount(inOne(first.payment_url));
    await mount({ paymentUrl: second.payment_url, container: "#two" }, "two");
    await told(3);
    await payInEmbed(other);
    await heading(other, "Payment successful").waitFor();
    expect((await told(6, "two")).at(-1)?.value).toMatchObject({ intent_id: second.intent_id });
    expect((await told(3)).map(({ on }) => on).sort()).toEqual(["onEvent", "onStarted", "ready"]);
    expect(await fits(page, 0)).toBeGreaterThan(await fits(page, 1));
  });

  test("but not what another origin, another frame or the page itself says", async () => {
    const { payment_url } = await merchant.createIntent();
    const { page, mount, told, heard } = await open();
    await mount(inOne(payment_url));
    await told(3);
    const forged = { event: "payment.success", message: "", intent_id: "pi_1", status: "succeeded" };
    await page.evaluate(`{
      const forged = ${JSON.stringify(forged)};
      const origin = ${JSON.stringify(stage.platform.url)};
      const source = mounts.one.iframe.contentWindow;
      postMessage(forged, "*");
      dispatchEvent(new MessageEvent("message", { data: forged, origin }));
      dispatchEvent(new MessageEvent("message", { data: forged, origin, source: window }));
      dispatchEvent(new MessageEvent("message", { data: forged, origin: "https://evil.example", source }));
      dispatchEvent(new MessageEvent("message", { data: { event: "payment.captured" }, origin, source }));
      dispatchEvent(new MessageEvent("message", { data: "payment.success", origin, source }));
    }`);
    await eventually(async () => (await heard()).length >= 7);
    expect(await told(3)).toHaveLength(3);
  });
});

test("a page with the document's listener and a frame of its own works the same with the embed's script beside it", async () => {
  const created = await merchant.createIntent();
  const { started, success } = await eventsOf(created);
  const frame = `<iframe title="Checkout" src="${created.payment_url}" width="480" height="1000"></iframe>`;
  const { page, checkout, heard } = await open({}, frame);
  await payInEmbed(checkout);
  await heading(checkout, "Payment successful").waitFor();
  expect((await heard()).map(({ data }) => data)).toEqual([started, success]);
  expect(await page.locator("iframe").boundingBox()).toMatchObject({ height: 1004 }); // with its border
  expect(await checkout.locator("html").getAttribute("class")).toBeNull();
});

describe("the frame", () => {
  test("is what a payment needs, and nothing more: named, allowed to pay, and told nothing of the shop's address", async () => {
    const { payment_url } = await merchant.createIntent();
    const { page, mount, told } = await open();
    await mount({ ...inOne(payment_url), title: "Pay for your order" });
    await told(3);
    const frame = page.locator("iframe");
    expect(await frame.getAttribute("title")).toBe("Pay for your order");
    expect(await frame.getAttribute("allow")).toBe("payment");
    expect(await frame.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(await frame.getAttribute("sandbox")).toBeNull();
  });

  test.each([
    ["a small phone", { width: 320, height: 640 }],
    ["a desktop", { width: 1280, height: 800 }],
  ])("grows and shrinks with its page on %s, with no bar to scroll in it", async (_, viewport) => {
    const { payment_url } = await merchant.createIntent({
      order_items: Array.from({ length: 30 }, (_, n) => ({ name: `Product ${n}`, quantity: 1, price: 10 })),
    });
    const { page, checkout, mount } = await open({ viewport });
    await mount(inOne(payment_url));
    await payButton(checkout).waitFor();
    const whole = await fits(page);
    await checkout.locator("summary").first().press("Enter");
    await eventually(async () => (await fits(page)) > whole);
    await payInEmbed(checkout);
    await heading(checkout, "Payment successful").waitFor();
    await eventually(async () => (await fits(page)) < whole);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    expect(await within(page, "document.documentElement.scrollWidth - innerWidth")).toBe(0);
  });

  test("is never lower than asked for, and moves only where motion is welcome", async () => {
    const { payment_url } = await merchant.createIntent();
    const still = await open({ reducedMotion: "reduce" });
    await still.mount({ ...inOne(payment_url), minHeight: 2_000 });
    await still.told(3);
    const look =
      "[mounts.one.iframe.clientHeight, getComputedStyle(mounts.one.iframe).transitionDuration].join()";
    expect(await still.page.evaluate(look)).toBe("2000,0s");
    const moving = await open();
    await moving.mount(inOne(payment_url));
    await moving.told(3);
    expect(await moving.page.evaluate(look)).toMatch(/,0\.18s$/);
  });

  test("goes by close(), which tells onClose, or by unmount(), which tells nobody; then its place is free", async () => {
    const { payment_url } = await merchant.createIntent();
    const { page, mount, told } = await open();
    await mount(inOne(payment_url));
    await told(3);
    await page.evaluate("mounts.one.close(); mounts.one.close(); mounts.one.unmount()");
    expect((await told(4)).at(-1)).toEqual({
      name: "one",
      on: "onClose",
      value: { reason: "api", phase: "payable" },
    });
    await mount(inOne(payment_url), "again");
    await told(3, "again");
    await page.evaluate("mounts.again.unmount(); mounts.again.close()");
    await mount(inOne(payment_url), "last");
    await page.evaluate("mounts.last.unmount()");
    expect(await told(1, "last")).toEqual([
      { name: "last", on: "unready", value: "The checkout was closed before it was shown." },
    ]);
    expect(await told(3, "again")).toHaveLength(3);
    expect(await page.locator("iframe").count()).toBe(0);
  });
});

describe("arguments that cannot be right are refused at once:", () => {
  const url = "https://mintro.example/pay/abc";
  test.each([
    [{ container: "#one" }, /paymentUrl must be the payment_url of an intent, .*not undefined/],
    [{ paymentUrl: "/pay/abc", container: "#one" }, /not \/pay\/abc/],
    [{ paymentUrl: "javascript:alert(1)//pay/", container: "#one" }, /paymentUrl must be/],
    [{ paymentUrl: "https://mintro.example/docs", container: "#one" }, /paymentUrl must be/],
    [{ paymentUrl: url }, /give either container, an element or a selector, or modal: true/],
    [{ paymentUrl: url, container: "#one", modal: true }, /give either container/],
    [{ paymentUrl: url, container: "#three" }, /container "#three" is not in the page/],
    [{ paymentUrl: url, container: "##" }, /container "##" is not a selector/],
    [{ paymentUrl: url, container: {} }, /the container is not in the page/],
  ])("%j", async (options, message) => {
    const { mount } = await open();
    await expect(mount(options)).rejects.toThrow(message);
  });

  test("a container that holds a checkout", async () => {
    const { payment_url } = await merchant.createIntent();
    const { mount } = await open();
    await mount(inOne(payment_url));
    const again = mount({ ...inOne(payment_url) }, "again");
    await expect(again).rejects.toThrow(
      "the container holds a checkout already: close() or unmount() it first",
    );
  });
});

describe("a page that cannot be shown", () => {
  test("because it may not be framed is said to the customer, and to the merchant with what to do", async () => {
    stage.expectComplaint(/frame-ancestors/);
    const strict = await stage.startAnother({ allowedOrigins: ["https://shop.example"] });
    const created = await strict.merchant.createIntent();
    const visitor = await stage.visit();
    await visitor.clock.install();
    const { page, mount, told, heard } = await openEmbedShop(visitor, shops, strict);
    await mount(inOne(created.payment_url));
    const retry = page.getByRole("button", { name: "Try again" });
    await eventually(async () => {
      await page.clock.fastForward(3_000);
      return retry.isVisible();
    });
    const [error, unready] = await told(2);
    expect(error).toMatchObject({
      on: "onError",
      value: {
        event: "error",
        type: "unavailable",
        message: "The payment page cannot be shown at the moment.",
        advice: expect.stringContaining(`MINTRO_ALLOWED_ORIGINS must list ${shops.origin}`),
      },
    });
    expect(unready?.on).toBe("unready");
    expect(JSON.stringify(await told(2))).not.toContain(created.payment_url);
    expect(await heard()).toEqual([]);
  });

  test("for the moment can be tried again, and is there when the way is free", async () => {
    const { payment_url } = await merchant.createIntent();
    const visitor = await stage.visit();
    await visitor.clock.install();
    const { page, checkout, mount, told } = await openEmbedShop(visitor, shops, stage.platform);
    await page.route(payment_url, (route) => route.abort("connectionrefused"));
    await mount(inOne(payment_url));
    const retry = page.getByRole("button", { name: "Try again" });
    await eventually(async () => {
      await page.clock.fastForward(20_000);
      return retry.isVisible();
    });
    await page.unroute(payment_url);
    await retry.press("Enter");
    await payInEmbed(checkout);
    await heading(checkout, "Payment successful").waitFor();
    expect((await told(7)).map(({ on }) => on)).toEqual([
      "onError",
      "unready",
      "onEvent",
      "onStarted",
      "onProcessing",
      "onEvent",
      "onSuccess",
    ]);
  });
});

describe("/embed.js", () => {
  test("is one small script that any site may load, and that is asked for anew every few minutes", async () => {
    const first = await fetch(`${stage.platform.url}/embed.js`, { headers: { "accept-encoding": "br" } });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "content-encoding": "br",
      "cache-control": "public, max-age=300, stale-while-revalidate=3600",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    });
    const etag = first.headers.get("etag") ?? "";
    const second = await fetch(`${stage.platform.url}/embed.js`, { headers: { "if-none-match": etag } });
    expect([second.status, await second.text()]).toEqual([304, ""]);
    expect((await fetch(`${stage.platform.url}/embed.js`, { method: "POST" })).status).toBe(405);
  });
});
