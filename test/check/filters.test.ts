import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commonExample, whyNever } from "../../compiler/check/filter-terms.ts";
import { intersection, normalized, satisfying } from "../../compiler/check/value-sets.ts";
import type { FilterIr } from "../../compiler/ir/ir.ts";
import { chain, codesOf, nf, programOf, ROOT } from "./sources.ts";

const right: readonly (readonly [string, string])[] = [
  ["PKT_TCP", "tcp.dport == 80"],
  ["PKT_TCP", "80 == tcp.dport"],
  ["PKT_TCP", "tcp.flags.syn and not tcp.flags.ack"],
  ["PKT_TCP", "tcp.flags.syn == true"],
  ["PKT_TCP", "not (tcp.port in { 80, 443 } or tcp.window < 4KB)"],
  ["PKT", "eth.src == 02:00:00:00:00:01 and eth.type == 2048"],
  ["PKT_IP", "ip.src in 10.0.0.0/8 or ip.addr in { 192.168.0.0/16, 2001:db8::/32 }"],
  ["PKT_IP", "ip.src == ip.dst"],
  ["PKT_TCP", "tcp.sport <= tcp.dport"],
  ["DATA_TCP", "dir == client and stream.offset < 4KB and offset < 10"],
  ["DATA_TCP", "client == dir"],
  ["FLOW_END", "reason in { fin, rst } and flow.duration > 10s"],
  ["FLOW_END", "reason != idle and flow.client.ip in 10.0.0.0/8"],
  ["FLOW_START", "midstream or flow.state == syn_sent"],
  ["PKT_MALFORMED", "reason == tcp_option"],
  ["FLOW_UDP", "phase == start and udp.dport == 53"],
];

for (const [event, where] of right) {
  test(`${event} where ${where}`, () =>
    assert.equal(codesOf(nf("watch", `subscribe ${event} where ${where}`)), []));
}

function whereOf(where: string): FilterIr {
  const ir = programOf(nf("watch", `subscribe PKT_IP where ${where}`) + chain("watch")).ir(ROOT);
  const filter = ir?.nfs[0]?.subscriptions[0]?.where;
  if (filter === undefined) throw new Error(`no filter: ${where}`);
  return filter;
}

const never = [
  "ip.ttl > 5 and ip.ttl < 5",
  "ip.src in 10.0.0.0/8 and ip.src in 192.168.0.0/16",
  "ip.src in 10.0.0.0/8 and ip.version == 6",
  "tcp.dport == 80 and udp.dport == 80",
  "(ip.ttl == 1 or ip.ttl == 2) and ip.ttl == 3",
];
for (const where of never)
  test(`never holds: ${where}`, () => assert.type(whyNever(whereOf(where)), "string"));

const mayHold = [
  "ip.ttl >= 5 and ip.ttl <= 5",
  "ip.addr == 10.0.0.1 and ip.addr == 10.0.0.2",
  "not ip.ttl == 5 and ip.ttl == 5",
  "ip.ttl == 5 or ip.ttl > 5 and ip.ttl < 5",
];
for (const where of mayHold) test(`may hold: ${where}`, () => assert.is(whyNever(whereOf(where)), undefined));

const meet = [
  ["tcp.port == 80", "tcp.dport == 80"],
  ["tcp.port in { 80, 81 }", "tcp.port in { 81, 9 }"],
  ["ip.addr in 10.0.0.0/8", "tcp.port == 80"],
  ["ip.addr in 10.0.0.0/8", "ip.src in 10.1.0.0/16"],
  ["tcp.port == 80", "ip.proto == 6"],
] as const;
const apart = [
  ["tcp.port == 80", "tcp.port == 443"],
  ["tcp.port == 80", "udp.port == 80"],
  ["tcp.port == 80", "tcp.dport == 443"],
  ["ip.addr in 10.0.0.0/8", "ip.addr in 192.168.0.0/16"],
  ["ip.addr in 10.0.0.0/8", "ip.version == 6"],
  ["not tcp.port == 80", "tcp.port == 443"],
] as const;
for (const [a, b] of meet) {
  test(`share packets: ${a} / ${b}`, () => {
    assert.type(commonExample(whereOf(a), whereOf(b)), "string");
    assert.type(commonExample(whereOf(b), whereOf(a)), "string");
  });
}
for (const [a, b] of apart) {
  test(`share none, or none for certain: ${a} / ${b}`, () => {
    assert.is(commonExample(whereOf(a), whereOf(b)), undefined);
    assert.is(commonExample(whereOf(b), whereOf(a)), undefined);
  });
}

const small = fc.integer({ min: 0, max: 20 }).map(BigInt);
const ranges = fc.array(fc.record({ low: small, high: small }), { maxLength: 5 });
const has = (set: readonly { low: bigint; high: bigint }[], value: bigint): boolean =>
  set.some((range) => range.low <= value && value <= range.high);

test("intersection holds what both sets hold", () => {
  fc.assert(
    fc.property(ranges, ranges, small, (a, b, value) => {
      const common = intersection(normalized(a), normalized(b));
      return has(common, value) === (has(a, value) && has(b, value));
    }),
  );
});

test("each operator's values are those for which it holds", () => {
  const universe = { low: 0n, high: 20n };
  fc.assert(
    fc.property(small, small, (literal, value) => {
      const set = { low: literal, high: literal };
      assert.is(has(satisfying("==", set, universe), value), value === literal);
      assert.is(has(satisfying("!=", set, universe), value), value !== literal);
      assert.is(has(satisfying("<", set, universe), value), value < literal);
      assert.is(has(satisfying("<=", set, universe), value), value <= literal);
      assert.is(has(satisfying(">", set, universe), value), value > literal);
      assert.is(has(satisfying(">=", set, universe), value), value >= literal);
    }),
  );
});

test.run();
