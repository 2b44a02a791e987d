/** What a customer does on the checkout page, and what a merchant's page hears of it. */
import type { FrameLocator, Page } from "playwright-core";
import { CARDS, eventually, type Merchant } from "../support/platform.ts";
import { CODE } from "./card-data.ts";
import type { MerchantSite } from "./merchant-site.ts";

/** The page, or the frame that it is in. */
export type Checkout = Page | FrameLocator;

/** How long the page waits before it asks the server again (checkout/src/session.ts). */
const POLL_MS = 2_000;

export const payButton = (at: Checkout) => at.getByRole("button", { name: /^Pay / });
export const numberField = (at: Checkout) => at.locator("[autocomplete=cc-number]");
export const heading = (at: Checkout, name: string) => at.getByRole("heading", { level: 1, name });

export async function enterCard(
  at: Checkout,
  number: string,
  { expiry = "12/40", code = CODE }: { expiry?: string; code?: string } = {},
): Promise<void> {
  await numberField(at).fill(number);
  await at.locator("[autocomplete=cc-exp]").fill(expiry);
  await at.locator("[autocomplete=cc-csc]").fill(code);
}

/** Enters the card and presses "Pay". */
export async function payWith(at: Checkout, number: string = CARDS.visa): Promise<void> {
  await enterCard(at, number);
  await payButton(at).click();
}

/** Lets the page's next question to the server come due now, and waits for the answer. */
export async function nextQuestion(page: Page): Promise<void> {
  await Promise.all([page.waitForResponse(/\/state$/), page.clock.fastForward(POLL_MS)]);
}

type Heard = { readonly origin: string; readonly data: unknown };

export type Shop = {
  readonly page: Page;
  readonly checkout: FrameLocator;
  /** What the merchant's page has heard, once it is at least so many. */
  readonly heard: (atLeast: number) => Promise<readonly Heard[]>;
  /** The same without the origins. */
  readonly told: (atLeast: number) => Promise<readonly unknown[]>;
};

/** Opens the merchant's page with the checkout in its frame. The page's clock can be moved. */
export async function openShop(page: Page, site: MerchantSite, paymentUrl: string): Promise<Shop> {
  await page.clock.install();
  await page.goto(site.shopWith(paymentUrl));
  const heard = (atLeast: number) =>
    eventually(async () => {
      const all: readonly Heard[] = await page.evaluate("heard");
      return all.length >= atLeast && all;
    });
  return {
    page,
    checkout: page.frameLocator("iframe"),
    heard,
    told: async (atLeast) => (await heard(atLeast)).map(({ data }) => data),
  };
}

/** An intent that sends the customer back to the merchant's site. */
export function urlIntent(merchant: Merchant, site: MerchantSite, change: Record<string, unknown> = {}) {
  return merchant.createIntent({
    integration_type: "url",
    success_url: `${site.origin}/thanks`,
    cancel_url: `${site.origin}/basket`,
    ...change,
  });
}
