/** `mintro clock`: shows the time of a test account, and moves it ahead. */
import { Command } from "commander";
import { type ApiOptions, asking, connect, withApiOptions } from "./api.ts";
import { faint, openOutput, shortTime, strong } from "./output.ts";
import { Refused } from "./refused.ts";
import { readMoment, readSpan, showSpan } from "./span.ts";

type AdvanceOptions = ApiOptions & { readonly to?: string; readonly skip?: true };

/** Each answer may stand for two minutes of work. */
const ROUNDS_MOST = 1_000;

export function clockCommand(): Command {
  const clock = withApiOptions(
    new Command("clock").description("the time of a test account: show it, move it ahead"),
  );
  clock.action(async (options: ApiOptions) => await show(options));
  const advance = new Command("advance")
    .description("move it ahead, and do on the way all that falls due: renewals, expiries, tries of webhooks")
    .argument("[span]", "how far: 30d, 12h, 1d12h", readSpan)
    .option("--to <moment>", "until when, instead: 2030-01-01 or 2030-01-01T12:00:00Z", readMoment)
    .option("--skip", "jump first and do what is due after, as after an outage");
  withApiOptions(advance).action(
    // Both commands take --url and the like, and commander gives them to the outer one.
    async (span: number | undefined, _: AdvanceOptions, command: Command) =>
      await move(span, command.optsWithGlobals<AdvanceOptions>()),
  );
  return clock.addCommand(advance);
}

async function show(options: ApiOptions): Promise<void> {
  const output = openOutput(options);
  const connection = await connect(options);
  const { now } = await asking(connection, () => connection.mintro.test.clock.get());
  output.tell({ now });
  const aheadSeconds = (Date.parse(now) - Date.now()) / 1_000;
  const ahead = aheadSeconds < 60 ? "this machine's time" : `${showSpan(aheadSeconds)} ahead`;
  output.say(`${strong(now)}  ${faint(ahead)}`);
}

async function move(span: number | undefined, { to, skip, ...options }: AdvanceOptions): Promise<void> {
  if ((span === undefined) === (to === undefined))
    throw new Refused("Give either a span, as in 30d, or --to a moment.");
  const output = openOutput(options);
  const connection = await connect(options);
  const { clock } = connection.mintro.test;
  const startedAt = performance.now();
  await asking(connection, async () => {
    const { now: from } = await clock.get();
    const target = to ?? new Date(Date.parse(from) + (span ?? 0) * 1_000).toISOString();
    if (Date.parse(target) < Date.parse(from))
      throw new Refused(`The clock stands at ${from} and cannot go back.`);
    for (let round = 1; round <= ROUNDS_MOST; round += 1) {
      const { now, done } = await clock.advance({ to: target, ...(skip && { skip }) });
      const took = shortTime(performance.now() - startedAt);
      if (done) {
        output.tell({ from, now, done });
        return output.say(`${faint(from)} → ${strong(now)}  ${faint(`in ${took}`)}`);
      }
      output.note(`At ${now} after ${took}, going on …`);
    }
  });
}
