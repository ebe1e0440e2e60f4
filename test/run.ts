// Runs every test of every kind and counts them in its last line.
//
//   npm test                  all
//   npm test -- NAME...       the files and checks whose name contains a NAME
//
// TypeScript tests run in a process each, C tests are built with sanitizers
// first, checks over the whole repository count as one test each.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checks } from "./runner/checks.ts";
import { cmockaJobs } from "./runner/cmocka.ts";
import { fuzzJobs } from "./runner/fuzz.ts";
import { type Job, type Outcome, singleOutcome } from "./runner/job.ts";
import { stopEverything } from "./runner/process.ts";
import { addUp, failureDetails, lastLine, type Result, resultLines, slowestLines } from "./runner/report.ts";
import { openScratch } from "./runner/scratch.ts";
import { uvuJob } from "./runner/uvu.ts";
import { sweepNamespaces } from "./support/netns-sweep.ts";

/** Jobs at a time. Two keep a small machine busy and leave a large one to its user. */
const SLOTS = 2;

/** Folders of files that only look like tests: compiler output and its inputs. */
const NOT_TESTS = new Set(["golden", "fixtures", ".mbx", "node_modules"]);

function filesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NOT_TESTS.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** Every job there is, among them only those that were asked for. */
function findJobs(names: readonly string[]): readonly Job[] {
  const wanted = (name: string) => names.length === 0 || names.some((part) => name.includes(part));
  const files = filesUnder("test").filter(wanted);
  return [
    ...checks.filter((job) => wanted(job.name)),
    ...cmockaJobs(files.filter((file) => /^test\/dataplane\/.*_test\.c$/.test(file))),
    ...fuzzJobs(files.filter((file) => /^test\/fuzz\/.*_fuzz\.c$/.test(file))),
    ...files.filter((file) => file.endsWith(".test.ts")).map(uvuJob),
  ];
}

async function outcomeOf(job: Job): Promise<Outcome> {
  try {
    return await job.run();
  } catch (fault) {
    return singleOutcome(false, fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  }
}

/** Since a signal: nothing is started any more. */
let stopping = false;

/** Runs the jobs, `slots` at a time, and prints each when it has ended. */
async function runJobs(jobs: readonly Job[], slots: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined && !stopping; job = queue.shift()) {
      const start = performance.now();
      const outcome = await outcomeOf(job);
      const result = { job, outcome, duration: performance.now() - start };
      results.push(result);
      process.stdout.write(resultLines(result));
    }
  };
  await Promise.all(Array.from({ length: slots }, work));
  return results;
}

function stopOnSignals(): void {
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.once(signal, async () => {
      process.stderr.write(`\nstopping on ${signal}\n`);
      stopping = true;
      await stopEverything();
      sweepNamespaces();
      process.exit(128 + number);
    });
  }
}

async function main(names: readonly string[]): Promise<number> {
  stopOnSignals();
  // What a killed run left behind must not disturb this one.
  sweepNamespaces();
  openScratch();
  const jobs = findJobs(names);
  const together = await runJobs(
    jobs.filter((job) => !job.alone),
    SLOTS,
  );
  const alone = await runJobs(
    jobs.filter((job) => job.alone),
    1,
  );
  const results = [...together, ...alone];
  process.stdout.write(slowestLines(results));
  process.stdout.write(failureDetails(results));
  if (jobs.length === 0) process.stdout.write(`no test's name contains ${names.join(" or ")}\n`);
  const totals = addUp(results);
  process.stdout.write(`\n${lastLine(totals)}`);
  return totals.failed === 0 && totals.passed + totals.skipped > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
