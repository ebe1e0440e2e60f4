// npm run attack -- [--short] [--table] NAME…
import { parseArgs } from "node:util";
import { type Attack, type Outcome, run } from "./attack.ts";
import { attacks, FULL, SHORT } from "./attacks.ts";
import { claimsOf } from "./claims.ts";
import { renderTable } from "./table.ts";

const USAGE = `npm run attack -- [--short] [--table] NAME…

Attacks a built program through a pipe, and says which claims hold. Exit code 1
unless all do. \`all\` is every attack; --short is what the test has time for;
--table ends with a table in Markdown.

`;

const names = (): string =>
  attacks(FULL)
    .map(({ name, says }) => `  ${name.padEnd(16)} ${says}\n`)
    .join("");

async function report(attack: Attack): Promise<Outcome> {
  const began = performance.now();
  process.stderr.write(`${attack.name}: ${attack.says}\n`);
  const outcome = await run(attack);
  const claims = claimsOf(outcome);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const { summary } = outcome;
  const pools = Object.entries(summary.memory.pools).map(
    ([name, pool]) => `${name} ${pool.used_at_start} → ${pool.used_at_end} of ${pool.count}`,
  );
  const counted = Object.entries(summary.counters).filter(
    ([name, n]) => n > 0 && !/^(packets|bytes)\./.test(name),
  );
  process.stdout.write(
    [
      `${attack.name}: ${outcome.packets} packets, ${summary.seconds} s (${seconds} s with its build)`,
      ...claims.map(({ says, holds, because }) => `  ${holds ? "holds " : "BROKEN"}  ${says}: ${because}`),
      `  pools   ${pools.join(" · ")}`,
      `  counted ${counted.map(([name, n]) => `${name} ${n}`).join(" · ")}`,
      "",
      "",
    ].join("\n"),
  );
  if (claims.some(({ holds }) => !holds)) process.stderr.write(outcome.stderr);
  return outcome;
}

function readArguments(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      short: { type: "boolean", default: false },
      table: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
}

async function main({ values, positionals }: ReturnType<typeof readArguments>): Promise<number> {
  const all = attacks(values.short ? SHORT : FULL);
  const unknown = positionals.filter((name) => name !== "all" && !all.some((attack) => attack.name === name));
  if (values.help || positionals.length === 0 || unknown.length > 0) {
    process.stderr.write(
      `${unknown.map((name) => `error: no attack is called ${name}\n`).join("")}${USAGE}${names()}`,
    );
    return values.help ? 0 : 2;
  }
  const chosen = all.filter(({ name }) => positionals.includes("all") || positionals.includes(name));
  const outcomes: Outcome[] = [];
  for (const attack of chosen) outcomes.push(await report(attack));
  if (values.table) process.stdout.write(renderTable(outcomes));
  return outcomes.every((outcome) => claimsOf(outcome).every(({ holds }) => holds)) ? 0 : 1;
}

try {
  process.exitCode = await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError && "code" in error)) throw error;
  process.stderr.write(`error: ${error.message}\n${USAGE}${names()}`);
  process.exitCode = 2;
}
