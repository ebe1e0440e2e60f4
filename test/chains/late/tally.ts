import { logLine } from "../log.js";

interface Piece {
  readonly flow: { readonly id: number };
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** What one function hears: of each flow all bytes, in order. */
export class Tally {
  readonly #heard = new Map<number, number>();
  #wrong = 0;

  constructor(
    readonly name: string,
    readonly length: number,
  ) {}

  hear(m: Piece): void {
    if (m.offset !== (this.#heard.get(m.flow.id) ?? 0)) this.#wrong += 1;
    this.#heard.set(m.flow.id, m.offset + m.end - m.start);
  }

  /** A flow must not end before. */
  complete(id: number): void {
    if (this.#heard.get(id) !== this.length) this.#wrong += 1;
  }

  print(): void {
    const all = [...this.#heard.values()].filter((heard) => heard === this.length).length;
    logLine(`${this.name} ${all} flows whole, ${this.#wrong} wrong`);
  }
}
