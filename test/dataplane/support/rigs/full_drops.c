#include "support/shared_rigs.h"

RIG_SPINE(, full_drops, &rig_hooks, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY, .drops = true)
