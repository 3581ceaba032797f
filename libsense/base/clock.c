// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/clock.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/error.h"

#define NS_PER_S INT64_C(1000000000)

int sense_clock_get_state(struct sense_clock_state *state)
{
	struct timex timex = { .modes = 0 };
	int rc = adjtimex(&timex);

	if (rc < 0)
		return sense_fail(errno, "adjtimex", NULL, "the state of the clock cannot be read: %s",
				  strerror(errno));
	state->tai_offset_s = timex.tai;
	state->synchronised = rc != TIME_ERROR && !(timex.status & STA_UNSYNC);
	state->max_error_ns = (int64_t)timex.maxerror * 1000;
	return 0;
}

int64_t sense_clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_TAI, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

char *sense_clock_format(int64_t tai_ns, int32_t tai_offset_s, char text[32])
{
	int64_t ns = tai_ns % NS_PER_S;
	time_t s = (time_t)(tai_ns / NS_PER_S);
	struct tm tm;

	if (ns < 0) {
		ns += NS_PER_S;
		s--;
	}
	s -= tai_offset_s;
	/* int64_t nanoseconds span the years 1677 to 2262: always four digits. */
	gmtime_r(&s, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + 19, 32 - 19, ".%09uZ", (unsigned int)ns % 1000000000u);
	return text;
}
