/** MBX6001, MBX6008, MBX6009: handler files. What is in them is checked when they are built. */
import { dirname, extname, join } from "node:path";
import type { NfSymbol } from "../bind/model.ts";
import type { StringLiteral } from "../syntax/ast.ts";
import type { NfRule, ProgramRule } from "./context.ts";

export const handlerFileExists: NfRule = (nf, body, { report, fileExists }) => {
  if (body.handler === undefined) return;
  const { value, span } = body.handler;
  const extension = extname(value);
  if (extension !== ".c" && extension !== ".ts") {
    report("MBX6008", span, { path: value, extension });
    return;
  }
  if (value.endsWith(".d.ts") || value.includes(".gen.")) {
    report("MBX6008", span, { path: value, extension: value.slice(value.indexOf(".")) });
    return;
  }
  if (fileExists(join(dirname(nf.decl.span.file), value))) return;
  report("MBX6001", span, { path: value }, { notes: ["`mbx build` writes its stub"] });
};

/** MBX6009: a file is compiled with what is generated for one NF. */
export const handlerFileIsOwn: ProgramRule = ({ program, report }) => {
  const first = new Map<string, { readonly nf: NfSymbol; readonly handler: StringLiteral }>();
  for (const nf of program.nfs) {
    const handler = nf.origin === undefined ? nf.body?.handler : undefined;
    if (handler === undefined) continue;
    const path = join(dirname(nf.decl.span.file), handler.value);
    const previous = first.get(path);
    if (previous === undefined) {
      first.set(path, { nf, handler });
    } else {
      report(
        "MBX6009",
        handler.span,
        { path: handler.value, one: previous.nf.name, other: nf.name },
        {
          secondary: [{ span: previous.handler.span, text: "named here first" }],
          help: {
            message: `\`nf ${nf.name} = ${previous.nf.name}\` is another instance of \`${previous.nf.name}\``,
          },
        },
      );
    }
  }
};
