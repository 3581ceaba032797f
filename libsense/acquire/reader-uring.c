// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * io_uring, one request at a time: a wait linked to a READ. A READ alone is
 * satisfied by the first scan, and a fast card would be read a scan at a time.
 * The wait is a TIMEOUT where the caller knows when the watermark will be
 * reached, else a POLL_ADD; the link makes both one submission, collected by
 * the same system call that waits for it. The file is O_NONBLOCK, so the
 * kernel never hands the READ to a worker thread; more than one READ at a time
 * could come back out of order or with -EAGAIN.
 */
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "acquire/reader.h"

enum { TAG_WAIT = 1, TAG_READ, TAG_CANCEL };

struct uring {
	struct sense_io io;
	struct io_uring ring;
	void *to;		/* where the READ under way reads to */
	struct __kernel_timespec pace;
	bool armed;		/* wait and READ are under way */
	bool cancelling;
};

static struct uring *uring_of(const struct sense_io *io)
{
	return (struct uring *)io;
}

static int uring_get_fd(const struct sense_io *io)
{
	return uring_of(io)->ring.ring_fd;
}

static void prepare(struct uring *u, void *to, size_t size, int64_t pace_ns)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

	if (pace_ns > 0) {
		u->pace = (struct __kernel_timespec){ pace_ns / 1000000000, pace_ns % 1000000000 };
		/* Its running out is what is wanted, not a failure that cancels the READ. */
		io_uring_prep_timeout(sqe, &u->pace, 0, IORING_TIMEOUT_ETIME_SUCCESS);
	} else {
		io_uring_prep_poll_add(sqe, u->io.fd, POLLIN);
	}
	io_uring_sqe_set_data64(sqe, TAG_WAIT);
	io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
	sqe = io_uring_get_sqe(&u->ring);
	io_uring_prep_read(sqe, u->io.fd, to, (unsigned int)size, (__u64)-1);
	io_uring_sqe_set_data64(sqe, TAG_READ);
	u->to = to;
	u->armed = true;
}

static int uring_arm(struct sense_io *io, void *to, size_t size, int64_t pace_ns)
{
	struct uring *u = uring_of(io);
	int rc;

	if (u->armed)
		return 0;
	prepare(u, to, size, pace_ns);
	rc = io_uring_submit(&u->ring);
	return rc < 0 ? rc : 0;
}

static ssize_t outcome(int res)
{
	/* A rival was faster, a signal came, or it was cancelled: nothing has been read. */
	return res == -EAGAIN || res == -EINTR || res == -ECANCELED ? 0 : res;
}

/*
 * Take what has completed. Returns true once the READ is over, its outcome in
 * *@result: bytes, 0 for nothing, -errno. A wait that is done leaves no entry
 * (IOSQE_CQE_SKIP_SUCCESS); one that fails leaves the only one, and takes the
 * READ linked to it along.
 */
static bool collect(struct uring *u, ssize_t *result)
{
	struct io_uring_cqe *cqe;
	bool done = false;

	while (!io_uring_peek_cqe(&u->ring, &cqe)) {
		switch (cqe->user_data) {
		case TAG_READ:
		case TAG_WAIT:
			u->armed = false;
			done = true;
			*result = outcome(cqe->res);
			break;
		default:
			u->cancelling = false;
			break;
		}
		io_uring_cqe_seen(&u->ring, cqe);
	}
	return done;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static ssize_t uring_read(struct sense_io *io, void *to, size_t size, int64_t pace_ns,
			  int64_t timeout_ns)
{
	struct uring *u = uring_of(io);
	int64_t now = now_ns(), end = now + timeout_ns;
	int64_t early = pace_ns > 0 && pace_ns < timeout_ns ? now + pace_ns : end;

	if (pace_ns < 0 && !u->armed) {
		ssize_t n = sense_io_try(io->fd, to, size);

		if (n)
			return n;
	}
	for (;;) {
		struct __kernel_timespec left = { (end - now) / 1000000000, (end - now) % 1000000000 };
		bool submit = !u->armed;
		struct io_uring_cqe *cqe;
		ssize_t result;
		int rc;

		if (submit) {
			prepare(u, to, size, pace_ns);
			rc = io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &left, NULL);
		} else {
			rc = io_uring_wait_cqe_timeout(&u->ring, &cqe, &left);
		}
		if (collect(u, &result))
			return result;
		if (rc < 0 && rc != -ETIME && rc != -EAGAIN)
			return rc;
		now = now_ns();
		if (now >= end)
			return 0;
		/*
		 * A call that has submitted something does not say that a signal
		 * ended it; but nothing else could, before the pace was over. After
		 * that the READ may have begun to wait by itself.
		 */
		if (submit && now < early)
			return -EINTR;
	}
}

/*
 * Call off what is under way. Cancelling the wait takes the READ along. If the
 * wait is over already, the READ has completed, and *@result says what it
 * brought, or it waits for the file by itself.
 */
static int call_off(struct uring *u, ssize_t *result)
{
	uint64_t tag = TAG_WAIT;

	while (u->armed) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

		io_uring_prep_cancel64(sqe, tag, 0);
		io_uring_sqe_set_data64(sqe, TAG_CANCEL);
		u->cancelling = true;
		while (u->cancelling) {
			int rc = io_uring_submit_and_wait(&u->ring, 1);

			collect(u, result);
			if (rc < 0 && rc != -EINTR && rc != -EAGAIN)
				return rc;
		}
		tag = tag == TAG_WAIT ? TAG_READ : TAG_WAIT;
	}
	return 0;
}

static ssize_t uring_read_now(struct sense_io *io, void *to, size_t size)
{
	struct uring *u = uring_of(io);
	ssize_t result = 0;

	if (u->armed) {
		int rc = call_off(u, &result);

		if (rc < 0)
			return rc;
		if (result)
			return result;
	}
	return sense_io_try(u->io.fd, to, size);
}

static void uring_free(struct sense_io *io)
{
	struct uring *u = uring_of(io);
	ssize_t result;

	/* The kernel must not write to the stage once this returns. */
	if (u->armed)
		call_off(u, &result);
	io_uring_queue_exit(&u->ring);
	free(io);
}

static const struct sense_reader_ops uring_ops = {
	.free = uring_free,
	.get_fd = uring_get_fd,
	.arm = uring_arm,
	.read = uring_read,
	.read_now = uring_read_now,
};

struct sense_io *sense_io_new_uring(int fd)
{
	struct io_uring_params params = { .flags = IORING_SETUP_COOP_TASKRUN };
	struct uring *u = calloc(1, sizeof(*u));
	int rc;

	if (!u)
		return NULL;
	rc = io_uring_queue_init_params(8, &u->ring, &params);
	if (rc == -EINVAL) {
		/* Linux before 5.19 */
		params = (struct io_uring_params){ 0 };
		rc = io_uring_queue_init_params(8, &u->ring, &params);
	}
	/* Both, and IORING_TIMEOUT_ETIME_SUCCESS, came with 5.17 at the latest. */
	if (!rc && !(params.features & IORING_FEAT_CQE_SKIP && params.features & IORING_FEAT_EXT_ARG)) {
		io_uring_queue_exit(&u->ring);
		rc = -ENOSYS;
	}
	if (rc) {
		free(u);
		errno = -rc;
		return NULL;
	}
	u->io.ops = &uring_ops;
	u->io.kind = SENSE_READER_IO_URING;
	u->io.fd = fd;
	return &u->io;
}
