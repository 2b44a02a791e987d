/**
 * The framed page speaks to the merchant's page and listens to nobody but the embed around it, which may hand in a port to
 * be told the height on: whatever else is posted into it, nothing happens.
 */
import { expect, test } from "vitest";
import { CARDS, eventually } from "../support/platform.ts";
import { enterCard, heading, openShop, payButton } from "./customer.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

test("messages from the page around it neither pay, cancel nor change anything, and are not answered", async () => {
  const { merchant } = stage.platform;
  const { intent_id, payment_url } = await merchant.createIntent();
  const { page, checkout, heard } = await openShop(await stage.visit(), stage.site, payment_url);
  await enterCard(checkout, CARDS.visa);
  await heard(1);
  await page.evaluate(`{
    const frame = document.querySelector("iframe").contentWindow;
    const events = ["payment.started", "payment.success", "payment.canceled", "error", "pay", "cancel", "submit"];
    for (const event of events) {
      frame.postMessage({ event, type: event, status: "succeeded", intent_id: ${JSON.stringify(intent_id)} }, "*");
      frame.postMessage(event, "*");
      frame.postMessage(JSON.stringify({ event }), "*");
    }
    frame.postMessage({ url: "javascript:document.title='broken'", __proto__: { view: null } }, "*");
    frame.postMessage(null, "*");
  }`);
  await page.clock.fastForward(100);
  await payButton(checkout).waitFor();
  expect(await checkout.locator("[autocomplete=cc-csc]").inputValue()).toBe("927");
  expect((await merchant.intent(intent_id)).charges).toEqual([]);
  expect(await heard(1)).toHaveLength(1);
  await payButton(checkout).click();
  await heading(checkout, "Payment successful").waitFor();
  expect(await heard(2)).toHaveLength(2);
});

test("a port is answered to the page around it, and to no other window", async () => {
  const { payment_url } = await stage.platform.merchant.createIntent();
  const { page, checkout, heard } = await openShop(await stage.visit(), stage.site, payment_url);
  await payButton(checkout).waitFor();
  await page.evaluate(`{
    window.answers = { sibling: [], parent: [], other: [] };
    const target = document.querySelector("iframe").contentWindow;
    const sibling = document.body.appendChild(document.createElement("iframe")).contentWindow;
    const portOf = (who) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answers[who].push(data);
      return port2;
    };
    const post = (from, data, port) =>
      new from.Function("target", "data", "port", "target.postMessage(data, '*', [port])")(target, data, port);
    post(sibling, { mintro: "embed" }, portOf("sibling"));
    post(window, { mintro: "checkout" }, portOf("other"));
    post(window, { mintro: "embed" }, portOf("parent"));
  }`);
  const answers = await eventually(async () => {
    const all: Record<string, unknown[]> = await page.evaluate("answers");
    return all["parent"] && all["parent"].length > 0 && all;
  });
  expect(answers["parent"]?.[0]).toEqual({ height: expect.any(Number) });
  expect(answers).toMatchObject({ sibling: [], other: [] });
  expect(await heard(1)).toHaveLength(1);
});
