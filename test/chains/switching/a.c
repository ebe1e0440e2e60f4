#include "a.gen.h"

#define NF a
#define ON A_HEARD
#define OFF A_IGNORE
#include "listener.h"
