/** Binds stacks to their kinds. */

import { catalogStack } from "../catalog/lookup.ts";
import { stacks as kinds } from "../catalog/stacks.ts";
import type { Report } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { StackSymbol } from "./model.ts";
import { type NameTable, suggestion } from "./scope.ts";

export function bindStacks(table: NameTable, report: Report): readonly StackSymbol[] {
  return table.declarations
    .filter((decl) => decl.kind === "stack")
    .map((decl) => {
      const def = catalogStack(decl.stackKind.text);
      if (def === undefined) {
        const names = kinds.map((stack) => stack.kind);
        const near = nearest(decl.stackKind.text, names);
        report(
          "MBX5007",
          decl.stackKind.span,
          { kind: decl.stackKind.text, kinds: names },
          suggestion(near, decl.stackKind),
        );
      }
      return {
        kind: "stack",
        name: decl.name.text,
        decl,
        ...(def === undefined ? {} : { def }),
        options: decl.options,
      };
    });
}
