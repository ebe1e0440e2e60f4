/** Binds a loaded program: names to declarations, references to symbols. */

import { catalogEvent } from "../catalog/lookup.ts";
import type { Report } from "../diagnostics/report.ts";
import { bindChains } from "./chains.ts";
import { foldConstants } from "./constants.ts";
import type { BoundProgram, EventTarget, LoadedFile, Scope } from "./model.ts";
import { bindNfs } from "./nfs.ts";
import { createNameTable, createResolver } from "./scope.ts";
import { bindStacks } from "./stacks.ts";
import { bindEnums, bindEvents, enumLookup, type TypeContext } from "./types.ts";

export function bindProgram(root: string, files: readonly LoadedFile[], report: Report): BoundProgram {
  const table = createNameTable(files, report);
  const resolver = createResolver(table, report);
  const enums = bindEnums(table, report);
  const enumNamed = enumLookup(enums, table);
  const constants = foldConstants(table, resolver, enumNamed, report);
  const context: TypeContext = { table, resolver, enumNamed, report };
  const events = bindEvents(context);
  const eventByName = new Map(events.map((event) => [event.name, event]));
  const broken = new Set(files.flatMap((file) => [...file.broken]));
  const nfs = bindNfs(context, eventByName, broken);
  const stacks = bindStacks(table, report);
  const chains = bindChains(table, resolver, stacks, nfs, broken);

  const constantByName = new Map(constants.map((constant) => [constant.name, constant]));
  const scopeOf = (file: string): Scope => ({
    constant: (name) => {
      const found = constantByName.get(name);
      return found !== undefined && table.sees(file, found.decl) ? found : undefined;
    },
    enum: (name) => enumNamed(name, file),
    event: (name): EventTarget | undefined => {
      const def = catalogEvent(name);
      if (def !== undefined) return { kind: "builtin", def };
      const event = eventByName.get(name);
      return event === undefined ? undefined : { kind: "user", event };
    },
    constantNames: () => table.names(["const"]),
    mayBeLost: table.mayBeLost,
  });
  return {
    root,
    files,
    constants,
    enums,
    events,
    stacks,
    nfs,
    chains,
    suggested: resolver.suggested,
    scopeOf,
  };
}
