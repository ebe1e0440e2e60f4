#include "e.gen.h"

#define HOP e
#define HOP_UPPER E
#define NUMBER 5
#include "hop.h"
