// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/latest.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <sense/clock.h>
#include "base/error.h"

#define SLOTS 8
#define TRIES 16

struct slot {
	/* 2n + 1 while publication n is written, 2n once it stands */
	atomic_ullong version;
	atomic_ullong sequence;
	atomic_llong time_ns;
	struct {
		atomic_ullong value;	/* the double's bits */
		atomic_int raw;
		atomic_uint quality;
	} channels[SENSE_FRAME_MAX_CHANNELS];
};

struct sense_latest_values {
	atomic_ullong current;	/* number of the newest publication, 0: none */
	struct slot slots[SLOTS];
};

struct sense_latest_values *sense_latest_values_new(void)
{
	struct sense_latest_values *values = calloc(1, sizeof(*values));

	if (!values)
		sense_fail(ENOMEM, NULL, NULL, "out of memory");
	return values;
}

void sense_latest_values_free(struct sense_latest_values *values)
{
	free(values);
}

#define PUT(field, x) atomic_store_explicit(&slot->field, x, memory_order_relaxed)
#define GET(field) atomic_load_explicit(&slot->field, memory_order_relaxed)

void sense_latest_values_publish(struct sense_latest_values *values,
				 const struct sense_frame *frame)
{
	unsigned long long n = atomic_load_explicit(&values->current, memory_order_relaxed) + 1;
	struct slot *slot = &values->slots[n % SLOTS];
	uint32_t last = frame->count;

	while (last && !sense_frame_is_present(frame, last - 1))
		last--;
	if (!last--)
		return;
	PUT(version, 2 * n + 1);
	/* A reader that sees any of the new data sees that the version is odd. */
	atomic_thread_fence(memory_order_release);
	PUT(sequence, frame->first_sequence + last);
	PUT(time_ns, frame->time_ns[last]);
	for (unsigned int c = 0; c < frame->layout->channel_count; c++) {
		unsigned long long bits;

		memcpy(&bits, &frame->value[c][last], sizeof(bits));
		PUT(channels[c].value, bits);
		PUT(channels[c].raw, frame->raw[c][last]);
		PUT(channels[c].quality, sense_frame_get_quality(frame, c, last));
	}
	atomic_store_explicit(&slot->version, 2 * n, memory_order_release);
	atomic_store_explicit(&values->current, n, memory_order_release);
}

int sense_latest_values_get(const struct sense_latest_values *values, unsigned int channel,
			    struct sense_latest *latest)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned long long n, bits;
		const struct slot *slot;

		n = atomic_load_explicit(&values->current, memory_order_acquire);
		if (!n)
			return -EAGAIN;
		slot = &values->slots[n % SLOTS];
		if (atomic_load_explicit(&slot->version, memory_order_acquire) != 2 * n)
			continue;
		latest->sequence = GET(sequence);
		latest->time_ns = GET(time_ns);
		bits = GET(channels[channel].value);
		latest->raw = GET(channels[channel].raw);
		latest->quality = GET(channels[channel].quality);
		atomic_thread_fence(memory_order_acquire);
		if (GET(version) != 2 * n)
			continue;
		memcpy(&latest->value, &bits, sizeof(bits));
		latest->age_ns = sense_clock_now_ns() - latest->time_ns;
		return 0;
	}
	return -EAGAIN;
}
