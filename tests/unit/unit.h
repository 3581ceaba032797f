/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unit.h - the frame of a unit test program: a table of tests, a main().
 *
 *	UNIT_TESTS = { UNIT(adds_up), UNIT(refuses_negative), UNIT_END };
 *	UNIT_MAIN("object")
 */
#ifndef UNIT_H
#define UNIT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <CUnit/Basic.h>

#define UNIT(function)	{ #function, function }
#define UNIT_END	CU_TEST_INFO_NULL
#define UNIT_TESTS	static CU_TestInfo unit_tests[]

#define UNIT_MAIN(suite)							\
	int main(void)								\
	{									\
		CU_SuiteInfo suites[] = { { suite, NULL, NULL, NULL, NULL, unit_tests },\
					  CU_SUITE_INFO_NULL };			\
		unsigned int failures;						\
		if (CU_initialize_registry() != CUE_SUCCESS ||			\
		    CU_register_suites(suites) != CUE_SUCCESS)			\
			return 4;						\
		CU_basic_set_mode(CU_BRM_VERBOSE);				\
		CU_basic_run_tests();						\
		failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();\
		CU_cleanup_registry();						\
		return failures ? 1 : 0;					\
	}

/* The seed that tests/run printed, for tests that draw at random. */
static inline unsigned int unit_seed(void)
{
	const char *text = getenv("SENSE_TEST_SEED");

	return text ? (unsigned int)strtoul(text, NULL, 10) : 1;
}

#endif
