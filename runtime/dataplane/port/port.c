#include "port.h"

#include <rte_cycles.h>

/* A device whose ring stays full for so long does not send. */
#define TRANSMIT_PATIENCE_US 500

static uint64_t bytes_of(struct rte_mbuf **mbufs, uint16_t count)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < count; i++)
		bytes += rte_pktmbuf_pkt_len(mbufs[i]);
	return bytes;
}

/* Bytes are counted before the port takes the mbufs: afterwards they are gone. */
static uint16_t transmit_some(struct port *p, struct rte_mbuf **mbufs, uint16_t count,
			      uint64_t *bytes)
{
	uint64_t all = bytes_of(mbufs, count);
	uint16_t taken = p->ops->transmit(p, mbufs, count);

	*bytes += taken == count ? all : all - bytes_of(mbufs + taken, count - taken);
	return taken;
}

static uint16_t refuse(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	p->counters.refused += count;
	rte_pktmbuf_free_bulk(mbufs, count);
	return 0;
}

uint16_t port_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count, uint64_t *bytes)
{
	uint64_t sum = 0;
	uint16_t sent;

	if (unlikely(p->away))
		return refuse(p, mbufs, count);
	p->unsent = 0;
	p->unsent_bytes = 0;
	sent = transmit_some(p, mbufs, count, &sum);
	if (unlikely(sent < count)) {
		uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / 1000000 * TRANSMIT_PATIENCE_US;

		while (sent < count && rte_rdtsc() < end)
			sent += transmit_some(p, mbufs + sent, count - sent, &sum);
		(void)refuse(p, mbufs + sent, count - sent);
	}
	if (unlikely(p->unsent > 0)) {
		p->counters.refused += p->unsent;
		sent -= (uint16_t)p->unsent;
		sum -= p->unsent_bytes;
	}
	p->counters.out += sent;
	p->counters.bytes_out += sum;
	*bytes += sum;
	return sent;
}

void port_lose(struct port *p, struct rte_mbuf *m)
{
	p->counters.in--;
	p->counters.bytes_in -= rte_pktmbuf_pkt_len(m);
	p->lost++;
	rte_pktmbuf_free(m);
}

uint16_t port_receive_nothing(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	(void)p;
	(void)mbufs;
	(void)max;
	return 0;
}

static uint16_t null_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	(void)p;
	rte_pktmbuf_free_bulk(mbufs, count);
	return count;
}

static void null_close(struct port *p)
{
	(void)p;
}

static const struct port_ops null_ops = {
    .receive = port_receive_nothing,
    .transmit = null_transmit,
    .close = null_close,
};

void port_open_null(struct port *p, const char *name)
{
	*p = (struct port){.ops = &null_ops, .name = name, .ended = true};
}
