/** One sample of every state that the checkout page can be in, for the preview and the page's own tests. */
import type { CheckoutView } from "@mintro/contract/checkout";

const PAYABLE: CheckoutView = {
  status: "requires_payment",
  intent_id: "pi_0193a5b2-7c1e-7d4f-9a61-3f2b8c4d5e6f",
  reference_id: "ORDER-123456",
  integration_type: "url",
  merchant: "Northwind Coffee",
  test_mode: true,
  amount: "80.00",
  tax: "10.00",
  discount: "5.00",
  currency: "USD",
  items: [
    { name: "House blend, whole bean, 1 kg", quantity: 2, price: "25.00" },
    { name: "Ceramic dripper", quantity: 1, price: "25.00" },
  ],
  interval_days: null,
  customer: { name: "John Doe", email: "customer@example.com" },
  success_url: "/merchant?status=succeeded",
  cancel_url: "/merchant?status=canceled",
  post_to: [],
  challenge_url: null,
  last_failure: null,
  card: null,
  wallet: null,
  collection: "our_form",
  paid_at: null,
  expires_at: "2030-12-31T23:59:59.000000Z",
};

const FRAMED: CheckoutView = {
  ...PAYABLE,
  integration_type: "iframe",
  success_url: null,
  cancel_url: null,
  post_to: ["*"],
};

const RECURRING: CheckoutView = { ...FRAMED, interval_days: 30 };

/** The processor shows fields of its own; in the preview those of src/samples/fields.ts. */
const FIELDS: CheckoutView = { ...PAYABLE, collection: "own_fields" };

const PAID_AT = "2026-11-23T09:14:03.000000Z";

const CARD = { brand: "visa", last4: "4242" };

const MANY_ITEMS = Array.from({ length: 12 }, (_, index) => ({
  name: index === 1 ? "Antidisestablishmentarianism".repeat(9).slice(0, 255) : `Product ${index + 1}`,
  quantity: index === 2 ? 1_000_000 : 1 + (index % 3),
  price: index === 2 ? "99999999.99" : "12.50",
}));

/** By the token under which the preview serves it; null is the token that nobody knows. */
export const SAMPLES: Readonly<Record<string, CheckoutView | null>> = {
  pay: PAYABLE,
  "pay-live": { ...PAYABLE, test_mode: false },
  "pay-framed": FRAMED,
  "pay-recurring": RECURRING,
  "pay-one": { ...PAYABLE, items: PAYABLE.items.slice(1), tax: "0.00", discount: "0.00", amount: "25.00" },
  "pay-many": {
    ...PAYABLE,
    items: Array.from({ length: 30 }, (_, index) => ({
      name: `Product ${index + 1}`,
      quantity: 3,
      price: "5.05",
    })),
  },
  "pay-declined": { ...FRAMED, last_failure: { charge_id: 105, reason: "insufficient_funds" } },
  "pay-yen": {
    ...PAYABLE,
    currency: "JPY",
    amount: "8000",
    tax: "727",
    discount: "0",
    items: [{ name: "コーヒー豆 ハウスブレンド 1 kg", quantity: 2, price: "4000" }],
    merchant: "喫茶ミント",
    customer: { name: "山田 太郎", email: "taro@example.jp" },
  },
  "pay-long": {
    ...RECURRING,
    merchant: "The Incomparable Company of Purveyors of Fine Goods & Sons, established in 1802",
    amount: "99999999.99",
    items: MANY_ITEMS,
    customer: { name: "Maximiliane", email: `${"long.address.".repeat(5)}@subdomain.example.com` },
  },
  "pay-hostile": {
    ...PAYABLE,
    merchant: `</script><img src=x onerror="document.title='broken'">`,
    items: [{ name: `"'><script>document.title='broken'</script>`, quantity: 1, price: "80.00" }],
    customer: { name: `O'Brien "Bo" <b>`, email: `"a'b"@example.com` },
  },
  "pay-fields": FIELDS,
  "pay-fields-recurring": { ...FRAMED, collection: "own_fields", interval_days: 30 },
  "pay-fields-declined": { ...FIELDS, last_failure: { charge_id: 106, reason: "generic_decline" } },
  // Its fields pay by a button of their own (preview-fields.ts).
  "pay-button": FIELDS,
  processing: { ...PAYABLE, status: "processing", card: CARD },
  action: { ...PAYABLE, status: "requires_action", challenge_url: "/challenge/action", card: CARD },
  paid: { ...PAYABLE, status: "succeeded", paid_at: PAID_AT, card: CARD },
  "paid-framed": { ...FRAMED, status: "succeeded", paid_at: PAID_AT, card: CARD },
  "paid-recurring": {
    ...RECURRING,
    status: "succeeded",
    paid_at: PAID_AT,
    card: { brand: "amex", last4: "0005" },
  },
  "paid-wallet": { ...PAYABLE, status: "succeeded", paid_at: PAID_AT, wallet: "PayPal" },
  cancelled: { ...PAYABLE, status: "cancelled" },
  expired: { ...PAYABLE, status: "expired" },
  failed: { ...PAYABLE, status: "failed", last_failure: { charge_id: 110, reason: "generic_decline" } },
  unknown: null,
};
