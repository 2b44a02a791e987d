/** `mintro doctor`: tells a merchant whether their receiver is right, and whether their page may frame the checkout. */
import { readFile } from "node:fs/promises";
import { realWorld } from "@mintro/server/base/world";
import { createWebhookSender } from "@mintro/server/flows/webhooks/send";
import { Command, InvalidArgumentError } from "commander";
import { type ApiOptions, asking, connect, keptFile, keptPath, withApiOptions } from "./api.ts";
import { SENDABLE } from "./doctor-events.ts";
import { examineOnce } from "./doctor-once.ts";
import { examinePage } from "./doctor-page.ts";
import { examineReceiver, type Probe, withPatience } from "./doctor-receiver.ts";
import { readReceiverUrl } from "./event-options.ts";
import { type Counts, type Finding, showFindings } from "./finding.ts";
import { bad, count, good, type Output, openOutput, SIGNS, strong, warn } from "./output.ts";
import { Refused } from "./refused.ts";
import { exampleIntent } from "./sandbox-payment.ts";
import { checked, keptListenSecret, type SigningSecret, secretOfEnvironment } from "./signing-secret.ts";

type DoctorOptions = ApiOptions & {
  readonly live?: true;
  readonly secretFile?: string;
  readonly checkOnce?: string;
  readonly event: string;
  readonly page?: string;
  readonly paymentUrl?: string;
};

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description("examine a receiver of webhooks, or a page that shall frame the checkout")
    .argument("[url]", "the receiver, as in http://localhost:4000/webhooks", readReceiverUrl)
    .option("--live", "as in live mode: https and a public address")
    .option("--secret-file <file>", "holds the secret that the receiver verifies with")
    .option(
      "--check-once <url>",
      "an address that answers with how many events were worked through",
      readReceiverUrl,
    )
    .option("--event <type>", "what --check-once sends", readType, "payment.succeeded")
    .option("--page <url>", "the page that shows the checkout in a frame", readReceiverUrl)
    .option(
      "--payment-url <url>",
      "the checkout to look at (default: that of a new test intent)",
      readReceiverUrl,
    );
  return withApiOptions(command)
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, options: DoctorOptions) => await examine(url, options));
}

const HELP = `
The events that it sends are made up and of the type endpoint.test, which stands for nothing; with --check-once also
of --event, so lend it a receiver of your test environment.

The secret is that of --secret-file, else MINTRO_WEBHOOK_SECRET, else whichever the receiver takes of those kept on
this machine: of the local Mintro's own endpoint, and of mintro listen.

Exit code 1 if something is wrong. Warnings, and what cannot be seen, leave it 0.
`;

const SLOW = `${SIGNS.warning} The receiver is slow to answer. The doctor goes on, and may take some minutes.`;

function readType(text: string): string {
  if (SENDABLE.includes(text)) return text;
  throw new InvalidArgumentError(`There are ${SENDABLE.join(", ")}.`);
}

async function examine(url: string | undefined, options: DoctorOptions): Promise<void> {
  const { page } = options;
  if (url === undefined && page === undefined)
    throw new Refused("What shall be examined? Give the receiver's address, or --page with the page's.");
  const output = openOutput(options);
  const counts: Counts = { ok: 0, warning: 0, wrong: 0, unknown: 0 };
  if (url !== undefined) {
    const secrets = await knownSecrets(options);
    output.say(strong(`Receiver ${url}`));
    await withProbe(url, options, async (probe) => {
      const post = withPatience(probe.post, () => output.note(SLOW));
      await showFindings(output, receiver({ ...probe, post }, secrets, options), counts);
    });
  }
  if (page !== undefined) {
    const paymentUrl = options.paymentUrl ?? (await newPaymentUrl(options));
    output.say(strong(`${url === undefined ? "" : "\n"}Page ${page}`));
    await showFindings(output, examinePage(page, paymentUrl), counts);
  }
  showResult(output, counts);
  if (counts.wrong > 0) process.exitCode = 1;
}

async function* receiver(
  probe: Probe,
  secrets: readonly SigningSecret[],
  { checkOnce, event }: DoctorOptions,
): AsyncIterable<Finding> {
  const right = yield* examineReceiver(probe, secrets);
  if (!right) return;
  if (checkOnce !== undefined)
    return yield* examineOnce(probe, { secret: right.secret, lookAt: checkOnce, type: event });
  yield {
    check: "once",
    result: "unknown",
    did: "Whether a doubled event has its effect once",
    saw: "not visible from outside",
    todo: "Lend the doctor an address that answers with how many events were worked through: --check-once <url>.",
  };
}

/** With the platform's own sender: the same headers, deadline and rules about addresses. */
async function withProbe(
  url: string,
  { live }: DoctorOptions,
  work: (probe: Probe) => Promise<void>,
): Promise<void> {
  const sender = createWebhookSender({ world: realWorld(), allowPrivate: live !== true });
  try {
    await work({ url, isLive: live === true, post: (message) => sender.send({ url, ...message }) });
  } finally {
    await sender.close();
  }
}

/** Throws `Refused` where there is none. */
async function knownSecrets({ secretFile }: DoctorOptions): Promise<SigningSecret[]> {
  if (secretFile !== undefined) {
    const text = await readFile(secretFile, "utf8").catch((error: unknown) => {
      throw new Refused(`--secret-file: ${secretFile} cannot be read.`, { cause: error });
    });
    return [checked(text.trim(), secretFile)];
  }
  const given = secretOfEnvironment();
  if (given) return [given];
  const ofEndpoint = await keptFile("webhook-secret");
  const found = [
    ...(ofEndpoint === undefined ? [] : [checked(ofEndpoint, keptPath("webhook-secret"))]),
    ...(await keptListenSecret()),
  ];
  if (found.length > 0) return found;
  throw new Refused(
    "Which secret does the receiver verify with? Set MINTRO_WEBHOOK_SECRET, or name a file that holds it with --secret-file.",
  );
}

async function newPaymentUrl(options: ApiOptions): Promise<string> {
  const connection = await connect(options);
  const made = await asking(connection, () => connection.mintro.intents.create(exampleIntent()));
  return made.payment_url;
}

function showResult(output: Output, counts: Counts): void {
  output.tell({ type: "result", ...counts });
  const { wrong, warning, unknown } = counts;
  const parts = [
    wrong > 0 ? bad(`${count(wrong, "thing")} wrong`) : good("Nothing wrong"),
    ...(warning > 0 ? [warn(count(warning, "warning"))] : []),
    ...(unknown > 0 ? [`${unknown} not visible from outside`] : []),
  ];
  output.say(`\n${parts.join(", ")}. ${count(counts.ok, "check")} passed.`);
}
