// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <sense/clock.h>
#include <sense/event.h>
#include <string.h>

static void names_are_their_own_inverse(void)
{
	for (int i = 0; i < SENSE_EVENT_TYPES; i++) {
		CU_ASSERT_STRING_NOT_EQUAL(sense_event_type_name(i), "unknown");
		CU_ASSERT_EQUAL(sense_event_type_from_name(sense_event_type_name(i)), i);
	}
	for (int i = 0; i <= SENSE_SEVERITY_CRITICAL; i++)
		CU_ASSERT_EQUAL(sense_severity_from_name(sense_severity_name(i)), i);
	for (int i = 0; i < SENSE_GAP_CAUSES; i++)
		CU_ASSERT_EQUAL(sense_gap_cause_from_name(sense_gap_cause_name(i)), i);
}

static void unknown_names_are_said_so(void)
{
	CU_ASSERT_STRING_EQUAL(sense_event_type_name(SENSE_EVENT_TYPES), "unknown");
	CU_ASSERT_STRING_EQUAL(sense_severity_name((enum sense_severity)-1), "unknown");
	CU_ASSERT_EQUAL(sense_event_type_from_name("holiday"), SENSE_EVENT_NONE);
	CU_ASSERT_EQUAL(sense_gap_cause_from_name(NULL), SENSE_GAP_UNKNOWN);
}

static void strings_are_cut_to_fit(void)
{
	struct sense_event event;
	char text[600];
	int64_t before = sense_clock_now_ns();

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING, text, "%s!", text);
	CU_ASSERT_EQUAL(strlen(event.object), sizeof(event.object) - 1);
	CU_ASSERT_EQUAL(strlen(event.message), sizeof(event.message) - 1);
	CU_ASSERT_EQUAL(event.sequence, SENSE_SEQUENCE_NONE);
	CU_ASSERT_TRUE(event.time_ns >= before && event.time_ns <= sense_clock_now_ns());
	sense_event_init(&event, SENSE_EVENT_OPERATOR, SENSE_SEVERITY_INFO, NULL, "door opened");
	CU_ASSERT_STRING_EQUAL(event.object, "");
	CU_ASSERT_STRING_EQUAL(event.author, "");
	CU_ASSERT_STRING_EQUAL(event.message, "door opened");
}

UNIT_TESTS = { UNIT(names_are_their_own_inverse), UNIT(unknown_names_are_said_so),
	       UNIT(strings_are_cut_to_fit), UNIT_END };
UNIT_MAIN("event")
