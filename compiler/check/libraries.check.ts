/** MBX6010, MBX6011: what only handlers in C have, and how libraries are called. */
import type { NfRule } from "./context.ts";

/** As pkg-config takes them; nothing that its command line, or cmake's, would read otherwise. */
const LIBRARY = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;

export const libraryNamesAreWellFormed: NfRule = (_nf, body, { report }) => {
  for (const { value, span } of body.links)
    if (!LIBRARY.test(value)) report("MBX6011", span, { library: value });
};

/** A handler whose name has another extension is told of that. */
export const partsSuitTheLanguage: NfRule = (nf, body, { report }) => {
  if (body.handler?.value.endsWith(".ts") !== true) return;
  const first = body.prepares === undefined ? body.links[0]?.span : body.prepares;
  if (first === undefined) return;
  const part = body.prepares === undefined ? "links" : "prepares";
  report(
    "MBX6010",
    first,
    { nf: nf.name, part },
    {
      help: {
        message:
          part === "links"
            ? "`import` in the handler what it uses"
            : "what stands at the top of the handler's module runs before its first event, `end` after the last one",
      },
    },
  );
};
