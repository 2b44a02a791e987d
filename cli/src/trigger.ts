/** `mintro trigger`: makes an event happen for real in test mode, so that everything it stands for is there too. */
import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Command, InvalidArgumentError } from "commander";
import { type ApiOptions, asking, type Connection, connect, pricedByAmount, withApiOptions } from "./api.ts";
import { nearest } from "./nearest.ts";
import { columns, faint, type Output, openOutput, SIGNS, strong } from "./output.ts";
import { Refused, Unreachable } from "./refused.ts";
import type { NewIntent } from "./sandbox-payment.ts";
import { SCENARIOS } from "./trigger-scenarios.ts";

type TriggerOptions = ApiOptions & {
  readonly list?: true;
  readonly amount?: string;
  readonly currency?: string;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** Events come with the change itself; a refund's, with the processor's answer. */
const EVENT_WITHIN_MS = 20_000;
const LOOK_AGAIN_AFTER_MS = 100;

export function triggerCommand(): Command {
  const command = new Command("trigger")
    .description("make an event happen for real, in test mode")
    .addArgument(new Argument("[event]", "its type, as in payment.succeeded"))
    .option("--list", "show what can be made to happen, and how")
    .option("--amount <amount>", "of the payment, with the currency's decimals")
    .option("--currency <code>", "as in EUR")
    .option("--metadata <key=value>", "of the intent; may be given again for more", readMetadata);
  return withApiOptions(command)
    .addHelpText("after", `\nEvents:\n${indented(listText())}\n`)
    .action(async (event: string | undefined, options: TriggerOptions) => await trigger(event, options));
}

export function readMetadata(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as key=value.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function trigger(event: string | undefined, options: TriggerOptions): Promise<void> {
  const output = openOutput(options);
  if (options.list) return showList(output);
  if (event === undefined) throw new Refused("Which event? mintro trigger --list shows them.");
  const scenario = Object.hasOwn(SCENARIOS, event) ? SCENARIOS[event] : undefined;
  if (!scenario) {
    const near = nearest(event, Object.keys(SCENARIOS));
    const meant = near === null ? "" : ` Did you mean ${near}?`;
    throw new Refused(`${event} is no event.${meant} mintro trigger --list shows all.`);
  }
  const connection = await connect(options);
  if (scenario.movesClock) output.note(await clockWarning(connection));
  await asking(connection, async () => {
    const did = (what: string, id?: string) => {
      output.tell({ type: "step", what, ...(id !== undefined && { id }) });
      output.say(`  ${SIGNS.ok} ${what}${id === undefined ? "" : `  ${faint(id)}`}`);
    };
    const step = { mintro: connection.mintro, change: changeOf(options), did };
    const intentId = await pricedByAmount(() => scenario.run(step));
    await showEvent(output, connection, { event, intentId });
  });
}

function changeOf({ amount, currency, metadata }: TriggerOptions): Partial<NewIntent> {
  return {
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency }),
    ...(metadata !== undefined && { metadata }),
  };
}

async function clockWarning(connection: Connection): Promise<string> {
  const { now } = await asking(connection, () => connection.mintro.test.clock.get());
  return `${SIGNS.warning} This moves the clock of the whole test account one day ahead, from ${now}. It cannot go back, and whatever else is due by then happens too.`;
}

async function showEvent(
  output: Output,
  { mintro }: Connection,
  { event, intentId }: { event: string; intentId: string },
): Promise<void> {
  const giveUpAt = performance.now() + EVENT_WITHIN_MS;
  for (;;) {
    const { data } = await mintro.events.list({ intent_id: intentId, limit: 100 });
    const seen = data.find((found) => found.event === event);
    if (seen) {
      output.tell({ type: "event", ...seen });
      return output.say(
        `\n${strong(seen.event)}  ${seen.event_id}\n${indented(JSON.stringify(seen.payload, null, 2))}`,
      );
    }
    if (performance.now() > giveUpAt)
      throw new Unreachable(
        `No ${event} within ${EVENT_WITHIN_MS / 1_000} s. Look at: mintro intents get ${intentId}`,
      );
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
}

function showList(output: Output): void {
  for (const [event, { how, movesClock }] of Object.entries(SCENARIOS))
    output.tell({ event, how, moves_clock: movesClock ?? false });
  output.say(listText());
}

function listText(): string {
  const rows = Object.entries(SCENARIOS).map(([event, { how, movesClock }]) => [
    event,
    `${how}${movesClock ? " (moves the account's clock)" : ""}`,
  ]);
  return columns(rows);
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
