import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./mbx.ts";

export const CAPTURE = "samples/ids/captures/office.pcap";

/** One session of the recorded capture. */
export interface Session {
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
  readonly app: "http" | "tls" | "sql" | "other";
  readonly attack: boolean;
  readonly packets: number;
  readonly what: string;
}

/** What office.expected.json says about office.pcap. */
export interface Expected {
  readonly packets: number;
  readonly flows: Readonly<Record<Session["app"], number>>;
  readonly sessions: readonly Session[];
}

export function readExpected(): Expected {
  return JSON.parse(readFileSync(join(ROOT, "samples/ids/captures/office.expected.json"), "utf8"));
}
