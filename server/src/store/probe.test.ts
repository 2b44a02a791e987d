/** A database that says no has answered: it is there, and whoever is connected already is served. */

import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openProbe } from "./probe.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A PostgreSQL that refuses every connection with this SQLSTATE; null: hangs up without a word. */
async function refusing(code: string | null): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(code === null ? "" : refusal(code)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `postgres://mintro:x@127.0.0.1:${(server.address() as AddressInfo).port}/mintro`;
}

/** ErrorResponse of PostgreSQL's protocol. */
function refusal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mrefused\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from("E"), length, fields]);
}

test.each([
  ["has no connection left for the question", "53300", true],
  ["takes another password by now", "28P01", true],
  ["is starting", "57P03", false],
  ["is being stopped", "57P01", false],
  ["a pooler does not reach", "08P01", false],
  ["hangs up", null, false],
])("a database that %s", async (_, code, answers) => {
  const probe = openProbe({ url: await refusing(code), silentMs: 500, applicationName: "test" });
  expect(await probe.ask()).toBe(answers);
  expect(await probe.ask()).toBe(answers);
  probe.close();
});
