#include "b.gen.h"

#define NF b
#define ON B_HEARD
#define OFF B_IGNORE
#include "listener.h"
