// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <string.h>

#include "acquire/lost-ranges.h"

static struct sense_lost_ranges ranges;

static int parse(const char *text)
{
	sense_lost_ranges_clear(&ranges);
	return sense_lost_ranges_add(&ranges, text);
}

static void parses_the_account(void)
{
	CU_ASSERT_EQUAL(parse(""), 0);
	CU_ASSERT_EQUAL(ranges.count, 0);
	CU_ASSERT_EQUAL(parse("dropped 3\ncard 10 5\nkernel 15 1\ncorrupt 99 2\n"), 0);
	CU_ASSERT_EQUAL(ranges.dropped, 3);
	CU_ASSERT_EQUAL_FATAL(ranges.count, 3);
	CU_ASSERT_EQUAL(ranges.ranges[0].cause, SENSE_GAP_CARD);
	CU_ASSERT_EQUAL(ranges.ranges[1].first_sequence, 15);
	CU_ASSERT_EQUAL(ranges.ranges[1].cause, SENSE_GAP_KERNEL);
	CU_ASSERT_EQUAL(ranges.ranges[2].count, 2);
	CU_ASSERT_EQUAL(ranges.ranges[2].cause, SENSE_GAP_CORRUPT);
	/* A cause of a later driver is a loss all the same. */
	CU_ASSERT_EQUAL(parse("gremlins 1 2"), 0);
	CU_ASSERT_EQUAL(ranges.ranges[0].cause, SENSE_GAP_UNKNOWN);
}

static void refuses_nonsense(void)
{
	static const char *const bad[] = { "card", "card 1", "card 1 ", "card 1 0", "card x 1",
					   "card 1 1 1", "card  1 1", "\n", " card 1 1",
					   "card 18446744073709551616 1", "card 18446744073709551615 2",
					   "averyveryverylongcause 1 1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(parse(bad[i]), -EINVAL);
	CU_ASSERT_EQUAL(parse("card 1 2\nrubbish"), -EINVAL);
	CU_ASSERT_EQUAL(ranges.count, 1);
}

static void keeps_the_newest(void)
{
	static char text[(SENSE_LOST_RANGES_MAX + 88) * 20];
	size_t used = 0;

	for (int i = 0; i < SENSE_LOST_RANGES_MAX + 88; i++)
		used += (size_t)sprintf(text + used, "card %d 1\n", 2 * i);
	CU_ASSERT_EQUAL(parse(text), 0);
	CU_ASSERT_EQUAL(ranges.count, SENSE_LOST_RANGES_MAX);
	CU_ASSERT_EQUAL(ranges.dropped, 88);
	CU_ASSERT_EQUAL(ranges.ranges[SENSE_LOST_RANGES_MAX - 1].first_sequence, 2 * (SENSE_LOST_RANGES_MAX + 87));
}

static void divides_by_cause(void)
{
	uint64_t lost[SENSE_GAP_CAUSES] = { 0 };
	struct sense_gap pieces[8];

	parse("card 0 10\ncard 20 5\nkernel 25 5\ncard 30 100\n");
	CU_ASSERT_EQUAL(sense_lost_ranges_divide(&ranges, 18, 22, pieces, 8, lost), 4);
	CU_ASSERT_EQUAL(pieces[0].first_sequence, 18);
	CU_ASSERT_EQUAL(pieces[0].count, 2);
	CU_ASSERT_EQUAL(pieces[0].cause, SENSE_GAP_UNKNOWN);
	CU_ASSERT_EQUAL(pieces[1].count, 5);
	CU_ASSERT_EQUAL(pieces[1].cause, SENSE_GAP_CARD);
	CU_ASSERT_EQUAL(pieces[2].cause, SENSE_GAP_KERNEL);
	CU_ASSERT_EQUAL(pieces[3].first_sequence, 30);
	CU_ASSERT_EQUAL(pieces[3].count, 10);
	CU_ASSERT_EQUAL(lost[SENSE_GAP_CARD], 15);
	CU_ASSERT_EQUAL(lost[SENSE_GAP_KERNEL], 5);
	CU_ASSERT_EQUAL(lost[SENSE_GAP_UNKNOWN], 2);
}

/* The driver shows its runs again, and the last one may have grown; read ones are forgotten. */
static void takes_in_page_after_page(void)
{
	parse("card 10 5\nkernel 20 5\n");
	CU_ASSERT_EQUAL(sense_lost_ranges_add(&ranges, "kernel 20 9\ncard 29 1\nkernel 40 2\n"), 0);
	CU_ASSERT_EQUAL_FATAL(ranges.count, 4);
	CU_ASSERT_EQUAL(ranges.ranges[1].count, 9);
	CU_ASSERT_EQUAL(sense_lost_ranges_end(&ranges), 42);
	/* A run that was released while it grew comes as a new one, and joins. */
	CU_ASSERT_EQUAL(sense_lost_ranges_add(&ranges, "kernel 42 8\n"), 0);
	CU_ASSERT_EQUAL(ranges.count, 4);
	CU_ASSERT_EQUAL(sense_lost_ranges_end(&ranges), 50);
	sense_lost_ranges_forget(&ranges, 29);
	CU_ASSERT_EQUAL(ranges.count, 2);
	CU_ASSERT_EQUAL(ranges.ranges[0].first_sequence, 29);
	sense_lost_ranges_forget(&ranges, 60);
	CU_ASSERT_EQUAL(sense_lost_ranges_end(&ranges), 0);
}

/*
 * Whatever the account says: the pieces are the run, or its beginning when they are too many, and
 * the counts exactly their length.
 */
static void pieces_are_exactly_the_run(void)
{
	srandom(unit_seed());
	for (int round = 0; round < 20000; round++) {
		uint64_t lost[SENSE_GAP_CAUSES] = { 0 }, total = 0;
		uint64_t first = (uint64_t)random() % 300, count = 1 + (uint64_t)random() % 300;
		unsigned int max = 1 + (unsigned int)random() % 6, n;
		uint64_t next = first, at = 0;
		struct sense_gap pieces[6];

		ranges.count = 0;
		while (at < 600 && ranges.count < 40) {
			uint64_t length = 1 + (uint64_t)random() % 40;

			at += (uint64_t)random() % 30;
			ranges.ranges[ranges.count++] =
				(struct sense_gap){ at, length, 1 + (uint32_t)random() % 4, 0 };
			at += length;
		}
		n = sense_lost_ranges_divide(&ranges, first, count, pieces, max, lost);
		if (n < 1 || n > max)
			CU_FAIL("too many pieces");
		for (unsigned int i = 0; i < n; i++) {
			if (pieces[i].first_sequence != next || !pieces[i].count ||
			    (i && pieces[i].cause == pieces[i - 1].cause))
				CU_FAIL("a piece does not join");
			next += pieces[i].count;
		}
		for (int i = 0; i < SENSE_GAP_CAUSES; i++)
			total += lost[i];
		if (total != next - first || next > first + count ||
		    (next < first + count && n < max))
			CU_FAIL("not the run");
	}
}

UNIT_TESTS = { UNIT(parses_the_account), UNIT(refuses_nonsense), UNIT(keeps_the_newest),
	       UNIT(divides_by_cause),
	       UNIT(takes_in_page_after_page), UNIT(pieces_are_exactly_the_run), UNIT_END };
UNIT_MAIN("lost-ranges")
