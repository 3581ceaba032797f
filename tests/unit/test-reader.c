// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acquire/reader.h"

/* A pipe stands in for a buffer: it polls and reads the same way, but for the watermark. */
static int ends[2];
static struct sense_io *io;
static char data[64];

static bool set_up(enum sense_reader kind)
{
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	io = sense_io_new(kind, ends[0], "pipe");
	if (io)
		return true;
	/* A sandbox may forbid io_uring; then that half has nothing to test. */
	CU_ASSERT_EQUAL(kind, SENSE_READER_IO_URING);
	close(ends[0]);
	close(ends[1]);
	return false;
}

static void tear_down(void)
{
	sense_io_free(io);
	close(ends[0]);
	close(ends[1]);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void put(const char *text)
{
	CU_ASSERT_EQUAL(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void *put_later(void *text)
{
	usleep(50000);
	put(text);
	return NULL;
}

static const enum sense_reader kinds[] = { SENSE_READER_IO_URING, SENSE_READER_POLL };
#define EACH_KIND(k) for (int k = 0; k < 2; k++) if (set_up(kinds[k]))

static void honours_the_timeout(void)
{
	EACH_KIND(k) {
		int64_t start = now_ns();

		CU_ASSERT_EQUAL(io->kind, kinds[k]);
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 0, 30000000), 0);
		CU_ASSERT_TRUE(now_ns() - start >= 29000000 && now_ns() - start < 500000000);
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 0, 0), 0);
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 5000000, 30000000), 0);
		tear_down();
	}
}

static void waits_for_what_comes(void)
{
	EACH_KIND(k) {
		pthread_t thread;

		pthread_create(&thread, NULL, put_later, "later");
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 0, 2000000000), 5);
		CU_ASSERT_NSTRING_EQUAL(data, "later", 5);
		pthread_join(thread, NULL);
		/* Too early by the clock: it goes on waiting. */
		pthread_create(&thread, NULL, put_later, "again");
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 10000000, 2000000000), 5);
		CU_ASSERT_NSTRING_EQUAL(data, "again", 5);
		pthread_join(thread, NULL);
		tear_down();
	}
}

static void keeps_the_pace(void)
{
	EACH_KIND(k) {
		int64_t start;

		put("one");
		start = now_ns();
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 40000000, 1000000000), 3);
		CU_ASSERT_TRUE(now_ns() - start >= 39000000);
		tear_down();
	}
}

/* Nothing is lost or doubled when a wait is called off to take what is there. */
static void calls_off_a_wait(void)
{
	EACH_KIND(k) {
		for (int round = 0; round < 200; round++) {
			size_t got = 0;
			ssize_t n;

			CU_ASSERT_EQUAL(io->ops->arm(io, data, sizeof(data), round % 3 ? 0 : 1000000), 0);
			if (round % 2)
				put("ab");
			/* Let a wait by the clock run out: then the READ itself waits. */
			if (round % 7 == 0)
				usleep(1500);
			n = io->ops->read_now(io, data, sizeof(data));
			while (n > 0) {
				got += (size_t)n;
				n = io->ops->read_now(io, data, sizeof(data));
			}
			CU_ASSERT_EQUAL(n, 0);
			CU_ASSERT_EQUAL(got, round % 2 ? 2 : 0);
		}
		tear_down();
	}
}

static void is_freed_while_waiting(void)
{
	EACH_KIND(k) {
		CU_ASSERT_EQUAL(io->ops->arm(io, data, sizeof(data), 0), 0);
		memset(data, 0, sizeof(data));
		tear_down();
	}
}

static void nobody(int signal)
{
}

static void *disturb(void *thread)
{
	usleep(50000);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static void a_signal_ends_the_wait(void)
{
	struct sigaction action = { .sa_handler = nobody };
	pthread_t self = pthread_self(), thread;

	sigaction(SIGUSR1, &action, NULL);
	EACH_KIND(k) {
		pthread_create(&thread, NULL, disturb, &self);
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 0, 5000000000), -EINTR);
		pthread_join(thread, NULL);
		put("on");
		CU_ASSERT_EQUAL(io->ops->read(io, data, sizeof(data), 0, 1000000000), 2);
		tear_down();
	}
}

UNIT_TESTS = { UNIT(honours_the_timeout), UNIT(waits_for_what_comes), UNIT(keeps_the_pace),
	       UNIT(calls_off_a_wait), UNIT(is_freed_while_waiting), UNIT(a_signal_ends_the_wait),
	       UNIT_END };
UNIT_MAIN("reader")
