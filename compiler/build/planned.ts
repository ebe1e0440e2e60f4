/** From a program without errors to its plan, or to the fault that it cannot be planned so. */
import type { ProgramIr } from "../ir/ir.ts";
import type { PlanOptions } from "../plan/options.ts";
import { type ProgramPlan, planProgram } from "../plan/plan.ts";
import { crossingsOf } from "../plan/separate.ts";
import { fault } from "./fault.ts";

export function planned(ir: ProgramIr, options: PlanOptions): ProgramPlan {
  const [crossing] = options.consolidate ? [] : crossingsOf(ir);
  if (crossing !== undefined) throw fault("MBX8029", { ...crossing });
  return planProgram(ir, options);
}
