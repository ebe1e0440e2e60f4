/** Libraries that handlers in C use: whether pkg-config knows them, and what compiles with them. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic } from "../diagnostics/report.ts";
import type { CHandler } from "./c-diagnostics.ts";
import { places } from "./places.ts";
import { runTool } from "./process.ts";
import type { SubscriptionSpans } from "./subscribed.ts";

/** Debian's packages for libraries that handlers are likely to use. */
const packages: ReadonlyMap<string, string> = new Map([
  ["libhs", "libhyperscan-dev"],
  ["libpcre2-8", "libpcre2-dev"],
  ["zlib", "zlib1g-dev"],
  ["libzstd", "libzstd-dev"],
  ["liblz4", "liblz4-dev"],
  ["libbrotlidec", "libbrotli-dev"],
  ["libcrypto", "libssl-dev"],
  ["libssl", "libssl-dev"],
  ["openssl", "libssl-dev"],
  ["libsodium", "libsodium-dev"],
  ["jansson", "libjansson-dev"],
  ["sqlite3", "libsqlite3-dev"],
  ["libmaxminddb", "libmaxminddb-dev"],
]);

/** MBX6012, once for each library: nothing that is compiled without it says more. */
export async function missingLibraries(
  handlers: readonly CHandler[],
  spans: SubscriptionSpans,
): Promise<readonly Diagnostic[]> {
  const asked = new Map(handlers.flatMap(({ nf, links }) => links.map((library) => [library, nf] as const)));
  const found: Diagnostic[] = [];
  for (const [library, nf] of asked) {
    if ((await pkgConfig(["--exists", library])).code === 0) continue;
    const span = spans.library(nf, library) ?? { file: "", start: 0, end: 0 };
    const name = packages.get(library);
    const message =
      name === undefined
        ? `install the package that has \`${library}.pc\`: \`apt-file search ${library}.pc\` names it`
        : `\`apt-get install ${name}\``;
    found.push(createDiagnostic("MBX6012", span, { library, nf }, { help: { message } }));
  }
  return found;
}

/** What a handler's unit is compiled with; that of the chain's list, in cmake, is the same. */
export async function flagsOfLibraries(links: readonly string[]): Promise<readonly string[]> {
  if (links.length === 0) return [];
  const asked = await pkgConfig(["--cflags", ...links]);
  return asked.output
    .split(/\s+/)
    .filter((flag) => flag !== "" && !flag.startsWith("-march="))
    .map((flag) => flag.replace(/^-I/, "-isystem"));
}

function pkgConfig(args: readonly string[]) {
  return runTool({ command: "pkg-config", args, cwd: places.root, use: "finding a library" });
}
