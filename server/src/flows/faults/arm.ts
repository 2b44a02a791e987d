/** Arms and disarms faults for rehearsals (contract section 6, /test/faults). Test mode alone. */
import { TEST_FAULTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { newTestFaultId } from "../../domain/ids.ts";
import type { TestFault } from "../../domain/test-fault.ts";
import { armedFaults, deleteFaults, insertFault } from "../../store/test-faults.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";

export type ArmFailure =
  | { readonly kind: "faults_not_in_live_mode" }
  | { readonly kind: "too_many_faults"; readonly most: number };

export type ArmCommand = Pick<TestFault, "target" | "fault" | "count"> & {
  readonly keyed: Keyed | null;
  readonly present: (fault: TestFault) => string;
};

/** Behind those of its target that are armed already. */
export async function arm(
  platform: Platform,
  { account }: Books,
  command: ArmCommand,
): Promise<Result<Answered, ArmFailure | KeyFailure>> {
  if (account.mode !== "test") return fail({ kind: "faults_not_in_live_mode" });
  const { accountId } = account;
  const { target, fault, count, keyed, present } = command;
  return await once<ArmFailure>(platform, accountId, keyed, async (tx) => {
    const { now, random } = platform.world;
    const faultId = newTestFaultId({ at: now(), random });
    const armed: TestFault = { accountId, faultId, target, fault, count, remaining: count };
    const inserted = await insertFault(tx, armed, now(), TEST_FAULTS.armed);
    return inserted ? ok(present(armed)) : fail({ kind: "too_many_faults", most: TEST_FAULTS.armed });
  });
}

/** Those of a target in the order in which they will be used. */
export async function armed(
  platform: Platform,
  { account }: Books,
): Promise<Result<TestFault[], ArmFailure>> {
  if (account.mode !== "test") return fail({ kind: "faults_not_in_live_mode" });
  return ok(await armedFaults(platform.db, account.accountId));
}

/**
 * Ends all of them; how many calls and tries they were still to strike. What was put off already stays so until its time,
 * and an answer that is on its way, late, still comes.
 */
export async function disarm(platform: Platform, { account }: Books): Promise<Result<number, ArmFailure>> {
  if (account.mode !== "test") return fail({ kind: "faults_not_in_live_mode" });
  return ok(await deleteFaults(platform.db, account.accountId));
}
