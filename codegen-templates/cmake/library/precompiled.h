/* What the units of a program begin with: of each chain's header the includes
 * of the library, and what handlers and outlets need beside. Reading it takes
 * five times as long as compiling a handler, so it is compiled once, with the
 * library. Nothing may be here that a unit would not include by itself: a
 * handler would see it, but not where it is compiled without this. */
#include <rte_config.h>

#include "event/handler.h"
#include "flow/field.h"
#include "memory/stash.h"
#include "packet/field.h"
#include "packet/write.h"
#include "tcp/reassembly.h"
#include "tcp/track.h"
