/* A network namespace of our own with one tap device: the host is the kernel
 * behind it, its peer is whoever writes frames here. The namespace has no name
 * and ends with the process, whatever ends it. */
#pragma once

#include <stdint.h>

#define WIRE_FRAME_MAX 2048
#define WIRE_HOST 0x0a4d0001u /* 10.77.0.1 */
#define WIRE_PEER 0x0a4d0002u /* 10.77.0.2 */

extern const uint8_t wire_host_mac[6], wire_peer_mac[6];

/* Moves this thread into a new namespace and brings the device up. Returns its
 * descriptor, not blocking, or a negative errno with `*what` saying at which step. */
int wire_open(const char **what);

/* The host processes a frame before this returns. 0 or a negative errno. */
int wire_send(int wire, const uint8_t *frame, uint32_t len);

/* Next frame that the host sent, or 0. */
uint32_t wire_receive(int wire, uint8_t frame[WIRE_FRAME_MAX]);
