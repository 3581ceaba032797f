// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

ssize_t sense_io_try(int fd, void *to, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, to, size);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? 0 : -errno;
}

static void poll_free(struct sense_io *io)
{
	free(io);
}

static int poll_get_fd(const struct sense_io *io)
{
	return io->fd;
}

static int poll_arm(struct sense_io *io, void *to, size_t size, int64_t pace_ns)
{
	return 0;
}

static ssize_t poll_read(struct sense_io *io, void *to, size_t size, int64_t pace_ns,
			 int64_t timeout_ns)
{
	struct pollfd fd = { .fd = io->fd, .events = POLLIN };
	struct timespec timeout;
	bool paced = pace_ns > 0 && pace_ns <= timeout_ns;
	ssize_t n;
	int rc;

	if (pace_ns < 0) {
		n = sense_io_try(io->fd, to, size);
		if (n)
			return n;
	}
	if (paced) {
		timeout = (struct timespec){ pace_ns / 1000000000, pace_ns % 1000000000 };
		if (ppoll(NULL, 0, &timeout, NULL) < 0)
			return -errno;
		n = sense_io_try(io->fd, to, size);
		if (n)
			return n;
		timeout_ns -= pace_ns;
	}
	timeout = (struct timespec){ timeout_ns / 1000000000, timeout_ns % 1000000000 };
	rc = ppoll(&fd, 1, &timeout, NULL);
	if (rc < 0)
		return -errno;
	return rc ? sense_io_try(io->fd, to, size) : 0;
}

static ssize_t poll_read_now(struct sense_io *io, void *to, size_t size)
{
	return sense_io_try(io->fd, to, size);
}

static const struct sense_reader_ops poll_ops = {
	.free = poll_free,
	.get_fd = poll_get_fd,
	.arm = poll_arm,
	.read = poll_read,
	.read_now = poll_read_now,
};

struct sense_io *sense_io_new_poll(int fd)
{
	struct sense_io *io = calloc(1, sizeof(*io));

	if (!io)
		return NULL;
	io->ops = &poll_ops;
	io->kind = SENSE_READER_POLL;
	io->fd = fd;
	return io;
}

struct sense_io *sense_io_new(enum sense_reader reader, int fd, const char *device_id)
{
	struct sense_io *io = NULL;

	if (reader != SENSE_READER_POLL)
		io = sense_io_new_uring(fd);
	if (!io && reader == SENSE_READER_IO_URING)
		return sense_fail_null(errno, device_id,
				       "let the reader be chosen, or see sysctl kernel.io_uring_disabled",
				       "io_uring is not to be had here: %s", strerror(errno));
	if (!io)
		io = sense_io_new_poll(fd);
	if (!io)
		return sense_fail_null(ENOMEM, device_id, NULL, "no memory for a reader");
	return io;
}

void sense_io_free(struct sense_io *io)
{
	if (io)
		io->ops->free(io);
}
