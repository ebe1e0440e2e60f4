/* Captures of both formats, and what is wrong with them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port/capture_file.h"
#include "support/temp_file.h"

static char path[TEMP_PATH];

/* A file as it is put together; `swap` writes the other byte order. */
struct text {
	uint8_t bytes[4096];
	size_t size;
	bool swap;
};

static void put16(struct text *t, uint16_t v)
{
	v = t->swap ? __builtin_bswap16(v) : v;
	memcpy(t->bytes + t->size, &v, sizeof(v));
	t->size += sizeof(v);
}

static void put32(struct text *t, uint32_t v)
{
	v = t->swap ? __builtin_bswap32(v) : v;
	memcpy(t->bytes + t->size, &v, sizeof(v));
	t->size += sizeof(v);
}

static void put_bytes(struct text *t, const char *bytes, size_t size)
{
	memcpy(t->bytes + t->size, bytes, size);
	t->size += size;
	while (t->size % 4 != 0)
		t->bytes[t->size++] = 0;
}

static int open_text(struct capture_file *f, const struct text *t)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(t->bytes, 1, t->size, file), t->size);
	assert_int_equal(fclose(file), 0);
	return capture_open(f, path);
}

static void pcap_header(struct text *t, uint32_t magic, uint32_t link)
{
	put32(t, magic);
	put16(t, 2);
	put16(t, 4);
	put32(t, 0);
	put32(t, 0);
	put32(t, 65535);
	put32(t, link);
}

static void pcap_record(struct text *t, uint32_t seconds, uint32_t part, const char *frame,
			uint32_t wire)
{
	size_t at;

	put32(t, seconds);
	put32(t, part);
	put32(t, (uint32_t)strlen(frame));
	put32(t, wire);
	at = t->size;
	put_bytes(t, frame, strlen(frame));
	t->size = at + strlen(frame); /* no padding in pcap */
}

static void block(struct text *t, uint32_t type, const struct text *body)
{
	put32(t, type);
	put32(t, (uint32_t)body->size + 12);
	memcpy(t->bytes + t->size, body->bytes, body->size);
	t->size += body->size;
	put32(t, (uint32_t)body->size + 12);
}

static void section(struct text *t)
{
	struct text body = {.swap = t->swap};

	put32(&body, 0x1a2b3c4d);
	put16(&body, 1);
	put16(&body, 0);
	put32(&body, UINT32_MAX);
	put32(&body, UINT32_MAX);
	block(t, 0x0a0d0d0a, &body);
}

static void interface(struct text *t, uint16_t link, int resolution, int64_t offset)
{
	struct text body = {.swap = t->swap};
	uint64_t seconds = t->swap ? __builtin_bswap64((uint64_t)offset) : (uint64_t)offset;

	put16(&body, link);
	put16(&body, 0);
	put32(&body, 0);
	if (resolution >= 0) {
		put16(&body, 9);
		put16(&body, 1);
		put_bytes(&body, (const char[]){(char)resolution}, 1);
	}
	if (offset != 0) {
		put16(&body, 14);
		put16(&body, 8);
		put_bytes(&body, (const char *)&seconds, 8);
	}
	put32(&body, 0);
	block(t, 1, &body);
}

static void enhanced(struct text *t, uint32_t interface_number, uint64_t units, const char *frame,
		     uint32_t wire)
{
	struct text body = {.swap = t->swap};

	put32(&body, interface_number);
	put32(&body, (uint32_t)(units >> 32));
	put32(&body, (uint32_t)units);
	put32(&body, (uint32_t)strlen(frame));
	put32(&body, wire);
	put_bytes(&body, frame, strlen(frame));
	block(t, 6, &body);
}

static void assert_record(struct capture_file *f, uint64_t time, const char *frame, uint32_t wire)
{
	struct capture_record r;

	assert_int_equal(capture_next(f, &r), 1);
	assert_int_equal(r.time, time);
	assert_int_equal(r.captured, strlen(frame));
	assert_int_equal(r.wire, wire);
	assert_memory_equal(r.data, frame, r.captured);
}

static void assert_end(struct capture_file *f, enum capture_fault fault)
{
	struct capture_record r;

	assert_int_equal(capture_next(f, &r), 0);
	assert_int_equal(f->fault, fault);
	assert_int_equal(capture_next(f, &r), 0);
	capture_close(f);
}

