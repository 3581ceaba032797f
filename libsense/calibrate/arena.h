/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * arena.h - memory that is all freed at once: an immutable object built from many small pieces.
 */
#ifndef SENSE_CALIBRATE_ARENA_H
#define SENSE_CALIBRATE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks;
	int failed;	/* an allocation failed; checked once, at the end */
};

/* Zeroed, aligned for any type; NULL without memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* Copy of a string; "" without memory, so that a getter never sees NULL. */
const char *arena_string(struct arena *arena, const char *text);
const char *arena_string_n(struct arena *arena, const char *text, size_t n);
void arena_free(struct arena *arena);

/*
 * A growing array of elements of @size, kept in the arena once complete:
 * struct vector v = { .size = sizeof(T) }; vector_add(...); array = vector_end(...).
 */
struct vector {
	size_t size;
	size_t count;
	size_t space;
	char *data;
};

/* Zeroed room for one more; NULL without memory (and arena->failed). */
void *vector_add(struct vector *vector, struct arena *arena);
/* Moves the elements to the arena; NULL for none. */
void *vector_end(struct vector *vector, struct arena *arena);

#endif
