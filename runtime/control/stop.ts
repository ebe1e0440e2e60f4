/** What Ctrl-C and SIGTERM ask for: first to drain, then to stop at once, then to be gone. */

/** Exit code of a process that a second request did not end. */
const FORCED = 130;

/** Returns what gives the signals back. */
export function onInterrupt(stop: (how: "drain" | "now") => void): () => void {
  let asked = 0;
  const obey = (): void => {
    asked++;
    if (asked === 1) stop("drain");
    else if (asked === 2) stop("now");
    else process.exit(FORCED);
  };
  process.on("SIGINT", obey);
  process.on("SIGTERM", obey);
  return () => {
    process.off("SIGINT", obey);
    process.off("SIGTERM", obey);
  };
}
