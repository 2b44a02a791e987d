/** `mintro events`: shows what happens, and sends an event again. */
import { realWorld } from "@mintro/server/base/world";
import { createWebhookSender } from "@mintro/server/flows/webhooks/send";
import { Command } from "commander";
import { type ApiOptions, asking, connect, withApiOptions } from "./api.ts";
import { eventsOption, readReceiverUrl, type Since, sinceMoment, sinceOption } from "./event-options.ts";
import { openEventPages, readEvent } from "./event-pages.ts";
import { createFeed, type FeedEvent } from "./feed.ts";
import { follow } from "./follow.ts";
import { sendOnce, showOutcome } from "./listen.ts";
import { count, faint, type Output, openOutput, strong } from "./output.ts";
import { Refused } from "./refused.ts";
import { listenSecret } from "./signing-secret.ts";
import { stopSignal } from "./stop-signal.ts";

type TailOptions = ApiOptions & { readonly events?: ReadonlySet<string>; readonly since?: Since };
type ResendOptions = ApiOptions & { readonly endpoint?: string; readonly forwardTo?: string };

export function eventsCommand(): Command {
  const events = new Command("events").description("events: watch them, send one again");
  withApiOptions(
    events
      .command("tail")
      .description("show events as they happen, until Ctrl-C")
      .addOption(eventsOption())
      .addOption(sinceOption()),
  ).action(tail);
  withApiOptions(
    events
      .command("resend")
      .description("send an event again: to the endpoints that want it, or to a receiver on this machine")
      .argument("<id>", "evt_…")
      .option("--endpoint <id>", "to this endpoint alone, whatever types it wants: we_…")
      .option("--forward-to <url>", "from here to this receiver, signed as listen does", readReceiverUrl),
  ).action(resend);
  return events;
}

async function tail(options: TailOptions): Promise<void> {
  const output = openOutput(options);
  const pages = await openEventPages(options);
  const feed = createFeed(pages.readPage, { since: await sinceMoment(pages, options.since) });
  await follow(pages, feed, {
    output,
    signal: stopSignal(),
    onReady: () => {
      if (!output.isJson)
        output.note(faint(`Events of ${pages.baseUrl}, client ${pages.clientId}. Ctrl-C ends it.`));
    },
    onEvents: (events) => {
      for (const event of events) if (options.events?.has(event.event) ?? true) show(output, event);
    },
  });
}

function show(output: Output, event: FeedEvent): void {
  output.tell({
    type: "event",
    event_id: event.id,
    event: event.event,
    intent_id: event.intentId,
    created_at: event.createdAt,
    payload: JSON.parse(event.body),
  });
  output.say(
    `${faint(event.createdAt)}  ${strong(event.event.padEnd(21))}  ${event.id}\n  ${faint(event.body)}`,
  );
}

async function resend(id: string, options: ResendOptions): Promise<void> {
  const { endpoint, forwardTo } = options;
  if (endpoint !== undefined && forwardTo !== undefined)
    throw new Refused("Give either --endpoint or --forward-to.");
  if (forwardTo !== undefined) return await resendFromHere(id, forwardTo, options);
  const output = openOutput(options);
  const connection = await connect(options);
  const sent = await asking(connection, () =>
    connection.mintro.events.redeliver(id, { ...(endpoint !== undefined && { endpoint_id: endpoint }) }),
  );
  output.tell(sent);
  output.say(
    `${strong(sent.event_id)} goes again to ${count(sent.endpoint_ids.length, "endpoint")}: ${sent.endpoint_ids.join(", ")}`,
  );
}

/** One try, whose outcome is shown; exit code 1 where it was not taken. */
async function resendFromHere(id: string, forwardTo: string, options: ResendOptions): Promise<void> {
  const output = openOutput(options);
  const { secret } = await listenSecret();
  const event = await readEvent(id, options);
  const sender = createWebhookSender({ world: realWorld(), allowPrivate: true });
  try {
    const outcome = await sendOnce(sender, { to: forwardTo, event, secret });
    showOutcome(output, event, outcome);
    if (outcome.outcome !== "delivered") process.exitCode = 1;
  } finally {
    await sender.close();
  }
}
