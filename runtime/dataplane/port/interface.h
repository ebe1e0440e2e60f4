/* What the kernel counted at one of its network interfaces. */
#pragma once

#include <stdint.h>

/* Frames that the interface received since it was made, whoever read them.
 * Returns 0, or -errno: -ENODEV where this network namespace has no such one. */
int interface_frames_received(const char *interface, uint64_t *frames);
