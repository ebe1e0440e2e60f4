/** Every code of the compiler, from the tables of the families. */
import type { Severity } from "./diagnostic.ts";
import type { Definition, Explanation } from "./registry/define.ts";
import { events } from "./registry/events.ts";
import { handlers } from "./registry/handlers.ts";
import { internal } from "./registry/internal.ts";
import { names } from "./registry/names.ts";
import { options } from "./registry/options.ts";
import { path } from "./registry/path.ts";
import { run } from "./registry/run.ts";
import { syntax } from "./registry/syntax.ts";
import { usage } from "./registry/usage.ts";

const tables = {
  ...syntax,
  ...names,
  ...events,
  ...path,
  ...options,
  ...handlers,
  ...run,
  ...usage,
  ...internal,
};

type Tables = typeof tables;

/** `"MBX1001" | "MBX1002" | …`: a code that exists. */
export type Code = keyof Tables;

/** What the message of each code is made of. */
export type CodeParams = { [C in Code]: Tables[C] extends Definition<infer Params> ? Params : never };

/** A `CodeParams` of one code, with the code: what a checker returns instead of reporting. */
export type CodeWithParams = { [C in Code]: { readonly code: C; readonly params: CodeParams[C] } }[Code];

const registry: { readonly [C in Code]: Definition<CodeParams[C]> } = tables;

export function definitionOf<C extends Code>(code: C): Definition<CodeParams[C]> {
  return registry[code];
}

export function isCode(text: string): text is Code {
  return Object.hasOwn(registry, text);
}

/** All codes, sorted. */
export const codes: readonly Code[] = Object.keys(registry).filter(isCode).sort();

export function severityOf(code: Code): Severity {
  return registry[code].severity;
}

export function explanationOf(code: Code): Explanation {
  return registry[code].explain;
}
