/** What `perf script`, `readelf` and `addr2line` print. */
import type { Frame } from "./attribute.ts";

/** Where the code of a file lies in memory. */
export interface Mapping {
  readonly start: number;
  readonly size: number;
  /** In the file. */
  readonly offset: number;
  readonly path: string;
}

export interface Recorded {
  readonly mapping: Mapping | undefined;
  /** Addresses at which the thread was found, in the order of time. */
  readonly samples: readonly number[];
}

const MAPPED = /PERF_RECORD_MMAP2? .*\[0x([0-9a-f]+)\(0x([0-9a-f]+)\) @ (?:0x)?([0-9a-f]+) .*: r-xp (.+)$/;
const SAMPLED = /^\s*(\S+)\s+\d+\s+\S+:\s+([0-9a-f]+)\s*$/;

const hex = (text: string | undefined): number => Number.parseInt(text ?? "", 16);

/** Of `perf script --show-mmap-events -F comm,tid,event,ip`: samples of a thread, and where a file is. */
export function readRecorded(script: string, thread: string, file: string): Recorded {
  let mapping: Mapping | undefined;
  const samples: number[] = [];
  for (const line of script.split("\n")) {
    const sampled = SAMPLED.exec(line);
    if (sampled !== null) {
      if (sampled[1] === thread) samples.push(hex(sampled[2]));
      continue;
    }
    const mapped = MAPPED.exec(line);
    if (mapped === null || !mapped[4]?.endsWith(`/${file}`)) continue;
    mapping = { start: hex(mapped[1]), size: hex(mapped[2]), offset: hex(mapped[3]), path: mapped[4] };
  }
  return { mapping, samples };
}

/** A part of an ELF file that is loaded. */
export interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Of `readelf -lW`: the segments that are executable. */
export function readSegments(headers: string): readonly Segment[] {
  const LOAD =
    /^\s*LOAD\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+0x[0-9a-f]+\s+R?\s*W?\s*E/gm;
  return [...headers.matchAll(LOAD)].map(([, offset, address, size]) => ({
    offset: hex(offset),
    address: hex(address),
    size: hex(size),
  }));
}

/** The address that the file's symbols know, or undefined for one elsewhere. */
export function addressIn(
  sample: number,
  mapping: Mapping,
  segments: readonly Segment[],
): number | undefined {
  if (sample < mapping.start || sample >= mapping.start + mapping.size) return undefined;
  const offset = sample - mapping.start + mapping.offset;
  const segment = segments.find((one) => offset >= one.offset && offset < one.offset + one.size);
  return segment === undefined ? undefined : offset - segment.offset + segment.address;
}

/** Of `addr2line -a -i -f`: the frames at each address, the innermost first. */
export function readFrames(lines: string): ReadonlyMap<number, readonly Frame[]> {
  const all = new Map<number, Frame[]>();
  let frames: Frame[] = [];
  let name: string | undefined;
  for (const line of lines.split("\n")) {
    if (/^0x[0-9a-f]+$/.test(line)) {
      frames = [];
      all.set(hex(line.slice(2)), frames);
    } else if (name === undefined) name = line;
    else {
      frames.push({ function: name, file: line.replace(/:[^:]*$/, "") });
      name = undefined;
    }
  }
  return all;
}
