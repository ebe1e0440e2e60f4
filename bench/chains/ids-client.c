/* signature_client: see ids-client.mbx. */
#include "signature_client.gen.h"

#define SIGNATURE(verb) signature_client_##verb

#include "ids-steady.h"
