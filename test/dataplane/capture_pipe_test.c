/* A capture that comes through a pipe is the capture that a file would be,
 * however its bytes arrive. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port/capture_file.h"
#include "support/temp_file.h"

#define CAPTURES "../shared/captures/evasion/*.pcap*"
#define CAPTURES_MAX 12
#define HEADER 24 /* of a pcap: all that opening asks for */

static char folder[TEMP_PATH];
static char fifo[TEMP_PATH + sizeof("/fifo")];

/* One end is read as `path`, the other written to. */
struct pipe_ends {
	int read, write;
	char path[32];
};

static void pipe_make(struct pipe_ends *p)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	p->read = ends[0];
	p->write = ends[1];
	snprintf(p->path, sizeof(p->path), "/dev/fd/%d", ends[0]);
}

static void pipe_end(struct pipe_ends *p)
{
	close(p->read);
	if (p->write >= 0)
		close(p->write);
}

static void pipe_put(const struct pipe_ends *p, const void *bytes, size_t size)
{
	assert_int_equal(write(p->write, bytes, size), (ssize_t)size);
}

static uint8_t *file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	struct stat st;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	bytes = malloc((size_t)st.st_size + 1);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)st.st_size, file);
	fclose(file);
	return bytes;
}

static void assert_same(const struct capture_record *a, const struct capture_record *b)
{
	assert_int_equal(a->time, b->time);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->captured, b->captured);
	assert_int_equal(a->wire, b->wire);
	assert_int_equal(a->link_number, b->link_number);
	assert_memory_equal(a->data, b->data, a->captured);
}

/* Takes what has come, and compares it with the next records of the file. */
static uint64_t records_compare(struct capture_file *in, struct capture_file *file)
{
	struct capture_record a, b;
	uint64_t count = 0;

	while (capture_next(in, &a) == 1) {
		assert_int_equal(capture_next(file, &b), 1);
		assert_same(&a, &b);
		count++;
	}
	return count;
}

/* The bytes come `step` at a time, and what is there is read in between. */
static void pass_through(const char *path, size_t step)
{
	struct capture_file in, file;
	struct capture_record none;
	struct pipe_ends p;
	size_t size, at = HEADER;
	uint8_t *bytes = file_read(path, &size);

	pipe_make(&p);
	assert_true(size >= HEADER);
	at = memcmp(bytes, "\x0a\x0d\x0d\x0a", 4) == 0 ? 8 + bytes[4] : HEADER;
	pipe_put(&p, bytes, at);
	assert_int_equal(capture_open(&in, p.path), 0);
	assert_int_equal(capture_open(&file, path), 0);
	for (; at < size; at += step) {
		pipe_put(&p, bytes + at, size - at < step ? size - at : step);
		(void)records_compare(&in, &file);
		assert_true(in.starved);
		assert_int_equal(in.fault, CAPTURE_WHOLE);
	}
	close(p.write);
	p.write = -1;
	(void)records_compare(&in, &file);
	assert_false(in.starved);
	assert_int_equal(capture_next(&file, &none), 0);
	assert_int_equal(in.records, file.records);
	assert_int_equal(in.fault, file.fault);
	capture_close(&in);
	capture_close(&file);
	pipe_end(&p);
	free(bytes);
}

static void capture_may_come_in_pieces_of_any_size(void **state)
{
	static const size_t steps[] = {1, 7, 100, 4096};
	glob_t files;

	(void)state;
	if (glob(CAPTURES, 0, NULL, &files) != 0) {
		print_message("# SKIP ../shared/captures is not here\n");
		skip();
	}
	for (size_t i = 0; i < files.gl_pathc && i < CAPTURES_MAX; i++)
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++)
			pass_through(files.gl_pathv[i], steps[k]);
	globfree(&files);
}

static void put32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof(v));
}

/* Section, interface, a block of 3 MB that nobody knows, an enhanced packet. */
static uint8_t *long_block_make(size_t *size)
{
	const uint32_t unknown = 3u << 20;
	uint8_t *bytes = calloc(1, unknown + 256), *at = bytes;

	assert_non_null(bytes);
	put32(at, 0x0a0d0d0a);
	put32(at + 4, 28);
	put32(at + 8, 0x1a2b3c4d);
	put32(at + 12, 1);
	put32(at + 24, 28);
	at += 28;
	put32(at, 1);
	put32(at + 4, 20);
	put32(at + 8, CAPTURE_LINK_ETHERNET);
	put32(at + 16, 20);
	at += 20;
	put32(at, 0xbad);
	put32(at + 4, unknown);
	put32(at + unknown - 4, unknown);
	at += unknown;
	put32(at, 6);
	put32(at + 4, 36);
	put32(at + 20, 4);
	put32(at + 24, 4);
	memcpy(at + 28, "kept", 4);
	put32(at + 32, 36);
	*size = (size_t)(at + 36 - bytes);
	return bytes;
}

