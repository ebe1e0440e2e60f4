#include "digest.h"

#include "reassembly.h"

void digest_forget_bytes(const struct stream_digests *d, struct reassembly *r, struct stream *st,
			 uint32_t id)
{
	const struct stream_digest *slot;

	for (uint64_t at = 0; (slot = digest_next(d, at, 0, st->pos)) != NULL;
	     at = digest_end(slot))
		stream_forget(r, st, id, slot->from, digest_end(slot));
}
