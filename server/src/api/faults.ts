/** Rehearsed faults: POST, GET and DELETE /api/platform/test/faults (contract section 6). */
import { validate } from "@mintro/contract/laravel-rules";
import type { Wire } from "@mintro/contract/objects/said";
import type { DisarmedFaults, Fault } from "@mintro/contract/objects/test-mode";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import type { TestFault } from "../domain/test-fault.ts";
import { arm, armed, disarm } from "../flows/faults/arm.ts";
import type { Platform } from "../flows/platform.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { type ApiRequest, addRoute } from "./request.ts";

export function faultRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.armFault, (request) => armOne(platform, request));
  addRoute(app, platform, OPERATIONS.listFaults, async ({ books }) => {
    const found = await armed(platform, books);
    return found.ok ? success(`[${found.value.map(presentFault).join(",")}]`) : failureAnswer(found.failure);
  });
  addRoute(app, platform, OPERATIONS.disarmFaults, async ({ books }) => {
    const ended = await disarm(platform, books);
    if (!ended.ok) return failureAnswer(ended.failure);
    const spared: Wire<typeof DisarmedFaults> = { disarmed: ended.value };
    return success(JSON.stringify(spared));
  });
}

async function armOne(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  if (books.account.mode !== "test") return failureAnswer({ kind: "faults_not_in_live_mode" });
  const read = validate(OPERATIONS.armFault.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { target, fault, count } = read.value;
  const command = { target, fault, count: count ?? 1, keyed, present };
  return commandAnswer(await arm(platform, books, command));
}

function present(fault: TestFault): string {
  return successBody(presentFault(fault));
}

function presentFault({ target, fault, count, remaining }: TestFault): string {
  const fields: Wire<typeof Fault> = { target, fault, count, remaining };
  return JSON.stringify(fields);
}
