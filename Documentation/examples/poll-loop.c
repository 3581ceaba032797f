// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of a stream in a program's own poll(2) loop, next to a timer:
 * a line a second with what has come, until the time is over.
 *
 *	./poll-loop [DEVICE [SECONDS]]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <sense/error.h>
#include <sense/stream.h>

static int fail(void)
{
	fprintf(stderr, "poll-loop: %s\n  %s\n", sense_error_last()->sentence,
		sense_error_last()->remedy);
	return 4;
}

int main(int argc, char **argv)
{
	const struct itimerspec every_second = { { 1, 0 }, { 1, 0 } };
	struct sense_device *device = sense_device_open(argc > 1 ? argv[1] : NULL);
	struct sense_stream *stream = device ? sense_stream_open(device, NULL) : NULL;
	int seconds = argc > 2 ? atoi(argv[2]) : 5, rc = 0;
	struct sense_stream_counts counts = { 0 };
	struct pollfd fds[2];

	sense_device_close(device);
	if (!stream || sense_stream_start(stream) < 0) {
		sense_stream_close(stream);
		return fail();
	}
	fds[0] = (struct pollfd){ .fd = sense_stream_get_fd(stream), .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = timerfd_create(CLOCK_MONOTONIC, 0), .events = POLLIN };
	timerfd_settime(fds[1].fd, 0, &every_second, NULL);
	while (seconds && !rc && poll(fds, 2, -1) >= 0) {
		struct sense_frame *frame;
		uint64_t ticks;

		if (fds[0].revents) {
			/* Until it returns 0: only then does the descriptor tell of more. */
			while ((rc = sense_stream_read(stream, 0, &frame)) > 0)
				sense_frame_release(frame);
			if (rc < 0)
				rc = fail();
		}
		if (fds[1].revents && read(fds[1].fd, &ticks, sizeof(ticks)) > 0) {
			sense_stream_get_counts(stream, &counts);
			printf("%llu scans in %llu frames, %u of %u waiting\n",
			       (unsigned long long)counts.scans, (unsigned long long)counts.frames,
			       counts.fill, counts.buffer_scans);
			seconds--;
		}
	}
	close(fds[1].fd);
	sense_stream_close(stream);
	return rc ? rc : counts.scans ? 0 : 1;
}
