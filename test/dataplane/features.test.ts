// time limit: 400 s
/** The object's `.mbx.features` section equals the feature set: what is off leaves no code. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const dataplane = fileURLToPath(new URL("../../runtime/dataplane", import.meta.url));

const sets: readonly (readonly string[])[] = [
  ["flows", "udp"],
  ["flows", "icmp"],
  ["flows", "icmp_errors"],
  ["flows", "tcp", "icmp_errors", "packet_events"],
  ["flows", "tcp", "counters", "checksum_verify"],
  ["flows", "tcp", "data_server", "gap", "rtt"],
  ["flows", "udp", "ttl"],
  ["flows", "tcp", "data_client", "stashes", "drops", "injects"],
  ["flows", "tcp", "data_client", "data_server", "drops", "unheard"],
  [
    "flows",
    "tcp",
    "udp",
    "icmp",
    "icmp_errors",
    "packet_events",
    "counters",
    "rtt",
    "ttl",
    "data_client",
    "data_server",
    "rexmit",
    "overlap",
    "gap",
    "drops",
    "injects",
    "nf_timers",
    "stashes",
    "fragments",
    "checksum_verify",
  ],
];

function unit(features: readonly string[]): string {
  const on = features.filter((name) => name !== "checksum_verify").map((name) => `.${name} = true,`);
  const checksum = features.includes("checksum_verify") ? "CHECKSUM_VERIFY" : "CHECKSUM_TRUST";
  return `#include "stack/monitor.h"
struct record { struct flow flow; struct tcp_track tcp; struct stream stream[2]; struct stream_digests digests[2]; struct flow_counters c; struct flow_ttl ttl; uint8_t prefix[FLOW_PREFIX_SIZE(FLOW_PREFIX_LINK)]; };
static const struct stack_features f = {${on.join(" ")} .checksum = ${checksum}, .idle_ns = 1000000000ull,
  .history = 4096, .tcp_at = offsetof(struct record, tcp), .stream_at = offsetof(struct record, stream),
  .digests_at = offsetof(struct record, digests),
  .counters_at = offsetof(struct record, c), .ttl_at = offsetof(struct record, ttl),
  .prefix_at = offsetof(struct record, prefix), .prefix_room = FLOW_PREFIX_LINK};
bool match(const struct packet *p);
void subscribe(struct stack *s, struct flow *fl, const struct packet *p);
bool wants_data(const struct stack *s, const struct flow *fl, enum mbx_direction dir);
bool follows(const struct flow *fl);
bool unsettled(const struct stack *s, const struct flow *fl);
void raise_event(struct stack *s, struct burst *b, enum event_type type, const struct event_site *site);
static const struct stack_hooks h = {match, subscribe, wants_data, follows, unsettled, raise_event};
void run(struct stack *s, struct burst *b) { monitor_run_tmpl(s, b, f, &h); }
void tick(struct stack *s, struct burst *b) { monitor_tick_tmpl(s, b, f, &h); }
void end(struct stack *s, struct burst *b) { monitor_shutdown_tmpl(s, b, f, &h); }
`;
}

function dpdkFlags(): readonly string[] {
  return execFileSync("pkg-config", ["--cflags", "libdpdk"], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .filter((flag) => !flag.startsWith("-march="));
}

/** clang folds as much at -O1, in half the time. */
const OPTIMISE = { gcc: "-O2", clang: "-O1" } as const;

function marks(compiler: keyof typeof OPTIMISE, features: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "mbx-features-"));
  try {
    const source = join(folder, "unit.c");
    const object = join(folder, "unit.o");
    const section = join(folder, "section");
    writeFileSync(source, unit(features));
    execFileSync(compiler, [
      ...["-std=gnu11", OPTIMISE[compiler], "-Wall", "-Wextra", "-Werror", "-march=x86-64-v2"],
      `-I${dataplane}`,
      ...dpdkFlags(),
      ...["-c", source, "-o", object],
    ]);
    execFileSync("objcopy", ["--dump-section", `.mbx.features=${section}`, object, join(folder, "copy.o")]);
    const names = readFileSync(section, "latin1").split("\0");
    return [...new Set(names.filter((name) => name !== ""))].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const compiler of ["gcc", "clang"] as const)
  for (const features of sets)
    test(`${compiler} leaves only ${features.join(", ")}`, () => {
      assert.equal(marks(compiler, features), [...features].sort());
    });

test.run();
