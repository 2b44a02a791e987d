/** Clients that leave before their request was read: nobody behind them is turned away for it. */
import { connect } from "node:net";
import { beforeAll, expect, it } from "vitest";
import { holdTable } from "../crash/table-lock.ts";
import { anIntent, eventually, startPlatform, type TestPlatform } from "../support/platform.ts";

const PLACES = 3;
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ admission: { creating: PLACES } });
});

async function metric(name: RegExp): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  return Number(new RegExp(`^${name.source} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

const inWork = () => metric(/mintro_http_in_work\{kind="creating"\}/);

/** Sends a creation's head and this part of its body, and waits for nothing. */
function begin(part: number) {
  const { clientId, clientSecret } = platform.merchant;
  const body = JSON.stringify(anIntent());
  const head = [
    "POST /api/platform/intents HTTP/1.1",
    "host: localhost",
    `x-client-id: ${clientId}`,
    `x-client-secret: ${clientSecret}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ].join("\r\n");
  const socket = connect(Number(new URL(platform.url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`${head}\r\n\r\n${body.slice(0, body.length * part)}`);
  return socket;
}

it.each([
  ["the whole body", 1],
  ["half of the body", 0.5],
  ["nothing of the body", 0],
])(
  "a client that has sent %s and leaves while its credentials are looked up keeps no place",
  async (_, part) => {
    const held = await holdTable(platform.databaseUrl, "clients");
    const sockets = Array.from({ length: PLACES }, () => begin(part));
    await eventually(async () => (await inWork()) === PLACES);
    const open = await metric(/mintro_http_connections/);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await metric(/mintro_http_connections/)) <= open - PLACES);
    await held.release();

    await eventually(async () => (await inWork()) === 0);
    expect((await platform.merchant.post("/intents", anIntent())).status).toBe(200);
  },
);
