/** Routes under /api/platform/customers (contract section 6). */
import { validate } from "@mintro/contract/laravel-rules";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { identityOfReference } from "../domain/customer.ts";
import { parseCustomerId, showCustomerId } from "../domain/ids.ts";
import type { Platform } from "../flows/platform.ts";
import { findCustomer, findCustomerByIdentity, listCustomers } from "../store/customers.ts";
import { type Answer, failureAnswer, success } from "./answer.ts";
import { answerPage } from "./page.ts";
import { presentCustomer } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const NOT_FOUND = failureAnswer({ kind: "customer_not_found" });

export function customerRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.listCustomers, (request) => list(platform, request));
  addRoute(app, platform, OPERATIONS.getCustomer, async ({ books, params }) => {
    const id = parseCustomerId(params["id"] ?? "");
    const found = id && (await findCustomer(platform.db, books.account.accountId, id));
    return found ? success(presentCustomer(found)) : NOT_FOUND;
  });
  addRoute(app, platform, OPERATIONS.getCustomerByReference, async ({ books, params }) => {
    const reference = (params["customer_ref_id"] ?? "").trim();
    if (reference.includes("\0")) return NOT_FOUND; // no customer has it, and it would be an error of PostgreSQL's
    const identity = identityOfReference(reference);
    const found = await findCustomerByIdentity(platform.db, books.account.accountId, identity);
    return found ? success(presentCustomer(found)) : NOT_FOUND;
  });
}

async function list(platform: Platform, { books, query }: ApiRequest): Promise<Answer> {
  const read = validate(OPERATIONS.listCustomers.query, query);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  return await answerPage(read.value, {
    parseId: parseCustomerId,
    find: (page) => listCustomers(platform.db, books.account.accountId, page),
    place: (customer) => ({ at: customer.createdAt, id: showCustomerId(customer.customerId) }),
    present: presentCustomer,
  });
}
