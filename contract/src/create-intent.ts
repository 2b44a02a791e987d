/**
 * The table of `POST /api/platform/intents` (contract section 2, "Validation"), in the contract's order, and what a
 * request is once it has passed: texts trimmed, the currency in upper case, amounts in minor units.
 */
import { type Currency, minorDigits } from "./currencies.ts";
import { type Decimal, decimalToMinor, minorToDecimal } from "./decimal.ts";
import { type JsonObject, writeJson } from "./json.ts";
import { currency, email, integer, listOf, numeric, oneOf, record, string, webUrl } from "./laravel-kinds.ts";
import { optional, required, requiredIf, type Validated, type Values, validate } from "./laravel-rules.ts";

const AMOUNT_MAX = "99999999.99";

export const createIntentFields = {
  amount: required(numeric({ min: "1", max: AMOUNT_MAX, decimalsOf: "currency" }), {
    description:
      "What the customer pays, all in all. A number or a decimal string, with the currency's decimals at most. Items, tax and discount are shown to the customer and not added up.",
    example: 80,
  }),
  currency: required(currency(), {
    description: "Code of ISO 4217. Small letters are taken too, and answered as capitals.",
    example: "USD",
  }),
  intent_type: required(oneOf(["one_time", "recurring"]), {
    description: "`recurring` starts a subscription with its first successful payment.",
    example: "recurring",
  }),
  interval_days: requiredIf("intent_type", "recurring", integer({ min: 1, max: 3650 }), {
    ignoredIf: { other: "intent_type", is: "one_time" },
    doc: {
      description: "Days from one charge to the next. Required for `recurring`, ignored for `one_time`.",
      example: 30,
    },
  }),
  email: required(email({ max: 255 }), {
    description: "The customer's e-mail address.",
    example: "customer@example.com",
  }),
  name: required(string({ max: 255 }), { description: "The customer's full name.", example: "John Doe" }),
  reference_id: required(string({ max: 100, pattern: /^[a-zA-Z0-9_-]+$/ }), {
    description:
      "Your own id for this payment: letters, digits, `_` and `-`. It can be used once in an account and mode.",
    example: "ORDER-123456",
  }),
  customer_ref_id: optional(string({ max: 100 }), {
    description:
      "Your own id for the customer. Payments with the same one belong to the same customer; without one, those with the same e-mail address do.",
    example: "CUST-001",
  }),
  order_items: required(
    listOf(
      {
        name: required(string({ max: 255 }), { description: "What is sold.", example: "Product 1" }),
        quantity: required(integer({ min: 1, max: 1_000_000 }), {
          description: "How many of it.",
          example: 1,
        }),
        price: required(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" }), {
          description: "The price of one, as a number or a decimal string.",
          example: 50,
        }),
      },
      { max: 100 },
    ),
    {
      description: "What the customer buys, 1 to 100 items, shown on the checkout page.",
      example: [{ name: "Product 1", quantity: 1, price: 50 }],
    },
  ),
  integration_type: required(oneOf(["iframe", "url"]), {
    description:
      "`url`: the customer is sent to the payment link, and back to you afterwards. `iframe`: the page stays in your frame and tells it what happens.",
    example: "iframe",
  }),
  success_url: requiredIf("integration_type", "url", webUrl({ max: 2048 }), {
    doc: {
      description:
        "Where the customer goes after paying, with `intent_id`, `reference_id` and `status` added to its query. Required for `url`.",
      example: "https://example.com/success",
    },
  }),
  cancel_url: requiredIf("integration_type", "url", webUrl({ max: 2048 }), {
    doc: {
      description: "Where the customer goes on Cancel, with the same additions. Required for `url`.",
      example: "https://example.com/cancel",
    },
  }),
  tax: optional(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" }), {
    description: "The tax that `amount` holds, shown to the customer. Zero if absent.",
    example: 10,
  }),
  discount: optional(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" }), {
    description: "The discount that was taken off `amount`, shown to the customer. Zero if absent.",
    example: 5,
  }),
  metadata: optional(record({ maxItems: 50, maxKilobytes: 16 }), {
    description:
      "Anything of your own, at most 50 keys and 16 KiB as JSON. It comes back untouched in answers and webhooks.",
    example: { internal_id: "999" },
  }),
};

