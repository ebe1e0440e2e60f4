/**
 * Standard output and error of main. `mbx run … | head`: who reads may go before
 * we end; that is no fault. A full disk is one.
 */
import { isCode, systemReason } from "./worker-output.ts";

/** Returns what gives the streams back. */
export function allowClosedReader(streams: readonly NodeJS.WriteStream[]): () => void {
  // What it means is decided where something is written: `writeAll`.
  const ignore = (): void => {};
  for (const stream of streams) stream.on("error", ignore);
  return () => {
    // The error of the last write comes after it: a tick later than this at most.
    setImmediate(() => {
      for (const stream of streams) stream.off("error", ignore);
    });
  };
}

/** Why it could not be written, in a few words; undefined: it was, or nobody reads. */
export function writeAll(stream: NodeJS.WriteStream, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    stream.write(text, (error) => {
      resolve(
        error === undefined || error === null || isCode(error, "EPIPE") ? undefined : systemReason(error),
      );
    });
  });
}
