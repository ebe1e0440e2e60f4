/** MBX4002: parallel NFs, one of which writes what the other reads or writes. */
import type { BoundPath, ChainSymbol, NfSymbol } from "../bind/model.ts";
import { dotted } from "../bind/nfs.ts";
import type { Name, Test } from "../syntax/ast.ts";
import type { ChainRule, CheckContext } from "./context.ts";

/** What an NF does with one field, and in which branch it stands. */
interface Use {
  readonly nf: NfSymbol;
  readonly name: Name;
  readonly branch: number;
  readonly writes: boolean;
}

export const parallelNfsAreIndependent: ChainRule = (chain, context) => {
  if (chain.path !== undefined) visit(chain.path, chain, context);
};

function visit(path: BoundPath, chain: ChainSymbol, context: CheckContext): void {
  if (path.kind === "nf") return;
  if (path.kind === "parallel") checkBranches(path.parts, chain, context);
  for (const part of path.parts) visit(part, chain, context);
}

function checkBranches(branches: readonly BoundPath[], chain: ChainSymbol, context: CheckContext): void {
  const uses = new Map<string, Use[]>();
  for (const [branch, part] of branches.entries()) collect(part, branch, uses);
  const pairs = new Map<
    string,
    { readonly writer: Use; readonly other: Use; readonly fields: Set<string> }
  >();
  for (const [field, users] of uses) {
    for (const writer of users.filter((use) => use.writes)) {
      for (const other of users) {
        if (other.branch === writer.branch) continue;
        // Of two writers, the later one is told.
        if (other.writes && other.name.span.start < writer.name.span.start) continue;
        const key = `${writer.nf.name} ${other.nf.name} ${other.writes}`;
        const pair = pairs.get(key) ?? { writer, other, fields: new Set<string>() };
        pair.fields.add(field);
        pairs.set(key, pair);
      }
    }
  }
  for (const { writer, other, fields } of pairs.values()) {
    const params = { writer: writer.nf.name, other: other.nf.name, fields: [...fields], both: other.writes };
    context.report(
      "MBX4002",
      other.name.span,
      { ...params, chain: chain.name },
      {
        secondary: [{ span: writer.name.span, text: "writes" }],
        help: { message: `write \`${writer.nf.name} -> ${other.nf.name}\`, or the other way round` },
      },
    );
  }
}

function collect(path: BoundPath, branch: number, uses: Map<string, Use[]>): void {
  if (path.kind !== "nf") {
    for (const part of path.parts) collect(part, branch, uses);
    return;
  }
  if (path.nf === undefined) return;
  const { nf } = path;
  const add = (field: string, writes: boolean): void => {
    const use: Use = { nf, name: path.step.nf, branch, writes };
    const known = uses.get(field);
    if (known === undefined) uses.set(field, [use]);
    else known.push(use);
  };
  const written = new Set((nf.body?.writes ?? []).flatMap(({ field }) => field?.name ?? []));
  for (const field of written) add(field, true);
  for (const field of readBy(nf)) if (!written.has(field)) add(field, false);
}

/** Fields that either end stands for. */
const eitherEnds: Readonly<Record<string, readonly string[]>> = {
  "ip.addr": ["ip.src", "ip.dst"],
  "tcp.port": ["tcp.sport", "tcp.dport"],
  "udp.port": ["udp.sport", "udp.dport"],
};

/** What it reads: declared, tested in a filter, or handed over as an event's bytes. */
function readBy(nf: NfSymbol): ReadonlySet<string> {
  const fields = new Set((nf.body?.reads ?? []).flatMap(({ field }) => field?.name ?? []));
  for (const { part, event } of nf.body?.subscriptions ?? []) {
    if (part.where !== undefined) addTested(part.where, fields);
    const bytes = event?.kind === "builtin" && event.def.fields.some((field) => field.type === "bytes");
    if (bytes) fields.add("payload");
  }
  return fields;
}

function addTested(test: Test, fields: Set<string>): void {
  switch (test.kind) {
    case "and":
    case "or":
      for (const operand of test.operands) addTested(operand, fields);
      return;
    case "not":
      addTested(test.operand, fields);
      return;
    case "compare":
    case "in":
    case "operand":
      break;
  }
  const operands =
    test.kind === "operand" ? [test.operand] : test.kind === "in" ? [test.left] : [test.left, test.right];
  for (const operand of operands) {
    if (operand.kind !== "ref") continue;
    const name = dotted(operand);
    for (const field of eitherEnds[name] ?? [name]) fields.add(field);
  }
}
