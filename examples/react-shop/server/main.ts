/** Starts the shop's server with what the environment says. */
import { fileURLToPath } from "node:url";
import { Mintro } from "@mintro/sdk";
import { openOrders } from "./orders.ts";
import { createShop } from "./shop.ts";

const port = Number(process.env["PORT"] ?? 4000);

const mintro = new Mintro({
  baseUrl: process.env["MINTRO_URL"] ?? "http://localhost:3000",
  clientId: needed("MINTRO_CLIENT_ID"),
  clientSecret: needed("MINTRO_CLIENT_SECRET"),
});
const orders = openOrders(process.env["SHOP_DATABASE"] ?? pathOf("../orders.db"));
const webhookSecret = needed("MINTRO_WEBHOOK_SECRET");
const pages = process.env["SHOP_PAGES"] ?? pathOf("../dist");

createShop({ mintro, orders, webhookSecret, pages }).listen(port, (error) => {
  if (error) throw error;
  console.log(`The shop is open at http://localhost:${port}`);
});

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function needed(name: string): string {
  const value = process.env[name]?.trim();
  if (value) return value;
  console.error(`${name} is missing. The README says where to find it.`);
  process.exit(1);
}
