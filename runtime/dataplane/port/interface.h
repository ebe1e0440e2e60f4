/* What the kernel counted at one of its network interfaces. */
#pragma once

#include <stdint.h>

enum interface_state {
	INTERFACE_UP = 0,
	INTERFACE_DOWN, /* it is there, and was taken down */
	INTERFACE_GONE, /* it was removed or renamed; one of its name may be another */
};

/* Of the interface that had `name` and the kernel's number `index`. */
enum interface_state interface_look(const char *interface, unsigned int index);

/* Makes the interface take frames for all addresses until the returned
 * descriptor is closed, also when the process is killed: the kernel counts who
 * asks for it. -errno where that cannot be. */
int interface_hear_all(unsigned int index);

/* Frames that the interface received since it was made, whoever read them.
 * Returns 0, or -errno: -ENODEV where this network namespace has no such one. */
int interface_frames_received(const char *interface, uint64_t *frames);
