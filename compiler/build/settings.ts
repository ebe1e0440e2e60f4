/**
 * `--set web.checksum=trust`: an option of a stack, changed from the command
 * line. The setting is checked as a stack declaration of its own, with the same
 * rules and codes as in a file, and its value replaces that of the program.
 */
import type { Host } from "../bind/host.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { ProgramIr, StackIr } from "../ir/ir.ts";
import { createProgram } from "../program.ts";
import { fault } from "./fault.ts";

export interface Setting {
  readonly stack: string;
  readonly option: string;
  readonly value: string;
}

export function parseSettings(given: readonly string[]): readonly Setting[] {
  const settings = given.map(parseSetting);
  settings.forEach((one, index) => {
    const twice = settings.findIndex((other) => other.stack === one.stack && other.option === one.option);
    if (twice !== index) throw fault("MBX8006", { flag: `--set ${one.stack}.${one.option}` });
  });
  return settings;
}

function parseSetting(text: string): Setting {
  const parts = /^(?<stack>\w+)\.(?<option>\w+)=(?<value>.+)$/.exec(text)?.groups;
  const { stack, option, value } = parts ?? {};
  if (stack === undefined || option === undefined || value === undefined) {
    throw fault(
      "MBX8015",
      { flag: "--set", value: text, form: "STACK.OPTION=VALUE" },
      "for a stack `web`: `--set web.checksum=trust`",
    );
  }
  return { stack, option, value };
}

export interface Applied {
  readonly ir: ProgramIr;
  readonly diagnostics: readonly Diagnostic[];
  /** Text of the declarations that stand for settings, by the name that spans give them. */
  readonly texts: ReadonlyMap<string, string>;
}

export function applySettings(ir: ProgramIr, settings: readonly Setting[], host: Host): Applied {
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  let stacks = ir.stacks;
  for (const setting of settings) {
    const stack = stacks.find((one) => one.name === setting.stack);
    if (stack === undefined) throw unknownStack(setting, ir);
    const file = `--set ${setting.stack}.${setting.option}`;
    const text = declarationOf(stack, setting);
    texts.set(file, text);
    const virtual = createProgram(withFile(host, file, text), [file]);
    const found = virtual.check("build").filter((one) => one.severity === "error");
    diagnostics.push(...found);
    const changed = virtual.ir(file)?.stacks.find((one) => one.name === setting.stack);
    if (changed !== undefined) {
      stacks = stacks.map((one) => (one.name === setting.stack ? merged(one, changed, setting.option) : one));
    }
  }
  return { ir: { ...ir, stacks }, diagnostics, texts };
}

/** The stack comes first: it is what a diagnostic shows. The rest makes it a whole program. */
function declarationOf(stack: StackIr, setting: Setting): string {
  return [
    `stack ${stack.name} = ${stack.kind} {`,
    `  ${setting.option} ${setting.value}`,
    "}",
    'nf carrier_of_setting { subscribe PKT handler "carrier.c" }',
    `chain chain_of_setting { stack ${stack.name} ports near <-> far path carrier_of_setting }`,
    "",
  ].join("\n");
}

function withFile(host: Host, file: string, text: string): Host {
  return {
    readFile: (path) => (path === file ? text : host.readFile(path)),
    fileExists: (path) => path === file || host.fileExists(path),
  };
}

function merged(stack: StackIr, changed: StackIr, option: string): StackIr {
  if (option === "match" && changed.match !== undefined) return { ...stack, match: changed.match };
  const value = changed.options[option];
  return value === undefined ? stack : { ...stack, options: { ...stack.options, [option]: value } };
}

function unknownStack(setting: Setting, ir: ProgramIr) {
  const names = ir.stacks.map((stack) => stack.name);
  const similar = nearest(setting.stack, names);
  return fault(
    "MBX8016",
    { stack: setting.stack, program: ir.name },
    similar === undefined
      ? `its stacks: ${names.map((name) => `\`${name}\``).join(", ")}`
      : `there is a stack with a similar name: \`${similar}\``,
  );
}
