/** Which stage of a packet's way a line of the sources belongs to. */
import { posix } from "node:path";

export const packetStages = [
  "receive",
  "parse",
  "checksum",
  "lookup",
  "track",
  "reassemble",
  "dispatch",
  "handler",
  "flows",
  "transmit",
] as const;

export type PacketStage = (typeof packetStages)[number];

/** A function that was inlined or called, and the file in which the line stands. */
export interface Frame {
  readonly function: string;
  readonly file: string;
}

interface Rule {
  readonly stage: PacketStage;
  readonly file: RegExp;
  /** All functions of the file, unless given. */
  readonly function?: RegExp;
}

const rule = (stage: PacketStage, file: RegExp, named?: RegExp): Rule =>
  named === undefined ? { stage, file } : { stage, file, function: named };

/** The first that fits decides. What is in none, as `flow/key.h`, is work of whoever called it. */
const RULES: readonly Rule[] = [
  rule("transmit", /^port\//, /transmit|^(bytes_of|laps_return|refuse)$/),
  rule("transmit", /^(lcore\/(egress\.c|latency\.[ch])|event\/drop\.c|port\/capture_out\.)/),
  rule("flows", /^lcore\/receive\.c/, /tick|timers/),
  rule("receive", /^(port\/|lcore\/(receive|share|distributor|idle)\.)/),
  rule("checksum", /^packet\/checksum\./),
  rule("checksum", /^stack\/admit\.h/, /checksum|fetch/),
  rule("parse", /^packet\/(parse|link|network|transport|extension|icmp|tunnel|decap)\./),
  rule(
    "flows",
    /^flow\/table\.c/,
    /^(record_(take|give|init)|place_|path_|bucket_|flow_home|flow_table_(insert|remove|free))/,
  ),
  rule("flows", /^(flow\/displace\.|timer\/|stack\/(stack\.c|monitor_(timer|fetch)\.h)|lcore\/retire\.c)/),
  rule("flows", /^stack\/monitor_flow\.h/, /create|settle|close|count_end|idle_ns/),
  rule("flows", /^gen\//, /_subscribe$/),
  rule("lookup", /^flow\/table\./),
  rule("lookup", /^stack\/monitor_room\.h/, /^monitor_lookup$/),
  rule(
    "reassemble",
    /^(memory\/(chunk|bypass)|tcp\/(reassembly|stream|row|page|overlap)|stack\/monitor_(stream|segment|step|urgent|copy)\.|fragment\/)/,
  ),
  rule("reassemble", /^stack\/monitor_payload\.h/, /^payload_(begin|advance)$/),
  rule("reassemble", /^stack\/monitor_next\.h/, /memory|fits|payload/),
  rule("track", /^(tcp|stack)\/(?!stack\.h|monitor_payload\.h)/),
  rule("handler", /^event\/(context|handler)\.h/, /^nf_/),
  rule("handler", /^gen\//, /_state$/),
  rule("handler", /^(event\/verdict\.c|packet\/write\.)/),
  rule("handler", /^handler\//),
  rule("dispatch", /^(gen|event|ring)\/|^lcore\//),
];

/** Below the dataplane's folder; of others `gen/…` for generated files, `handler/…` for handlers. */
function placeOf(file: string): string | undefined {
  const path = posix.normalize(file);
  const ours = /\/runtime\/dataplane\/(.+)$/.exec(path)?.[1];
  if (ours !== undefined) return ours;
  const generated = /\/\.mbx\/[^/]+\/(gen\/.+)$/.exec(path)?.[1];
  if (generated !== undefined) return generated;
  const isHandler = path.endsWith(".c") && !/^\/usr\/|\/runtime\/addon\//.test(path);
  return isHandler ? `handler/${posix.basename(path)}` : undefined;
}

function stageOfFrame(frame: Frame): PacketStage | undefined {
  const place = placeOf(frame.file);
  if (place === undefined) return undefined;
  return RULES.find((one) => one.file.test(place) && (one.function?.test(frame.function) ?? true))?.stage;
}

/** Of the innermost frame that has one: what helpers do, whoever calls them wanted. */
export function stageOf(frames: readonly Frame[]): PacketStage | undefined {
  for (const frame of frames) {
    const stage = stageOfFrame(frame);
    if (stage !== undefined) return stage;
  }
  return undefined;
}
