#include "dynfield.h"
#include "view.h"

#define PULL_MAX 256 /* bytes of a frame that are drawn together at once */

static bool segment_is_private(const struct rte_mbuf *m)
{
	return RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1;
}

/* Moves bytes of the following segments into `m`, a segment of `head`'s frame,
 * until it has `want`, its room is used up or a segment is shared. Emptied
 * segments are freed. */
static void segments_pull(struct rte_mbuf *head, struct rte_mbuf *m, uint32_t want)
{
	while (m->data_len < want && m->next != NULL) {
		struct rte_mbuf *next = m->next;
		uint32_t len = RTE_MIN(want - m->data_len, (uint32_t)next->data_len);

		len = RTE_MIN(len, (uint32_t)rte_pktmbuf_tailroom(m));
		if (!segment_is_private(m) || rte_mbuf_refcnt_read(next) != 1)
			return;
		if (len == 0 && next->data_len != 0)
			return;
		memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len),
		       rte_pktmbuf_mtod(next, const uint8_t *), len);
		m->data_len = (uint16_t)(m->data_len + len);
		next->data_off = (uint16_t)(next->data_off + len);
		next->data_len = (uint16_t)(next->data_len - len);
		if (next->data_len == 0) {
			m->next = next->next;
			head->nb_segs--;
			next->next = NULL;
			next->nb_segs = 1;
			rte_pktmbuf_free_seg(next);
		}
	}
}

void view_draw_together(struct rte_mbuf *m)
{
	if (m->data_len < PULL_MAX)
		segments_pull(m, m, RTE_MIN(m->pkt_len, (uint32_t)PULL_MAX));
}

/* Moves what follows `at` in a full segment to the front of the next one, which
 * has headroom: drivers leave it in every segment. */
static bool segment_push(struct rte_mbuf *m, uint32_t at)
{
	struct rte_mbuf *next = m->next;
	uint16_t part = (uint16_t)(m->data_len - at);

	if (next == NULL || rte_mbuf_refcnt_read(m) != 1 || !segment_is_private(next) ||
	    next->data_off < part)
		return false;
	next->data_off = (uint16_t)(next->data_off - part);
	next->data_len = (uint16_t)(next->data_len + part);
	memcpy(rte_pktmbuf_mtod(next, uint8_t *), rte_pktmbuf_mtod_offset(m, const uint8_t *, at),
	       part);
	m->data_len = (uint16_t)at;
	return true;
}

bool view_reach(struct packet_view *v, uint32_t offset, uint32_t len)
{
	struct rte_mbuf *m = v->mbuf;
	uint32_t start = 0;

	if (offset + len > v->end || offset + len > UINT16_MAX)
		return false;
	for (; m != NULL && offset >= start + m->data_len; m = m->next)
		start += m->data_len;
	if (m == NULL)
		return false;
	if (offset + len > start + m->data_len)
		segments_pull(v->mbuf, m, offset + len - start);
	if (offset + len > start + m->data_len && segment_push(m, offset - start)) {
		start = offset;
		m = m->next;
		segments_pull(v->mbuf, m, len);
	}
	v->bytes = (const uint8_t *)(rte_pktmbuf_mtod(m, uintptr_t) - start);
	v->contiguous = RTE_MIN(start + m->data_len, (uint32_t)UINT16_MAX);
	return offset + len <= v->contiguous;
}
