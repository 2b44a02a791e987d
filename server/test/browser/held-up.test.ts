/** A customer whose network has sent too many cards: the page says that none was tried, and takes it again as soon as the server does. */
import { expect, test } from "vitest";
import { instantFromMicros } from "../../src/base/instant.ts";
import { realWorld } from "../../src/base/world.ts";
import { CARDS } from "../support/platform.ts";
import { heading, numberField, openShop, payButton, payWith } from "./customer.ts";
import { useStage } from "./stage.ts";

const wall = realWorld();
let passed = 0n;
const world = { ...wall, now: () => instantFromMicros(wall.now() + passed) };
const stage = useStage({ world, trustedProxies: ["loopback"], misuse: { attempts: 1 } });

const TOO_MANY = "Too many attempts at the moment. Try again in a minute.";

test("a card that is held up is not charged, and the customer is told so and can pay once the minute is over", async () => {
  stage.expectComplaint(/status of 429/);
  const { merchant } = stage.platform;
  const { intent_id, payment_url } = await merchant.createIntent();
  const visitor = await stage.visit({ extraHTTPHeaders: { "x-forwarded-for": "198.51.100.1" } });
  const { page, checkout, told } = await openShop(visitor, stage.site, payment_url);
  await payWith(checkout, CARDS.declined);
  await checkout.getByText("declined").first().waitFor();

  await Promise.all([
    page.waitForResponse((response) => response.status() === 429),
    payWith(checkout, CARDS.visa),
  ]);
  await checkout.getByRole("alert").getByText(TOO_MANY).waitFor();
  expect(await payButton(checkout).getAttribute("aria-disabled")).toBe("true");
  expect(await numberField(checkout).inputValue()).toBe("4242 4242 4242 4242");
  expect((await merchant.intent(intent_id)).charges).toHaveLength(1);

  passed += 60_000_000n;
  await page.clock.fastForward(60_000);
  await checkout.getByText(TOO_MANY).waitFor({ state: "detached" });
  await payButton(checkout).click();
  await heading(checkout, "Payment successful").waitFor();
  expect(await told(4)).toMatchObject([
    { event: "payment.started" },
    { event: "payment.failed" },
    { event: "error", message: TOO_MANY },
    { event: "payment.success" },
  ]);
});
