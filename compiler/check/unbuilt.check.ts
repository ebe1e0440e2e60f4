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

/** TypeScript NFs have workers of their own, which can be placed. */
export const placesCanBeBuilt: ChainRule = (chain, { report }) => {
  const seen = new Set<string>();
  for (const part of chain.decl.parts) {
    if (part.kind !== "place" || seen.has(part.nf.text)) continue;
    seen.add(part.nf.text);
    const nf = chain.steps.find((step) => step.name.text === part.nf.text)?.nf;
    if (nf?.body?.handler === undefined || !nf.body.handler.value.endsWith(".c")) continue;
    report("MBX5900", part.span, {
      what: `C network functions on another core than their stack, as \`${part.nf.text}\``,
    });
  }
};
