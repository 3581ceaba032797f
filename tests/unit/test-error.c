// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "base/error.h"

static void starts_empty(void)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(sense_error_last());
	CU_ASSERT_EQUAL(sense_error_last()->code, 0);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "");
}

static void keeps_the_last(void)
{
	CU_ASSERT_EQUAL(sense_fail(ENODEV, "card-1", "plug it in", "there is no %s", "card"), -ENODEV);
	CU_ASSERT_EQUAL(sense_error_last()->code, ENODEV);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "there is no card");
	CU_ASSERT_STRING_EQUAL(sense_error_last()->object, "card-1");
	CU_ASSERT_STRING_EQUAL(sense_error_last()->remedy, "plug it in");
}

static void passes_itself_on(void)
{
	sense_fail(EIO, "disk", "look at it", "it broke");
	CU_ASSERT_PTR_NULL(sense_fail_null(EIO, sense_error_last()->object, NULL, "while reading: %s",
					   sense_error_last()->sentence));
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "while reading: it broke");
	CU_ASSERT_STRING_EQUAL(sense_error_last()->remedy, "");
}

static void *other(void *result)
{
	*(int *)result = sense_error_last()->code;
	return NULL;
}

static void is_per_thread(void)
{
	pthread_t thread;
	int code = -1;

	sense_fail(EIO, "disk", NULL, "it broke");
	pthread_create(&thread, NULL, other, &code);
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(code, 0);
}

UNIT_TESTS = { UNIT(starts_empty), UNIT(keeps_the_last), UNIT(passes_itself_on),
	       UNIT(is_per_thread), UNIT_END };
UNIT_MAIN("error")