/* What is passed over is longer than all that is read at once. */
static void block_that_is_passed_over_may_come_in_pieces(void **state)
{
	size_t size, at = 28;
	uint8_t *bytes = long_block_make(&size);
	struct capture_record record;
	struct capture_file in;
	struct pipe_ends p;
	unsigned int count = 0;

	(void)state;
	pipe_make(&p);
	pipe_put(&p, bytes, at);
	assert_int_equal(capture_open(&in, p.path), 0);
	for (; at < size; at += 50000) {
		pipe_put(&p, bytes + at, size - at < 50000 ? size - at : 50000);
		if (capture_next(&in, &record) == 1) {
			assert_memory_equal(record.data, "kept", 4);
			count++;
		}
		assert_int_equal(in.fault, CAPTURE_WHOLE);
	}
	assert_int_equal(count, 1);
	capture_close(&in);
	pipe_end(&p);
	free(bytes);
}

static void pipe_that_ends_within_a_packet_is_cut_off(void **state)
{
	static const uint8_t header[HEADER] = {0xd4, 0xc3, 0xb2,       0xa1,	2,
					       0,    4,	   [16] = 255, [20] = 1};
	struct capture_record record;
	struct capture_file in;
	struct pipe_ends p;

	(void)state;
	pipe_make(&p);
	pipe_put(&p, header, sizeof(header));
	assert_int_equal(capture_open(&in, p.path), 0);
	pipe_put(&p, "\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0\0\0ab", 18);
	assert_int_equal(capture_next(&in, &record), 0);
	assert_true(in.starved);
	close(p.write);
	p.write = -1;
	assert_int_equal(capture_next(&in, &record), 0);
	assert_false(in.starved);
	assert_int_equal(in.fault, CAPTURE_CUT_OFF);
	capture_close(&in);
	pipe_end(&p);
}

/* Writers of named pipes come when they like, and the first one ends it. */
static void named_pipe_waits_for_its_writer(void **state)
{
	static const uint8_t header[HEADER] = {0xd4, 0xc3, 0xb2,       0xa1,	2,
					       0,    4,	   [16] = 255, [20] = 1};
	struct capture_record record;
	struct capture_file in;
	int held, writer;

	(void)state;
	assert_true(capture_is_stream(fifo));
	assert_false(capture_is_stream(folder));
	held = open(fifo, O_RDWR | O_CLOEXEC);
	assert_true(held >= 0);
	assert_int_equal(write(held, header, sizeof(header)), sizeof(header));
	assert_int_equal(capture_open(&in, fifo), 0);
	assert_int_equal(capture_next(&in, &record), 0);
	assert_true(in.starved);
	writer = open(fifo, O_WRONLY | O_CLOEXEC);
	close(held);
	assert_int_equal(capture_next(&in, &record), 0);
	assert_true(in.starved);
	close(writer);
	assert_int_equal(capture_next(&in, &record), 0);
	assert_false(in.starved);
	assert_int_equal(in.fault, CAPTURE_WHOLE);
	capture_close(&in);
}

static void pipe_whose_writer_is_gone_without_a_word_is_no_capture(void **state)
{
	struct capture_file in;
	struct pipe_ends p;

	(void)state;
	pipe_make(&p);
	close(p.write);
	p.write = -1;
	assert_int_equal(capture_open(&in, p.path), -EBADMSG);
	pipe_end(&p);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_folder(folder) != 0)
		return -1;
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	return mkfifo(fifo, 0600);
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(fifo) | rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(capture_may_come_in_pieces_of_any_size),
	    cmocka_unit_test(block_that_is_passed_over_may_come_in_pieces),
	    cmocka_unit_test(pipe_that_ends_within_a_packet_is_cut_off),
	    cmocka_unit_test(named_pipe_waits_for_its_writer),
	    cmocka_unit_test(pipe_whose_writer_is_gone_without_a_word_is_no_capture),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
