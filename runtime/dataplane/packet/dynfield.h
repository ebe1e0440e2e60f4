/* What a port tells about a frame beside its bytes: fields of the mbuf that are
 * registered once per process. Each is valid only while its flag in ol_flags is
 * set, because drivers clear the flags of an mbuf that they reuse, not its
 * dynamic fields. */
#pragma once

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <stdint.h>

struct packet_dynfields {
	int time;	   /* offset of a u64, -1 before registration */
	int wire_length;   /* offset of a u32 */
	uint64_t time_set; /* bits in ol_flags */
	uint64_t length_set;
};

extern struct packet_dynfields packet_dynfields;

/* Registers the fields, after the EAL has started; again is harmless. 0, or
 * -ENOMEM when other users have taken all room in the mbuf. */
int packet_dynfields_register(void);

/* Nanoseconds since the epoch at which the frame was received; 0 when the port
 * did not say. */
static inline uint64_t packet_mbuf_time(const struct rte_mbuf *m)
{
	if ((m->ol_flags & packet_dynfields.time_set) == 0)
		return 0;
	return *RTE_MBUF_DYNFIELD(m, packet_dynfields.time, const uint64_t *);
}

/* Bytes that the frame had on the wire; 0: as many as are here. */
static inline uint32_t packet_mbuf_wire_length(const struct rte_mbuf *m)
{
	if ((m->ol_flags & packet_dynfields.length_set) == 0)
		return 0;
	return *RTE_MBUF_DYNFIELD(m, packet_dynfields.wire_length, const uint32_t *);
}

/* Both setters need packet_dynfields_register() to have succeeded. */
static inline void packet_mbuf_set_time(struct rte_mbuf *m, uint64_t time)
{
	*RTE_MBUF_DYNFIELD(m, packet_dynfields.time, uint64_t *) = time;
	m->ol_flags |= packet_dynfields.time_set;
}

/* Only for frames that were cut; leave others alone. */
static inline void packet_mbuf_set_wire_length(struct rte_mbuf *m, uint32_t length)
{
	*RTE_MBUF_DYNFIELD(m, packet_dynfields.wire_length, uint32_t *) = length;
	m->ol_flags |= packet_dynfields.length_set;
}
