/** Operations on customers (contract section 6). */
import { EXAMPLE } from "../objects/examples.ts";
import { pageFields } from "./kinds.ts";
import { operation } from "./operation.ts";
import { customerParam } from "./params.ts";

const tag = "Customers";
const permission = "customers:read";

export const listCustomers = operation({
  operationId: "listCustomers",
  method: "GET",
  path: "/customers",
  tag,
  permission,
  summary: "List customers",
  description: "Newest first.",
  query: pageFields,
  shape: "page",
  failures: [],
});

export const getCustomer = operation({
  operationId: "getCustomer",
  method: "GET",
  path: "/customers/{id}",
  tag,
  permission,
  summary: "Get a customer",
  description: "With the e-mail address and the name of the newest intent.",
  params: customerParam,
  shape: "one",
  failures: ["customer_not_found"],
});

export const getCustomerByReference = operation({
  operationId: "getCustomerByReference",
  method: "GET",
  path: "/customers/reference/{customer_ref_id}",
  tag,
  permission,
  summary: "Get a customer by your own id",
  description: "The same, by the `customer_ref_id` that you gave with an intent.",
  params: {
    customer_ref_id: { description: "Your own id for the customer.", example: EXAMPLE.customerReference },
  },
  shape: "one",
  failures: ["customer_not_found"],
});
