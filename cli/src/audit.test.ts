/** `mintro audit` as it is typed, on real databases. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RULES } from "@mintro/server/audit/audit";
import { Client } from "pg";
import { describe, expect, inject, it } from "vitest";

const BIN = fileURLToPath(new URL("../bin/mintro.mjs", import.meta.url));

type Ended = { readonly code: number; readonly out: string; readonly error: string };

function audit(databaseUrl: string, ...options: string[]): Promise<Ended> {
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, "audit", ...options], { env }, (error, out, written) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: written });
    });
  });
}

/** A database of its own, copied from `template` where one is given. */
async function withDatabase(template: string | null, work: (url: string) => Promise<void>): Promise<void> {
  const { adminUrl, prefix } = inject("testDatabases");
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  const name = `${prefix}audit_${process.hrtime.bigint()}`;
  await admin.query(`create database ${name} ${template ? `template ${template} strategy file_copy` : ""}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  try {
    await work(url.href);
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

describe("mintro audit", () => {
  const { template } = inject("testDatabases");

  it("says in one line that all invariants hold, and exits with 0", async () => {
    await withDatabase(template, async (url) => {
      const out = `All ${RULES.length} invariants hold.\n`;
      expect(await audit(url)).toEqual({ code: 0, out, error: "" });
      const { code, out: json } = await audit(url, "--json");
      expect([code, JSON.parse(json)]).toEqual([0, { rules: RULES.length, violations: [] }]);
    });
  });

  it("prints what is violated, with ids, and exits with 1", async () => {
    await withDatabase(template, async (url) => {
      const account = "01a2ce8b-d400-7084-8f53-25ca1ca721a9";
      await query(
        url,
        `insert into customers (account_id, customer_id, identity, email, name, created_at)
         values ('${account}', '${account}', 'email:a', 'a', 'a', '2026-01-01')`,
      );
      const { code, out, error } = await audit(url);
      expect([code, error]).toEqual([1, ""]);
      expect(out).toMatch(
        /^references-stay-in-the-account: What a row points to exists, in the same account\.$/m,
      );
      expect(out).toContain(account);
      expect(out.trimEnd()).toMatch(/^Violated: references-stay-in-the-account$/m);
      const asJson = await audit(url, "--json");
      expect(asJson.code).toBe(1);
      expect(JSON.parse(asJson.out).violations).toMatchObject([
        { rule: "references-stay-in-the-account", rows: [{ account_id: account }], more: false },
      ]);
    });
  });

  it("changes nothing: on a database that is not Mintro's it says so and exits with 2", async () => {
    await withDatabase(null, async (url) => {
      const { code, out, error } = await audit(url);
      expect([code, out]).toEqual([2, ""]);
      expect(error).toMatch(/^DATABASE_URL: its tables are not those of this version of Mintro/);
      await query(url, "create table accounts ()"); // it was not migrated
    });
  });
});
