/** A payable intent in a frame, for the tests beside. */
import type { CheckoutView } from "@mintro/contract/checkout";

export const VIEW: CheckoutView = {
  status: "requires_payment",
  intent_id: "pi_1",
  reference_id: "ORDER-1",
  integration_type: "iframe",
  merchant: "Acme",
  test_mode: true,
  amount: "80.00",
  tax: "0.00",
  discount: "0.00",
  currency: "USD",
  items: [{ name: "Product 1", quantity: 1, price: "50.00" }],
  interval_days: null,
  customer: { name: "John Doe", email: "customer@example.com" },
  success_url: null,
  cancel_url: null,
  post_to: ["*"],
  challenge_url: null,
  last_failure: null,
  card: null,
  wallet: null,
  collection: "our_form",
  paid_at: null,
  expires_at: "2030-12-31T23:59:59.000000Z",
};
