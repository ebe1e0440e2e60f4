#include "support/shared_rigs.h"

RIG_SPINE(, drops, &rig_hooks, DROPPING, .unheard = true)
