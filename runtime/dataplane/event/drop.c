#include "drop.h"

uint64_t *verdict_counter(struct counters *c, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_DROP:
		return &c->drop_nf;
	case VERDICT_DROP_FLOW:
		return &c->drop_flow;
	case VERDICT_DROP_BLOCKED:
		return &c->drop_blocked;
	case VERDICT_DROP_REWRITTEN:
		return &c->drop_rewritten;
	case VERDICT_DROP_UNKEPT:
		return &c->drop_unkept;
	case VERDICT_DROP_UNHEARD:
		return &c->drop_unheard;
	case VERDICT_DROP_MALFORMED:
		return &c->drop_malformed;
	case VERDICT_DROP_UNREAD:
		return &c->drop_unread;
	case VERDICT_DROP_OVERLOAD:
		return &c->drop_overload;
	case VERDICT_DROP_ERROR:
		return &c->drop_error;
	case VERDICT_DROP_FRAGMENT_REFUSED:
		return &c->drop_fragment_refused;
	case VERDICT_DROP_FRAGMENT_EXPIRED:
		return &c->drop_fragment_expired;
	case VERDICT_DROP_FRAGMENT_EVICTED:
		return &c->drop_fragment_evicted;
	case VERDICT_DROP_SHUTDOWN:
		return &c->drop_shutdown;
	case VERDICT_FORWARD:
	case VERDICT_UNMATCHED:
	case VERDICT_HOLD:
	case VERDICT_CONSUME:
		break;
	}
	return NULL;
}
