/** The search that ends every test file finds what it is for: else it would prove nothing. */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { expect, test } from "vitest";
import { createLog } from "../../src/base/log.ts";
import { createTestDatabase } from "./database.ts";
import { CARDS } from "./platform.ts";
import { told, watchForSecrets } from "./secrets-search.ts";

const key = randomBytes(32);
const clientSecret = `sk_${randomBytes(32).toString("base64url")}`;
told.clientSecrets.add(clientSecret);

const SECRETS: Readonly<Record<string, string>> = {
  "a client's secret": clientSecret,
  "a webhook's secret": `whsec_${randomBytes(32).toString("base64")}`,
  "the secret key": key.toString("base64"),
  "a card's code": '{"cvc":"927"}',
  "a card number": CARDS.visa.replaceAll(/(\d{4})(?=\d)/g, "$1 "),
};
const LINK = `https://pay.example/pay/${randomBytes(48).toString("base64url")}`;

const quiet = { secretKeys: [key], log: createLog("silent") };

test.each(Object.entries({ ...SECRETS, "a payment link": LINK }))(
  "%s is found in a line of the log",
  async (what, secret) => {
    const database = await createTestDatabase();
    const watch = watchForSecrets(quiet);
    watch.log.debug({ request_id: "req_abcdefghijklmnop", route: "/pay/:token" }, "request");
    expect(await watch.find(database.url)).toEqual([]);
    watch.log.warn({ err: new Error(`no answer to ${secret}`) }, "a request failed");
    const found = await watch.find(database.url);
    await database.drop();
    expect(found[0]).toMatch(new RegExp(`^in the log: ${what} after `));
    expect(found.join()).not.toContain(secret);
  },
);

test.each(Object.entries(SECRETS))("%s is found in a table, as text and as bytes", async (what, secret) => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const insert = (name: string, fingerprint: Buffer, answer: string | null) =>
    client.query(
      `insert into idempotency_keys (account_id, key, fingerprint, answer, created_at)
       values (gen_random_uuid(), $1, $2, $3, now())`,
      [name, fingerprint, answer],
    );
  const watch = watchForSecrets(quiet);
  await insert("clean", createHash("sha256").update(secret).digest(), JSON.stringify({ payment_url: LINK }));
  expect(await watch.find(database.url)).toEqual([]);
  await insert("text", randomBytes(32), JSON.stringify({ data: secret }));
  expect((await watch.find(database.url))[0]).toMatch(
    new RegExp(`^in public.idempotency_keys: ${what} after `),
  );
  await client.query("delete from idempotency_keys where key = 'text'");
  await client.query("update idempotency_keys set answer = null, sealed_answer = $1", [
    Buffer.from(`answer: ${secret} .`),
  ]);
  expect((await watch.find(database.url))[0]).toMatch(
    new RegExp(`^in public.idempotency_keys: ${what} after `),
  );
  await client.end();
  await database.drop();
});

test("what is answered with an error is searched, and what is answered with success is the client's", async () => {
  const database = await createTestDatabase();
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/" ? 200 : 400).end(`{"secret":"${clientSecret}"}`);
  });
  const watch = watchForSecrets(quiet);
  watch.watchErrors(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await (await fetch(at)).text();
  expect(await watch.find(database.url)).toEqual([]);
  await (await fetch(`${at}/wrong`)).text();
  expect(await watch.find(database.url)).toEqual([
    expect.stringMatching(/^in an error's body: a client's secret/),
  ]);
  server.closeAllConnections();
  server.close();
  await database.drop();
});

test("a long log and full tables are searched in a moment", async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into idempotency_keys (account_id, key, fingerprint, answer, created_at)
     select gen_random_uuid(), 'key ' || n, sha256(n::text::bytea), repeat('an answer of some length, ', 30), now()
       from generate_series(1, 5000) n`,
  );
  await client.end();
  const watch = watchForSecrets(quiet);
  for (let line = 0; line < 10_000; line++)
    watch.log.debug(
      { request_id: randomBytes(15).toString("base64url"), route: "/pay/:token", ms: line },
      "request",
    );
  const begun = performance.now();
  expect(await watch.find(database.url)).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(1_500); // 0.1 s on a machine with nothing else to do
  await database.drop();
});