static void pcap_both(uint32_t magic, uint64_t unit, bool swap)
{
	struct text t = {.swap = swap};
	struct capture_file f;

	pcap_header(&t, magic, 101);
	pcap_record(&t, 7, 9, "hello", 5);
	pcap_record(&t, 8, 1, "cut", 1500);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 7000000000ull + 9 * unit, "hello", 5);
	assert_record(&f, 8000000000ull + unit, "cut", 1500);
	assert_end(&f, CAPTURE_WHOLE);
}

static void pcap_of_microseconds_in_both_byte_orders(void **state)
{
	(void)state;
	pcap_both(0xa1b2c3d4, 1000, false);
	pcap_both(0xa1b2c3d4, 1000, true);
}

static void pcap_of_nanoseconds_in_both_byte_orders(void **state)
{
	(void)state;
	pcap_both(0xa1b23c4d, 1, false);
	pcap_both(0xa1b23c4d, 1, true);
}

static void every_cut_of_a_pcap_gives_what_was_before_it(void **state)
{
	struct text whole = {0};
	size_t first;

	(void)state;
	pcap_header(&whole, 0xa1b2c3d4, 1);
	pcap_record(&whole, 1, 0, "first", 5);
	first = whole.size;
	pcap_record(&whole, 2, 0, "second", 6);
	for (size_t size = first + 1; size < whole.size; size++) {
		struct text cut = whole;
		struct capture_file f;

		cut.size = size;
		assert_int_equal(open_text(&f, &cut), 0);
		assert_record(&f, 1000000000ull, "first", 5);
		assert_end(&f, CAPTURE_CUT_OFF);
	}
}

static void a_length_that_cannot_be_ends_a_pcap(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	pcap_header(&t, 0xa1b2c3d4, 1);
	pcap_record(&t, 1, 0, "first", 5);
	put32(&t, 2);
	put32(&t, 0);
	put32(&t, 0xfffffff0);
	put32(&t, 60);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 1000000000ull, "first", 5);
	assert_end(&f, CAPTURE_BAD_LENGTH);
}

static void what_is_no_capture_is_refused(void **state)
{
	static const char *const texts[] = {"", "abc", "#!/bin/sh\necho this is not a capture\n",
					    "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00nonsensenonsense"};
	struct capture_file f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct text t = {0};

		t.size = i == 3 ? 24 : strlen(texts[i]);
		memcpy(t.bytes, texts[i], t.size);
		assert_int_equal(open_text(&f, &t), -EBADMSG);
	}
	for (size_t size = 4; size < 24; size++) {
		struct text pcap = {0}, pcapng = {0};

		pcap_header(&pcap, 0xa1b2c3d4, CAPTURE_LINK_ETHERNET);
		section(&pcapng);
		pcap.size = pcapng.size = size;
		assert_int_equal(open_text(&f, &pcap), -ENODATA);
		assert_int_equal(open_text(&f, &pcapng), -ENODATA);
	}
	assert_int_equal(capture_open(&f, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(capture_open(&f, "/"), -EISDIR);
	assert_int_equal(capture_open(&f, "/dev/zero"), -ESPIPE);
}

static void a_pcap_of_an_unknown_link_type_is_refused_with_its_number(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	pcap_header(&t, 0xa1b2c3d4, 105);
	assert_int_equal(open_text(&f, &t), -EPROTONOSUPPORT);
	assert_int_equal(f.skipped_link, 105);
}

static void sections_of_both_byte_orders_follow_each_other(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	section(&t);
	interface(&t, 1, -1, 0);
	enhanced(&t, 0, 5000001, "micro", 5);
	t.swap = true;
	section(&t);
	interface(&t, 113, 9, 0);
	interface(&t, 1, 0x80 | 10, 0);
	enhanced(&t, 0, 6000000001, "nano", 60);
	enhanced(&t, 1, 7 * 1024 + 512, "binary", 6);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 5000001000ull, "micro", 5);
	assert_record(&f, 6000000001ull, "nano", 60);
	assert_record(&f, 7500000000ull, "binary", 6);
	assert_end(&f, CAPTURE_WHOLE);
}

