/**
 * A merchant's page with the embed, on an origin of its own and under the strictest policy that a shop could have: no
 * style of any kind, scripts by a nonce. The listener of the platform's document is on it as well, word for word.
 */
import { createServer } from "node:http";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { CARDS, eventually } from "../support/platform.ts";
import { type Checkout, enterCard, payButton } from "./customer.ts";
import { DOCUMENTED_LISTENER } from "./merchant-site.ts";

export type EmbedShops = {
  readonly origin: string;
  /** Serves a page, under the policy where one is given. @returns its address */
  readonly serve: (html: string, policy?: string) => string;
  readonly close: () => Promise<void>;
};

export async function openEmbedShops(): Promise<EmbedShops> {
  const pages: { html: string; policy: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const page = pages[Number((request.url ?? "/").slice(1))];
    if (page?.policy !== undefined) response.setHeader("content-security-policy", page.policy);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page?.html ?? "<!doctype html><title>Shop</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The shops have no port.");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    serve: (html, policy) => `${origin}/${pages.push({ html, policy }) - 1}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A call of one of the embed's callbacks, or the end of `ready`. */
export type Told = { readonly name: string; readonly on: string; readonly value?: unknown };

export type EmbedShop = {
  readonly page: Page;
  readonly opener: Locator;
  /** The frames on the page, in order. */
  readonly checkout: FrameLocator;
  readonly other: FrameLocator;
  /** Mounts with all callbacks written down under `name`. */
  readonly mount: (options: object, name?: string) => Promise<void>;
  /** What the callbacks heard, once it is at least so many, without what the wait left out. */
  readonly told: (atLeast: number, name?: string) => Promise<readonly Told[]>;
  /** Every message that reached the merchant's window. */
  readonly heard: () => Promise<readonly { readonly origin: string; readonly data: unknown }[]>;
};

const CALLBACKS = [
  "onStarted",
  "onProcessing",
  "onSuccess",
  "onFailed",
  "onCanceled",
  "onError",
  "onEvent",
  "onClose",
];

function shopPage(platformUrl: string, more: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title>
<script nonce="shop" src="${platformUrl}/embed.js"></script></head>
<body>
<main><h1>Shop</h1><button type="button" id="opener">Pay now</button>
<div id="one"></div><div id="two"></div>${more}</main>
<script nonce="shop">
const heard = [];
window.addEventListener('message', (event) => heard.push({ origin: event.origin, data: event.data }));

${DOCUMENTED_LISTENER}

const told = [], mounts = {};
function mount(name, options) {
  const callbacks = ${JSON.stringify(CALLBACKS)}.map((on) => [on, (value) => told.push({ name, on, value })]);
  const mounted = Mintro.mountCheckout({ ...Object.fromEntries(callbacks), ...options });
  mounts[name] = mounted;
  mounted.ready.then(() => told.push({ name, on: "ready" }), ({ message }) => told.push({ name, on: "unready", value: message }));
}
</script>
</body></html>`;
}

/** Opens the shop's page. `more` is HTML of its own. */
export async function openEmbedShop(
  page: Page,
  shops: EmbedShops,
  platform: { readonly url: string },
  more = "",
): Promise<EmbedShop> {
  const policy = `default-src 'none'; script-src 'nonce-shop'; frame-src ${platform.url}; base-uri 'none'`;
  await page.goto(shops.serve(shopPage(platform.url, more), policy));
  const told = (atLeast: number, name = "one") =>
    eventually(async () => {
      const all: readonly Told[] = await page.evaluate("told");
      const own = all.filter((each) => each.name === name);
      return own.length >= atLeast && own;
    });
  return {
    page,
    opener: page.locator("#opener"),
    checkout: page.frameLocator("iframe >> nth=0"),
    other: page.frameLocator("iframe >> nth=1"),
    mount: (options, name = "one") =>
      page.evaluate(`mount(${JSON.stringify(name)}, ${JSON.stringify(options)})`),
    told,
    heard: () => page.evaluate("heard"),
  };
}

/** By the keyboard: a browser drops clicks into a frame of another origin that has just moved or grown. */
export async function press(button: Locator): Promise<void> {
  await button.press("Enter");
}

export async function payInEmbed(at: Checkout, number: string = CARDS.visa): Promise<void> {
  await enterCard(at, number);
  await press(payButton(at));
}

/** How high a frame is, and how high the page in it: with a bar to scroll, the second is more. */
async function heights(page: Page, nth = 0): Promise<{ frame: number; content: number }> {
  const frame = await page.locator("iframe").nth(nth).boundingBox();
  return {
    frame: frame?.height ?? 0,
    content: Number(await within(page, "document.documentElement.scrollHeight", nth)),
  };
}

/** Evaluates in the page of a frame. */
export async function within(page: Page, expression: string, nth = 0): Promise<unknown> {
  const handle = await page.locator("iframe").nth(nth).elementHandle();
  return await (await handle?.contentFrame())?.evaluate(expression);
}

/** Waits until the frame is as high as its page. */
export async function fits(page: Page, nth = 0): Promise<number> {
  return await eventually(async () => {
    const { frame, content } = await heights(page, nth);
    return frame === content && frame;
  });
}
