/* A handler in C that crashes takes the program with it: then one line says what
 * ran, so that its author knows where to look. */
#pragma once

#include "native.h"
#include "runner.h"

/* On the thread that will run `r`. Signals of other threads go to whoever had
 * them before. Undone by crash_forget(), on the same thread. */
void crash_watch(const struct runner *r);
void crash_watch_native(const struct native *n);
void crash_forget(void);

/* Native NFs of the stage that runs, in order; the others of the chain are in
 * workers or in other stages. `place` is where to look next, 0 at first; NULL:
 * there is no more. Async-signal-safe. */
const char *stage_nf_next(const struct program_chain *chain, uint8_t stage, uint16_t *place);
