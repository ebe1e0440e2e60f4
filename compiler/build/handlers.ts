/** The program's handler files, as the checks of the C and TypeScript compilers need them. */
import type { EmittedFile } from "../emit/files.ts";
import type { ProgramPlan, StubPlan } from "../plan/plan.ts";
import type { CHandler } from "./c-diagnostics.ts";
import type { TsHandler } from "./typescript.ts";

export function cHandlersOf(plan: ProgramPlan, files: readonly EmittedFile[]): readonly CHandler[] {
  return plan.stubs.flatMap((stub) => {
    const { handler } = stub.nf;
    if (handler.language !== "c") return [];
    const text = files.find((file) => file.kind === "stub" && file.path === handler.path)?.text ?? "";
    const all = stub.nf.prepares ? [...callbackNames(stub), "start", "stop"] : callbackNames(stub);
    const callbacks = all.map((name) => ({
      name,
      stub: functionIn(text, `${stub.nf.name}_on_${name}`),
    }));
    return [{ nf: stub.nf.name, file: handler.path, callbacks, links: stub.nf.links }];
  });
}

export function tsHandlersOf(plan: ProgramPlan): readonly TsHandler[] {
  return plan.stubs.flatMap((stub) => {
    const { handler } = stub.nf;
    if (handler.language !== "ts") return [];
    return [{ nf: stub.nf.name, file: handler.path, callbacks: callbackNames(stub) }];
  });
}

function callbackNames(stub: StubPlan): readonly string[] {
  return stub.callbacks.filter((callback) => callback.event !== undefined).map((callback) => callback.name);
}

/** The function of this name with the comment before it, out of a generated stub. */
function functionIn(text: string, name: string): string {
  const pattern = new RegExp(`^[^\\n]*\\b${name}\\([^{;]*\\{[\\s\\S]*?^\\}`, "m");
  return pattern.exec(text)?.[0] ?? `void ${name}(…)`;
}
