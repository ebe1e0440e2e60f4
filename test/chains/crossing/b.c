#include "b.gen.h"

#define HOP b
#define HOP_UPPER B
#define NUMBER 2
#include "hop.h"
