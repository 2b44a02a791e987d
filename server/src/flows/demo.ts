/** A demo payment for whoever has just started Mintro: an intent of the first test account, made when the link is opened. */
import { validateCreateIntent } from "@mintro/contract/create-intent";
import { booksOf } from "../domain/account.ts";
import type { AccountId } from "../domain/ids.ts";
import { findAccount } from "../store/accounts.ts";
import { payUrl } from "./charges/attempt.ts";
import type { IntentCreator } from "./intents/create.ts";
import type { Platform } from "./platform.ts";

/** The address of the new intent's checkout page; null where the account is no test account. */
export async function createDemoPayment(
  platform: Platform,
  creator: IntentCreator,
  accountId: AccountId,
): Promise<string | null> {
  const account = await findAccount(platform.db, accountId);
  if (account?.mode !== "test") return null;
  const input = validateCreateIntent({
    amount: "48.50",
    currency: "USD",
    intent_type: "one_time",
    email: "demo@example.com",
    name: "Demo Customer",
    reference_id: `demo-${platform.world.random(8).toString("hex")}`,
    order_items: [
      { name: "Notebook, dotted, A5", quantity: 2, price: "15.00" },
      { name: "Fountain pen", quantity: 1, price: "16.00" },
    ],
    tax: "2.50",
    integration_type: "iframe",
    metadata: { demo: true },
  });
  if (!input.ok) throw new Error("Assertion failed: the demo's own input is valid");
  let url: string | null = null;
  const created = await creator.create({
    books: booksOf(account, platform.world),
    input: input.value,
    keyed: null,
    present(intent) {
      url = payUrl(platform, intent.facts);
      return "";
    },
  });
  return created.ok ? url : null;
}
