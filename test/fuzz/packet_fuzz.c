/* The packet parser on arbitrary frames of every link type. The frame ends where
 * its memory ends, so that ASan sees a read past it; what the parser says has to
 * keep the promises of packet.h. */
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"
#include "support/frame.h"

#define LINK_TYPES (LINK_NULL + 1)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int holds)
{
	if (!holds)
		__builtin_trap();
}

static void check(const struct packet *p, uint32_t len)
{
	require(p->payload <= len && p->payload_len <= len - p->payload);
	require(p->l3 <= len && p->l4 <= p->payload);
	require(((p->flags & PACKET_MALFORMED) != 0) == (p->reason != MALFORMED_NONE));
	require(p->reason < MALFORMED_REASONS);
}

/* The first byte chooses the link type, the rest is the frame. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct packet p = {0};
	struct rte_mbuf m;

	if (len < 1 || len > 2048)
		return 0;
	m = mbuf_wrap(bytes + 1, (uint32_t)len - 1);
	packet_parse(&p, &m, (enum link_type)(bytes[0] % LINK_TYPES));
	check(&p, (uint32_t)len - 1);
	(void)packet_checksum_verify(&p);
	mbuf_unwrap(&m);
	return 0;
}
