// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A fixed set of frames. Which are free is a bitmap of atomic words: taking
 * and giving back are a compare-and-swap each, without the ABA trouble of a
 * linked free list, so the two ends of a pipeline never wait for each other.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/frame.h"
#include "base/frame-pool.h"

#define MAX_FRAMES 4096u

struct sense_frame_pool {
	atomic_uint references;	/* the owner, and each frame held */
	unsigned int count;
	unsigned int words;
	atomic_ullong *free;
	struct sense_frame **frames;
};

static void destroy(struct sense_frame_pool *pool)
{
	for (unsigned int i = 0; pool->frames && i < pool->count; i++)
		sense_frame_destroy(pool->frames[i]);
	free(pool->frames);
	free(pool->free);
	free(pool);
}

struct sense_frame_pool *sense_frame_pool_new(struct sense_layout *layout, unsigned int frames)
{
	struct sense_frame_pool *pool;

	if (!frames || frames > MAX_FRAMES)
		return sense_fail_null(EINVAL, layout->device_id, "choose 1 to 4096 frames",
				       "a pool of %u frames cannot be made", frames);
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		goto no_memory;
	atomic_init(&pool->references, 1);
	pool->count = frames;
	pool->words = (frames + 63) / 64;
	pool->free = calloc(pool->words, sizeof(*pool->free));
	pool->frames = calloc(frames, sizeof(*pool->frames));
	if (!pool->free || !pool->frames)
		goto no_memory;
	for (unsigned int i = 0; i < frames; i++) {
		pool->frames[i] = sense_frame_new(layout);
		if (!pool->frames[i]) {
			destroy(pool);
			return NULL;
		}
		pool->frames[i]->pool = pool;
		pool->frames[i]->pool_index = i;
		atomic_fetch_or(&pool->free[i / 64], 1ull << (i % 64));
	}
	return pool;

no_memory:
	if (pool)
		destroy(pool);
	return sense_fail_null(ENOMEM, layout->device_id, NULL, "no memory for %u frames", frames);
}

static void unref(struct sense_frame_pool *pool)
{
	if (atomic_fetch_sub_explicit(&pool->references, 1, memory_order_acq_rel) == 1)
		destroy(pool);
}

void sense_frame_pool_free(struct sense_frame_pool *pool)
{
	if (pool)
		unref(pool);
}

struct sense_frame *sense_frame_pool_get(struct sense_frame_pool *pool)
{
	for (unsigned int w = 0; w < pool->words; w++) {
		unsigned long long word = atomic_load_explicit(&pool->free[w], memory_order_relaxed);

		while (word) {
			unsigned int bit = (unsigned int)__builtin_ctzll(word);

			/* acquire: what the releasing thread did to the frame is over */
			if (atomic_compare_exchange_weak_explicit(&pool->free[w], &word,
								  word & ~(1ull << bit),
								  memory_order_acquire,
								  memory_order_relaxed)) {
				atomic_fetch_add_explicit(&pool->references, 1,
							  memory_order_relaxed);
				return pool->frames[w * 64 + bit];
			}
		}
	}
	return NULL;
}

void sense_frame_pool_put(struct sense_frame_pool *pool, struct sense_frame *frame)
{
	unsigned int index = frame->pool_index;

	atomic_fetch_or_explicit(&pool->free[index / 64], 1ull << (index % 64),
				 memory_order_release);
	unref(pool);
}
