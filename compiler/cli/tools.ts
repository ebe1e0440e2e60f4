/** Flags that `build`, `run` and `explain-plan` share: what is built, and with what. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { fault, reasonOf } from "../build/fault.ts";
import type { Toolchain } from "../build/library.ts";
import type { PlanOptions } from "../plan/options.ts";
import type { FlagSpec } from "./command.ts";
import type { Arguments } from "./options.ts";

export const outputFlag: FlagSpec = {
  name: "output",
  short: "o",
  value: "DIR",
  help: "Build folder, instead of `.mbx/NAME` beside the file",
};

export const settingFlag: FlagSpec = {
  name: "set",
  value: "STACK.OPTION=VALUE",
  repeats: true,
  help: "Change an option of a stack, as if the file had it",
};

/** What the compiler gains is measured against these. */
export const planFlags: readonly FlagSpec[] = [
  {
    name: "no-consolidate",
    help: "Give each network function a stack of its own, to measure what sharing one saves",
  },
  {
    name: "event-by-event",
    help: "Let all network functions handle one packet's events before the next packet's, to measure what batches save",
  },
];

export function planOptionsOf(args: Arguments): PlanOptions {
  return { consolidate: !args.has("no-consolidate"), batches: !args.has("event-by-event") };
}

/** Every x86-64 processor since 2009 runs it. */
export const BASELINE = "x86-64-v2";

export const toolFlags: readonly FlagSpec[] = [
  { name: "cc", value: "COMPILER", choices: ["gcc", "clang"], help: "C compiler" },
  { name: "march", value: "NAME", help: `Instruction set to compile for; ${BASELINE} unless given` },
];

export function toolchainOf(args: Arguments): Toolchain {
  const march = args.text("march") ?? BASELINE;
  if (!/^[\w.+-]+$/.test(march)) {
    throw fault("MBX8005", { flag: "--march", value: march, expected: "it is a name that `-march` takes" });
  }
  return { cc: args.text("cc") === "clang" ? "clang" : "gcc", march };
}

/** What compilers know differs, so the one that will be used is asked. The baseline all of them know. */
export async function checkMarch(tools: Toolchain): Promise<void> {
  if (tools.march === BASELINE) return;
  const { faultOfMarch } = await import("../build/march.ts");
  const expected = await faultOfMarch(tools);
  if (expected === undefined) return;
  throw fault(
    "MBX8005",
    { flag: "--march", value: tools.march, expected },
    `\`--march ${BASELINE}\`, or \`--march native\` for this machine alone`,
  );
}

/** A `.mbx` file that is there; else a sentence on what is there instead. */
export function sourceFile(cwd: string, given: string): string {
  const file = path.resolve(cwd, given);
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(file);
  } catch (error) {
    throw fault("MBX8017", { file: given, reason: reasonOf(error) }, ...insteadOf(file, given));
  }
  if (stats.isDirectory()) {
    const inside = path.join(given, `${path.basename(file)}.mbx`);
    const known = existsSync(path.resolve(cwd, inside));
    throw fault("MBX8018", { path: given }, known ? `\`${inside}\`` : `\`${path.join(given, "*.mbx")}\``);
  }
  if (!file.endsWith(".mbx")) throw fault("MBX8019", { file: given });
  return given;
}

function insteadOf(file: string, given: string): readonly string[] {
  return existsSync(`${file}.mbx`) ? [`there is \`${given}.mbx\``] : [];
}
