/**
 * The typed chain: what binding and checking make of a program, frozen and
 * plain. Names are resolved, constants folded, filters typed; only a program
 * without errors has one. The plan and the emitters read nothing else.
 */
import type { EventDef, FieldRef, StackKind } from "../catalog/types.ts";

export interface ProgramIr {
  /** Base name of the root file without `.mbx`: names the built program. */
  readonly name: string;
  /** Root file, as given. */
  readonly file: string;
  readonly constants: readonly ConstantIr[];
  readonly enums: readonly EnumIr[];
  /** User events of the program and its imports, parents before children. */
  readonly events: readonly EventIr[];
  readonly stacks: readonly StackIr[];
  /** NFs that a chain of the root file uses, in source order. */
  readonly nfs: readonly NfIr[];
  readonly chains: readonly ChainIr[];
}

export interface ConstantIr {
  readonly name: string;
  readonly value: LiteralIr | readonly LiteralIr[];
  readonly doc: string;
}

export interface EnumIr {
  /** `Protocol`, or `DPI_DETECT.app` for an enum written in place. */
  readonly name: string;
  readonly members: readonly string[];
  readonly doc: string;
}

export type ScalarName =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "i32"
  | "i64"
  | "ip"
  | "mac"
  | "time"
  | "duration";

export type TypeIr =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "bytes" | "text"; readonly size: number }
  | { readonly kind: "enum"; readonly enum: EnumIr };

export interface FieldIr {
  readonly name: string;
  readonly type: TypeIr;
  readonly doc: string;
}

export interface EventIr {
  readonly name: string;
  /** Name of the parent: built in or user. */
  readonly parent: string;
  /** The nearest built-in ancestor: EVENT, FLOW, FLOW_TCP, FLOW_UDP or FLOW_ICMP. */
  readonly base: string;
  /** Own and inherited user fields, ancestors first. */
  readonly fields: readonly FieldIr[];
  readonly doc: string;
}

export type OverlapPolicy = "linux" | "windows" | "bsd" | "solaris" | "first" | "last" | "old_linux";

export interface StackIr {
  readonly name: string;
  readonly kind: StackKind;
  /** Absent: every packet. */
  readonly match?: FilterIr;
  /** Values of every option of the kind, defaults filled in; by option name. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly doc: string;
}

/** A number is in base units (bytes, nanoseconds, a count); a string is a word, several are a set of them. */
export type OptionValue = number | string | boolean | readonly LiteralIr[] | readonly string[];

export interface NfIr {
  readonly name: string;
  /** Name whose stubs and callbacks it uses: itself, or `a` of `nf b = a`. */
  readonly handlerOf: string;
  readonly subscriptions: readonly SubscriptionIr[];
  /** Names of user events. */
  readonly publishes: readonly string[];
  readonly reads: readonly FieldRef[];
  readonly writes: readonly FieldRef[];
  readonly drops: boolean;
  readonly redirects: boolean;
  /** An instance has memory of its own, made before its first event. */
  readonly prepares: boolean;
  /** Libraries in C that its handler uses, by their names to pkg-config. */
  readonly links: readonly string[];
  readonly state: readonly FieldIr[];
  readonly onError: "forward" | "drop";
  readonly onOverload: "forward" | "drop";
  readonly handler: HandlerIr;
  readonly doc: string;
}

export type HandlerIr =
  /** `path` is absolute, `written` as in the source. */
  | { readonly language: "c" | "ts"; readonly path: string; readonly written: string }
  | { readonly language: "run"; readonly command: string };

export interface SubscriptionIr {
  /** Built-in or user event. */
  readonly event: string;
  readonly where?: FilterIr;
  /** Bytes kept for a flow that starts at `ignore`; 0: nothing. */
  readonly fromStart: number;
  /** Callback names in order; the first is where a flow starts; may hold "ignore". */
  readonly callbacks: readonly string[];
}

export interface ChainIr {
  readonly name: string;
  readonly stack: string;
  /** No ports: reached by its stack's address. */
  readonly ports?: { readonly near: string; readonly far?: string };
  readonly path: PathIr;
  readonly places: readonly { readonly nf: string; readonly core: number }[];
  readonly malformed: "forward" | "drop";
  /** The next chain gets what this one forwards, too; else only what its stack does not match. */
  readonly handsOn?: "all";
  readonly doc: string;
}

export type PathIr =
  | { readonly kind: "nf"; readonly nf: string }
  | { readonly kind: "sequence" | "parallel"; readonly parts: readonly PathIr[] };

/** A typed filter. Either-end refs (`tcp.port`, `ip.addr`) appear as they are. */
export type FilterIr =
  | { readonly kind: "and" | "or"; readonly operands: readonly FilterIr[] }
  | { readonly kind: "not"; readonly operand: FilterIr }
  | {
      readonly kind: "compare";
      readonly operator: "==" | "!=" | "<" | "<=" | ">" | ">=";
      readonly left: FilterRef;
      readonly right: LiteralIr;
    }
  | {
      readonly kind: "compare-refs";
      readonly operator: "==" | "!=" | "<" | "<=" | ">" | ">=";
      readonly left: FilterRef;
      readonly right: FilterRef;
    }
  | { readonly kind: "in"; readonly left: FilterRef; readonly values: readonly LiteralIr[] }
  /** A `bool` field by itself. */
  | { readonly kind: "truth"; readonly ref: FilterRef };

export type FilterRef =
  /** A catalog field: packet, flow, stream. */
  | { readonly kind: "catalog"; readonly field: FieldRef }
  /** A field of the event itself; `type` is its type. */
  | { readonly kind: "event"; readonly name: string; readonly type: TypeIr };

export type LiteralIr =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | {
      readonly kind: "ip";
      readonly version: 4 | 6;
      readonly bytes: readonly number[];
      readonly prefix: number;
    }
  | { readonly kind: "mac"; readonly bytes: readonly number[] }
  | { readonly kind: "member"; readonly enum: EnumIr; readonly member: string; readonly value: number };

export type { EventDef };
