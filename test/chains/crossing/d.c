#include "d.gen.h"

#define HOP d
#define HOP_UPPER D
#define NUMBER 4
#include "hop.h"
