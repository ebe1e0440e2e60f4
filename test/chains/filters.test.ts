// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain, type ChainRun } from "../support/chain.ts";
import { ethernet, icmpFrame, tcpFrame, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const ends = (sport: number, dport: number) => ({ src: "10.0.0.1", dst: "10.0.0.2", sport, dport });
const six = { src: "2001:db8::1", dst: "2001:db8::2", sport: 9, dport: 443 };
const far = { src: "192.0.2.1", dst: "198.51.100.1", sport: 9, dport: 80 };
const other = { ethSrc: "02:00:00:00:00:03" };

/** Each frame with the subscriptions that hear it. */
const cases: readonly (readonly [string, Buffer, readonly string[]])[] = [
  [
    "a SYN to port 80",
    tcpFrame(ends(9, 80), { flags: "S" }),
    ["ip_eq", "prefix4", "ends", "mac", "ports", "syn", "either"],
  ],
  [
    "its answer",
    tcpFrame({ src: "10.0.0.2", dst: "10.0.0.1", sport: 80, dport: 9 }, { flags: "SA", ...other }),
    ["ip_ne", "prefix4", "ends", "ports", "tcp_ne", "not_80", "either"],
  ],
  [
    "IPv6 to port 443",
    tcpFrame(six, { ...other }),
    ["ip_ne", "prefix6", "ends", "ports", "tcp_ne", "not_80"],
  ],
  ["other addresses", tcpFrame(far, { ...other }), ["ip_ne", "ports", "either"]],
  [
    "equal ports",
    tcpFrame(ends(700, 700), { ...other }),
    ["ip_eq", "prefix4", "ends", "tcp_ne", "not_80", "refs"],
  ],
  ["UDP 53", udpFrame(ends(9, 53), "x", other), ["ip_eq", "prefix4", "ends", "not_80", "range"]],
  [
    "UDP 99, long",
    udpFrame(ends(9, 99), "x".repeat(80), other),
    ["ip_eq", "prefix4", "ends", "not_80", "range", "either", "big"],
  ],
  ["UDP 100", udpFrame(ends(9, 100), "x", other), ["ip_eq", "prefix4", "ends", "not_80", "either"]],
  [
    "VLAN 7, TTL 9",
    udpFrame(ends(9, 1), "x", { ...other, vlan: 7, ttl: 9 }),
    ["ip_eq", "prefix4", "ends", "not_80", "vlan", "ttl"],
  ],
  [
    "an echo request",
    icmpFrame("10.0.0.1", "10.0.0.2", 8, 0),
    ["ip_eq", "prefix4", "ends", "mac", "not_80", "echo"],
  ],
  ["ARP", ethernet(0x0806, Buffer.alloc(28), other), ["not_80", "arp"]],
];

let run: ChainRun;

test.before(async () => {
  const malformed = ethernet(0x0800, Buffer.alloc(46, 0x41), other);
  run = await (await buildChain("filters")).run(spaced([...cases.map(([, frame]) => frame), malformed]));
});

const heardAt = (place: number): readonly string[] =>
  run.log.filter((line) => line.startsWith(`${place} `)).map((line) => line.split(" ")[1] ?? "");

cases.forEach(([what, , expected], place) => {
  test(`a filter is wrong about ${what}`, () => {
    assert.equal(heardAt(place), ["all", ...expected]);
  });
});

test("a malformed frame is not heard with its reason, or forwarded", () => {
  assert.ok(heardAt(cases.length).includes("malformed"));
  assert.equal(run.summary.packets.dropped.malformed, 1);
});

test.run();
