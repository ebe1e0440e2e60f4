/** MBX9xxx: faults of the compiler itself. */
import { define, type Family } from "./define.ts";

const PLEASE_REPORT =
  "The compiler itself failed; nothing in the source file is to blame. " +
  "Please report it with the file that caused it and the text of this message.";

export const internal = {
  MBX9000: define<{ reason: string }>({
    severity: "error",
    message: ({ reason }) => `a bug in the compiler, before it could start: ${reason}`,
    explain: { cause: PLEASE_REPORT, failing: "mbx check ids.mbx", repair: "mbx check ids.mbx" },
  }),
  MBX9001: define<{ where: string; reason: string }>({
    severity: "error",
    message: ({ where, reason }) => `a bug in the compiler, while ${where}: ${reason}`,
    explain: { cause: PLEASE_REPORT, failing: "mbx check ids.mbx", repair: "mbx check ids.mbx" },
  }),
  MBX9002: define<{ unit: string; reason: string }>({
    severity: "error",
    message: ({ unit, reason }) =>
      `a bug in the compiler: generated code does not compile: ${unit}: ${reason}`,
    explain: {
      cause:
        "What the compiler generated was refused by the C or TypeScript compiler. " +
        "Handlers are not to blame: their errors are reported at their own lines. " +
        "Please report it with the `.mbx` file and `build.log` of the build folder.",
      failing: "mbx build ids.mbx",
      repair: "mbx build ids.mbx",
    },
  }),
} satisfies Family<"MBX9">;
