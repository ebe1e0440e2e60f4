/** MBX4003, MBX4006, MBX4011, MBX4012, MBX4014: the parts of an NF together. */
import type { NfBody } from "../bind/model.ts";
import type { Report } from "../diagnostics/report.ts";
import type { Name, NfPart, Span } from "../syntax/ast.ts";
import type { NfRule } from "./context.ts";
import { heardBy } from "./facts.ts";

/** Parts that an NF has once; the others add up. */
const single: readonly NfPart["kind"][] = [
  "state",
  "on_error",
  "on_overload",
  "handler",
  "run",
  "drops",
  "redirects",
  "prepares",
];

export const partsStandOnce: NfRule = (nf, _body, { report }) => {
  const first = new Map<string, Span>();
  for (const part of nf.decl.parts) {
    if (!single.includes(part.kind)) continue;
    const previous = first.get(part.kind);
    if (previous === undefined) {
      first.set(part.kind, part.span);
    } else {
      report(
        "MBX4006",
        part.span,
        { owner: `\`${nf.name}\``, member: part.kind },
        {
          secondary: [{ span: previous, text: "first here" }],
        },
      );
    }
  }
};

export const policiesAreKnown: NfRule = (_nf, body, { report }) => {
  reportPolicy("on_error", body.onError, report);
  reportPolicy("on_overload", body.onOverload, report);
};

/** `forward` or `drop`, wherever a member wants one of them. */
export function reportPolicy(member: string, policy: Name | undefined, report: Report): void {
  if (policy === undefined || policy.text === "forward" || policy.text === "drop") return;
  report("MBX4011", policy.span, { member, word: policy.text });
}

export const programsHaveNoOtherParts: NfRule = (nf, body, { report }) => {
  if (body.run === undefined) return;
  const other = nf.decl.parts.find((part) => part.kind !== "run");
  if (other !== undefined) report("MBX4012", other.span, { nf: nf.name, what: other.kind });
};

export const handlerIsNamed: NfRule = (nf, body, { report, program }) => {
  if (body.handler !== undefined || body.run !== undefined) return;
  if (program.files.some((file) => file.broken.has(nf.decl))) return;
  report(
    "MBX4014",
    nf.decl.name.span,
    { nf: nf.name },
    {
      help: { message: `add \`handler "${nf.name}.c"\` or \`handler "${nf.name}.ts"\`` },
    },
  );
};

export const verdictsHaveAPacket: NfRule = (nf, body, { report }) => {
  const { facts, complete } = heardBy(body);
  if (!complete || facts.length === 0 || facts.some((one) => one.packet !== "never")) return;
  for (const { span, verdict } of verdictsOf(body)) report("MBX4003", span, { nf: nf.name, verdict });
};

function verdictsOf(body: NfBody): readonly { readonly span: Span; readonly verdict: string }[] {
  return [
    ...(body.drops === undefined ? [] : [{ span: body.drops, verdict: "drops" }]),
    ...(body.redirects === undefined ? [] : [{ span: body.redirects, verdict: "redirects" }]),
    ...body.writes.slice(0, 1).map(({ ref }) => ({ span: ref.span, verdict: "writes packets" })),
  ];
}
