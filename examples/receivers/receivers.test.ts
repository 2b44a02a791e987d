/**
 * The receivers in other languages, each started as its README says, where the language is on the machine: deliveries of
 * the platform, and deliveries signed by the `standardwebhooks` package that are right, changed, old, doubled or rotated.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../server/test/support/free-ports.ts";
import { newMerchant } from "../../server/test/support/merchants.ts";
import {
  eventually,
  type Merchant,
  pay,
  startPlatform,
  type TestPlatform,
} from "../../server/test/support/platform.ts";
import { type Program, startProgram } from "../../server/test/support/program.ts";
import { scratchParent } from "../../server/test/support/scratch.ts";

type Command = readonly [string, ...string[]];
type Language = {
  readonly name: string;
  /** Ends with 0 where the language is there in a version that will do. */
  readonly check: Command;
  readonly folder: string;
  /** The README's command; `command` is the same with a port of its own, or built first. */
  readonly told: string;
  readonly command: (port: string, folder: string) => Command;
};

const LANGUAGES: readonly Language[] = [
  {
    name: "Python",
    check: ["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))"],
    folder: "python",
    told: "python3 receiver.py",
    command: () => ["python3", "receiver.py"],
  },
  {
    name: "Flask",
    check: ["python3", "-c", "import flask"],
    folder: "python",
    told: "flask --app flask_receiver run --port 4000",
    command: (port) => ["python3", "-m", "flask", "--app", "flask_receiver", "run", "--port", port],
  },
  {
    name: "PHP",
    check: ["php", "-r", "exit(PHP_VERSION_ID < 80100 ? 1 : 0);"],
    folder: "php",
    told: "php -S localhost:4000 index.php",
    command: (port) => ["php", "-S", `127.0.0.1:${port}`, "index.php"],
  },
  {
    name: "Go",
    check: ["go", "version"],
    folder: "go",
    told: "go run .",
    command: (_, folder) => {
      const built = join(folder, "receiver");
      execFileSync("go", ["build", "-buildvcs=false", "-o", built, "."], {
        cwd: pathOf("go"),
        timeout: 120_000,
      });
      return [built];
    },
  },
];

const isThere = ({ check: [command, ...args] }: Language) => spawnSync(command, args).status === 0;
const found = LANGUAGES.filter(isThere);
const namesOf = (languages: readonly Language[]) => languages.map(({ name }) => name).join(", ") || "none";
const missing = LANGUAGES.filter((language) => !found.includes(language));

function pathOf(folder: string): string {
  return fileURLToPath(new URL(folder, import.meta.url));
}

let platform: TestPlatform;
let scratch: string;
beforeAll(async () => {
  platform = await startPlatform();
  scratch = await mkdtemp(join(await scratchParent(), "mintro-receivers-"));
});
afterAll(() => rm(scratch, { recursive: true }));

describe(`receivers: found ${namesOf(found)}; not on this machine: ${namesOf(missing)}`, () => {
  test("are started here by the commands that the README tells", () => {
    const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
    for (const { told } of LANGUAGES) expect(readme).toContain(`\`${told}\``);
  });
  describe.each(found)("in $name", (language) => describeReceiver(language));
});

type Delivery = { readonly body: string; readonly headers: Record<string, string> };

/** As the platform would send it, but for what is given. */
function delivery({
  id = `evt_${randomUUID()}`,
  at = new Date(),
  secrets,
}: {
  id?: string;
  at?: Date;
  secrets: readonly string[];
}): Delivery {
  const body = `{"id":"${id}", "event":"payment.succeeded","intent_id":"pi_1","metadata":{"note":"Zoë €"}}`;
  return {
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
    },
  };
}

