/**
 * What the listeners of test/chains/switching have to be given, packet by packet:
 * plain and slow. The rules are those of docs/internals/subscriptions.md; the
 * stack, its bursts and its log are not in it.
 */

export const KEPT_MAX = 64;

/** A packet of one flow, positions count from the first byte of the client. */
export type Step =
  | { readonly kind: "client"; readonly from: number; readonly to: number }
  | { readonly kind: "server"; readonly order: string; readonly ack: number };

interface Piece {
  readonly offset: number;
  readonly bytes: string;
}

class Listener {
  on: boolean;
  keeping: boolean;
  heard = 0;
  kept: Piece[] = [];

  constructor(
    readonly name: string,
    starts: "on" | "off" | "keeping",
  ) {
    this.on = starts === "on";
    this.keeping = starts === "keeping";
  }
}

export class FlowModel {
  readonly lines: string[] = [];
  readonly #listeners = [new Listener("a", "on"), new Listener("b", "off"), new Listener("k", "keeping")];
  readonly #held = new Set<number>();
  #packets: number;
  #position = 0;
  #next = 0;
  #givenUp = 0;
  #deaf = false;

  constructor(
    readonly port: number,
    readonly byteAt: (position: number) => string,
    packetsBefore: number,
  ) {
    this.#packets = packetsBefore;
  }

  step(step: Step): void {
    this.#packets++;
    if (step.kind === "client") this.#client(step.from, step.to);
    else this.#server(step.order, step.ack);
  }

  #wanted(): boolean {
    return this.#listeners.some((one) => one.on || one.keeping);
  }

  #align(arrived: number): void {
    if (this.#deaf) {
      this.#deaf = false;
      this.#position = Math.max(this.#position, arrived);
    }
    if (arrived > this.#position) this.#givenUp = arrived;
  }

  #client(from: number, to: number): void {
    const before = this.#next;
    if (from <= before) this.#next = Math.max(before, to);
    if (!this.#wanted()) {
      // Nobody wants the bytes: nothing is held, the position is the receiver's.
      this.#deaf = true;
      this.#held.clear();
      this.#position = Math.max(this.#position, this.#next);
      return;
    }
    this.#align(before);
    if (to > before) for (let at = Math.max(from, this.#position); at < to; at++) this.#held.add(at);
    this.#drain();
  }

  #server(order: string, ack: number): void {
    this.#next = Math.max(this.#next, ack);
    if (this.#wanted()) this.#align(this.#next);
    for (const one of this.#listeners) this.#obey(one, order);
    this.#drain();
  }

  #obey(one: Listener, order: string): void {
    if (order === `${one.name}-`) {
      one.on = false;
      one.keeping = false;
      one.kept = [];
    }
    if (order !== `${one.name}+`) return;
    one.on = true;
    one.keeping = false;
    const kept = one.kept;
    one.kept = [];
    for (const piece of kept) this.#hear(one, piece);
  }

  #drain(): void {
    for (;;) {
      let end = this.#position;
      while (this.#held.delete(end)) end++;
      if (end > this.#position) {
        this.#data(this.#position, end);
        this.#position = end;
        continue;
      }
      const later = [...this.#held].filter((at) => at > this.#position);
      if (this.#givenUp <= this.#position || later.length === 0) break;
      const hole = Math.min(this.#givenUp, ...later);
      this.#gap(this.#position, hole);
      this.#position = hole;
    }
    this.#next = Math.max(this.#next, this.#position);
  }

  #data(from: number, to: number): void {
    let bytes = "";
    for (let at = from; at < to; at++) bytes += this.byteAt(at);
    for (const one of this.#listeners) {
      if (one.on) this.#hear(one, { offset: from, bytes });
      if (one.keeping) this.#keep(one, { offset: from, bytes });
    }
  }

  #keep(one: Listener, { offset, bytes }: Piece): void {
    const room = KEPT_MAX - one.kept.reduce((sum, piece) => sum + piece.bytes.length, 0);
    if (room > 0) one.kept.push({ offset, bytes: bytes.slice(0, room) });
    if (bytes.length > room) one.keeping = false;
  }

  #gap(from: number, to: number): void {
    for (const one of this.#listeners) {
      // Who has not come this far yet is told with all else that it missed.
      if (!one.on || one.heard !== from) continue;
      this.#say(one, `gap ${from} ${to - from}`);
      one.heard = to;
    }
  }

  #hear(one: Listener, { offset, bytes }: Piece): void {
    if (one.heard !== offset) this.#say(one, `gap ${one.heard} ${offset - one.heard}`);
    this.#say(one, `data ${offset} ${bytes}`);
    one.heard = offset + bytes.length;
  }

  #say(one: Listener, what: string): void {
    this.lines.push(`${one.name} ${this.port} ${what} packets ${this.#packets}`);
  }
}

/** Bytes of one packet may come in several pieces: these are joined. */
export function joined(lines: readonly string[]): readonly string[] {
  const all: string[] = [];
  for (const line of lines) {
    const last = all.at(-1);
    const [, head, offset, bytes, packets] = /^(\w \d+) data (\d+) (\w+) (packets \d+)$/.exec(line) ?? [];
    const before = /^(\w \d+) data (\d+) (\w+) (packets \d+)$/.exec(last ?? "");
    if (
      before !== null &&
      before[1] === head &&
      before[4] === packets &&
      Number(before[2]) + (before[3] ?? "").length === Number(offset)
    )
      all[all.length - 1] = `${head} data ${before[2]} ${before[3]}${bytes} ${packets}`;
    else all.push(line);
  }
  return all;
}
