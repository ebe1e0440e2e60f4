/** Words that names of the generated code must not be. */

const cWords =
  "auto break case char const continue default do double else enum extern float for goto if inline int long " +
  "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while " +
  "_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof " +
  "bool true false NULL main errno stdin stdout stderr int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t " +
  "uint64_t size_t ssize_t";

const typescriptWords = "__proto__ constructor prototype";

const c = new Set(cWords.split(" "));
const typescript = new Set(typescriptWords.split(" "));

/** Calls that every handler is given: `ctx.switch`, `NF_switch`. */
const verbs = new Set(["switch", "publish", "state", "drop_packet", "drop_flow", "reset_flow", "set_timer"]);

/** What the word is already, or undefined where it is free. */
export function takenAs(name: string): string | undefined {
  if (c.has(name)) return "a word of C";
  if (typescript.has(name)) return "a word of TypeScript";
  if (/^(?:mbx|rte)(?:_|$)/i.test(name)) return "a name of the library";
  return name.startsWith("__") ? "a name of the C compiler" : undefined;
}

export function isVerb(name: string): boolean {
  return verbs.has(name);
}
