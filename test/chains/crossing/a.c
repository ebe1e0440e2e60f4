#include "a.gen.h"

#define HOP a
#define HOP_UPPER A
#define NUMBER 1
#include "hop.h"
