#include "c.gen.h"

#define HOP c
#define HOP_UPPER C
#define NUMBER 3
#include "hop.h"
