/** Rehearsed faults: POST, GET and DELETE /api/platform/test/faults (contract section 6). */
import { integer, oneOf } from "@mintro/contract/laravel-kinds";
import { type Kind, optional, required, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FastifyInstance } from "fastify";
import { TEST_FAULTS } from "../base/limits.ts";
import {
  CHARGE_FAULTS,
  DELIVERY_FAULTS,
  FAULT_TARGETS,
  FAULTS_OF,
  type TestFault,
} from "../domain/test-fault.ts";
import { arm, armed, disarm } from "../flows/faults/arm.ts";
import type { Platform } from "../flows/platform.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { type ApiRequest, addRoute } from "./request.ts";

const anyFault = oneOf([...CHARGE_FAULTS, ...DELIVERY_FAULTS]);

/** `in`, of the target's faults; where the target is missing or wrong, of all. */
const faultOfTarget: Kind<(typeof CHARGE_FAULTS | typeof DELIVERY_FAULTS)[number]> = {
  schema: anyFault.schema,
  read(value, key, siblings) {
    const target = FAULT_TARGETS.find((known) => known === siblings("target"));
    const known: readonly unknown[] = target ? FAULTS_OF[target] : [...CHARGE_FAULTS, ...DELIVERY_FAULTS];
    return known.includes(value) ? anyFault.read(value, key, siblings) : { texts: [messages.in(key)] };
  },
};

const fields = {
  target: required(oneOf(FAULT_TARGETS)),
  fault: required(faultOfTarget),
  count: optional(integer({ min: 1, max: TEST_FAULTS.count })),
};

export function faultRoutes(app: FastifyInstance, platform: Platform): void {
  const path = "/test/faults";
  const permission = "test:write";
  addRoute(app, platform, {
    method: "POST",
    path,
    permission,
    handle: (request) => armOne(platform, request),
  });
  addRoute(app, platform, {
    method: "GET",
    path,
    permission,
    async handle({ books }) {
      const found = await armed(platform, books);
      return found.ok
        ? success(`[${found.value.map(presentFault).join(",")}]`)
        : failureAnswer(found.failure);
    },
  });
  addRoute(app, platform, {
    method: "DELETE",
    path,
    permission,
    async handle({ books }) {
      const ended = await disarm(platform, books);
      return ended.ok ? success(JSON.stringify({ disarmed: ended.value })) : failureAnswer(ended.failure);
    },
  });
}

async function armOne(platform: Platform, { books, body, keyed }: ApiRequest): Promise<Answer> {
  if (books.account.mode !== "test") return failureAnswer({ kind: "faults_not_in_live_mode" });
  const read = validate(fields, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { target, fault, count } = read.value;
  const command = { target, fault, count: count ?? 1, keyed, present };
  return commandAnswer(await arm(platform, books, command));
}

function present(fault: TestFault): string {
  return successBody(presentFault(fault));
}

function presentFault({ target, fault, count, remaining }: TestFault): string {
  return JSON.stringify({ target, fault, count, remaining });
}
