// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define MAX_ITEMS (1u << 24)
#define CACHE_LINE 64

/*
 * Indices run freely and wrap by themselves. Each side keeps a copy of the
 * other's index and looks at the real one only when the copy says full or
 * empty, so that their cache lines seldom travel.
 */
struct sense_ring {
	size_t item_size;
	uint32_t size;
	char *items;
	_Alignas(CACHE_LINE) atomic_uint head;	/* next to push, written by the pusher */
	uint32_t tail_seen;			/* the pusher's */
	_Alignas(CACHE_LINE) atomic_uint tail;	/* next to pop, written by the popper */
	uint32_t head_seen;			/* the popper's */
};

struct sense_ring *sense_ring_new(unsigned int items, size_t item_size)
{
	struct sense_ring *ring;
	uint32_t size = 1;

	if (!items || items > MAX_ITEMS || !item_size || item_size > SIZE_MAX / MAX_ITEMS)
		return sense_fail_null(EINVAL, "ring", "choose 1 to 16777216 items",
				       "a ring of %u items of %zu bytes cannot be made", items,
				       item_size);
	while (size < items)
		size *= 2;
	ring = aligned_alloc(CACHE_LINE, sizeof(*ring));
	if (!ring)
		return sense_fail_null(ENOMEM, "ring", NULL, "no memory for a ring");
	memset(ring, 0, sizeof(*ring));
	ring->size = size;
	ring->item_size = item_size;
	ring->items = malloc(size * item_size);
	if (!ring->items) {
		free(ring);
		return sense_fail_null(ENOMEM, "ring", "choose a smaller ring",
				       "no memory for a ring of %u items of %zu bytes", items,
				       item_size);
	}
	/* Every page is touched now, not in the middle of a run. */
	memset(ring->items, 0, size * item_size);
	return ring;
}

void sense_ring_free(struct sense_ring *ring)
{
	if (ring)
		free(ring->items);
	free(ring);
}

bool sense_ring_push(struct sense_ring *ring, const void *item)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	if (head - ring->tail_seen == ring->size) {
		ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
		if (head - ring->tail_seen == ring->size)
			return false;
	}
	memcpy(ring->items + (head & (ring->size - 1)) * ring->item_size, item, ring->item_size);
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
	return true;
}

bool sense_ring_pop(struct sense_ring *ring, void *item)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail == ring->head_seen) {
		ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
		if (tail == ring->head_seen)
			return false;
	}
	memcpy(item, ring->items + (tail & (ring->size - 1)) * ring->item_size, ring->item_size);
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
	return true;
}

unsigned int sense_ring_fill(const struct sense_ring *ring)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
	uint32_t fill = atomic_load_explicit(&ring->head, memory_order_acquire) - tail;

	/* Both may have moved between the two loads. */
	return fill < ring->size ? fill : ring->size;
}

unsigned int sense_ring_size(const struct sense_ring *ring)
{
	return ring->size;
}
