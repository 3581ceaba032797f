// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#include "base/ring.h"

struct item {
	uint64_t number;
	uint64_t check;
	char padding[11];
};

static void refuses_when_full_and_when_empty(void)
{
	struct sense_ring *ring = sense_ring_new(3, sizeof(int));
	int value = 0;

	CU_ASSERT_EQUAL(sense_ring_size(ring), 4);
	CU_ASSERT_FALSE(sense_ring_pop(ring, &value));
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 4; i++)
			CU_ASSERT_TRUE(sense_ring_push(ring, &i));
		CU_ASSERT_EQUAL(sense_ring_fill(ring), 4);
		CU_ASSERT_FALSE(sense_ring_push(ring, &round));
		for (int i = 0; i < 4; i++) {
			CU_ASSERT_TRUE(sense_ring_pop(ring, &value));
			CU_ASSERT_EQUAL(value, i);
		}
		CU_ASSERT_FALSE(sense_ring_pop(ring, &value));
		CU_ASSERT_EQUAL(sense_ring_fill(ring), 0);
	}
	sense_ring_free(ring);
	sense_ring_free(NULL);
	CU_ASSERT_PTR_NULL(sense_ring_new(0, 8));
	CU_ASSERT_PTR_NULL(sense_ring_new(8, 0));
}

#define ITEMS 300000

static void *push_all(void *context)
{
	for (uint64_t i = 0; i < ITEMS; i++) {
		struct item item = { .number = i, .check = ~i };

		while (!sense_ring_push(context, &item))
			sched_yield();
	}
	return NULL;
}

static void two_threads_lose_nothing(void)
{
	struct sense_ring *ring = sense_ring_new(64, sizeof(struct item));
	pthread_t pusher;

	pthread_create(&pusher, NULL, push_all, ring);
	for (uint64_t i = 0; i < ITEMS; i++) {
		struct item item;

		while (!sense_ring_pop(ring, &item))
			sched_yield();
		if (item.number != i || item.check != ~i) {
			CU_FAIL("an item was lost, doubled or torn");
			break;
		}
	}
	pthread_join(pusher, NULL);
	CU_ASSERT_EQUAL(sense_ring_fill(ring), 0);
	sense_ring_free(ring);
}

UNIT_TESTS = { UNIT(refuses_when_full_and_when_empty), UNIT(two_threads_lose_nothing), UNIT_END };
UNIT_MAIN("ring")
