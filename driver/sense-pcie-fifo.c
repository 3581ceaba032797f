// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a buffer: a ring of scans between one writer, who drains the
 * card, and one reader.
 *
 * IIO's kfifo allocates with kmalloc(), which ends at a few MiB, a sixth of a
 * second of eight channels at 200 000 scans a second, and warns in the kernel
 * log when asked for more. This one takes what memory there is, and is as long
 * as it was asked to be, not the next power of two.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "sense-pcie.h"

/**
 * sense_fifo_resize() - empty the ring and make it as large as wanted
 * @fifo: the ring
 * @length: scans
 * @bytes: per scan
 *
 * Context: sleeps; nothing is being written.
 * Return: 0 or -ENOMEM, and then the ring holds nothing.
 */
int sense_fifo_resize(struct sense_fifo *fifo, u32 length, size_t bytes)
{
	int ret = 0;

	mutex_lock(&fifo->read_lock);
	if (fifo->length != length || fifo->bytes != bytes) {
		kvfree(fifo->data);
		fifo->data = NULL;
		fifo->length = 0;
		/* A quarter of the memory there is, and not at the cost of other processes. */
		if (length <= div_u64((u64)totalram_pages() * PAGE_SIZE / 4, bytes))
			fifo->data = kvmalloc_array(length, bytes, GFP_KERNEL_ACCOUNT |
						    __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
		if (fifo->data) {
			fifo->length = length;
			fifo->bytes = bytes;
		} else {
			ret = -ENOMEM;
		}
	}
	fifo->in = 0;
	fifo->out = 0;
	fifo->written = 0;
	fifo->taken = 0;
	mutex_unlock(&fifo->read_lock);
	return ret;
}

/**
 * sense_fifo_put() - write one scan
 * @fifo: the ring
 * @scan: its bytes
 *
 * Context: one writer at a time.
 * Return: false when the ring is full.
 */
bool sense_fifo_put(struct sense_fifo *fifo, const void *scan)
{
	/* Slots are free only after their reader has left them. */
	u64 taken = smp_load_acquire(&fifo->taken);

	if (fifo->written - taken >= fifo->length)
		return false;
	memcpy(fifo->data + fifo->in * fifo->bytes, scan, fifo->bytes);
	if (++fifo->in == fifo->length)
		fifo->in = 0;
	/* Whoever sees the count sees the scan. */
	smp_store_release(&fifo->written, fifo->written + 1);
	return true;
}

/**
 * sense_fifo_available() - scans to read
 * @fifo: the ring
 *
 * Return: their number.
 */
size_t sense_fifo_available(struct sense_fifo *fifo)
{
	/* With the count come the scans it counts: sense_fifo_put(). */
	return smp_load_acquire(&fifo->written) - READ_ONCE(fifo->taken);
}

/**
 * sense_fifo_read() - whole scans to userspace
 * @fifo: the ring
 * @n: bytes wanted at most
 * @to: where to
 *
 * Context: sleeps.
 * Return: bytes copied, 0 when empty; -EINVAL for less than a scan; -EFAULT;
 * -ERESTARTSYS.
 */
int sense_fifo_read(struct sense_fifo *fifo, size_t n, char __user *to)
{
	size_t scans, run, done = 0;
	int ret = 0;

	if (mutex_lock_interruptible(&fifo->read_lock))
		return -ERESTARTSYS;
	if (!fifo->data || n < fifo->bytes) {
		ret = -EINVAL;
		goto unlock;
	}
	scans = min_t(size_t, min_t(size_t, n, INT_MAX) / fifo->bytes,
		      sense_fifo_available(fifo));
	while (scans) {
		run = min_t(size_t, scans, fifo->length - fifo->out);
		if (copy_to_user(to + done, fifo->data + fifo->out * fifo->bytes,
				 run * fifo->bytes)) {
			/* What has been copied before has been taken. */
			ret = done ? 0 : -EFAULT;
			break;
		}
		done += run * fifo->bytes;
		scans -= run;
		fifo->out += run;
		if (fifo->out == fifo->length)
			fifo->out = 0;
		/* The slots may be written from here on. */
		smp_store_release(&fifo->taken, fifo->taken + run);
	}
unlock:
	mutex_unlock(&fifo->read_lock);
	return ret ?: done;
}

/**
 * sense_fifo_free() - give the memory back
 * @fifo: the ring
 *
 * Readers that come later find it empty.
 *
 * Context: sleeps until a reader under way has left.
 */
void sense_fifo_free(struct sense_fifo *fifo)
{
	mutex_lock(&fifo->read_lock);
	kvfree(fifo->data);
	fifo->data = NULL;
	fifo->length = 0;
	fifo->written = 0;
	fifo->taken = 0;
	mutex_unlock(&fifo->read_lock);
}

/**
 * sense_fifo_init() - an empty ring without memory
 * @fifo: the ring
 */
void sense_fifo_init(struct sense_fifo *fifo)
{
	mutex_init(&fifo->read_lock);
}
