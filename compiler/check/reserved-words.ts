/** Words that names of the generated code must not be. */

const cWords =
  "auto break case char const continue default do double else enum extern float for goto if inline int long " +
  "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while " +
  "_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof " +
  "bool true false NULL main errno stdin stdout stderr int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t " +
  "uint64_t size_t ssize_t";

/** Macros that gcc and clang define in their dialect of C, without an underscore. */
const macroWords = "linux unix";

const typescriptWords = "__proto__ constructor prototype";

/** What no module may declare: reserved there, or given by the language. */
const moduleWords =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
  "false finally for function if implements import in instanceof interface let new null package private protected " +
  "public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity";

/** What the generated module of an NF declares itself, or takes from JavaScript. */
const stubWords =
  "Flow FlowView Context Views Host Runtime decoder encoder readText readIp readMac writeText writeTime writeBytes " +
  "writeIp writeMac Array Map Math Number Promise RangeError String TextDecoder TextEncoder Float64Array Int32Array " +
  "Uint8Array Uint16Array Uint32Array";

/** Members of every message and of what reads it in place. */
const memberWords = "flow base copy head u8 u16 u32 i32 mbx_place";

const c = new Set(cWords.split(" "));
const macros = new Set(macroWords.split(" "));
const typescript = new Set(typescriptWords.split(" "));
const ofModules = new Set(moduleWords.split(" "));
const ofStubs = new Set(stubWords.split(" "));
const ofMessages = new Set(memberWords.split(" "));

/** Methods that a handler in TypeScript may have besides its callbacks. */
const lifecycle: ReadonlyMap<string, string> = new Map([
  ["end", "the method that is called after the last event"],
  ["lost", "the method that is told how many events were lost"],
]);

/** Calls that every handler is given: `ctx.switch`, `NF_switch`. */
const verbs = new Set(["switch", "publish", "state", "drop_packet", "drop_flow", "reset_flow", "set_timer"]);

/** What the word is already, or undefined where it is free. */
export function takenAs(name: string): string | undefined {
  if (c.has(name)) return "a word of C";
  if (typescript.has(name)) return "a word of TypeScript";
  if (/^(?:mbx|rte|nf)_|^(?:mbx|rte)$/i.test(name)) return "a name of the library";
  return name.startsWith("__") || macros.has(name) ? "a name of the C compiler" : undefined;
}

export function isVerb(name: string): boolean {
  return verbs.has(name);
}

/** The same for what a module of TypeScript declares at its top. */
export function takenInModule(name: string): string | undefined {
  if (ofModules.has(name)) return "a word of TypeScript";
  return ofStubs.has(name) ? "a name that every module has" : undefined;
}

/** The same for a callback of a handler in TypeScript. */
export function takenInHandlers(name: string): string | undefined {
  return lifecycle.get(name);
}

/** The same for a field of an event. */
export function takenInMessage(name: string): string | undefined {
  return ofMessages.has(name) ? "a member that every message has" : undefined;
}
