/** Exit codes: scripts rely on them, so there are four and they never change. */
export const FINE = 0;
/** Diagnostics: something is wrong with the source, the handlers or the machine. */
export const PROBLEMS = 1;
/** The command line itself is wrong. */
export const USAGE = 2;
/** A bug in the compiler (sysexits.h: EX_SOFTWARE). */
export const INTERNAL = 70;
