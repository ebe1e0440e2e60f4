/* What comes before IP: Ethernet, tags, and the other links of captures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parsed.h"

static void arp_is_neither_ip_nor_malformed(void **state)
{
	struct frame f = {.len = 0};
	const struct packet *p;

	(void)state;
	frame_eth(&f, 0x0806);
	frame_fill(&f, 0, 28);
	p = parse(&f);
	assert_int_equal(p->flags, PACKET_ETH);
	assert_int_equal(p->l3, 0);
	assert_int_equal(p->eth_type, 0x0806);
	assert_int_equal(p->payload_len, 0);
}

static void ethernet_frame_below_14_bytes_is_short(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	f.len = 13;
	assert_malformed(parse(&f), MALFORMED_ETH_SHORT);
	assert_false(packet.flags & PACKET_ETH);
}

/* `tags` tags with ids from `first` up, then TCP over IPv4. */
static struct frame tagged(unsigned int tags, uint16_t first)
{
	struct frame f = {.len = 0};

	frame_eth(&f, tags > 0 ? 0x88a8 : 0x0800);
	for (unsigned int i = 0; i < tags; i++)
		frame_tag(&f, (uint16_t)(0xe000 | (first + i)), i + 1 < tags ? 0x8100 : 0x0800);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	return f;
}

static uint64_t zone_of(const struct packet *p)
{
	return flow_key_zone(&p->key).id;
}

static void vlan_id_is_the_zone(void **state)
{
	struct frame f = tagged(1, 7);
	const struct packet *p = parse(&f);

	(void)state;
	assert_int_equal(p->flags, PACKET_ETH | PACKET_VLAN | PACKET_IP4 | PACKET_TCP);
	assert_int_equal(p->vlan, 7);
	assert_int_equal(p->eth_type, 0x0800);
	assert_int_equal(p->l3, 18);
	assert_int_equal(zone_of(p), 7);
}

static void two_tags_are_a_zone_of_their_own(void **state)
{
	struct frame f = tagged(2, 7);
	uint64_t zone = zone_of(parse(&f));

	(void)state;
	assert_int_equal(packet.vlan, 7);
	assert_true(zone > 4095);
	frame_put16(&f, 18, 9);
	assert_int_not_equal(zone_of(parse(&f)), zone);
	assert_true(packet.flags & PACKET_TCP);
}

static void tags_of_any_number_are_followed(void **state)
{
	const uint16_t types[] = {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300};
	struct frame f = tagged(200, 1);

	(void)state;
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.vlan, 1);
	assert_int_equal(packet.l3, 14 + 4 * 200);
	for (size_t i = 0; i < RTE_DIM(types); i++) {
		f = tagged(2, 7);
		frame_put16(&f, 16, types[i]);
		assert_true(parse(&f)->flags & PACKET_TCP);
		f = tagged(1, 7);
		frame_put16(&f, 12, types[i]);
		assert_int_equal(zone_of(parse(&f)), 7);
	}
}

static void each_tag_makes_another_zone(void **state)
{
	struct frame f = tagged(3, 7);
	uint64_t zone = zone_of(parse(&f));

	(void)state;
	for (unsigned int tag = 0; tag < 3; tag++) {
		f = tagged(3, 7);
		frame_put16(&f, 14 + 4 * tag, 77);
		assert_int_not_equal(zone_of(parse(&f)), zone);
	}
	f = tagged(2, 7);
	assert_int_not_equal(zone_of(parse(&f)), zone);
}

static void priority_tag_is_of_no_vlan(void **state)
{
	struct frame f = tagged(1, 0);

	(void)state;
	assert_int_equal(zone_of(parse(&f)), 0);
	f = tagged(2, 0); /* 0, then 1 */
	assert_int_equal(zone_of(parse(&f)), 1);
}

static void cut_vlan_tag_is_short(void **state)
{
	struct frame f = tagged(1, 7);

	(void)state;
	f.len = 17;
	assert_malformed(parse(&f), MALFORMED_VLAN_SHORT);
}

static void raw_ip_is_told_by_its_version(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_RAW_IP)->flags, PACKET_IP4 | PACKET_TCP);
	assert_int_equal(packet.l4, 20);
	assert_int_equal(packet.eth_type, 0x0800);
	f.len = 0;
	frame_ip6(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_RAW_IP)->flags, PACKET_IP6 | PACKET_TCP);
	f.bytes[0] = 0x50;
	assert_malformed(parse_link(&f, LINK_RAW_IP), MALFORMED_IP_VERSION);
	f.len = 0;
	assert_malformed(parse_link(&f, LINK_RAW_IP), MALFORMED_IP_SHORT);
}

static void cooked_frames_have_their_protocol_where_the_format_says(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_fill(&f, 0, 14);
	frame_u16(&f, 0x8100);
	frame_tag(&f, 5, 0x0800);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_COOKED)->flags, PACKET_VLAN | PACKET_IP4 | PACKET_TCP);
	f.len = 15;
	assert_malformed(parse_link(&f, LINK_COOKED), MALFORMED_ETH_SHORT);
	f.len = 0;
	frame_u16(&f, 0x86dd);
	frame_fill(&f, 0, 18);
	frame_ip6(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_COOKED2)->flags, PACKET_IP6 | PACKET_TCP);
	f.len = 19;
	assert_malformed(parse_link(&f, LINK_COOKED2), MALFORMED_ETH_SHORT);
}

static void loopback_family_is_read_in_both_byte_orders(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_add(&f, "\x02\0\0\0", 4);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, PACKET_IP4 | PACKET_TCP);
	memcpy(f.bytes, "\0\0\0\x02", 4);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, PACKET_IP4 | PACKET_TCP);
	memcpy(f.bytes, "\0\0\0\x1e", 4);
	assert_malformed(parse_link(&f, LINK_NULL), MALFORMED_IP_VERSION);
	memcpy(f.bytes, "\0\0\0\x07", 4);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, 0);
	f.len = 3;
	assert_malformed(parse_link(&f, LINK_NULL), MALFORMED_ETH_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arp_is_neither_ip_nor_malformed),
	    cmocka_unit_test(ethernet_frame_below_14_bytes_is_short),
	    cmocka_unit_test(vlan_id_is_the_zone),
	    cmocka_unit_test(two_tags_are_a_zone_of_their_own),
	    cmocka_unit_test(tags_of_any_number_are_followed),
	    cmocka_unit_test(each_tag_makes_another_zone),
	    cmocka_unit_test(priority_tag_is_of_no_vlan),
	    cmocka_unit_test(cut_vlan_tag_is_short),
	    cmocka_unit_test(raw_ip_is_told_by_its_version),
	    cmocka_unit_test(cooked_frames_have_their_protocol_where_the_format_says),
	    cmocka_unit_test(loopback_family_is_read_in_both_byte_orders),
	};

	return cmocka_run_group_tests_name("packet parser: link layer", tests, parse_start,
					   parse_stop);
}
