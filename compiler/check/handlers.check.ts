/** MBX6001, MBX6008: handler files. What is in them is checked when they are built. */
import { dirname, extname, join } from "node:path";
import type { NfRule } from "./context.ts";

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
