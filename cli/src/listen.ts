/**
 * `mintro listen`: brings the events of an account, wherever its Mintro runs, to a receiver on the developer's machine. It asks
 * the API for them, so no port is opened and nobody stands in between, and nothing that happens while it runs is missed.
 */
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { realWorld } from "@mintro/server/base/world";
import type { WebhookSecret } from "@mintro/server/domain/webhook-signature";
import {
  createWebhookSender,
  type SendOutcome,
  type WebhookSender,
} from "@mintro/server/flows/webhooks/send";
import { Command, Option } from "commander";
import { type ApiOptions, type Connection, SECRET_ON_COMMAND_LINE, withApiOptions } from "./api.ts";
import { eventsOption, readReceiverUrl, type Since, sinceMoment, sinceOption } from "./event-options.ts";
import { openEventPages } from "./event-pages.ts";
import { createFeed, type FeedEvent } from "./feed.ts";
import { follow } from "./follow.ts";
import { createForwarder, type Forwarder } from "./forwarder.ts";
import {
  bad,
  count,
  faint,
  good,
  type Output,
  oneLine,
  openOutput,
  shortTime,
  strong,
  timeOfDay,
} from "./output.ts";
import { Refused } from "./refused.ts";
import { signedHeaders } from "./signed-headers.ts";
import { listenSecret, type SigningSecret } from "./signing-secret.ts";
import { stopSignal } from "./stop-signal.ts";

export type ListenOptions = ApiOptions & {
  readonly forwardTo?: string;
  readonly events?: ReadonlySet<string>;
  readonly since?: Since;
  readonly ca?: string;
  readonly secret?: string | boolean;
  readonly printSecret?: true;
};

/** How long Ctrl-C waits for an answer that is under way. */
const LAST_ANSWERS_MS = 2_000;

export function listenCommand(): Command {
  const command = new Command("listen")
    .description("forward the account's events to a receiver as they happen, signed")
    .option("--forward-to <url>", "the receiver, as in http://localhost:4000/webhooks", readReceiverUrl)
    .addOption(eventsOption())
    .addOption(sinceOption())
    .option(
      "--ca <file>",
      "a certificate (PEM) to trust beside the usual ones, for a receiver with https of its own",
    )
    .option("--print-secret", "print the signing secret and do nothing else")
    .addOption(new Option("--secret [secret]").hideHelp());
  return withApiOptions(command)
    .addHelpText("after", HELP)
    .action(async (options: ListenOptions) => await listen(options));
}

const HELP = `
The signing secret is MINTRO_WEBHOOK_SECRET, else one that is made once and kept for you.

An answer other than 2xx is shown and not repeated: "mintro events resend <id> --forward-to <url>" sends it again.
A receiver that takes no connection is waited for, and then gets everything, in order.
Ctrl-C ends it, with exit code 0.
`;

async function listen(options: ListenOptions): Promise<void> {
  if (options.secret !== undefined)
    throw new Refused(
      `${SECRET_ON_COMMAND_LINE} Give it as MINTRO_WEBHOOK_SECRET, or leave it to listen to make one.`,
    );
  const signing = await listenSecret();
  if (options.printSecret) return void process.stdout.write(`${signing.secret}\n`);
  const { forwardTo } = options;
  if (forwardTo === undefined)
    throw new Refused(
      "--forward-to is missing: the receiver's address. To see events only, use: mintro events tail",
    );
  if (options.ca !== undefined) trust(options.ca);
  const output = openOutput(options);
  const pages = await openEventPages(options);
  const feed = createFeed(pages.readPage, { since: await sinceMoment(pages, options.since) });
  const sender = createWebhookSender({ world: realWorld(), allowPrivate: true });
  const stopping = stopSignal();
  const ending = new AbortController();
  const tally = { sent: 0, failed: 0 };
  const forwarder = createForwarder({
    signal: stopping,
    send: (event) =>
      sendOnce(sender, { to: forwardTo, event, secret: signing.secret, signal: ending.signal }),
    onSent: (event, outcome) => {
      tally[outcome.outcome === "delivered" ? "sent" : "failed"] += 1;
      showOutcome(output, event, outcome);
    },
    onDown: (_, { error }) => showDown(output, forwardTo, error ?? ""),
    onUp: (downMs) => showUp(output, forwardTo, downMs),
  });
  try {
    await follow(pages, feed, {
      output,
      signal: stopping,
      onReady: () => showReady(output, { connection: pages, forwardTo, signing, options }),
      onEvents: (events) => forwarder.add(events.filter(({ event }) => options.events?.has(event) ?? true)),
    });
  } finally {
    const giveUp = setTimeout(() => ending.abort(), LAST_ANSWERS_MS);
    if (stopping.aborted) await forwarder.ended();
    clearTimeout(giveUp);
    ending.abort();
    await sender.close();
  }
  showEnd(output, tally, forwarder);
}

