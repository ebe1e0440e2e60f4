/**
 * Per-flow state in TypeScript: records in one typed array, and one view that is moved
 * over them. A flow costs no object, so a million of them give the collector nothing
 * to do, and a number that outgrows 31 bits is not boxed.
 */
import type { FieldIr } from "../../ir/ir.ts";
import type { StubPlan } from "../../plan/plan.ts";
import type { Method } from "./context.ts";
import { constantName, interfaceName, propertyName, tsType } from "./types.ts";

interface StateLines {
  readonly fields: readonly string[];
  readonly setup: readonly string[];
  readonly methods: readonly Method[];
  /** The view's class; absent: no state. */
  readonly view?: object;
}

/** Texts and bytes are objects, beside the numbers. */
const isObject = ({ type }: FieldIr): boolean => ["string", "Uint8Array"].includes(tsType(type));

export function stateLines(stub: StubPlan): StateLines {
  if (stub.state.length === 0) return { fields: [], setup: [], methods: [] };
  const view = `${interfaceName(stub.nf.name)}StateView`;
  const objects = stub.state.filter(isObject).length;
  const words = 1 + stub.state.length - objects;
  return {
    fields: [`declare readonly stateView: ${view};`, "declare readonly flows: number;"],
    setup: [`this.stateView = new ${view}(host.flows);`, "this.flows = host.flows;"],
    methods: [stateMethod(interfaceName(stub.nf.name), words, objects)],
    view: { class: view, words, objects, members: stub.state.map((field) => memberView(stub, field)) },
  };
}

function stateMethod(Nf: string, words: number, objects: number): Method {
  return {
    doc: "",
    signature: `state(flow: Flow): ${Nf}State`,
    lines: [
      "const { generation } = flow;",
      "// What belongs to no flow gets a scratch: the last record.",
      "const index = Math.min(flow.index, this.flows);",
      "const view = this.stateView;",
      "const { numbers } = view;",
      `const at = index * ${words};`,
      "if (numbers[at] !== generation || index === this.flows) {",
      "  numbers[at] = generation;",
      ...Array.from({ length: words - 1 }, (_, i) => `  numbers[at + ${i + 1}] = 0;`),
      ...(objects === 0
        ? []
        : [`  view.objects.fill(undefined, index * ${objects}, (index + 1) * ${objects});`]),
      "}",
      "view.at = at;",
      ...(objects === 0 ? [] : [`view.objectAt = index * ${objects};`]),
      "return view;",
    ],
  };
}

function memberView(stub: StubPlan, field: FieldIr): object {
  const type = tsType(field.type);
  const peers = stub.state.filter((one) => isObject(one) === isObject(field));
  const place = peers.indexOf(field);
  const [get, set] = isObject(field)
    ? [
        `(this.objects[this.objectAt + ${place}] as ${type} | undefined) ?? ${type === "string" ? '""' : "new Uint8Array(0)"}`,
        [`this.objects[this.objectAt + ${place}]`, "value"],
      ]
    : numberAccess(field, type, `this.numbers[this.at + ${place + 1}]`);
  return { name: propertyName(field.name), type, get, set: `${set[0]} = ${set[1]};` };
}

function numberAccess(
  { type }: FieldIr,
  tsName: string,
  place: string,
): readonly [string, readonly [string, string]] {
  if (type.kind === "enum") {
    const names = constantName(type.enum.name);
    return [`${names}[${place} as number] as ${tsName}`, [place, `${names}.indexOf(value)`]];
  }
  if (tsName === "boolean") return [`${place} !== 0`, [place, "value ? 1 : 0"]];
  return [`${place} as number`, [place, "value"]];
}
