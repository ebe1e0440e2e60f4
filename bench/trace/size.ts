/** How large the segments of a trace are. */
import { HEADERS } from "./frame.ts";
import { randomFrom } from "./random.ts";

/** The client sends segment after segment, of lengths that repeat; the server only acknowledges. */
export interface SegmentSize {
  readonly kind: "segments";
  readonly label: string;
  /** Payload bytes. Flows begin at different places of a list, so that not all send the same at once. */
  readonly payloads: readonly number[];
}

/** The client sends a request in as many segments as it needs, and so does the server its answer. */
export interface RequestSize {
  readonly kind: "requests";
  readonly label: string;
  readonly bytes: number;
  /** Bytes of an answer; few and in one segment unless given. */
  readonly answer?: number;
}

export type Size = SegmentSize | RequestSize;

/** Frame lengths are those on the wire, with a check sequence of 4 bytes, which no capture has. */
const CHECK_SEQUENCE = 4;
const payloadOfFrame = (frame: number): number => frame - CHECK_SEQUENCE - HEADERS;

export const framesOf = (frame: number): SegmentSize => ({
  kind: "segments",
  label: `${frame} B frames`,
  payloads: [payloadOfFrame(frame)],
});

export const segmentsOf = (payload: number): SegmentSize => ({
  kind: "segments",
  label: `${payload} B segments`,
  payloads: [payload],
});

/** The usual mix: of twelve frames seven are small, four middling, one is full. */
const IMIX: readonly (readonly [count: number, frame: number])[] = [
  [7, 64],
  [4, 594],
  [1, 1518],
];
const IMIX_SEED = 12;

function shuffled(items: readonly number[], seed: number): readonly number[] {
  const random = randomFrom(seed);
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

export const imix: SegmentSize = {
  kind: "segments",
  label: "IMIX",
  payloads: shuffled(
    IMIX.flatMap(([count, frame]) => Array.from({ length: count }, () => payloadOfFrame(frame))),
    IMIX_SEED,
  ),
};

const bytesText = (bytes: number): string => (bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} B`);

export const requestsOf = (bytes: number): RequestSize => ({
  kind: "requests",
  label: `requests of ${bytesText(bytes)}`,
  bytes,
});

export const answersOf = (bytes: number, answer: number): RequestSize => ({
  kind: "requests",
  label: `requests of ${bytesText(bytes)} with answers of ${bytesText(answer)}`,
  bytes,
  answer,
});
