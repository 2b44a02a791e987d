/**
 * The table of `POST /api/platform/intents` (contract section 2, "Validation"), in the contract's order, and what a
 * request is once it has passed: texts trimmed, the currency in upper case, amounts in minor units.
 */
import { type Currency, minorDigits } from "./currencies.ts";
import { type Decimal, decimalToMinor, minorToDecimal } from "./decimal.ts";
import type { JsonObject } from "./json.ts";
import {
  currency,
  email,
  integer,
  jsonSchema,
  listOf,
  numeric,
  oneOf,
  record,
  string,
  webUrl,
} from "./laravel-kinds.ts";
import { optional, required, requiredIf, type Validated, type Values, validate } from "./laravel-rules.ts";

const AMOUNT_MAX = "99999999.99";

export const createIntentFields = {
  amount: required(numeric({ min: "1", max: AMOUNT_MAX, decimalsOf: "currency" })),
  currency: required(currency()),
  intent_type: required(oneOf(["one_time", "recurring"])),
  interval_days: requiredIf("intent_type", "recurring", integer({ min: 1, max: 3650 }), {
    other: "intent_type",
    is: "one_time",
  }),
  email: required(email({ max: 255 })),
  name: required(string({ max: 255 })),
  reference_id: required(string({ max: 100, pattern: /^[a-zA-Z0-9_-]+$/ })),
  customer_ref_id: optional(string({ max: 100 })),
  order_items: required(
    listOf(
      {
        name: required(string({ max: 255 })),
        quantity: required(integer({ min: 1, max: 1_000_000 })),
        price: required(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" })),
      },
      { max: 100 },
    ),
  ),
  integration_type: required(oneOf(["iframe", "url"])),
  success_url: requiredIf("integration_type", "url", webUrl({ max: 2048 })),
  cancel_url: requiredIf("integration_type", "url", webUrl({ max: 2048 })),
  tax: optional(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" })),
  discount: optional(numeric({ min: "0", max: AMOUNT_MAX, decimalsOf: "currency" })),
  metadata: optional(record({ maxItems: 50, maxKilobytes: 16 })),
};

export const createIntentSchema = jsonSchema(createIntentFields);

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
      metadata_json: JSON.stringify(metadata),
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
