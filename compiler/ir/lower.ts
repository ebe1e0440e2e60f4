/** From a checked program to the IR: names resolved, constants folded, all of it frozen. */
import { basename, dirname, resolve } from "node:path";
import { lastPart } from "../bind/chains.ts";
import type {
  BoundPath,
  BoundProgram,
  ChainSymbol,
  ConstSymbol,
  EventSymbol,
  NfBody,
  NfSymbol,
  StackSymbol,
} from "../bind/model.ts";
import { stackOptions } from "../catalog/lookup.ts";
import type { StackKind } from "../catalog/types.ts";
import type { StackOption, Test } from "../syntax/ast.ts";
import type {
  ChainIr,
  ConstantIr,
  EnumIr,
  EventIr,
  FilterIr,
  HandlerIr,
  NfIr,
  OptionValue,
  PathIr,
  ProgramIr,
  StackIr,
  SubscriptionIr,
} from "./ir.ts";

/** What checking found out beyond what is bound. */
export interface CheckedValues {
  readonly filters: ReadonlyMap<Test, FilterIr>;
  readonly optionValues: ReadonlyMap<StackOption, OptionValue>;
}

/** Only for a program without errors. `file` is the root as it was given. */
export function lowerProgram(file: string, program: BoundProgram, checked: CheckedValues): ProgramIr {
  const chains = program.chains.filter((chain) => chain.decl.span.file === program.root);
  const usedNfs = new Set(chains.flatMap((chain) => chain.steps.flatMap(({ nf }) => nf ?? [])));
  const usedStacks = new Set(chains.flatMap((chain) => chain.stack ?? []));
  return deepFreeze({
    name: basename(file).replace(/\.mbx$/, ""),
    file,
    constants: program.constants.flatMap((constant) => lowerConstant(constant) ?? []),
    enums: lowerEnums(program),
    events: program.events.flatMap((event) => lowerEvent(event) ?? []),
    stacks: program.stacks
      .filter((stack) => usedStacks.has(stack))
      .flatMap((stack) => lowerStack(stack, checked) ?? []),
    nfs: program.nfs.filter((nf) => usedNfs.has(nf)).flatMap((nf) => lowerNf(nf, checked) ?? []),
    chains: chains.flatMap((chain) => lowerChain(chain) ?? []),
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

function lowerConstant({ name, value, decl }: ConstSymbol): ConstantIr | undefined {
  if (value === undefined) return undefined;
  const { doc } = decl;
  if ("literal" in value) return { name, value: value.literal, doc };
  return { name, value: value.map((one) => one.literal), doc };
}

/** Declared enums, and those written in place in events and states. */
function lowerEnums(program: BoundProgram): readonly EnumIr[] {
  const declared = program.enums.map((one) => one.ir);
  const fields = [
    ...program.events.flatMap((event) => event.fields),
    ...program.nfs.flatMap((nf) => (nf.origin === undefined ? (nf.body?.state ?? []) : [])),
  ];
  const inPlace = new Map<string, EnumIr>();
  for (const { ir, decl } of fields) {
    if (ir?.type.kind === "enum" && decl.type.kind === "type-enum")
      inPlace.set(ir.type.enum.name, ir.type.enum);
  }
  return [...declared, ...inPlace.values()];
}

function lowerEvent({ name, decl, base, fields }: EventSymbol): EventIr | undefined {
  if (base === undefined) return undefined;
  return {
    name,
    parent: decl.parent.text,
    base: base.name,
    fields: fields.flatMap((field) => field.ir ?? []),
    doc: decl.doc,
  };
}

function lowerStack({ name, def, decl, options }: StackSymbol, checked: CheckedValues): StackIr | undefined {
  if (def === undefined) return undefined;
  const matchOption = options.find((option) => option.name.text === "match");
  const match =
    matchOption === undefined || matchOption.value.kind === "set"
      ? undefined
      : checked.filters.get(matchOption.value);
  return {
    name,
    kind: def.kind,
    ...(match === undefined ? {} : { match }),
    options: lowerOptions(def.kind, options, checked),
    doc: decl.doc,
  };
}

function lowerOptions(
  kind: StackKind,
  options: readonly StackOption[],
  checked: CheckedValues,
): Readonly<Record<string, OptionValue>> {
  const values: Record<string, OptionValue> = {};
  for (const option of stackOptions(kind)) {
    const written = options.find((one) => one.name.text === option.name);
    const value = written === undefined ? option.default : checked.optionValues.get(written);
    if (value !== undefined) values[option.name] = value;
  }
  return values;
}

function lowerNf(nf: NfSymbol, checked: CheckedValues): NfIr | undefined {
  const { body } = nf;
  const handler = body === undefined ? undefined : lowerHandler(nf, body);
  if (body === undefined || handler === undefined) return undefined;
  return {
    name: nf.name,
    handlerOf: (nf.origin ?? nf).name,
    subscriptions: body.subscriptions.map(({ part, callbacks }) =>
      lowerSubscription(part, callbacks, checked),
    ),
    publishes: distinct(body.publishes.map(({ name }) => name.text)),
    reads: distinct(body.reads.flatMap(({ field }) => field?.name ?? [])),
    writes: distinct(body.writes.flatMap(({ field }) => field?.name ?? [])),
    drops: body.drops !== undefined,
    redirects: body.redirects !== undefined,
    prepares: body.prepares !== undefined,
    links: distinct(body.links.map(({ value }) => value)),
    state: body.state.flatMap((field) => field.ir ?? []),
    onError: policyOf(body.onError?.text),
    onOverload: policyOf(body.onOverload?.text),
    handler,
    doc: nf.decl.doc,
  };
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** Traffic goes on unless its author says otherwise. */
function policyOf(word: string | undefined): "forward" | "drop" {
  return word === "drop" ? "drop" : "forward";
}

function lowerSubscription(
  part: NfBody["subscriptions"][number]["part"],
  callbacks: NfBody["subscriptions"][number]["callbacks"],
  checked: CheckedValues,
): SubscriptionIr {
  const where = part.where === undefined ? undefined : checked.filters.get(part.where);
  return {
    event: part.event.text,
    ...(where === undefined ? {} : { where }),
    fromStart: Number(part.fromStart?.value ?? 0n),
    callbacks: callbacks.map((callback) => callback.text),
  };
}

/** A handler's path is relative to the file that declares its NF. */
function lowerHandler(nf: NfSymbol, body: NfBody): HandlerIr | undefined {
  if (body.run !== undefined) return { language: "run", command: body.run.value };
  if (body.handler === undefined) return undefined;
  const written = body.handler.value;
  const folder = dirname((nf.origin ?? nf).decl.span.file);
  return { language: written.endsWith(".ts") ? "ts" : "c", path: resolve(folder, written), written };
}

function lowerChain(chain: ChainSymbol): ChainIr | undefined {
  const { name, stack, path, decl } = chain;
  if (stack === undefined || path === undefined) return undefined;
  const ports = lastPart(decl, "ports");
  return {
    name,
    stack: stack.name,
    ...(ports === undefined
      ? {}
      : { ports: { near: ports.near.text, ...(ports.far === undefined ? {} : { far: ports.far.text }) } }),
    path: lowerPath(path),
    places: decl.parts.flatMap((part) =>
      part.kind === "place" ? { nf: part.nf.text, core: Number(part.core.value) } : [],
    ),
    malformed: policyOf(lastPart(decl, "malformed")?.policy.text),
    doc: decl.doc,
  };
}

function lowerPath(path: BoundPath): PathIr {
  if (path.kind === "nf") return { kind: "nf", nf: path.step.nf.text };
  return { kind: path.kind, parts: path.parts.map(lowerPath) };
}
