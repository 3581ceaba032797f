// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/latest.h"

#include <errno.h>

#include "base/frame.h"

#define TRIES 16

void sense_latest_init(struct sense_latest_store *store)
{
	atomic_store_explicit(&store->current, 0, memory_order_relaxed);
	for (int i = 0; i < SENSE_LATEST_SLOTS; i++)
		atomic_store_explicit(&store->slots[i].version, 0, memory_order_relaxed);
}

#define PUT(field, value) atomic_store_explicit(&to->field, value, memory_order_relaxed)
#define GET(field) atomic_load_explicit(&from->field, memory_order_relaxed)

void sense_latest_publish(struct sense_latest_store *store, const struct sense_frame *frame,
			  uint32_t slot, uint32_t frame_flags)
{
	unsigned long long n = atomic_load_explicit(&store->current, memory_order_relaxed) + 1;
	struct sense_latest_slot *to = &store->slots[n % SENSE_LATEST_SLOTS];

	PUT(version, 2 * n + 1);
	/* A reader that sees any of the new data sees that the version is odd. */
	atomic_thread_fence(memory_order_release);
	PUT(sequence, frame->first_sequence + slot);
	PUT(time_ns, frame->time_ns[slot]);
	PUT(fault, frame->fault[slot]);
	PUT(saturation, frame->saturation[slot]);
	PUT(flags, frame->scan_flags[slot]);
	PUT(frame_flags, frame_flags);
	for (unsigned int c = 0; c < frame->layout->channel_count; c++)
		PUT(raw[c], frame->raw[c][slot]);
	atomic_store_explicit(&to->version, 2 * n, memory_order_release);
	atomic_store_explicit(&store->current, n, memory_order_release);
}

int sense_latest_read(const struct sense_latest_store *store, unsigned int channel,
		      struct sense_latest_scan *scan)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned long long n = atomic_load_explicit(&store->current, memory_order_acquire);
		const struct sense_latest_slot *from = &store->slots[n % SENSE_LATEST_SLOTS];

		if (!n)
			return -EAGAIN;
		if (atomic_load_explicit(&from->version, memory_order_acquire) != 2 * n)
			continue;
		scan->sequence = GET(sequence);
		scan->time_ns = GET(time_ns);
		scan->fault = GET(fault);
		scan->saturation = GET(saturation);
		scan->flags = GET(flags);
		scan->frame_flags = GET(frame_flags);
		scan->raw = GET(raw[channel]);
		atomic_thread_fence(memory_order_acquire);
		if (GET(version) == 2 * n)
			return 0;
	}
	return -EAGAIN;
}