function describeReceiver(language: Language): void {
  const other = `whsec_${randomBytes(32).toString("base64")}`;
  let merchant: Merchant;
  let endpointId: string;
  let secret: string;
  let url: string;
  let kept: string;
  let receiver: Program;

  beforeAll(async () => {
    merchant = await newMerchant(platform);
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}/webhooks`;
    const { data } = (await merchant.post("/webhook-endpoints", { url })).body;
    endpointId = data.endpoint_id;
    secret = data.secret;
    kept = join(scratch, language.name);
    await mkdir(kept);
    receiver = await startProgram(
      language.command(port, scratch),
      {
        PORT: port,
        MINTRO_WEBHOOK_SECRET: secret,
        EVENTS_DATABASE: join(kept, "events.db"),
        EVENTS_FOLDER: kept,
        PYTHONDONTWRITEBYTECODE: "1",
      },
      { cwd: pathOf(language.folder) },
    );
  }, 180_000);
  afterAll(() => receiver.stop());

  const send = async ({ body, headers }: Delivery) =>
    (await fetch(url, { method: "POST", body, headers })).status;
  /** How often the work for an intent or an event was done. */
  const worked = (id: string) =>
    receiver
      .printed()
      .split("\n")
      .filter((line) => line.includes("paid: ") && line.includes(id)).length;
  const workedOnce = (sent: Delivery) => eventually(() => worked(sent.headers["webhook-id"] ?? "") === 1);

  async function paidIntent(): Promise<string> {
    const { intent_id, payment_url } = await merchant.createIntent();
    await pay(payment_url);
    await eventually(() => worked(intent_id) === 1);
    return intent_id;
  }

  test("takes what the platform sends", async () => {
    const intentId = await paidIntent();
    const [event] = (await merchant.get("/events")).body.data;
    const sent = await eventually(async () => {
      const [delivery] = (await merchant.get(`/events/${event.event_id}/deliveries`)).body.data;
      return delivery.status === "delivered" && delivery;
    });
    expect(sent.tries_made).toBe(1);
    expect(sent.tries[0].duration_ms).toBeLessThan(5_000);
    expect(worked(intentId)).toBe(1);
  });

  test("takes what standardwebhooks signs, in any language of its text", async () => {
    const right = delivery({ secrets: [secret] });
    expect(await send(right)).toBe(204);
    await workedOnce(right);
  });

  test("refuses a body that was changed, or parsed and written again", async () => {
    const { body, headers } = delivery({ secrets: [secret] });
    expect(await send({ headers, body: body.replace("pi_1", "pi_2") })).toBe(400);
    expect(await send({ headers, body: JSON.stringify(JSON.parse(body)) })).toBe(400);
    expect(await send({ headers, body: "" })).toBe(400);
    expect(worked(headers["webhook-id"] ?? "")).toBe(0);
  });

  test("refuses another id or time than was signed, and what lacks a header", async () => {
    const { body, headers } = delivery({ secrets: [secret] });
    const later = String(Number(headers["webhook-timestamp"]) + 1);
    expect(await send({ body, headers: { ...headers, "webhook-timestamp": later } })).toBe(400);
    expect(await send({ body, headers: { ...headers, "webhook-id": "evt_other" } })).toBe(400);
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      const { [name]: _, ...others } = headers;
      expect(await send({ body, headers: others }), name).toBe(400);
    }
    for (const wrong of ["", "now", "1e9", `${"9".repeat(5_000)}`, "-1", "NaN"])
      expect(await send({ body, headers: { ...headers, "webhook-timestamp": wrong } }), wrong).toBe(400);
    for (const wrong of ["v1,", "v1", "v1,é", "v2,AAAA"])
      expect(await send({ body, headers: { ...headers, "webhook-signature": wrong } }), wrong).toBe(400);
  });

  test("refuses what is more than five minutes old, or of the future", async () => {
    const minutesOff = (minutes: number) =>
      send(delivery({ secrets: [secret], at: new Date(Date.now() + minutes * 60_000) }));
    expect([await minutesOff(-4.8), await minutesOff(4.8)]).toEqual([204, 204]);
    expect([await minutesOff(-5.2), await minutesOff(5.2)]).toEqual([400, 400]);
  });

  test("takes one of several signatures, and none of another secret", async () => {
    expect(await send(delivery({ secrets: [other] }))).toBe(400);
    for (const secrets of [
      [other, secret],
      [secret, other],
    ])
      expect(await send(delivery({ secrets }))).toBe(204);
  });

  test("works once for an event that comes many times at once, and says thanks to each", async () => {
    const doubled = delivery({ secrets: [secret] });
    const statuses = await Promise.all(Array.from({ length: 6 }, () => send(doubled)));
    expect(statuses).toEqual(Array(6).fill(204));
    expect(await send(doubled)).toBe(204);
    await workedOnce(doubled);
    const last = delivery({ secrets: [secret] });
    await send(last);
    await workedOnce(last); // whatever the doubles would have caused is done by now
    expect(worked(doubled.headers["webhook-id"] ?? "")).toBe(1);
  });

  test("answers 500 for what it cannot keep, so that it is sent again", async () => {
    const sent = delivery({ secrets: [secret] });
    await rename(kept, `${kept}.aside`);
    await writeFile(kept, "a file in the place of the folder");
    expect(await send(sent)).toBe(500);
    await rm(kept);
    await rename(`${kept}.aside`, kept);
    expect(worked(sent.headers["webhook-id"] ?? "")).toBe(0);
    expect(await send(sent)).toBe(204);
    await workedOnce(sent);
  });

  test("reads no more than a webhook can be long", async () => {
    const { headers } = delivery({ secrets: [secret] });
    const status = await send({ headers, body: "x".repeat(200_000) }).catch(() => "cut off");
    expect([413, "cut off"]).toContain(status);
  });

  test("still takes the platform's webhooks while the secret is rotated", async () => {
    const rotated = await merchant.post(`/webhook-endpoints/${endpointId}/rotate-secret`);
    expect(rotated.body.data.secret).not.toBe(secret);
    await paidIntent();
  });
}
