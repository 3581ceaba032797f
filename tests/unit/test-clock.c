// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <sense/clock.h>
#include <sense/version.h>
#include <string.h>
#include <time.h>

static void formats_utc(void)
{
	char text[32];

	CU_ASSERT_STRING_EQUAL(sense_clock_format(0, 0, text), "1970-01-01T00:00:00.000000000Z");
	CU_ASSERT_STRING_EQUAL(sense_clock_format(1795177996123456789, 0, text),
			       "2026-11-20T12:33:16.123456789Z");
	/* TAI - UTC has been 37 s since 2017-01-01. */
	CU_ASSERT_STRING_EQUAL(sense_clock_format(1795177996123456789, 37, text),
			       "2026-11-20T12:32:39.123456789Z");
	CU_ASSERT_STRING_EQUAL(sense_clock_format(-1, 0, text), "1969-12-31T23:59:59.999999999Z");
	CU_ASSERT_STRING_EQUAL(sense_clock_format(INT64_MIN, 0, text),
			       "1677-09-21T00:12:43.145224192Z");
	CU_ASSERT_STRING_EQUAL(sense_clock_format(INT64_MAX, 0, text),
			       "2262-04-11T23:47:16.854775807Z");
}

static void is_tai(void)
{
	struct sense_clock_state state;
	struct timespec utc;
	int64_t difference;

	CU_ASSERT_EQUAL_FATAL(sense_clock_get_state(&state), 0);
	clock_gettime(CLOCK_REALTIME, &utc);
	difference = sense_clock_now_ns() - (utc.tv_sec * INT64_C(1000000000) + utc.tv_nsec);
	CU_ASSERT_TRUE(difference >= state.tai_offset_s * INT64_C(1000000000) &&
		       difference < state.tai_offset_s * INT64_C(1000000000) + 500000000);
	CU_ASSERT_TRUE(state.synchronised == 0 || state.synchronised == 1);
}

static void knows_its_build(void)
{
	CU_ASSERT_STRING_EQUAL(sense_version(), SENSE_VERSION);
	/* Linked with --build-id or not, it is hexadecimal; twice the same. */
	CU_ASSERT_EQUAL(strspn(sense_build_id(), "0123456789abcdef"), strlen(sense_build_id()));
	CU_ASSERT_PTR_EQUAL(sense_build_id(), sense_build_id());
}

UNIT_TESTS = { UNIT(formats_utc), UNIT(is_tai), UNIT(knows_its_build), UNIT_END };
UNIT_MAIN("clock")
