// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384
#define ALIGN 16

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(ALIGN) char data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	void *result;

	if (size > SIZE_MAX / 2) {
		arena->failed = 1;
		return NULL;
	}
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK ? size : BLOCK;

		block = calloc(1, sizeof(*block) + room);
		if (!block) {
			arena->failed = 1;
			return NULL;
		}
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	result = block->data + block->used;
	block->used += size;
	return result;
}

const char *arena_string_n(struct arena *arena, const char *text, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	if (!copy)
		return "";
	memcpy(copy, text, n);
	return copy;
}

const char *arena_string(struct arena *arena, const char *text)
{
	return text && *text ? arena_string_n(arena, text, strlen(text)) : "";
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}

void *vector_add(struct vector *vector, struct arena *arena)
{
	if (vector->count == vector->space) {
		size_t space = vector->space ? 2 * vector->space : 8;
		char *data = realloc(vector->data, space * vector->size);

		if (!data) {
			arena->failed = 1;
			return NULL;
		}
		vector->data = data;
		vector->space = space;
	}
	vector->count++;
	return memset(vector->data + (vector->count - 1) * vector->size, 0, vector->size);
}

void *vector_end(struct vector *vector, struct arena *arena)
{
	void *result = NULL;

	if (vector->count)
		result = arena_alloc(arena, vector->count * vector->size);
	if (result)
		memcpy(result, vector->data, vector->count * vector->size);
	free(vector->data);
	vector->data = NULL;
	vector->space = 0;
	return result;
}
