/** `mintro intents`: makes, shows and cancels payment intents from a terminal. */
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { Command, InvalidArgumentError } from "commander";
import { type ApiOptions, asking, type Connection, connect, pricedByAmount, withApiOptions } from "./api.ts";
import { columns, faint, fields, openOutput, strong } from "./output.ts";
import { Refused } from "./refused.ts";
import { exampleIntent, type NewIntent } from "./sandbox-payment.ts";
import { readMetadata } from "./trigger.ts";

type CreateOptions = ApiOptions & {
  readonly body?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly every?: number;
  readonly email?: string;
  readonly name?: string;
  readonly reference?: string;
  readonly customer?: string;
  readonly item?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly successUrl?: string;
  readonly cancelUrl?: string;
  readonly key?: string;
};

type Intent = Awaited<ReturnType<Connection["mintro"]["intents"]["get"]>>;

export function intentsCommand(): Command {
  const intents = new Command("intents").description("payment intents: create, get, cancel");
  withApiOptions(
    intents
      .command("create")
      .description("create one and print its payment link; what is not given gets a value for trying out")
      .option("--amount <amount>", "the total, with the currency's decimals (default: 80.00)")
      .option("--currency <code>", "ISO 4217 (default: USD)")
      .option("--every <days>", "makes it recurring: days between charges", readDays)
      .option("--email <address>", "the customer's (default: customer@example.com)")
      .option("--name <name>", "the customer's (default: Test Customer)")
      .option("--reference <id>", "your own id for it (default: a new one)")
      .option("--customer <id>", "your own id for the customer")
      .option("--item <name>", "what is sold (default: Example item)")
      .option("--metadata <key=value>", "may be given again for more", readMetadata)
      .option(
        "--success-url <url>",
        "sends the customer there; with --cancel-url. Without both: for an iframe",
      )
      .option("--cancel-url <url>", "and there when they cancel")
      .option(
        "--body <file>",
        'all of it, as JSON from a file or "-" for standard input; the other options change it',
      )
      .option("--key <key>", "an Idempotency-Key (default: a new one)"),
  ).action(create);
  withApiOptions(
    intents.command("get").description("show one").argument("<id>", "pi_…, or your own reference"),
  ).action(get);
  withApiOptions(
    intents
      .command("cancel")
      .description("cancel one that is not paid")
      .argument("<id>", "pi_…, or your own reference"),
  ).action(cancel);
  return intents;
}

function readDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of days.");
  return Number(text);
}

async function create(options: CreateOptions): Promise<void> {
  const output = openOutput(options);
  const given = changeOf(options);
  const body =
    options.body === undefined ? exampleIntent(given) : { ...(await readBody(options.body)), ...given };
  const connection = await connect(options);
  const ask = () =>
    // What is in a body of one's own is the API's to judge.
    connection.mintro.intents.create(body as NewIntent, {
      ...(options.key !== undefined && { idempotencyKey: options.key }),
    });
  const hasOwnPrices = options.body !== undefined && options.item === undefined;
  const made = await asking(connection, () => (hasOwnPrices ? ask() : pricedByAmount(ask)));
  output.tell(made);
  output.say(
    fields([
      ["intent", strong(made.intent_id)],
      ["status", made.status],
      ["amount", made.amount],
      ["pay at", made.payment_url],
    ]),
  );
}

function changeOf(options: CreateOptions): Partial<NewIntent> {
  const { amount, currency, every, email, name, reference, customer, item, metadata, successUrl, cancelUrl } =
    options;
  return {
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency }),
    ...(every !== undefined && { intent_type: "recurring", interval_days: every }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(reference !== undefined && { reference_id: reference }),
    ...(customer !== undefined && { customer_ref_id: customer }),
    ...(item !== undefined && { order_items: [{ name: item, quantity: 1, price: amount ?? "80.00" }] }),
    ...(metadata !== undefined && { metadata }),
    ...((successUrl !== undefined || cancelUrl !== undefined) && { integration_type: "url" }),
    ...(successUrl !== undefined && { success_url: successUrl }),
    ...(cancelUrl !== undefined && { cancel_url: cancelUrl }),
  };
}

async function readBody(file: string): Promise<Record<string, unknown>> {
  const from = file === "-" ? "standard input" : file;
  let text: string;
  try {
    text = file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new Refused(`--body: ${from} cannot be read.`, { cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // said below
  }
  throw new Refused(`--body: ${from} must hold one JSON object.`);
}

async function get(id: string, options: ApiOptions): Promise<void> {
  const output = openOutput(options);
  const connection = await connect(options);
  const intent = await asking(connection, () => find(connection, id));
  output.tell(intent);
  output.say(describe(intent));
}

async function cancel(id: string, options: ApiOptions): Promise<void> {
  const output = openOutput(options);
  const connection = await connect(options);
  const cancelled = await asking(connection, async () => {
    const intentId = isIntentId(id) ? id : (await find(connection, id)).intent_id;
    return await connection.mintro.intents.cancel(intentId);
  });
  output.tell(cancelled);
  output.say(`${strong(cancelled.intent_id)} is ${cancelled.status}.`);
}

async function find({ mintro }: Connection, id: string): Promise<Intent> {
  return isIntentId(id) ? await mintro.intents.get(id) : await mintro.intents.getByReference(id);
}

/** A reference may look like much, but hardly like this. */
function isIntentId(id: string): boolean {
  return /^(?:pi_)?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
}

function describe(intent: Intent): string {
  const { customer, charges } = intent;
  const shown = fields([
    ["intent", strong(intent.intent_id)],
    ["status", strong(intent.status)],
    [
      "amount",
      `${intent.amount} ${intent.currency}${intent.interval_days ? ` every ${intent.interval_days} days` : ""}`,
    ],
    ["reference", intent.reference_id],
    ["customer", `${customer.name} <${customer.email}>`],
    ["subscription", intent.subscription_id],
    ["created", intent.created_at],
    ["expires", intent.status === "requires_payment" ? intent.expires_at : null],
    ["pay at", intent.status === "requires_payment" ? intent.payment_url : null],
  ]);
  if (charges.length === 0) return shown;
  const rows = charges.map((charge) => [
    `  ${faint(`charge ${charge.charge_id}`)}`,
    charge.status,
    `${charge.amount} ${charge.currency}`,
    charge.card ? `${charge.card.brand} ${charge.card.last4}` : (charge.wallet ?? ""),
    charge.failure_message ?? "",
  ]);
  return `${shown}\n${columns(rows)}`;
}
