// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <sense/error.h>
#include <string.h>

#include "base/frame.h"
#include "base/layout.h"

static void refuses_nonsense(void)
{
	CU_ASSERT_PTR_NULL(sense_layout_new("", 10));
	CU_ASSERT_PTR_NULL(sense_layout_new(NULL, 10));
	CU_ASSERT_PTR_NULL(sense_layout_new("card", 0));
	CU_ASSERT_PTR_NULL(sense_layout_new("card", 1048577));
	CU_ASSERT_EQUAL(sense_error_last()->code, EINVAL);
}

static void finds_channels(void)
{
	struct sense_layout *layout = sense_layout_new("card", 10);

	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-6, 0), 0);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "air", SENSE_KIND_CO2, 1e-9, 4), 1);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "air", SENSE_KIND_CO2, 1, 0), -EEXIST);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "", SENSE_KIND_CO2, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(sense_layout_find_channel(layout, "air"), 1);
	CU_ASSERT_EQUAL(sense_layout_find_channel(layout, "water"), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->remedy, "bath, air"));
	CU_ASSERT_EQUAL(sense_layout_get_channel_count(layout), 2);
	CU_ASSERT_EQUAL(sense_channel_info_get_offset(sense_layout_get_channel(layout, 1)), 4);
	CU_ASSERT_PTR_NULL(sense_layout_get_channel(layout, 2));
	sense_layout_unref(layout);
}

static void holds_64_channels(void)
{
	struct sense_layout *layout = sense_layout_new("card", 10);
	char name[16];

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		CU_ASSERT_EQUAL(sense_layout_add_channel(layout, name, SENSE_KIND_OTHER, 1, 0), i);
	}
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "c64", SENSE_KIND_OTHER, 1, 0), -ENOSPC);
	CU_ASSERT_EQUAL(sense_layout_find_channel(layout, "nothing"), -ENOENT);
	sense_layout_unref(layout);
}

static void is_fixed_once_frames_exist(void)
{
	struct sense_layout *layout = sense_layout_new("card", 10);
	struct sense_frame *frame;

	sense_layout_add_channel(layout, "a", SENSE_KIND_OTHER, 1, 0);
	frame = sense_frame_new(layout);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "b", SENSE_KIND_OTHER, 1, 0), -EBUSY);
	sense_layout_unref(layout);
	/* The frame keeps it. */
	CU_ASSERT_STRING_EQUAL(sense_layout_get_device_id(sense_frame_get_layout(frame)), "card");
	sense_frame_release(frame);
	sense_layout_unref(NULL);
}

UNIT_TESTS = { UNIT(refuses_nonsense), UNIT(finds_channels), UNIT(holds_64_channels),
	       UNIT(is_fixed_once_frames_exist), UNIT_END };
UNIT_MAIN("layout")
