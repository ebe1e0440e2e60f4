#include "taker.gen.h"

#include "../log.h"

void taker_on_back(struct taker_ctx *ctx, const struct back *m)
{
	(void)ctx;
	log_line("taker %d %u %u %u %" PRIu64 " %d %" PRId64 " %u.%u v%u %x..%u v%u %02x %" PRIu64
		 " %" PRIu64 " %u:%u,%u,%u %.*s %d %d",
		 m->b, m->a8, m->a16, m->a32, m->a64, m->s32, m->s64, m->address.bytes[0],
		 m->address.bytes[3], m->address.version, m->six.bytes[0], m->six.bytes[15],
		 m->six.version, m->link.bytes[5], m->when, m->took, m->raw.len, m->raw.bytes[0],
		 m->raw.bytes[1], m->raw.bytes[2], m->words.len, m->words.text, m->colour, m->own);
}
