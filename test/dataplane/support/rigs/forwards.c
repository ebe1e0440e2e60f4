#include "support/shared_rigs.h"

RIG_SPINE(, forwards, &rig_hooks, DROPPING)
