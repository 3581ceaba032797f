/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ring.h - a bounded queue of items of one size between exactly one thread
 * that pushes and one that pops. Neither ever waits or makes a system call.
 */
#ifndef SENSE_BASE_RING_H
#define SENSE_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct sense_ring;

/* Room for at least @items (a power of two) of @item_size bytes, copied in and out. */
struct sense_ring *sense_ring_new(unsigned int items, size_t item_size);
void sense_ring_free(struct sense_ring *ring);

/* One thread pushes: false when full. */
bool sense_ring_push(struct sense_ring *ring, const void *item);
/* One thread pops: false when empty. */
bool sense_ring_pop(struct sense_ring *ring, void *item);

/* Any thread: items waiting, as of some moment during the call; and room in all. */
unsigned int sense_ring_fill(const struct sense_ring *ring);
unsigned int sense_ring_size(const struct sense_ring *ring);

#endif
