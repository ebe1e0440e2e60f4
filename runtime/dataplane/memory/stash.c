#include "stash.h"

#include <string.h>

/* Head of a piece in a chunk; its bytes follow, then padding to 8. */
struct stash_record {
	uint64_t offset;
	uint64_t time;
	uint32_t len;
	uint32_t seq;
	uint8_t dir;
	uint8_t reserved[7];
};

#define STASH_ALIGN 8
/* Less room than this at a chunk's end is left unused. */
#define STASH_ROOM_MIN (sizeof(struct stash_record) + STASH_ALIGN)

static uint32_t piece_size(uint32_t len)
{
	uint32_t size = (uint32_t)sizeof(struct stash_record) + len;

	return (size + STASH_ALIGN - 1) & ~(uint32_t)(STASH_ALIGN - 1);
}

static uint32_t stash_room(const struct chunk *c)
{
	uint32_t free = (uint32_t)(sizeof(c->data) - c->used);

	return free < STASH_ROOM_MIN ? 0 : free - (uint32_t)sizeof(struct stash_record);
}

static struct chunk *stash_tail(struct chunk_pool *pool, struct stash *s)
{
	struct chunk *c = s->last;

	if (c != NULL && stash_room(c) > 0)
		return c;
	c = pool->stashed < pool->stashed_max ? chunk_take(pool) : NULL;
	if (c == NULL)
		return NULL;
	pool->stashed++;
	if (s->last == NULL)
		s->first = c;
	else
		s->last->next = c;
	s->last = c;
	return c;
}

static uint32_t stash_write(struct chunk *c, const struct stash_piece *piece, uint32_t from,
			    uint32_t len)
{
	struct stash_record *r = (struct stash_record *)(c->data + c->used);
	uint32_t room = stash_room(c);
	uint32_t size;

	len = len < room ? len : room;
	*r = (struct stash_record){
	    .offset = piece->offset + from,
	    .time = piece->time,
	    .len = len,
	    .seq = piece->seq + from,
	    .dir = piece->dir,
	};
	memcpy(r + 1, piece->data + from, len);
	size = piece_size(len);
	c->used = (uint16_t)(c->used + size < sizeof(c->data) ? c->used + size : sizeof(c->data));
	return len;
}

uint32_t stash_append(struct chunk_pool *pool, struct stash *s, uint32_t limit,
		      const struct stash_piece *piece)
{
	uint32_t done = 0;
	uint32_t want;

	if (s->full)
		return piece->len;
	want = limit > s->bytes ? limit - s->bytes : 0;
	want = want < piece->len ? want : piece->len;
	while (done < want) {
		struct chunk *c = stash_tail(pool, s);

		if (c == NULL)
			break;
		done += stash_write(c, piece, done, want - done);
	}
	s->bytes += done;
	if (done < piece->len)
		s->full = 1;
	return piece->len - done;
}

static struct stash_piece piece_at(struct chunk *c, uint32_t at)
{
	const struct stash_record *r = (const struct stash_record *)(c->data + at);

	return (struct stash_piece){
	    .data = (const uint8_t *)(r + 1),
	    .owner = c,
	    .offset = r->offset,
	    .time = r->time,
	    .len = r->len,
	    .seq = r->seq,
	    .dir = r->dir,
	};
}

bool stash_peek(const struct stash *s, struct stash_piece *piece)
{
	if (s->first == NULL || s->taken >= s->first->used)
		return false;
	*piece = piece_at(s->first, s->taken);
	return true;
}

void stash_pop(struct chunk_pool *pool, struct stash *s)
{
	struct stash_piece piece;
	struct chunk *c = s->first;

	if (!stash_peek(s, &piece))
		return;
	s->bytes -= piece.len;
	s->taken += piece_size(piece.len);
	if (s->taken < c->used)
		return;
	s->first = c->next;
	if (s->first == NULL)
		s->last = NULL;
	s->taken = 0;
	pool->stashed--;
	c->next = NULL;
	chunk_release(pool, c);
}

void stash_visit(const struct stash *s, void (*visit)(const struct stash_piece *piece, void *arg),
		 void *arg)
{
	for (struct chunk *c = s->first; c != NULL; c = c->next) {
		uint32_t at = 0;

		while (at < c->used) {
			struct stash_piece piece = piece_at(c, at);

			visit(&piece, arg);
			at += piece_size(piece.len);
		}
	}
}

void stash_free(struct chunk_pool *pool, struct stash *s)
{
	struct chunk *c = s->first;

	while (c != NULL) {
		struct chunk *next = c->next;

		c->next = NULL;
		pool->stashed--;
		chunk_release(pool, c);
		c = next;
	}
	s->first = s->last = NULL;
	s->bytes = s->full = s->taken = 0;
}
