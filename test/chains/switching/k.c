#include "k.gen.h"

#define NF k
#define ON K_HEARD
#define OFF K_IGNORE
#include "listener.h"
