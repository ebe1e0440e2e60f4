/**
 * The syntax tree of an `.mbx` file: plain, frozen data with a span on every
 * node that a diagnostic can point at. Built by `to-ast.ts` from chevrotain's
 * concrete tree; a broken file gives a tree with the broken parts left out.
 */

/** A range of one source file, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  /** Path of the file as the host knows it. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A name as it was written. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

export interface SourceFile {
  readonly kind: "file";
  readonly path: string;
  readonly text: string;
  readonly declarations: readonly Declaration[];
  /** Something in the file could not be read: what seems absent may be there. */
  readonly incomplete?: true;
}

export type Declaration = ImportDecl | ConstDecl | EnumDecl | EventDecl | StackDecl | NfDecl | ChainDecl;

interface DeclBase {
  readonly span: Span;
  /** Text of the `///` comment before the declaration, without the slashes. */
  readonly doc: string;
  /** Part of it could not be read: rules about what is absent stay silent. */
  readonly incomplete?: true;
}

export interface ImportDecl extends DeclBase {
  readonly kind: "import";
  readonly path: StringLiteral;
}

export interface ConstDecl extends DeclBase {
  readonly kind: "const";
  readonly name: Name;
  readonly value: Value;
}

export interface EnumDecl extends DeclBase {
  readonly kind: "enum";
  readonly name: Name;
  readonly members: readonly Name[];
}

export interface EventDecl extends DeclBase {
  readonly kind: "event";
  readonly name: Name;
  readonly parent: Name;
  readonly fields: readonly FieldDecl[];
}

export interface FieldDecl extends DeclBase {
  readonly kind: "field";
  readonly name: Name;
  readonly type: TypeNode;
}

/** `u32`, `text<96>`, `Name` of an enum, or an enum in place. */
export type TypeNode =
  | { readonly kind: "type-name"; readonly name: Name; readonly size?: NumberLiteral; readonly span: Span }
  | { readonly kind: "type-enum"; readonly members: readonly Name[]; readonly span: Span };

export interface StackDecl extends DeclBase {
  readonly kind: "stack";
  readonly name: Name;
  readonly stackKind: Name;
  readonly options: readonly StackOption[];
}

/** `OPTION value`: `overlap linux`, `match tcp.port == 80`, `decap { gre, vxlan }`. */
export interface StackOption {
  readonly kind: "option";
  readonly name: Name;
  readonly value: Test | SetLiteral;
  readonly span: Span;
}

export interface NfDecl extends DeclBase {
  readonly kind: "nf";
  readonly name: Name;
  /** `nf b = a`: another instance of `a`; then `parts` is empty. */
  readonly instanceOf?: Name;
  readonly parts: readonly NfPart[];
}

export type NfPart =
  | SubscribePart
  | PublishPart
  | AccessPart
  | CapabilityPart
  | StatePart
  | PolicyPart
  | LinksPart
  | HandlerPart
  | RunPart;

export interface SubscribePart {
  readonly kind: "subscribe";
  readonly event: Name;
  readonly where?: Test;
  /** `from start 16KB`. */
  readonly fromStart?: NumberLiteral;
  /** After `->`; empty when the callback is the event's name in lower case. */
  readonly callbacks: readonly Name[];
  readonly span: Span;
}

export interface PublishPart {
  readonly kind: "publish";
  readonly events: readonly Name[];
  readonly span: Span;
}

export interface AccessPart {
  readonly kind: "reads" | "writes";
  readonly refs: readonly Ref[];
  readonly span: Span;
}

export interface CapabilityPart {
  readonly kind: "drops" | "redirects" | "prepares";
  readonly span: Span;
}

export interface StatePart {
  readonly kind: "state";
  readonly fields: readonly FieldDecl[];
  readonly span: Span;
}

export interface PolicyPart {
  readonly kind: "on_error" | "on_overload";
  readonly policy: Name;
  readonly span: Span;
}

/** Names of libraries in C, as pkg-config knows them. */
export interface LinksPart {
  readonly kind: "links";
  readonly libraries: readonly StringLiteral[];
  readonly span: Span;
}

export interface HandlerPart {
  readonly kind: "handler";
  readonly path: StringLiteral;
  readonly span: Span;
}

export interface RunPart {
  readonly kind: "run";
  readonly command: StringLiteral;
  readonly span: Span;
}

export interface ChainDecl extends DeclBase {
  readonly kind: "chain";
  readonly name: Name;
  readonly parts: readonly ChainPart[];
}

export type ChainPart =
  | { readonly kind: "chain-stack"; readonly stack: Name; readonly span: Span }
  | { readonly kind: "ports"; readonly near: Name; readonly far?: Name; readonly span: Span }
  | { readonly kind: "path"; readonly path: Path; readonly span: Span }
  | { readonly kind: "place"; readonly nf: Name; readonly core: NumberLiteral; readonly span: Span }
  | { readonly kind: "malformed"; readonly policy: Name; readonly span: Span };

/** `a -> (b | c) -> d`: steps one after another. */
export interface Path {
  readonly kind: "sequence";
  readonly steps: readonly PathStep[];
  readonly span: Span;
}

export type PathStep =
  | { readonly kind: "step"; readonly nf: Name; readonly span: Span }
  | { readonly kind: "parallel"; readonly branches: readonly Path[]; readonly span: Span };

export type Test =
  | { readonly kind: "or" | "and"; readonly operands: readonly Test[]; readonly span: Span }
  | { readonly kind: "not"; readonly operand: Test; readonly span: Span }
  | {
      readonly kind: "compare";
      readonly operator: CompareOperator;
      readonly left: Operand;
      readonly right: Operand;
      readonly span: Span;
    }
  | { readonly kind: "in"; readonly left: Operand; readonly right: Value; readonly span: Span }
  /** A bare operand: a `bool` field, or the value of an option. */
  | { readonly kind: "operand"; readonly operand: Operand; readonly span: Span };

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type Value = Operand | SetLiteral;

export interface SetLiteral {
  readonly kind: "set";
  readonly items: readonly Operand[];
  readonly span: Span;
}

export type Operand = NumberLiteral | StringLiteral | IpLiteral | MacLiteral | Ref;

export interface NumberLiteral {
  readonly kind: "number";
  /** Value in base units: bytes for `4KB`, nanoseconds for `60s`. */
  readonly value: bigint;
  readonly unit: "none" | "bytes" | "duration";
  readonly text: string;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: "string";
  /** Value with escapes resolved, without the quotes. */
  readonly value: string;
  readonly span: Span;
}

export interface IpLiteral {
  readonly kind: "ip";
  readonly version: 4 | 6;
  /** 4 or 16 bytes, network order. */
  readonly bytes: readonly number[];
  /** Prefix length; absent when the literal is a single address. */
  readonly prefix?: number;
  readonly text: string;
  readonly span: Span;
}

export interface MacLiteral {
  readonly kind: "mac";
  readonly bytes: readonly number[];
  readonly text: string;
  readonly span: Span;
}

/** `NAME { "." NAME }`. */
export interface Ref {
  readonly kind: "ref";
  readonly names: readonly Name[];
  readonly span: Span;
}
