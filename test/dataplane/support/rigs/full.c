#include "support/shared_rigs.h"

RIG_SPINE(, full, &rig_hooks, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY)
