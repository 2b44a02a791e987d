/** A migrated database of its own for each test file that wants one: a copy of the run's template. */
import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { inject } from "vitest";
import type {} from "./global-setup.ts"; // declares what is injected

export interface TestDatabase {
  readonly url: string;
  /** Cuts off whoever is still connected. May be called again. */
  drop(): Promise<void>;
}

let admin: Pool | undefined;

/** Takes about 15 ms: with `file_copy` PostgreSQL copies files instead of writing every page to its log. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, template, prefix } = inject("testDatabases");
  const pool = adminPool(adminUrl);
  const name = `${prefix}${randomBytes(6).toString("hex")}`;
  await pool.query(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await pool.query(`drop database if exists ${name} with (force)`);
    },
  };
}

/** One connection that does not keep the test process alive. */
function adminPool(url: string): Pool {
  if (admin) return admin;
  admin = new Pool({ connectionString: url, max: 1, allowExitOnIdle: true, connectionTimeoutMillis: 10_000 });
  admin.on("error", () => {}); // the server ends before the last test process may
  return admin;
}
