/** From samples of an lcore's thread to cycles of each stage. */
import { type Frame, type PacketStage, packetStages, stageOf } from "./attribute.ts";

/** `elsewhere`: in other libraries, or what no rule names. */
export type Place = PacketStage | "elsewhere";

export const places: readonly Place[] = [...packetStages, "elsewhere"];

export type ByPlace = Readonly<Record<Place, number>>;

/** The thread starts and ends in what receives and sends too; it looks flows up only while packets come. */
const ONLY_WITH_PACKETS: ReadonlySet<Place> = new Set<Place>(["lookup", "track"]);

/** Samples between the first and the last packet, a place each. */
export function placesOf(samples: readonly (readonly Frame[] | undefined)[]): readonly Place[] {
  const all = samples.map((frames): Place => stageOf(frames ?? []) ?? "elsewhere");
  const isPacket = (place: Place): boolean => ONLY_WITH_PACKETS.has(place);
  return all.slice(all.findIndex(isPacket), all.findLastIndex(isPacket) + 1);
}

/** What a packet costs, shared out as samples were found. */
export function cyclesByPlace(found: readonly Place[], cyclesPerPacket: number): ByPlace {
  const counts = new Map<Place, number>();
  for (const place of found) counts.set(place, (counts.get(place) ?? 0) + 1);
  const cycles = (place: Place): number => ((counts.get(place) ?? 0) / found.length) * cyclesPerPacket;
  return {
    receive: cycles("receive"),
    parse: cycles("parse"),
    checksum: cycles("checksum"),
    lookup: cycles("lookup"),
    track: cycles("track"),
    reassemble: cycles("reassemble"),
    dispatch: cycles("dispatch"),
    handler: cycles("handler"),
    flows: cycles("flows"),
    transmit: cycles("transmit"),
    elsewhere: cycles("elsewhere"),
  };
}
