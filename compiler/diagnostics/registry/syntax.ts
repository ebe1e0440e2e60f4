/** MBX1xxx: the text itself, in the author's words. */
import type { SyntaxCode, SyntaxParams } from "../../../grammar/problem.ts";
import { type Definition, define, type Family } from "./define.ts";

type SyntaxTable = { readonly [C in SyntaxCode]: Definition<SyntaxParams[C]> };

export const syntax = {
  MBX1001: define<SyntaxParams["MBX1001"]>({
    severity: "error",
    message: ({ character }) => `\`${character}\` means nothing here`,
    label: () => "not part of the language",
    explain: {
      cause:
        "The character begins no word, number, text or operator of the language. " +
        "Names are made of letters, digits and `_`; texts stand in double quotes.",
      failing: "event SEEN extends FLOW_TCP {\n  cost$: u32\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  cost: u32\n}\n",
    },
  }),
  MBX1002: define<SyntaxParams["MBX1002"]>({
    severity: "error",
    message: ({ quote }) => `this text has no closing \`${quote}\``,
    label: () => "begins here and does not end on its line",
    explain: {
      cause: 'A text begins and ends with `"` on one line; a line break inside is written `\\n`.',
      failing: 'const PAGE = "index.html\n',
      repair: 'const PAGE = "index.html"\n',
    },
  }),
  MBX1003: define<SyntaxParams["MBX1003"]>({
    severity: "error",
    message: ({ text, reason }) => `\`${text}\` is not a number: ${reason}`,
    explain: {
      cause:
        "A number is made of decimal digits, with single `_` between digits where they help reading, " +
        "and may end with a unit of size (`B KB MB GB`) or of time (`ns us ms s m h`).",
      failing: "const LIMIT = 1__000\n",
      repair: "const LIMIT = 1_000\n",
    },
  }),
  MBX1004: define<SyntaxParams["MBX1004"]>({
    severity: "error",
    message: ({ text, reason }) => `\`${text}\` is not an address: ${reason}`,
    explain: {
      cause:
        "An IPv4 address has four numbers of 0 to 255 and a prefix of up to 32 bits; an IPv6 address has " +
        "eight groups of up to four hexadecimal digits, with one `::` in place of groups of zero, and a " +
        "prefix of up to 128 bits; a MAC address has six groups of two hexadecimal digits.",
      failing: "const VIP = 10.0.0.300\n",
      repair: "const VIP = 10.0.0.30\n",
    },
  }),
  MBX1005: define<SyntaxParams["MBX1005"]>({
    severity: "error",
    message: ({ expected, found }) => `expected ${expected}, found ${found}`,
    label: ({ expected }) => `expected ${expected}`,
    explain: {
      cause:
        "What stands here cannot follow what stands before it. The message says what can. " +
        "The error is shown where the unexpected part begins or, when something is missing at the end of a " +
        "line, just after what is there.",
      failing: 'nf watch {\n  subscribe DATA_TCP where dir ==\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe DATA_TCP where dir == client\n  handler "watch.c"\n}\n',
    },
  }),
  MBX1006: define<SyntaxParams["MBX1006"]>({
    severity: "error",
    message: ({ opener, closer, owner }) =>
      `the \`${opener}\`${owner === "" ? "" : ` of ${owner}`} is never closed with \`${closer}\``,
    label: () => "opened here",
    explain: {
      cause: "Every `{` and `(` needs its `}` or `)` before the next declaration begins.",
      failing: "event SEEN extends FLOW_TCP {\n  hits: u32\n\nconst LIMIT = 10\n",
      repair: "event SEEN extends FLOW_TCP {\n  hits: u32\n}\n\nconst LIMIT = 10\n",
    },
  }),
  MBX1007: define<SyntaxParams["MBX1007"]>({
    severity: "error",
    message: ({ limit }) => `more than ${limit} levels of brackets and \`not\` in one another`,
    label: () => "one level too many",
    explain: {
      cause:
        "Nesting is limited to 256 levels, so that no file can exhaust the compiler. " +
        "A test that deep is better split into several subscriptions, or decided in the handler.",
      failing: `nf watch {\n  subscribe PKT_TCP where ${"not ".repeat(300)}tcp.flags.syn\n  handler "watch.c"\n}\n`,
      repair: 'nf watch {\n  subscribe PKT_TCP where not tcp.flags.syn\n  handler "watch.c"\n}\n',
    },
  }),
  MBX1008: define<SyntaxParams["MBX1008"]>({
    severity: "error",
    message: ({ word }) => `\`${word}\` begins no declaration`,
    label: () => "expected `import`, `const`, `enum`, `event`, `stack`, `nf` or `chain`",
    explain: {
      cause:
        "A file is a list of declarations, and each begins with one of the words `import`, `const`, `enum`, " +
        "`event`, `stack`, `nf` and `chain`, in lower case.",
      failing: "evnt SEEN extends FLOW_TCP { hits: u32 }\n",
      repair: "event SEEN extends FLOW_TCP { hits: u32 }\n",
    },
  }),
  MBX1009: define<SyntaxParams["MBX1009"]>({
    severity: "error",
    message: ({ word, owner }) => `\`${word}\` begins no member of ${owner}`,
    label: ({ owner }) => `not a member of ${owner}`,
    explain: {
      cause:
        "The body of a network function or of a chain is a list of members, and each begins with its word: " +
        "`subscribe`, `publish`, `reads`, `writes`, `drops`, `redirects`, `state`, `on_error`, `on_overload`, " +
        "`handler` and `run` in an `nf`; `stack`, `ports`, `path`, `place` and `malformed` in a `chain`.",
      failing: 'nf watch {\n  subscrib FLOW_END\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe FLOW_END\n  handler "watch.c"\n}\n',
    },
  }),
  MBX1010: define<SyntaxParams["MBX1010"]>({
    severity: "error",
    message: ({ what }) => `${what} is empty`,
    label: () => "at least one member is needed",
    explain: {
      cause: "A set has at least one member: an empty `enum` has no value, and nothing is ever `in { }`.",
      failing: "enum Protocol { }\n",
      repair: "enum Protocol { http, tls }\n",
    },
  }),
  MBX1011: define<SyntaxParams["MBX1011"]>({
    severity: "error",
    message: ({ after, found }) => `expected \`=\` after ${after}, found ${found}`,
    label: () => "expected `=`",
    explain: {
      cause: "`const NAME = VALUE` and `stack NAME = KIND { … }` have an `=` after the name.",
      failing: "const LIMIT 10\n",
      repair: "const LIMIT = 10\n",
    },
  }),
  MBX1012: define<SyntaxParams["MBX1012"]>({
    severity: "error",
    message: ({ operator, instead }) => `\`${operator}\` is not an operator here, ${instead} is`,
    label: ({ instead }) => `write ${instead}`,
    explain: {
      cause:
        "Tests are written with the words `and`, `or`, `not` and `in`, and with `== != < <= > >=`. " +
        "An arrow is `->`, the two ports of a chain are joined by `<->`.",
      failing:
        'nf watch {\n  subscribe PKT_TCP where tcp.dport == 80 && tcp.flags.syn\n  handler "watch.c"\n}\n',
      repair:
        'nf watch {\n  subscribe PKT_TCP where tcp.dport == 80 and tcp.flags.syn\n  handler "watch.c"\n}\n',
    },
  }),
  MBX1013: define<SyntaxParams["MBX1013"]>({
    severity: "error",
    message: ({ sequence }) => `texts have no escape \`${sequence}\``,
    label: () => "unknown escape",
    explain: {
      cause:
        'Texts know the escapes `\\"`, `\\\\`, `\\n`, `\\r`, `\\t`, `\\0`, `\\xHH` and `\\u{HHHH}`. ' +
        "A backslash itself is written `\\\\`.",
      failing: 'const PATTERN = "a\\d"\n',
      repair: 'const PATTERN = "a\\\\d"\n',
    },
  }),
  MBX1014: define<SyntaxParams["MBX1014"]>({
    severity: "warning",
    message: () => "this comment documents nothing",
    label: () => "no declaration or field follows",
    explain: {
      cause:
        "`///` documents the declaration or field that follows it and reaches hover text and generated " +
        "code. A remark for the reader of the file is written with `//`.",
      failing: "const LIMIT = 10\n\n/// the end\n",
      repair: "const LIMIT = 10\n\n// the end\n",
    },
  }),
  MBX1015: define<SyntaxParams["MBX1015"]>({
    severity: "error",
    message: ({ closer }) => `this \`${closer}\` closes nothing`,
    label: () => "nothing is open here",
    explain: {
      cause: "Every `}` and `)` closes a `{` or `(` that stands before it.",
      failing: "enum Protocol { http, tls }\n}\n",
      repair: "enum Protocol { http, tls }\n",
    },
  }),
  MBX1016: define<SyntaxParams["MBX1016"]>({
    severity: "error",
    message: ({ text, unit }) => `\`${text}\` has the unit \`${unit}\`, which does not exist`,
    label: () => "sizes have `B KB MB GB`, times `ns us ms s m h`",
    explain: {
      cause: "A number may end with a unit of size (`B KB MB GB`, by 1024) or of time (`ns us ms s m h`).",
      failing: "const WAIT = 5sec\n",
      repair: "const WAIT = 5s\n",
    },
  }),
  MBX1017: define<SyntaxParams["MBX1017"]>({
    severity: "error",
    message: ({ opener }) => `comments begin with \`//\`, not with \`${opener}\``,
    label: () => "not a comment",
    explain: {
      cause: "There are two comments: `//` to the end of the line, and `///` which documents what follows.",
      failing: "# how many\nconst LIMIT = 10\n",
      repair: "// how many\nconst LIMIT = 10\n",
    },
  }),
  MBX1018: define<SyntaxParams["MBX1018"]>({
    severity: "error",
    message: ({ text }) => `\`${text}\` is too large: numbers have 64 bits`,
    label: () => "above 18_446_744_073_709_551_615",
    explain: {
      cause: "A number, in bytes or nanoseconds where it has a unit, is at most 18446744073709551615.",
      failing: "const LIMIT = 99999999999999999999\n",
      repair: "const LIMIT = 999999999\n",
    },
  }),
  MBX1019: define<SyntaxParams["MBX1019"]>({
    severity: "error",
    message: ({ clause, before }) => `\`${clause}\` comes before \`${before}\` in a subscription`,
    label: () => "too late here",
    explain: {
      cause:
        "The clauses of a subscription have one order: `subscribe EVENT where TEST from start SIZE -> " +
        "callbacks`; each may be left out, none may come twice.",
      failing: 'nf watch {\n  subscribe DATA_TCP -> data where dir == client\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe DATA_TCP where dir == client -> data\n  handler "watch.c"\n}\n',
    },
  }),
} satisfies SyntaxTable & Family<"MBX1">;
