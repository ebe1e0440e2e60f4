/** MBX6001, MBX6008, MBX6009, MBX6013: handler files. What is in them is checked when they are built. */
import { basename, dirname, extname, join } from "node:path";
import type { NfSymbol } from "../bind/model.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { StringLiteral } from "../syntax/ast.ts";
import type { CheckContext, NfRule, ProgramRule } from "./context.ts";

export const handlerFileExists: NfRule = (nf, body, context) => {
  const { report, host } = context;
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
  const file = join(dirname(nf.decl.span.file), value);
  if (host.isUnreadable?.(file) === true) {
    report("MBX6013", span, { path: value });
    return;
  }
  if (host.fileExists(file)) return;
  const notes = ["`mbx build` writes its stub"];
  const meant = similarFile(file, context);
  if (meant === undefined) {
    report("MBX6001", span, { path: value }, { notes });
    return;
  }
  const path = value.slice(0, value.length - basename(value).length) + meant;
  const message = `a file of a similar name exists: \`${path}\``;
  report("MBX6001", span, { path: value }, { notes, help: { message, fix: { span, text: `"${path}"` } } });
};

/** A file beside it in the same language that is nobody's handler yet, and whose name is near. */
function similarFile(path: string, { host, program }: CheckContext): string | undefined {
  const extension = extname(path);
  const taken = new Set(
    program.nfs.flatMap((nf) => {
      const value = nf.body?.handler?.value;
      return value === undefined ? [] : [join(dirname(nf.decl.span.file), value)];
    }),
  );
  const stems = (host.filesIn?.(dirname(path)) ?? [])
    .filter((name) => name.endsWith(extension) && !name.includes(".gen.") && !name.endsWith(".d.ts"))
    .filter((name) => !taken.has(join(dirname(path), name)))
    .map((name) => basename(name, extension));
  const stem = nearest(basename(path, extension), stems);
  return stem === undefined ? undefined : stem + extension;
}

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
