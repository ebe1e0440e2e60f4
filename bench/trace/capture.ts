/** Writes frames as a capture, in large pieces: nothing of it is kept. */
import { writeSync } from "node:fs";

const NANOSECOND_PCAP = 0xa1b23c4d;
const ETHERNET_LINK = 1;
const LONGEST_FRAME = 65_535;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const PIECE = 1 << 20;
const SECOND_NS = 1_000_000_000;
const START_S = 1_700_000_000;
/** Between frames, unless something else is asked for. */
const GAP_NS = 100;

export class CaptureWriter {
  readonly #fd: number;
  readonly #gapNs: number;
  readonly #piece = Buffer.alloc(PIECE + RECORD_HEADER + LONGEST_FRAME);
  #used = FILE_HEADER;
  #frames = 0;

  constructor(fd: number, gapNs = GAP_NS) {
    this.#fd = fd;
    this.#gapNs = gapNs;
    this.#piece.writeUInt32LE(NANOSECOND_PCAP, 0);
    this.#piece.writeUInt16LE(2, 4);
    this.#piece.writeUInt16LE(4, 6);
    this.#piece.writeUInt32LE(LONGEST_FRAME, 16);
    this.#piece.writeUInt32LE(ETHERNET_LINK, 20);
  }

  /** `write` puts a frame where it is told to and returns its length. */
  frame(write: (into: Buffer, at: number) => number): void {
    const [piece, at] = [this.#piece, this.#used];
    const length = write(piece, at + RECORD_HEADER);
    const time = this.#frames * this.#gapNs;
    piece.writeUInt32LE(START_S + Math.floor(time / SECOND_NS), at);
    piece.writeUInt32LE(time % SECOND_NS, at + 4);
    piece.writeUInt32LE(length, at + 8);
    piece.writeUInt32LE(length, at + 12);
    this.#frames += 1;
    this.#used += RECORD_HEADER + length;
    if (this.#used >= PIECE) this.flush();
  }

  flush(): void {
    for (let from = 0; from < this.#used; ) from += writeSync(this.#fd, this.#piece, from, this.#used - from);
    this.#used = 0;
  }
}
