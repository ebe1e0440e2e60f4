#include "page.h"

#include <string.h>

/* Treap: a search tree by number that is a heap by random priority (Aragon and
 * Seidel, 1989), so its depth is logarithmic whatever the order of insertion. */

struct page *page_find(struct page *root, uint64_t number)
{
	while (root != NULL && root->number != number)
		root = number < root->number ? root->left : root->right;
	return root;
}

struct page *page_from(struct page *root, uint64_t number)
{
	struct page *best = NULL;

	while (root != NULL) {
		if (root->number < number) {
			root = root->right;
			continue;
		}
		best = root;
		root = root->left;
	}
	return best;
}

struct page *page_before(struct page *root, uint64_t number)
{
	struct page *best = NULL;

	while (root != NULL) {
		if (root->number >= number) {
			root = root->left;
			continue;
		}
		best = root;
		root = root->right;
	}
	return best;
}

void page_insert(struct page **root, struct page *p)
{
	struct page **left = &p->left;
	struct page **right = &p->right;
	struct page *split;

	while (*root != NULL && (*root)->priority >= p->priority)
		root = p->number < (*root)->number ? &(*root)->left : &(*root)->right;
	split = *root;
	*root = p;
	while (split != NULL) {
		if (split->number < p->number) {
			*left = split;
			left = &split->right;
			split = split->right;
		} else {
			*right = split;
			right = &split->left;
			split = split->left;
		}
	}
	*left = NULL;
	*right = NULL;
}

void page_remove(struct page **root, struct page *p)
{
	struct page *left = p->left;
	struct page *right = p->right;

	while (*root != p)
		root = p->number < (*root)->number ? &(*root)->left : &(*root)->right;
	while (left != NULL && right != NULL) {
		if (left->priority > right->priority) {
			*root = left;
			root = &left->right;
			left = left->right;
		} else {
			*root = right;
			root = &right->left;
			right = right->left;
		}
	}
	*root = left != NULL ? left : right;
}

void page_clear(struct page *p)
{
	memset(p->present, 0, sizeof(p->present));
	memset(p->start, 0, sizeof(p->start));
}

static uint64_t bits_of_word(unsigned int word, unsigned int from, unsigned int to)
{
	uint64_t mask = UINT64_MAX;

	if (word == from / 64)
		mask &= UINT64_MAX << (from % 64);
	if (word == to / 64)
		mask &= ~(UINT64_MAX << (to % 64));
	return mask;
}

void page_bits_set(uint64_t *bits, unsigned int from, unsigned int to)
{
	for (unsigned int w = from / 64; w < PAGE_WORDS && w <= to / 64; w++)
		bits[w] |= bits_of_word(w, from, to);
}

void page_bits_clear(uint64_t *bits, unsigned int from, unsigned int to)
{
	for (unsigned int w = from / 64; w < PAGE_WORDS && w <= to / 64; w++)
		bits[w] &= ~bits_of_word(w, from, to);
}

static unsigned int bits_next(const uint64_t *bits, unsigned int from, uint64_t flip)
{
	unsigned int w = from / 64;
	uint64_t word;

	if (from >= PAGE_BYTES)
		return PAGE_BYTES;
	word = (bits[w] ^ flip) & (UINT64_MAX << (from % 64));
	while (word == 0) {
		if (++w == PAGE_WORDS)
			return PAGE_BYTES;
		word = bits[w] ^ flip;
	}
	return w * 64 + (unsigned int)__builtin_ctzll(word);
}

unsigned int page_next_set(const uint64_t *bits, unsigned int from)
{
	return bits_next(bits, from, 0);
}

unsigned int page_next_clear(const uint64_t *bits, unsigned int from)
{
	return bits_next(bits, from, UINT64_MAX);
}

static int bits_last(const uint64_t *bits, unsigned int from, uint64_t flip)
{
	unsigned int w = from / 64;
	uint64_t word = (bits[w] ^ flip) & (UINT64_MAX >> (63 - from % 64));

	while (word == 0) {
		if (w-- == 0)
			return -1;
		word = bits[w] ^ flip;
	}
	return (int)(w * 64 + 63 - (unsigned int)__builtin_clzll(word));
}

int page_last_set(const uint64_t *bits, unsigned int from)
{
	return bits_last(bits, from, 0);
}

int page_last_clear(const uint64_t *bits, unsigned int from)
{
	return bits_last(bits, from, UINT64_MAX);
}
