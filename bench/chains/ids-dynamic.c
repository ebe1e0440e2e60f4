/* signature_dynamic: see ids-dynamic.mbx. */
#include "signature_dynamic.gen.h"

#define SIGNATURE(verb) signature_dynamic_##verb
#define CALLBACK(name) SIGNATURE_DYNAMIC_##name

#include "ids-switching.h"
