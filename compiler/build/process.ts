/** Starts a tool of the build and keeps what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { fault } from "./fault.ts";
import { stopSignal } from "./stop.ts";

export interface ToolResult {
  readonly code: number;
  /** stdout and stderr, as they came. */
  readonly output: string;
}

export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What needs it, for who has to install it. */
  readonly use: string;
}

/** Messages are parsed, so they have to be the untranslated ones. */
const ENVIRONMENT = { LC_ALL: "C", CLICOLOR_FORCE: "0", NINJA_STATUS: "" };

/** Ends with the build: a tool whose build is stopped has ended when this is rejected. */
export function runTool(tool: Tool): Promise<ToolResult> {
  const stop = stopSignal();
  return new Promise((resolve, reject) => {
    // Where too many files are open it has no pipes, whatever its type says: an error follows.
    const child: ChildProcess = spawn(tool.command, [...tool.args], {
      cwd: tool.cwd,
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["ignore", "pipe", "pipe"],
      signal: stop,
      // ninja ends the compilers that it started when it gets this.
      killSignal: "SIGINT",
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.name === "AbortError" && child.pid !== undefined) return;
      reject(
        error.code === "ENOENT"
          ? fault(
              "MBX8023",
              { tool: `\`${tool.command}\``, use: tool.use },
              "`npm run setup` installs what a build needs",
            )
          : error,
      );
    });
    child.on("close", (code, signal) => {
      if (stop.aborted) reject(stop.reason);
      const output = Buffer.concat(chunks).toString("utf8");
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}\nkilled by ${signal}` });
    });
  });
}