static void an_interface_s_offset_is_added(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	section(&t);
	interface(&t, 1, 6, 100);
	interface(&t, 1, 6, -2);
	enhanced(&t, 0, 5000000, "later", 5);
	enhanced(&t, 1, 5000000, "earlier", 7);
	enhanced(&t, 1, 1000000, "before", 6);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 105000000000ull, "later", 5);
	assert_record(&f, 3000000000ull, "earlier", 7);
	assert_record(&f, 0, "before", 6);
	assert_end(&f, CAPTURE_WHOLE);
}

static void simple_and_obsolete_packets_are_read_and_unknown_blocks_skipped(void **state)
{
	struct text t = {0}, simple = {0}, obsolete = {0}, other = {0};
	struct capture_file f;

	(void)state;
	section(&t);
	interface(&t, 1, -1, 0);
	put_bytes(&other, "whatever", 8);
	block(&t, 0x00000bad, &other);
	put32(&simple, 6);
	put_bytes(&simple, "simple", 6);
	block(&t, 3, &simple);
	put16(&obsolete, 0);
	put16(&obsolete, 0);
	put32(&obsolete, 0);
	put32(&obsolete, 4000000);
	put32(&obsolete, 3);
	put32(&obsolete, 3);
	put_bytes(&obsolete, "old", 3);
	block(&t, 2, &obsolete);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 0, "simple", 6);
	assert_record(&f, 4000000000ull, "old", 3);
	assert_end(&f, CAPTURE_WHOLE);
}

static void packets_of_unknown_link_types_are_counted_and_left_out(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	section(&t);
	interface(&t, 105, -1, 0);
	interface(&t, 1, -1, 0);
	enhanced(&t, 0, 1, "radio", 5);
	enhanced(&t, 1, 2, "wire", 4);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 2000, "wire", 4);
	assert_int_equal(f.skipped, 1);
	assert_int_equal(f.skipped_link, 105);
	assert_end(&f, CAPTURE_WHOLE);
}

static void every_broken_byte_of_a_pcapng_ends_it_in_order(void **state)
{
	struct text whole = {0};
	struct capture_record r;
	size_t begin;

	(void)state;
	section(&whole);
	begin = whole.size;
	interface(&whole, 1, 9, 5);
	enhanced(&whole, 0, 1, "one", 3);
	enhanced(&whole, 0, 2, "two", 3);
	for (size_t at = begin; at < whole.size; at++) {
		for (unsigned int flip = 1; flip < 256; flip <<= 1) {
			struct text t = whole;
			struct capture_file f;
			unsigned int count = 0;

			t.bytes[at] ^= (uint8_t)flip;
			assert_int_equal(open_text(&f, &t), 0);
			while (capture_next(&f, &r))
				assert_true(++count <= 2 && r.captured <= r.wire);
			capture_close(&f);
		}
	}
}

static void an_interface_that_is_not_described_ends_a_pcapng(void **state)
{
	struct text t = {0};
	struct capture_file f;

	(void)state;
	section(&t);
	interface(&t, 1, -1, 0);
	enhanced(&t, 0, 1, "one", 3);
	enhanced(&t, 1, 2, "two", 3);
	assert_int_equal(open_text(&f, &t), 0);
	assert_record(&f, 1000, "one", 3);
	assert_end(&f, CAPTURE_BAD_INTERFACE);
}

static int group_setup(void **state)
{
	(void)state;
	return temp_file(path, "");
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pcap_of_microseconds_in_both_byte_orders),
	    cmocka_unit_test(pcap_of_nanoseconds_in_both_byte_orders),
	    cmocka_unit_test(every_cut_of_a_pcap_gives_what_was_before_it),
	    cmocka_unit_test(a_length_that_cannot_be_ends_a_pcap),
	    cmocka_unit_test(what_is_no_capture_is_refused),
	    cmocka_unit_test(a_pcap_of_an_unknown_link_type_is_refused_with_its_number),
	    cmocka_unit_test(sections_of_both_byte_orders_follow_each_other),
	    cmocka_unit_test(an_interface_s_offset_is_added),
	    cmocka_unit_test(simple_and_obsolete_packets_are_read_and_unknown_blocks_skipped),
	    cmocka_unit_test(packets_of_unknown_link_types_are_counted_and_left_out),
	    cmocka_unit_test(every_broken_byte_of_a_pcapng_ends_it_in_order),
	    cmocka_unit_test(an_interface_that_is_not_described_ends_a_pcapng),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
