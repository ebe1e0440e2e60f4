/** `mbx run … | head`: who reads may go before we end; that is no fault. */

/** Returns what gives the streams back. */
export function allowClosedReader(streams: readonly NodeJS.WriteStream[]): () => void {
  const ignore = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
  };
  for (const stream of streams) stream.on("error", ignore);
  return () => {
    // The error of the last write comes after it: a tick later than this at most.
    setImmediate(() => {
      for (const stream of streams) stream.off("error", ignore);
    });
  };
}
