/** Which events a command is about, and where they go: what `listen` and `events` take alike. */
import { MintroError } from "@mintro/sdk/src/index.ts";
import { EVENT_TYPES } from "@mintro/server/domain/event";
import { InvalidArgumentError, Option } from "commander";
import { asking, type Connection } from "./api.ts";
import { readSince } from "./span.ts";

export type Since = ReturnType<typeof readSince>;

export function readReceiverUrl(text: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme) || !/^https?:$/.test(new URL(withScheme).protocol))
    throw new InvalidArgumentError("It must be an address such as http://localhost:4000/webhooks.");
  return new URL(withScheme).href;
}

export function eventsOption(): Option {
  return new Option("--events <list>", "only these types, separated by commas").argParser((text) => {
    const wanted = text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    const unknown = wanted.filter((part) => !EVENT_TYPES.some((type) => type === part));
    if (wanted.length === 0 || unknown.length > 0)
      throw new InvalidArgumentError(
        `Unknown: ${unknown.join(", ") || "none"}. There are ${EVENT_TYPES.join(", ")}.`,
      );
    return new Set(wanted);
  });
}

export function sinceOption(): Option {
  return new Option(
    "--since <moment>",
    "begin with events of that time (2030-01-01T12:00:00Z, or 10m for ten minutes ago), not with those to come",
  ).argParser(readSince);
}

/** The moment of `--since` in the account's time, which in test mode may be ahead of this machine's. */
export async function sinceMoment(connection: Connection, since: Since | undefined): Promise<string | null> {
  if (since === undefined) return null;
  if ("at" in since) return since.at;
  const now = await asking(connection, () => accountNow(connection));
  return new Date(Date.parse(now) - since.ago * 1_000).toISOString();
}

/** Live accounts, and clients that may not see the test clock, have this machine's time. */
async function accountNow({ mintro }: Connection): Promise<string> {
  try {
    return (await mintro.test.clock.get()).now;
  } catch (error) {
    if (error instanceof MintroError && (error.status === 400 || error.status === 403))
      return new Date().toISOString();
    throw error;
  }
}
