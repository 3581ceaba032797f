/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader.h - bytes from a kernel buffer's file, waiting for its watermark
 * without ever blocking longer than told.
 *
 * Two kinds behind one set of operations: io_uring (one system call submits
 * "wait, then read" and collects it) and poll(2) + read(2).
 *
 * IIO wakes everybody who polls at every scan it stores, watermark or not. A
 * caller that knows the rate knows when the watermark will be reached: until
 * then ("pace") the reader sleeps by the clock and polls nothing, which saves
 * the kernel and the processor all those wake-ups. If there is nothing then, the
 * device is slower than it said, and it is waited for as it comes.
 */
#ifndef SENSE_ACQUIRE_READER_H
#define SENSE_ACQUIRE_READER_H

#include <sys/types.h>

#include <sense/stream.h>

struct sense_reader_ops;

struct sense_io {
	const struct sense_reader_ops *ops;
	enum sense_reader kind;
	int fd;			/* the buffer; O_NONBLOCK; the owner's to close */
};

struct sense_reader_ops {
	void (*free)(struct sense_io *io);
	/* What to poll for input once armed. */
	int (*get_fd)(const struct sense_io *io);
	/*
	 * See to it that get_fd() becomes readable, once @pace_ns have passed.
	 * The place is @io's until read. 0 or -errno.
	 */
	int (*arm)(struct sense_io *io, void *to, size_t size, int64_t pace_ns);
	/*
	 * Bytes, once @pace_ns have passed (negative: what is there now, first)
	 * or else when the watermark is reached; 0 when @timeout_ns (not negative) has passed; -EINTR when a
	 * signal came; or -errno. After 0 and -EINTR the place is still the
	 * reader's: give the same one again.
	 */
	ssize_t (*read)(struct sense_io *io, void *to, size_t size, int64_t pace_ns,
			int64_t timeout_ns);
	/* Whatever is there, be it below the watermark; 0 for nothing. The place is free afterwards. */
	ssize_t (*read_now)(struct sense_io *io, void *to, size_t size);
};

/*
 * @reader: AUTO takes io_uring where the kernel lets it, else poll. NULL with an error only
 * when io_uring was asked for and is not to be had, or memory is out.
 */
struct sense_io *sense_io_new(enum sense_reader reader, int fd, const char *device_id);
void sense_io_free(struct sense_io *io);

/* Each kind's own maker: NULL and errno. */
struct sense_io *sense_io_new_poll(int fd);
struct sense_io *sense_io_new_uring(int fd);

/* read(2) once: bytes, 0 for nothing there, -errno. */
ssize_t sense_io_try(int fd, void *to, size_t size);

#endif
