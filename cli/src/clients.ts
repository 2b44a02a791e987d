/** `mintro clients create|list|revoke`: the pairs of id and secret that merchants' servers send (contract section 2). */
import { formatInstant } from "@mintro/server/base/instant";
import { isPermission, PERMISSIONS, type Permission } from "@mintro/server/domain/account";
import { createClient, DEFAULT_MERCHANT } from "@mintro/server/flows/clients/create";
import { borrowDatabase } from "@mintro/server/main/borrow-database";
import { type ListedClient, listClients, revokeClient } from "@mintro/server/store/accounts";
import { Command, InvalidArgumentError, Option } from "commander";
import { Refused } from "./refused.ts";

type CreateOptions = {
  readonly permissions: readonly Permission[];
  readonly mode: "test" | "live";
  readonly merchant: string;
  readonly name: string;
  readonly json?: true;
};

export function clientCommands(): Command {
  const clients = new Command("clients").description(
    "API clients: the X-Client-ID and X-Client-Secret pairs",
  );
  clients
    .command("create")
    .description("make a client and print its secret, which is shown only now")
    .addOption(
      new Option("--permissions <list>", "what it may do, separated by commas")
        .argParser(readPermissions)
        .default(PERMISSIONS, "all"),
    )
    .addOption(new Option("--mode <mode>", "whose books it sees").choices(["test", "live"]).default("test"))
    .addOption(
      new Option("--merchant <name>", "whose client it is; a new name makes a new merchant")
        .argParser(readName)
        .default(DEFAULT_MERCHANT),
    )
    .addOption(
      new Option("--name <name>", "what it is for, as the list shows it")
        .argParser(readName)
        .default("made with mintro clients create", "none"),
    )
    .option("--json", 'print {"client_id", "client_secret"} and nothing else')
    .addHelpText("after", `\nPermissions:\n  ${PERMISSIONS.join("\n  ")}\n`)
    .action(create);
  clients
    .command("list")
    .description("show all clients, the oldest first, without their secrets")
    .option("--json", "print an array of objects")
    .action(list);
  clients
    .command("revoke")
    .description(
      "shut a client out at once and for good (one that MINTRO_CLIENT_ID names: until the next start); doing it again changes nothing",
    )
    .argument("<id>", "its X-Client-ID")
    .option("--json", "print the client as an object, as the list shows it")
    .action(revoke);
  return clients;
}

async function create({ permissions, mode, merchant, name, json }: CreateOptions): Promise<void> {
  const onNew = (dataDir: string) => process.stderr.write(`Making a new database in ${dataDir}\n`);
  const { clientId, clientSecret } = await borrowDatabase({ env: process.env, onNew }, (db, world) =>
    createClient(db, world, { merchant, mode, name, permissions }),
  );
  if (json) return print(JSON.stringify({ client_id: clientId, client_secret: clientSecret }));
  print(
    [
      `A ${mode}-mode client of ${merchant}. The secret is shown only now: keep it where only your server reads it.`,
      "",
      `  X-Client-ID      ${clientId}`,
      `  X-Client-Secret  ${clientSecret}`,
      `  Permissions      ${permissions.join(", ")}`,
    ].join("\n"),
  );
}

async function list({ json }: { json?: true }): Promise<void> {
  const found = await borrowDatabase({ env: process.env }, (db) => listClients(db));
  print(json ? JSON.stringify(found.map(asJson)) : table(found));
}

async function revoke(clientId: string, { json }: { json?: true }): Promise<void> {
  const revoked = await borrowDatabase({ env: process.env }, async (db, world) => {
    if (!(await revokeClient(db, clientId, world.now()))) return undefined;
    return (await listClients(db)).find(({ client_id }) => client_id === clientId);
  });
  if (!revoked)
    throw new Refused(`There is no client ${clientId}. "mintro clients list" shows those there are.`);
  if (json) return print(JSON.stringify(asJson(revoked)));
  print(`The client ${clientId} is revoked: its requests are answered 401.`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function readPermissions(given: string): Permission[] {
  const wanted = given
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const unknown = wanted.filter((part) => !isPermission(part));
  if (unknown.length > 0 || wanted.length === 0) {
    const what = unknown.length > 0 ? `Unknown: ${unknown.join(", ")}.` : "None is named.";
    throw new InvalidArgumentError(`${what} Allowed are ${PERMISSIONS.join(", ")}.`);
  }
  return PERMISSIONS.filter((permission) => wanted.includes(permission));
}

const NAME_MAX = 100;

/** Names stand on the checkout page and in the list, so each is one short line. */
function readName(given: string): string {
  const name = given.trim();
  if (name === "" || name.length > NAME_MAX || /\p{C}/u.test(name)) {
    throw new InvalidArgumentError(`It must be 1 to ${NAME_MAX} characters on one line.`);
  }
  return name;
}

function asJson(client: ListedClient) {
  return {
    client_id: client.client_id,
    name: client.name,
    merchant: client.account,
    mode: client.mode,
    permissions: client.permissions,
    created_at: formatInstant(client.created_at),
    revoked_at: client.revoked_at && formatInstant(client.revoked_at),
  };
}

function table(clients: readonly ListedClient[]): string {
  if (clients.length === 0) return 'There are no clients yet. "mintro clients create" makes one.';
  const head = ["CLIENT ID", "MERCHANT", "MODE", "STATE", "CREATED", "NAME", "PERMISSIONS"];
  const rows = clients.map((client) => [
    client.client_id,
    client.account,
    client.mode,
    client.revoked_at ? "revoked" : "active",
    formatInstant(client.created_at).slice(0, 10),
    client.name,
    client.permissions.length === PERMISSIONS.length ? "all" : client.permissions.join(","),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
