/* signature_buffered: see ids-buffered.mbx. */
#include "signature_buffered.gen.h"

#define SIGNATURE(verb) signature_buffered_##verb
#define CALLBACK(name) SIGNATURE_BUFFERED_##name

#include "ids-switching.h"
