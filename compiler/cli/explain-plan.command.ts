/** `mbx explain-plan`: what the compiler decided, who asked for it, and what is left in the object. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fault } from "../build/fault.ts";
import { defaultFolder, inFolder } from "../build/places.ts";
import type { ProgramPlan } from "../plan/plan.ts";
import type { Command } from "./command.ts";
import { dumpJson } from "./dump.ts";
import { FINE, PROBLEMS } from "./exit.ts";
import type { Arguments } from "./options.ts";
import { type Io, type Stream, styled } from "./output.ts";
import { planText } from "./plan-text.ts";
import { printDiagnostics } from "./report.ts";
import { outputFlag, planFlags, planOptionsOf, settingFlag, sourceFile } from "./tools.ts";

export const explainPlanCommand: Command = {
  spec: {
    name: "explain-plan",
    summary: "Explain what a program does, and who asked for it",
    description: [
      "Prints for each chain what its stack computes and which subscription asked for it, the order in which network functions run, and when each filter is decided.",
      "With `--object`, reads what is left in the program that was built: the two have to agree.",
    ],
    operand: { name: "FILE", count: "one", noun: "a `.mbx` file" },
    flags: [
      { name: "object", help: "Compare with section `.mbx.features` of the built program" },
      { name: "json", help: "Print as one JSON object" },
      outputFlag,
      settingFlag,
      ...planFlags,
    ],
    examples: [
      { line: "mbx explain-plan ids.mbx", says: "Why does the stack put bytes in order?" },
      { line: "mbx explain-plan ids.mbx --object", says: "Is what nobody asked for gone from the program?" },
    ],
  },
  run: async (args, io) => {
    const file = sourceFile(io.cwd, args.operands[0] ?? "");
    const plan = await planOf(file, args, io);
    if (plan === undefined) return PROBLEMS;
    const object = args.has("object") ? await readObject(file, args, io) : undefined;
    const comparison = object === undefined ? undefined : compare(plan, object);
    if (args.has("json")) io.out.write(dumpJson(summary(plan, comparison)));
    else {
      io.out.write(planText(plan, io.out));
      if (comparison !== undefined) io.out.write(comparisonText(comparison, io.out));
    }
    const differs = comparison !== undefined && comparison.missing.length + comparison.extra.length > 0;
    return differs ? PROBLEMS : FINE;
  },
};

async function planOf(file: string, args: Arguments, io: Io): Promise<ProgramPlan | undefined> {
  const [{ createSources }, { readProgram }, { parseSettings }, { planned }] = await Promise.all([
    import("../build/sources.ts"),
    import("../build/front.ts"),
    import("../build/settings.ts"),
    import("../build/planned.ts"),
  ]);
  const front = readProgram(file, "check", parseSettings(args.texts("set")), createSources(io.cwd));
  if (front.ir !== undefined) return planned(front.ir, planOptionsOf(args));
  await printDiagnostics(front.diagnostics, "pretty", front.text, io);
  return undefined;
}

async function readObject(file: string, args: Arguments, io: Io): Promise<readonly string[]> {
  const given = args.text("output");
  const folder =
    given === undefined
      ? defaultFolder(path.resolve(io.cwd, file), args.texts("set"), planOptionsOf(args))
      : path.resolve(io.cwd, given);
  const object = path.join(folder, inFolder.addon);
  if (!existsSync(object)) {
    throw fault(
      "MBX8025",
      { file, folder: path.relative(io.cwd, folder) || folder },
      `\`mbx build ${file}\``,
    );
  }
  const { featuresInObject } = await import("../build/object.ts");
  const found = featuresInObject(object);
  if (found === undefined) throw fault("MBX8017", { file: object, reason: "it is not an object file" });
  return found;
}

interface Comparison {
  readonly object: readonly string[];
  /** In the plan and not in the object. */
  readonly missing: readonly string[];
  /** In the object and asked for by nobody. */
  readonly extra: readonly string[];
}

function compare(plan: ProgramPlan, object: readonly string[]): Comparison {
  const planned = plannedFeatures(plan);
  return {
    object,
    missing: planned.filter((name) => !object.includes(name)),
    extra: object.filter((name) => !planned.includes(name)),
  };
}

function plannedFeatures(plan: ProgramPlan): readonly string[] {
  const names = plan.chains.flatMap((chain) => chain.stack.features.map((feature) => feature.name));
  return [...new Set(names)].sort();
}

function comparisonText(comparison: Comparison, to: Stream): string {
  const lines = [
    styled("In the object", "bold", to.colour),
    `  ${comparison.object.join(", ") || "no features"}`,
  ];
  if (comparison.missing.length > 0) lines.push(`  planned, and not there: ${comparison.missing.join(", ")}`);
  if (comparison.extra.length > 0) lines.push(`  there, and not planned: ${comparison.extra.join(", ")}`);
  if (comparison.missing.length + comparison.extra.length === 0) lines.push("  the same as planned");
  return `${lines.join("\n")}\n`;
}

function summary(plan: ProgramPlan, comparison: Comparison | undefined) {
  return {
    program: plan.name,
    chains: plan.chains.map((chain) => ({
      name: chain.name,
      stack: chain.stack.name,
      kind: chain.stack.kind,
      features: chain.stack.features,
      nfs: chain.nfs.map((nf) => ({
        name: nf.name,
        language: nf.ir.handler.language,
        place: nf.place,
        outlet: nf.outlet < 0 ? null : nf.outlet,
        core: nf.core < 0 ? null : nf.core,
      })),
      stages: chain.stages,
    })),
    ...(comparison === undefined ? {} : { object: comparison }),
  };
}
