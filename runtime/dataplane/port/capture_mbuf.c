#include "capture_mbuf.h"

#include <rte_mbuf.h>
#include <string.h>

#include "../packet/dynfield.h"
#include "capture_out.h"

static struct rte_mbuf *frame_copy(struct rte_mempool *pool, const struct capture_record *record)
{
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool), *tail = head;
	uint32_t done = 0;

	if (head == NULL)
		return NULL;
	for (;;) {
		uint32_t room = rte_pktmbuf_tailroom(tail);
		uint32_t part = RTE_MIN(record->captured - done, room);

		memcpy(rte_pktmbuf_mtod(tail, void *), record->data + done, part);
		tail->data_len = (uint16_t)part;
		done += part;
		if (done == record->captured)
			break;
		tail->next = rte_pktmbuf_alloc(pool);
		if (tail->next == NULL) {
			rte_pktmbuf_free(head);
			return NULL;
		}
		tail = tail->next;
		head->nb_segs++;
	}
	head->pkt_len = record->captured;
	return head;
}

struct rte_mbuf *capture_mbuf(struct rte_mempool *pool, const struct capture_record *record)
{
	struct rte_mbuf *m = frame_copy(pool, record);

	if (m == NULL)
		return NULL;
	packet_mbuf_set_time(m, record->time);
	if (record->wire > record->captured)
		packet_mbuf_set_wire_length(m, record->wire);
	capture_out_mark(m, record->link_number);
	return m;
}