/** For this process alone. Leaving the check out altogether would also open the way to the API. */
function trust(file: string): void {
  try {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(file, "utf8")]);
  } catch (error) {
    throw new Refused(`--ca: ${file} holds no certificate that can be read.`, { cause: error });
  }
}

/** One try, as the platform makes it: same body, headers, deadline, and no redirect followed. */
export async function sendOnce(
  sender: WebhookSender,
  given: {
    readonly to: string;
    readonly event: Pick<FeedEvent, "id" | "body">;
    readonly secret: WebhookSecret;
    readonly signal?: AbortSignal;
  },
): Promise<SendOutcome> {
  const { to, event, secret, signal } = given;
  const headers = signedHeaders({ id: event.id, body: event.body, secret });
  return await sender.send({ url: to, headers, body: event.body, ...(signal && { signal }) });
}

function showReady(
  output: Output,
  given: {
    readonly connection: Connection;
    readonly forwardTo: string;
    readonly signing: SigningSecret;
    readonly options: ListenOptions;
  },
): void {
  const { connection, forwardTo, signing, options } = given;
  const types = options.events && [...options.events];
  output.tell({
    type: "ready",
    url: connection.baseUrl,
    client_id: connection.clientId,
    forward_to: forwardTo,
    events: types ?? null,
    secret: signing.secret,
  });
  output.say(
    `${strong("Ready.")} Events of ${connection.baseUrl}, client ${connection.clientId}, go to ${forwardTo}`,
  );
  if (types) output.say(`Types           ${types.join(", ")}`);
  output.say(`Signing secret  ${strong(signing.secret)}`);
  output.say(
    faint(`                kept in ${signing.source}: the same at the next run. Ctrl-C ends this one.\n`),
  );
}

/** Shared by `listen` and `events resend --forward-to`. */
export function showOutcome(output: Output, event: FeedEvent, outcome: SendOutcome): void {
  const { status, error, durationMs, responseStart } = outcome;
  const isFine = outcome.outcome === "delivered";
  output.tell({
    type: "forwarded",
    event_id: event.id,
    event: event.event,
    intent_id: event.intentId,
    created_at: event.createdAt,
    ok: isFine,
    status,
    error,
    duration_ms: Math.round(durationMs),
    ...(!isFine && { response_start: responseStart }),
  });
  const result = isFine ? good(String(status)) : bad(String(status ?? "---"));
  const line = `${faint(timeOfDay())}  ${event.event.padEnd(21)}  ${faint(event.id)}  ${result}  ${shortTime(durationMs)}`;
  output.say(isFine ? line : `${line}  ${bad(error ?? "")}`);
  if (!isFine && responseStart.trim() !== "")
    output.say(faint(`          it said: ${oneLine(responseStart)}`));
}

function showDown(output: Output, forwardTo: string, why: string): void {
  output.tell({ type: "receiver_down", forward_to: forwardTo, error: why });
  output.note(`The receiver ${forwardTo} takes no connection (${why}). Events wait for it.`);
}

function showUp(output: Output, forwardTo: string, downMs: number): void {
  output.tell({ type: "receiver_up", forward_to: forwardTo, down_ms: Math.round(downMs) });
  output.note(`The receiver ${forwardTo} is there again, after ${shortTime(downMs)}.`);
}

function showEnd(
  output: Output,
  { sent, failed }: { sent: number; failed: number },
  forwarder: Forwarder,
): void {
  const unsent = forwarder.unsent();
  const oldest = unsent[0]?.createdAt ?? null;
  output.tell({ type: "ended", delivered: sent, failed, unsent: unsent.length, since: oldest });
  output.say(`\nForwarded ${count(sent + failed, "event")}: ${sent} answered 2xx, ${failed} not.`);
  if (oldest !== null)
    output.say(`${count(unsent.length, "event")} not sent. To begin with them next time: --since ${oldest}`);
}
