/**
 * Standard output of a worker, straight to the descriptor. Node's own way goes
 * through messages to the main thread: what was printed would be behind by as
 * much as main is, without a bound, and gone when the process ends early.
 */
import { writeSync } from "node:fs";
import { Writable } from "node:stream";

const CLEAR_LINE = "\r\u001b[K";
const pause = new Int32Array(new SharedArrayBuffer(4));

export interface WorkerOutputOptions {
  readonly fd: number;
  /** A progress line may stand on the terminal: clear it first. */
  readonly clearLine: boolean;
  /** Bytes that are gathered at most until `flush`. */
  readonly flushAt: number;
  /** Called once, when nobody reads any more. */
  readonly closed: () => void;
  /** Called once, when what was printed cannot be written; `reason`: a few words. */
  readonly failed: (reason: string) => void;
}

export class WorkerOutput {
  readonly #options: WorkerOutputOptions;
  #pending: Buffer[] = [];
  #size = 0;
  #open = true;
  #flushAt: number;

  constructor(options: WorkerOutputOptions) {
    this.#options = options;
    this.#flushAt = options.flushAt;
  }

  /** What takes the place of `process.stdout`. */
  stream(): Writable {
    return new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.write(chunk);
        done();
      },
    });
  }

  write(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= this.#flushAt) this.flush();
  }

  /** For the end of a thread: what exit handlers print goes out at once. */
  unbuffer(): void {
    this.flush();
    this.#flushAt = 1;
  }

  /** All that was written is with the kernel when this returns. */
  flush(): void {
    if (this.#size === 0) return;
    const prefix = this.#options.clearLine ? [Buffer.from(CLEAR_LINE)] : [];
    const text = Buffer.concat([...prefix, ...this.#pending]);
    this.#pending = [];
    this.#size = 0;
    for (let at = 0; this.#open && at < text.length; ) at += this.#writeSome(text, at);
  }

  #writeSome(text: Buffer, at: number): number {
    try {
      return writeSync(this.#options.fd, text, at);
    } catch (error) {
      // A pipe that main made non-blocking, and a slow reader.
      if (isCode(error, "EAGAIN")) {
        Atomics.wait(pause, 0, 0, 1);
        return 0;
      }
      this.#open = false;
      if (isCode(error, "EPIPE")) this.#options.closed();
      else this.#options.failed(systemReason(error));
      return 0;
    }
  }
}

/** `no space left on device`, of `ENOSPC: no space left on device, write`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z0-9]+: (.*?)(?:, \w+(?: '.*')?)?$/s.exec(message)?.[1] ?? message;
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
