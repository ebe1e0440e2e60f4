/** MBX6xxx: handler files and generated names. */
import { define, type Family } from "./define.ts";

function watch(parts: string, name = "watch", handler = "watch.c"): string {
  return `nf ${name} {\n  ${parts}\n  handler "${handler}"\n}\n`;
}

const files = { "watch.c": "", "watch.py": "" };

export const handlers = {
  MBX6001: define<{ path: string }>({
    severity: "warning",
    message: ({ path }) => `there is no handler file \`${path}\` yet`,
    label: () => "not found",
    explain: {
      cause: "`mbx build` writes a complete, documented stub where a handler file does not exist.",
      failing: watch("subscribe FLOW_END", "watch", "wacth.c"),
      repair: watch("subscribe FLOW_END"),
      files,
    },
  }),
  MBX6002: define<{ callback: string; nf: string; file: string }>({
    severity: "error",
    message: ({ callback, nf, file }) => `\`${file}\` lacks the callback \`${callback}\` of \`${nf}\``,
    label: () => "subscribed here",
    explain: {
      cause:
        "Each callback that a subscription names is a function of the handler: `NF_on_CALLBACK` in C, a method " +
        "in TypeScript. The generated header or types declare it.",
      failing: watch("subscribe FLOW_END"),
      repair: watch("subscribe FLOW_END"),
      files: { "watch.c": '#include "watch.gen.h"\n' },
      repairFiles: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\t(void)m;\n}\n",
      },
    },
  }),
  MBX6003: define<{ callback: string; nf: string }>({
    severity: "error",
    message: ({ callback, nf }) => `no subscription of \`${nf}\` names the callback \`${callback}\``,
    label: () => "never called",
    explain: {
      cause: "The handler defines a callback that no subscription leads to; its name may be mistyped.",
      failing: watch("subscribe FLOW_END"),
      repair: watch("subscribe FLOW_END"),
      files: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_edn(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\t(void)m;\n}\n",
      },
      repairFiles: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\t(void)m;\n}\n",
      },
    },
  }),
  MBX6004: define<{ code: string; text: string }>({
    severity: "error",
    message: ({ text }) => text,
    label: ({ code }) => code,
    explain: {
      cause: "The TypeScript compiler found an error in a handler, with the generated types.",
      failing: watch("subscribe FLOW_END", "watch", "watch.ts"),
      repair: watch("subscribe FLOW_END", "watch", "watch.ts"),
      files: {
        "watch.ts":
          'import { watch } from "./watch.gen.js";\n\nexport default watch({\n  flow_end(ctx, m) {\n    m.raeson;\n  },\n});\n',
      },
      repairFiles: {
        "watch.ts":
          'import { watch } from "./watch.gen.js";\n\nexport default watch({\n  flow_end(ctx, m) {\n    m.reason;\n  },\n});\n',
      },
    },
  }),
  MBX6005: define<{ text: string }>({
    severity: "error",
    message: ({ text }) => text,
    explain: {
      cause: "The C compiler found an error in a handler, with the generated header.",
      failing: watch("subscribe FLOW_END"),
      repair: watch("subscribe FLOW_END"),
      files: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\treturn m->raeson;\n}\n",
      },
      repairFiles: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\t(void)m;\n}\n",
      },
    },
  }),
  MBX6006: define<{ name: string; one: string; other: string }>({
    severity: "error",
    message: ({ name, one, other }) => `${one} and ${other} both become \`${name}\` in the generated code`,
    label: ({ name }) => `becomes \`${name}\``,
    explain: {
      cause:
        "Names of the generated code are made of yours: events become structures in lower case, callbacks " +
        "`NF_on_CALLBACK`, verbs `NF_VERB`. Two names that differ in case only meet there, and so may " +
        "names joined with `_`.",
      failing: "event SEEN extends FLOW { }\nevent seen extends FLOW { }\n",
      repair: "event SEEN extends FLOW { }\nevent SEEN_AGAIN extends FLOW { }\n",
    },
  }),
  MBX6007: define<{ name: string; what: string; taken: string }>({
    severity: "error",
    message: ({ name, what, taken }) => `${what} \`${name}\` would be ${taken} in the generated code`,
    label: () => "choose another name",
    explain: {
      cause:
        "Words of C and TypeScript, names that the dataplane library has or that begin with `mbx_`, `rte_` or " +
        "`nf_`, what every generated module declares (`Flow`, `Context` …), and the verbs and members that every " +
        "handler is given (`switch`, `publish`, `state`, `flow`, `end` …) are taken.",
      failing: "event SEEN extends FLOW {\n  int: u32\n}\n",
      repair: "event SEEN extends FLOW {\n  number: u32\n}\n",
    },
  }),
  MBX6008: define<{ path: string; extension: string }>({
    severity: "error",
    message: ({ extension }) =>
      extension === ""
        ? "a handler's file name ends with `.c` or `.ts`"
        : `handlers are written in C or TypeScript; \`${extension}\` is neither`,
    label: () => "unknown language",
    explain: {
      cause: "A handler's language is its file's extension: `.c` or `.ts`.",
      failing: watch("subscribe FLOW_END", "watch", "watch.py"),
      repair: watch("subscribe FLOW_END"),
      files,
    },
  }),
  MBX6009: define<{ path: string; one: string; other: string }>({
    severity: "error",
    message: ({ path, one, other }) => `\`${one}\` and \`${other}\` have the same handler file \`${path}\``,
    label: () => "named again",
    explain: {
      cause:
        "A handler file holds the callbacks of one network function, and is compiled with what is generated for " +
        "that one. To use it twice, declare an instance: `nf b = a`.",
      failing: watch("subscribe FLOW_END") + watch("subscribe FLOW_START", "other"),
      repair: `${watch("subscribe FLOW_END")}nf other = watch\n`,
      files,
    },
  }),
  MBX6010: define<{ nf: string; part: "links" | "prepares" }>({
    severity: "error",
    message: ({ nf, part }) => `\`${part}\` is for handlers in C, and that of \`${nf}\` is in TypeScript`,
    label: () => "only in C",
    explain: {
      cause:
        "`links` names libraries in C, and `prepares` gives a handler in C memory of its own before the first " +
        "event. A handler in TypeScript imports modules, and has its module's own variables.",
      failing: watch('subscribe FLOW_END\n  links "libpcre2-8"', "watch", "watch.ts"),
      repair: watch('subscribe FLOW_END\n  links "libpcre2-8"'),
      files: { "watch.c": "", "watch.ts": "" },
    },
  }),
  MBX6011: define<{ library: string }>({
    severity: "error",
    message: ({ library }) => `\`${library}\` is not a library's name to pkg-config`,
    label: () => "letters, digits, `+`, `-`, `.` and `_`",
    explain: {
      cause:
        "`links` names a library as pkg-config knows it: `libhs` for what is described by `libhs.pc`. It is no " +
        "path, and no flag of the linker. `pkg-config --list-all` prints those that are installed.",
      failing: watch('subscribe FLOW_END\n  links "-lpcre2-8"'),
      repair: watch('subscribe FLOW_END\n  links "libpcre2-8"'),
      files,
    },
  }),
  MBX6012: define<{ library: string; nf: string }>({
    severity: "error",
    message: ({ library, nf }) => `the library \`${library}\` that \`${nf}\` uses is not installed`,
    label: () => "unknown to pkg-config",
    explain: {
      cause:
        "A program is built with the libraries that its handlers in C use. pkg-config finds them, by the `.pc` file " +
        "of the package that has the library's headers: in Debian its name ends with `-dev`.",
      failing: watch('subscribe FLOW_END\n  links "libnowhere"'),
      repair: watch("subscribe FLOW_END"),
      files: {
        "watch.c":
          '#include "watch.gen.h"\n\nvoid watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n' +
          "{\n\t(void)ctx;\n\t(void)m;\n}\n",
      },
    },
  }),
  MBX6013: define<{ path: string }>({
    severity: "error",
    message: ({ path }) => `\`${path}\` is there, and is no file that can be read`,
    label: () => "not readable",
    explain: {
      cause:
        "The handler's name is that of a folder, of a link to nothing, or of a file that this user may not read. A " +
        "stub is written only where there is nothing.",
      failing: watch("subscribe FLOW_END"),
      repair: watch("subscribe FLOW_END", "watch", "src/watch.c"),
      files: { "watch.c/notes.txt": "", "src/watch.c": "" },
    },
  }),
} satisfies Family<"MBX6">;
