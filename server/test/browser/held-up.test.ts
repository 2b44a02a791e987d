/** A customer whose address has sent too many cards: the page says what became of the payment, and takes it again later. */
import { expect, test } from "vitest";
import { instantFromMicros } from "../../src/base/instant.ts";
import { realWorld } from "../../src/base/world.ts";
import { CARDS } from "../support/platform.ts";
import { heading, openShop, payButton, payWith } from "./customer.ts";
import { useStage } from "./stage.ts";

const wall = realWorld();
let passed = 0n;
const world = { ...wall, now: () => instantFromMicros(wall.now() + passed) };
const stage = useStage({ world, trustedProxies: ["loopback"], misuse: { attempts: 1 } });

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
  await told(3); // started, failed, and the error of a call that was not answered as it should be
  await page.clock.fastForward(1_500); // the page asks what became of it (checkout/src/session.ts)
  await checkout.getByText("you have not been charged. You can try again.").waitFor();
  expect((await merchant.intent(intent_id)).charges).toHaveLength(1);

  passed += 60_000_000n;
  await payButton(checkout).click();
  await heading(checkout, "Payment successful").waitFor();
  expect(await told(4)).toMatchObject([
    { event: "payment.started" },
    { event: "payment.failed" },
    { event: "error" },
    { event: "payment.success" },
  ]);
});
