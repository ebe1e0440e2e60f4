/**
 * The bound program: every declaration as a symbol, every reference as what it
 * refers to. A reference that leads nowhere is reported once, when it is bound,
 * and is `undefined` from then on: no rule says anything about it again.
 */
import type { EnumDef, EventDef, FieldDef, StackDef } from "../catalog/types.ts";
import type { EnumIr, FieldIr, LiteralIr, TypeIr } from "../ir/ir.ts";
import type {
  ChainDecl,
  ConstDecl,
  Declaration,
  EnumDecl,
  EventDecl,
  FieldDecl,
  Name,
  NfDecl,
  NumberLiteral,
  PathStep,
  Ref,
  SourceFile,
  Span,
  StackDecl,
  StackOption,
  StringLiteral,
  SubscribePart,
  Test,
} from "../syntax/ast.ts";

/** A parsed file of the program. */
export interface LoadedFile {
  readonly path: string;
  readonly syntax: SourceFile;
  /** Files it imports that could be read. */
  readonly imports: readonly string[];
  /** Declarations with a syntax error inside: parts of them may be missing. */
  readonly broken: ReadonlySet<Declaration>;
  readonly hasSyntaxErrors: boolean;
  /** Where the text could not be read: what is made of it means nothing. */
  readonly unread: readonly Span[];
}

/** A folded literal, with the unit and the place that it was written with. */
export interface BoundLiteral {
  readonly literal: LiteralIr;
  readonly unit: NumberLiteral["unit"];
  readonly span: Span;
}

export interface ConstSymbol {
  readonly kind: "const";
  readonly name: string;
  readonly decl: ConstDecl;
  /** Absent where it could not be folded, which has been reported. */
  readonly value?: BoundLiteral | readonly BoundLiteral[];
}

export interface EnumSymbol {
  readonly kind: "enum";
  readonly name: string;
  readonly decl: EnumDecl;
  readonly ir: EnumIr;
}

export interface BoundField {
  readonly decl: FieldDecl;
  readonly name: string;
  /** Absent where its type is wrong, which has been reported. */
  readonly ir?: FieldIr;
}

export interface EventSymbol {
  readonly kind: "event";
  readonly name: string;
  readonly decl: EventDecl;
  readonly parent?: EventTarget;
  /** Nearest built-in ancestor; absent where the ancestry is broken. */
  readonly base?: EventDef;
  /** Ancestors' fields first. */
  readonly fields: readonly BoundField[];
}

export type EventTarget =
  | { readonly kind: "builtin"; readonly def: EventDef }
  | { readonly kind: "user"; readonly event: EventSymbol };

export interface StackSymbol {
  readonly kind: "stack";
  readonly name: string;
  readonly decl: StackDecl;
  readonly def?: StackDef;
  readonly options: readonly StackOption[];
}

export interface BoundSubscription {
  readonly part: SubscribePart;
  readonly event?: EventTarget;
  /** As written, or the event's name in lower case. */
  readonly callbacks: readonly Name[];
}

export interface BoundPublication {
  readonly name: Name;
  readonly event?: EventSymbol;
}

export interface BoundAccess {
  readonly ref: Ref;
  readonly field?: FieldDef;
}

/** What an NF's braces hold. */
export interface NfBody {
  readonly subscriptions: readonly BoundSubscription[];
  readonly publishes: readonly BoundPublication[];
  readonly reads: readonly BoundAccess[];
  readonly writes: readonly BoundAccess[];
  readonly drops?: Span;
  readonly redirects?: Span;
  readonly prepares?: Span;
  readonly state: readonly BoundField[];
  readonly onError?: Name;
  readonly onOverload?: Name;
  /** Of all `links`, in their order. */
  readonly links: readonly StringLiteral[];
  readonly handler?: StringLiteral;
  readonly run?: StringLiteral;
}

export interface NfSymbol {
  readonly kind: "nf";
  readonly name: string;
  readonly decl: NfDecl;
  /** For `nf b = a`: `a`, or what `a` is an instance of. */
  readonly origin?: NfSymbol;
  /** Its own body, or its origin's; absent where the origin is unknown. */
  readonly body?: NfBody;
  /** A part may be missing, or led nowhere: rules about absence say nothing. */
  readonly poisoned: boolean;
}

export type BoundPath =
  | { readonly kind: "nf"; readonly step: PathStep & { readonly kind: "step" }; readonly nf?: NfSymbol }
  | { readonly kind: "sequence" | "parallel"; readonly parts: readonly BoundPath[] };

export interface ChainSymbol {
  readonly kind: "chain";
  readonly name: string;
  readonly decl: ChainDecl;
  readonly stack?: StackSymbol;
  readonly path?: BoundPath;
  /** All NFs of the path in source order, each occurrence. */
  readonly steps: readonly PathOccurrence[];
  readonly poisoned: boolean;
}

export interface PathOccurrence {
  readonly name: Name;
  readonly nf?: NfSymbol;
}

export type ProgramSymbol = ConstSymbol | EnumSymbol | EventSymbol | StackSymbol | NfSymbol | ChainSymbol;

export interface BoundProgram {
  /** The root file's path. */
  readonly root: string;
  /** Imported files before those that import them; the root comes last. */
  readonly files: readonly LoadedFile[];
  readonly constants: readonly ConstSymbol[];
  readonly enums: readonly EnumSymbol[];
  readonly events: readonly EventSymbol[];
  readonly stacks: readonly StackSymbol[];
  readonly nfs: readonly NfSymbol[];
  readonly chains: readonly ChainSymbol[];
  /** Names that a report has suggested: what was probably meant is not unused. */
  readonly suggested: ReadonlySet<string>;
  /** Names as one file sees them. */
  readonly scopeOf: (file: string) => Scope;
}

/** What a file can name: its own declarations and those of its imports. */
export interface Scope {
  readonly constant: (name: string) => ConstSymbol | undefined;
  readonly enum: (name: string) => EnumIr | undefined;
  readonly event: (name: string) => EventTarget | undefined;
  readonly constantNames: () => readonly string[];
  /** A declaration of this name may have been lost to a syntax error, or to an import that cannot be read. */
  readonly mayBeLost: (name: string) => boolean;
}

export type { EnumDef, Test, TypeIr };
