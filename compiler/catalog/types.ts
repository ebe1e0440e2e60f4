/** The shape of the catalog's tables. The tables are in the files beside it. */

export type StackKind = "l3" | "monitor" | "splicer" | "endpoint" | "proxy";

/** Types that built-in fields have. `enum:X` names an enum of `enums.ts`. */
export type BuiltinType =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "ip"
  | "mac"
  | "time"
  | "duration"
  | "bytes"
  | `enum:${string}`;

/** A dotted name of the catalog: `tcp.dport`, `flow.bytes`, `payload`. */
export type FieldRef = string;

export interface EnumDef {
  readonly name: string;
  /** A member's value is its index. */
  readonly members: readonly string[];
  readonly doc: string;
}

export interface EventFieldDef {
  readonly name: string;
  readonly type: BuiltinType;
  /** For reference page and hover text; ends without a full stop. */
  readonly doc: string;
  /** `bytes`, `packets`, `nanoseconds` …; absent for a plain number. */
  readonly unit?: string;
}

export interface EventDef {
  readonly name: string;
  /** Absent for EVENT alone. */
  readonly parent?: string;
  /** What it is about, inherited by children: decides which fields can be read. */
  readonly level: "none" | "packet" | "flow" | "stream" | "connection";
  /** Transport it implies, inherited: reads of the other one's headers are errors. */
  readonly transport?: "tcp" | "udp" | "icmp";
  /** Stacks that raise it; an event that is never raised itself has none. */
  readonly raisedBy: readonly StackKind[];
  /** Whether a packet caused it: decides where a verdict may stand. */
  readonly packet: "always" | "sometimes" | "never";
  /**
   * Whether `subscribe` may name it. Who subscribes hears it and all events
   * below it, user events included: each once, as its most derived event.
   */
  readonly subscribable: boolean;
  /** Whether user events may extend it: they inherit `flow` and `time`, no own field. */
  readonly extensible: boolean;
  /** Own fields; ancestors' fields come before them. */
  readonly fields: readonly EventFieldDef[];
  readonly doc: string;
}

/** When the value of a field is known, which decides the filter stage it can be tested in. */
export type FieldStage =
  /** From the packet's headers, differs from packet to packet. */
  | "packet"
  /** From the headers, and the same for every packet of a flow. */
  | "flow-constant"
  /** State of the flow as of the packet. */
  | "flow"
  /** Position in the stream. */
  | "stream";

export interface FieldDef {
  readonly name: FieldRef;
  readonly type: BuiltinType;
  /** What an event must have for the field to exist: a packet, a flow, a stream. */
  readonly of: "packet" | "flow" | "stream";
  readonly stage: FieldStage;
  /** Header that must be present: a comparison on an absent one is false. */
  readonly header?: "eth" | "vlan" | "ip" | "tcp" | "udp" | "icmp";
  /** Either end (`tcp.port`, `ip.addr`): `==` and `in` only, never in `reads`. */
  readonly eitherEnd?: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  /** May stand in `where` and `match`. */
  readonly filterable: boolean;
  readonly unit?: string;
  readonly doc: string;
}

export interface OptionDef {
  readonly name: string;
  readonly stacks: readonly StackKind[];
  readonly value:
    | { readonly kind: "filter" }
    | { readonly kind: "word"; readonly words: readonly string[] }
    /** One word, or several in braces; `none` and `all` stand alone. */
    | {
        readonly kind: "words";
        readonly words: readonly string[];
        readonly none: string;
        readonly all: string;
      }
    | { readonly kind: "count" | "size" | "duration"; readonly min: number; readonly max: number }
    | { readonly kind: "addresses" }
    | { readonly kind: "ports" };
  /** In base units; absent: the option has no default and is optional, or `required`. */
  readonly default?: number | string | readonly string[];
  readonly required?: boolean;
  readonly doc: string;
}

export interface StackDef {
  readonly kind: StackKind;
  /** Stacks whose work this one does too, itself included. */
  readonly includes: readonly StackKind[];
  /** Whether it keeps flows, so that FLOW events and `flow.*` exist. */
  readonly flows: boolean;
  /** Whether `redirects` means something, and at which event it is legal. */
  readonly redirectsAt?: string;
  /** Whether `writes payload` may change its length. */
  readonly resizesPayload: boolean;
  /** Whether this version can build it; else it is checked only (MBX5900). */
  readonly built: boolean;
  readonly doc: string;
}
