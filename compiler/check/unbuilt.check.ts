/** MBX5900: what the language has and this version cannot build. Each cause once. */
import type { ChainRule, NfRule, StackRule } from "./context.ts";

export const stackCanBeBuilt: StackRule = (stack, { report }) => {
  const { def, decl } = stack;
  if (def !== undefined && !def.built) {
    report("MBX5900", decl.stackKind.span, { what: `stacks of kind ${def.kind}` });
  }
};

export const nfCanBeBuilt: NfRule = (nf, body, { report }) => {
  if (body.redirects !== undefined)
    report("MBX5900", body.redirects, { what: `\`redirects\` of \`${nf.name}\`` });
  const run = nf.decl.parts.find((part) => part.kind === "run");
  if (run !== undefined) report("MBX5900", run.span, { what: `\`run\` of \`${nf.name}\`` });
};

/** What a C NF keeps `from start` is kept on its stack's core. */
export const placesCanBeBuilt: ChainRule = (chain, { report }) => {
  const seen = new Set<string>();
  for (const part of chain.decl.parts) {
    if (part.kind !== "place" || seen.has(part.nf.text)) continue;
    seen.add(part.nf.text);
    const nf = chain.steps.find((step) => step.name.text === part.nf.text)?.nf;
    if (nf?.body?.handler === undefined || !nf.body.handler.value.endsWith(".c")) continue;
    const kept = nf.body.subscriptions.find(({ part: sub }) => sub.fromStart !== undefined);
    if (kept === undefined) continue;
    report(
      "MBX5900",
      part.span,
      {
        what: `\`from start\` of a C network function on another core than its stack, as \`${part.nf.text}\``,
      },
      {
        secondary: [{ span: kept.part.span, text: "keeps bytes on its stack's core" }],
        notes: ["a handler in TypeScript can have both: its worker is sent what was kept"],
        help: {
          message: `remove this line, and \`${part.nf.text}\` runs on its stack's core; or leave out \`from start\`, and hear FLOW_GAP for what it missed`,
        },
      },
    );
  }
};
