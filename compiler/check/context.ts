/** What a rule is given, and what checking leaves for the next stage. */
import type { Host } from "../bind/host.ts";
import type { BoundProgram, ChainSymbol, NfBody, NfSymbol, StackSymbol } from "../bind/model.ts";
import type { Report } from "../diagnostics/report.ts";
import type { FilterIr, OptionValue } from "../ir/ir.ts";
import type { StackOption, Test } from "../syntax/ast.ts";

export interface CheckContext {
  readonly program: BoundProgram;
  readonly report: Report;
  readonly host: Host;
  /** Typed filters by their source; absent where one has an error. */
  readonly filters: Map<Test, FilterIr>;
  readonly optionValues: Map<StackOption, OptionValue>;
  /** Names that a report has suggested: what was probably meant is not unused. */
  readonly suggested: Set<string>;
}

export type ProgramRule = (context: CheckContext) => void;
export type StackRule = (stack: StackSymbol, context: CheckContext) => void;
export type ChainRule = (chain: ChainSymbol, context: CheckContext) => void;

/** Called for each NF with a body of its own; instances share their origin's. */
export type NfRule = (nf: NfSymbol, body: NfBody, context: CheckContext) => void;
