/** MBX9xxx: faults of the compiler itself. */
import { define, type Family } from "./define.ts";

export const internal = {
  MBX9001: define<{ where: string; reason: string }>({
    severity: "error",
    message: ({ where, reason }) => `a bug in the compiler, while ${where}: ${reason}`,
    explain: {
      cause:
        "The compiler itself failed; nothing in the source file is to blame. " +
        "Please report it with the file that caused it and the text of this message.",
      failing: "mbx check ids.mbx",
      repair: "mbx check ids.mbx",
    },
  }),
} satisfies Family<"MBX9">;