export type OrderItem = { readonly name: string; readonly quantity: number; readonly price: bigint };

type Cadence =
  | { readonly intent_type: "one_time"; readonly interval_days: null }
  | { readonly intent_type: "recurring"; readonly interval_days: number };

type Integration =
  | {
      readonly integration_type: "iframe";
      readonly success_url: string | null;
      readonly cancel_url: string | null;
    }
  | { readonly integration_type: "url"; readonly success_url: string; readonly cancel_url: string };

/** A request that passed. Amounts are minor units of `currency`. */
export type CreateIntentInput = {
  readonly amount: bigint;
  readonly currency: Currency;
  readonly email: string;
  readonly name: string;
  readonly reference_id: string;
  readonly customer_ref_id: string | null;
  readonly order_items: readonly OrderItem[];
  /** The items as answers show them, prices as decimal strings. */
  readonly order_items_json: string;
  /** Zero where absent. */
  readonly tax: bigint;
  readonly discount: bigint;
  /** As it came, `{}` where absent. Numbers may be in their boxes: see json.ts. */
  readonly metadata: JsonObject;
  /** The same as text without blanks, its keys in the order in which they came. */
  readonly metadata_json: string;
} & Cadence &
  Integration;

/**
 * Checks and normalises a parsed body; never throws. That a reference_id is new is for the caller to find out, and to
 * report with `messages.unique("reference_id")`.
 */
export function validateCreateIntent(body: unknown): Validated<CreateIntentInput> {
  const validated = validate(createIntentFields, body);
  if (!validated.ok) return validated;
  const values = validated.value;
  const digits = minorDigits(values.currency);
  const minor = (amount: Decimal | null): bigint => (amount === null ? 0n : toMinor(amount, digits));
  const items = values.order_items.map((item) => ({ ...item, price: minor(item.price) }));
  const metadata = values.metadata ?? {};
  return {
    ok: true,
    value: {
      amount: minor(values.amount),
      currency: values.currency,
      ...cadence(values),
      email: values.email,
      name: values.name,
      reference_id: values.reference_id,
      customer_ref_id: values.customer_ref_id,
      order_items: items,
      order_items_json: JSON.stringify(
        items.map((item) => ({ ...item, price: minorToDecimal(item.price, digits) })),
      ),
      ...integration(values),
      tax: minor(values.tax),
      discount: minor(values.discount),
      metadata,
      metadata_json: writeJson(metadata),
    },
  };
}

type Passed = Values<typeof createIntentFields>;

function cadence(values: Passed): Cadence {
  const { intent_type, interval_days } = values;
  if (intent_type === "one_time") return { intent_type, interval_days: null };
  return { intent_type, interval_days: present(interval_days, "interval_days") };
}

function integration(values: Passed): Integration {
  const { integration_type, success_url, cancel_url } = values;
  if (integration_type === "iframe") return { integration_type, success_url, cancel_url };
  return {
    integration_type,
    success_url: present(success_url, "success_url"),
    cancel_url: present(cancel_url, "cancel_url"),
  };
}

/** What required_if has made sure of, said to the compiler. */
function present<T>(value: T | null, field: string): T {
  if (value === null) throw new Error(`${field} passed its rules without a value`);
  return value;
}

/** Its decimals and its maximum have been checked, so that it has minor units. */
function toMinor(amount: Decimal, digits: number): bigint {
  const converted = decimalToMinor(amount, digits);
  if ("failure" in converted) throw new Error(`an amount passed its rules, but: ${converted.failure}`);
  return converted.minor;
}
