/** `mbx build`, whole: check, plan, emit, write, compile, bundle. */
import path from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { inOrder } from "../diagnostics/report.ts";
import type { PlanOptions } from "../plan/options.ts";
import type { ProgramPlan } from "../plan/plan.ts";
import { buildPlan, type StepName } from "./back.ts";
import { hasErrors } from "./errors.ts";
import { readProgram } from "./front.ts";
import type { Toolchain } from "./library.ts";
import { withBuildLock } from "./lock.ts";
import { defaultFolder } from "./places.ts";
import { planned } from "./planned.ts";
import { parseSettings } from "./settings.ts";
import { createSources } from "./sources.ts";
import { spansOf } from "./subscribed.ts";
import type { Written } from "./writer.ts";

export interface BuildRequest {
  readonly file: string;
  readonly cwd: string;
  /** Absent: `.mbx/NAME` beside the file. */
  readonly folder?: string;
  /** `STACK.OPTION=VALUE`. */
  readonly settings: readonly string[];
  readonly options: PlanOptions;
  readonly tools: Toolchain;
  /** Called as each step begins. */
  readonly onStep: (step: StepName) => void;
  /** What the tools printed, as it comes; for `--verbose`. */
  readonly onLog: (text: string) => void;
  /** Called with the plan before anything is written; throws to stop. */
  readonly onPlan?: (plan: ProgramPlan) => void;
}

export interface BuildResult {
  readonly ok: boolean;
  /** Of all steps. */
  readonly diagnostics: readonly Diagnostic[];
  readonly text: (file: string) => string | undefined;
  readonly folder: string;
  readonly plan?: ProgramPlan;
  readonly written?: Written;
  /** False when everything was there already. */
  readonly changed: boolean;
}

export async function buildProgram(request: BuildRequest): Promise<BuildResult> {
  const sources = createSources(request.cwd);
  const settings = parseSettings(request.settings);
  const file = path.resolve(request.cwd, request.file);
  const folder =
    request.folder === undefined
      ? defaultFolder(file, request.settings, request.options)
      : path.resolve(request.cwd, request.folder);
  request.onStep("check");
  const front = readProgram(request.file, "build", settings, sources);
  const { diagnostics } = front;
  if (front.ir === undefined) return { ok: false, diagnostics, text: front.text, folder, changed: false };
  const plan = planned(front.ir, request.options);
  request.onPlan?.(plan);
  return withBuildLock(folder, async () => {
    const { tools, onStep, onLog } = request;
    const spans = spansOf(request.file, sources);
    const { written, found, changed } = await buildPlan({
      tools,
      onStep,
      onLog,
      sources,
      folder,
      plan,
      spans,
    });
    const all = inOrder([...diagnostics, ...found]);
    return { ok: !hasErrors(all), diagnostics: all, text: front.text, folder, plan, written, changed };
  });
}
