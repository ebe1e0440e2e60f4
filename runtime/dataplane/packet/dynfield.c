#include <errno.h>
#include <stdalign.h>

#include "dynfield.h"

struct packet_dynfields packet_dynfields = {.time = -1, .wire_length = -1};

/* Registering the same field again yields the same place. */
int packet_dynfields_register(void)
{
	static const struct rte_mbuf_dynfield time = {
	    .name = "mbx_dynfield_time",
	    .size = sizeof(uint64_t),
	    .align = alignof(uint64_t),
	};
	static const struct rte_mbuf_dynfield wire_length = {
	    .name = "mbx_dynfield_wire_length",
	    .size = sizeof(uint32_t),
	    .align = alignof(uint32_t),
	};
	static const struct rte_mbuf_dynflag time_set = {.name = "mbx_dynflag_time"};
	static const struct rte_mbuf_dynflag length_set = {.name = "mbx_dynflag_wire_length"};
	int time_at = rte_mbuf_dynfield_register(&time);
	int length_at = rte_mbuf_dynfield_register(&wire_length);
	int time_bit = rte_mbuf_dynflag_register(&time_set);
	int length_bit = rte_mbuf_dynflag_register(&length_set);

	if (time_at < 0 || length_at < 0 || time_bit < 0 || length_bit < 0)
		return -ENOMEM;
	packet_dynfields = (struct packet_dynfields){
	    .time = time_at,
	    .wire_length = length_at,
	    .time_set = 1ull << time_bit,
	    .length_set = 1ull << length_bit,
	};
	return 0;
}
