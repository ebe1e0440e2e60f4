/** Whether a compiler knows an instruction set, and DPDK can be used with it. */
import type { Toolchain } from "./library.ts";
import { runTool } from "./process.ts";

/** DPDK is compiled for it, and its headers use it. */
const NEEDED = "__SSE4_2__";

/** Says what is wrong with `-march`, in a sentence without an end; undefined where it is fine. */
export async function faultOfMarch(tools: Toolchain): Promise<string | undefined> {
  const ran = await runTool({
    command: tools.cc,
    args: [`-march=${tools.march}`, "-E", "-dM", "-x", "c", "/dev/null"],
    cwd: "/",
    use: "compiling a chain",
  });
  if (ran.code !== 0) return `${tools.cc} knows no instruction set of this name for this machine`;
  if (process.arch === "x64" && !ran.output.includes(NEEDED)) return "DPDK needs one that has SSE4.2";
  return undefined;
}
