/** What is compiled, and in which state it is found. */
import { appendFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Copy } from "./copy.ts";
import { checkOf, IDS, VERSION } from "./goals.ts";
import { type Took, timed } from "./timed.ts";

/** Numbers of network functions. */
export const SIZES = [10, 100, 1000] as const;

export interface Task {
  readonly name: string;
  readonly run: () => Promise<Took>;
}

/** A handler's text changes; what it means need not. */
function change(file: string, round: number): void {
  appendFileSync(
    file,
    file.endsWith(".ts") ? `export const round${round} = ${round};\n` : `int changed_${round};\n`,
  );
}

function handlerOf(file: string, extension: string): string {
  const folder = dirname(file);
  const name = readdirSync(folder).find((one) => one.endsWith(extension) && !one.includes(".gen."));
  if (name === undefined) throw new Error(`${folder} has no handler *${extension}`);
  return join(folder, name);
}

/** Processes from start to end; `node` alone is what nobody can go below. */
export function checkTasks({ mbx, checked }: Copy): readonly Task[] {
  const node = (args: readonly string[]) => timed(process.execPath, args);
  return [
    { name: "node, nothing run", run: () => node(["-e", "0"]) },
    { name: VERSION, run: () => node([mbx, "--version"]) },
    ...SIZES.map((nfs) => ({
      name: checkOf(nfs),
      run: () => node([mbx, "check", "--no-handlers", checked(nfs)]),
    })),
  ];
}

/** Each finds what the one before it left: they run in this order. */
export function buildTasks(copy: Copy, sizes: readonly number[]): readonly Task[] {
  const ids = copy.sample("ids");
  const programs = [
    { name: "ids", file: ids },
    ...sizes.map((nfs) => ({ name: `${nfs} NFs`, file: copy.chain(nfs) })),
  ];
  const build = (file: string) => timed(process.execPath, [copy.mbx, "build", file]);
  let round = 0;
  return [
    {
      name: IDS.cold,
      run: () => {
        round += 1;
        rmSync(copy.cache, { recursive: true, force: true });
        rmSync(join(dirname(ids), ".mbx"), { recursive: true, force: true });
        return build(ids);
      },
    },
    ...programs.flatMap(({ name, file }): readonly Task[] => [
      {
        name: `${name}, a new program`,
        run: () => {
          rmSync(join(dirname(file), ".mbx"), { recursive: true, force: true });
          return build(file);
        },
      },
      {
        name: `${name}, a C handler changed`,
        run: () => {
          change(handlerOf(file, ".c"), round);
          return build(file);
        },
      },
      {
        name: `${name}, a TypeScript handler changed`,
        run: () => {
          change(handlerOf(file, ".ts"), round);
          return build(file);
        },
      },
      { name: `${name}, nothing changed`, run: () => build(file) },
    ]),
  ];
}
