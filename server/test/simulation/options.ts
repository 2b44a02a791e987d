/** The options of `npm run simulate`: one table for reading them, for the help, and for the command that repeats a seed. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { ORDINARY } from "./simulation.ts";

type Numbered = { readonly default: number; readonly least: number; readonly what: string };

const NUMBERS = {
  seed: { default: 1, least: 0, what: "the seed, or the first of several" },
  seeds: { default: 1, least: 1, what: "how many seeds, one after the other" },
  jobs: { default: 1, least: 1, what: "seeds at a time, each in a process that keeps a core busy" },
  days: { default: ORDINARY.days, least: 1, what: "simulated days, after which all settles" },
  subscriptions: { default: ORDINARY.subscriptions, least: 0, what: "recurring orders" },
  payments: { default: ORDINARY.payments, least: 0, what: "orders that are paid once" },
  "kill-every": {
    default: ORDINARY.killEvery,
    least: 1,
    what: "steps between two deaths of a process, on average",
  },
  "audit-every": { default: ORDINARY.auditEvery, least: 1, what: "simulated days between two audits" },
} as const satisfies Record<string, Numbered>;
export type NumberName = keyof typeof NUMBERS;

const OTHERS = {
  "database-url": "an existing PostgreSQL whose role may create databases, instead of one for the moment",
  fresh: "a first seed that nobody has chosen, in place of --seed",
  trace: "every step, on standard error",
  help: "this",
} as const;

export type Options = Readonly<Record<NumberName, number>> & {
  readonly "database-url": string | null;
  readonly trace: boolean;
};

/** A sentence where an option is wrong. */
export type Read =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string };

export function readOptions(args: readonly string[]): Read {
  const numbers = Object.keys(NUMBERS) as NumberName[];
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...(Object.fromEntries(numbers.map((name) => [name, { type: "string" }])) as Record<
          NumberName,
          { type: "string" }
        >),
        "database-url": { type: "string" },
        fresh: { type: "boolean" },
        trace: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const read = {} as Record<NumberName, number>;
    for (const name of numbers) {
      const given = values[name];
      const value = given === undefined ? NUMBERS[name].default : Number(given.trim() || Number.NaN);
      const { least } = NUMBERS[name];
      if (!Number.isSafeInteger(value) || value < least)
        return { kind: "wrong", why: `--${name} ${given}: it must be a whole number of at least ${least}` };
      read[name] = value;
    }
    if (values.fresh) read.seed = randomInt(2 ** 31);
    return {
      kind: "options",
      options: { ...read, "database-url": values["database-url"] ?? null, trace: values.trace ?? false },
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { kind: "wrong", why: (said.split(/\.\s|\n/)[0] ?? said).replace(/\.$/, "") };
  }
}

/** The command line that says the same. */
export function argumentsFor(options: Partial<Options>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === null || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}

/** The numbers among them that are not what they are by default. */
export function unusual(options: Options, names: readonly NumberName[]): Partial<Options> {
  const differing = names.filter((name) => options[name] !== NUMBERS[name].default);
  return Object.fromEntries(differing.map((name) => [name, options[name]]));
}

export function help(): string {
  const line = (name: string, what: string) => `  ${`--${name}`.padEnd(24)} ${what}`;
  return [
    "npm run simulate -- [options]",
    "",
    "Runs the platform through simulated days in which everything goes wrong that can, all from one seed.",
    "",
    ...Object.entries(NUMBERS).map(([name, { what, default: usual }]) =>
      line(`${name} N`, `${what} (${usual})`),
    ),
    line("database-url URL", OTHERS["database-url"]),
    line("fresh", OTHERS.fresh),
    line("trace", OTHERS.trace),
    line("help", OTHERS.help),
    "",
    "Exits 1 where a seed has failed, and 2 where an option is wrong.",
  ].join("\n");
}
