// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <string.h>

#include "base/layout.h"

static void names_are_their_own_inverse(void)
{
	for (int i = 0; i < SENSE_KIND_COUNT; i++) {
		CU_ASSERT_NOT_EQUAL(strlen(sense_kind_name(i)), 0);
		CU_ASSERT_EQUAL(sense_kind_from_name(sense_kind_name(i)), i);
		if (i)
			CU_ASSERT_NOT_EQUAL(strlen(sense_kind_unit(i)), 0);
	}
}

static void unknown_is_other(void)
{
	CU_ASSERT_STRING_EQUAL(sense_kind_name(SENSE_KIND_COUNT), "other");
	CU_ASSERT_STRING_EQUAL(sense_kind_name((enum sense_kind)-1), "other");
	CU_ASSERT_STRING_EQUAL(sense_kind_unit((enum sense_kind)1000), "");
	CU_ASSERT_EQUAL(sense_kind_from_name("flux"), SENSE_KIND_OTHER);
	CU_ASSERT_EQUAL(sense_kind_from_name(NULL), SENSE_KIND_OTHER);
}

static void units_are_si_or_celsius(void)
{
	CU_ASSERT_STRING_EQUAL(sense_kind_unit(SENSE_KIND_RTD), "Ohm");
	CU_ASSERT_STRING_EQUAL(sense_kind_unit(SENSE_KIND_CO2), "1");
	CU_ASSERT_STRING_EQUAL(sense_kind_unit(SENSE_KIND_AMBIENT_TEMPERATURE), "Cel");
}

static void range_may_be_unknown(void)
{
	struct sense_channel_info info = { .name = "t", .kind = SENSE_KIND_RTD, .range_min = -5,
					   .range_max = 7 };
	int64_t min = 1, max = 1;

	CU_ASSERT_EQUAL(sense_channel_info_get_range(&info, &min, &max), -ENODATA);
	CU_ASSERT_EQUAL(min, 1);
	info.has_range = true;
	CU_ASSERT_EQUAL(sense_channel_info_get_range(&info, &min, &max), 0);
	CU_ASSERT_EQUAL(min, -5);
	CU_ASSERT_EQUAL(max, 7);
}

UNIT_TESTS = { UNIT(names_are_their_own_inverse), UNIT(unknown_is_other),
	       UNIT(units_are_si_or_celsius), UNIT(range_may_be_unknown), UNIT_END };
UNIT_MAIN("channel")
