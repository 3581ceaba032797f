// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/lost-ranges.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool word(const char **text, char *to, size_t size)
{
	size_t n = strcspn(*text, " \n");

	if (!n || n >= size)
		return false;
	memcpy(to, *text, n);
	to[n] = 0;
	*text += n;
	return true;
}

static bool number(const char **text, uint64_t *value)
{
	const char *start;

	if (**text != ' ')
		return false;
	start = ++*text;
	*value = 0;
	while (**text >= '0' && **text <= '9') {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(**text - '0'), value))
			return false;
		(*text)++;
	}
	return *text > start;
}

static void add(struct sense_lost_ranges *ranges, uint64_t first, uint64_t count, uint32_t cause)
{
	if (ranges->count == SENSE_LOST_RANGES_MAX) {
		memmove(ranges->ranges, ranges->ranges + 1,
			sizeof(ranges->ranges) - sizeof(ranges->ranges[0]));
		ranges->count--;
		ranges->dropped++;
	}
	ranges->ranges[ranges->count++] = (struct sense_gap){ first, count, cause, 0 };
}

int sense_lost_ranges_parse(const char *text, struct sense_lost_ranges *ranges)
{
	ranges->dropped = 0;
	ranges->count = 0;
	while (*text) {
		uint64_t first, count, end;
		uint32_t cause;
		char name[16];

		if (!word(&text, name, sizeof(name)) || !number(&text, &first))
			return -EINVAL;
		if (!strcmp(name, "dropped")) {
			ranges->dropped += first;
		} else {
			if (!number(&text, &count) || !count ||
			    __builtin_add_overflow(first, count, &end))
				return -EINVAL;
			cause = sense_gap_cause_from_name(name);
			add(ranges, first, count, cause);
		}
		if (*text == '\n')
			text++;
		else if (*text)
			return -EINVAL;
	}
	return 0;
}

struct division {
	struct sense_gap *pieces;
	unsigned int max;
	unsigned int count;
	uint64_t *lost;
};

static void piece(struct division *division, uint64_t first, uint64_t count, uint32_t cause)
{
	struct sense_gap *last = division->count ? &division->pieces[division->count - 1] : NULL;

	division->lost[cause < SENSE_GAP_CAUSES ? cause : SENSE_GAP_UNKNOWN] += count;
	if (last && last->cause == cause) {
		last->count += count;
	} else if (last && division->count == division->max) {
		last->count += count;
		last->cause = SENSE_GAP_UNKNOWN;
		if (division->count > 1 && last[-1].cause == SENSE_GAP_UNKNOWN) {
			last[-1].count += last->count;
			division->count--;
		}
	} else {
		division->pieces[division->count++] = (struct sense_gap){ first, count, cause, 0 };
	}
}

unsigned int sense_lost_ranges_divide(const struct sense_lost_ranges *ranges, uint64_t first,
				      uint64_t count, struct sense_gap *pieces, unsigned int max,
				      uint64_t lost[SENSE_GAP_CAUSES])
{
	struct division division = { pieces, max, 0, lost };
	uint64_t end = first + count;

	for (unsigned int i = 0; i < ranges->count && first < end; i++) {
		const struct sense_gap *range = &ranges->ranges[i];
		uint64_t range_end = range->first_sequence + range->count;
		uint64_t from, to;

		if (range_end <= first || range->first_sequence >= end)
			continue;
		from = range->first_sequence > first ? range->first_sequence : first;
		to = range_end < end ? range_end : end;
		if (from > first)
			piece(&division, first, from - first, SENSE_GAP_UNKNOWN);
		piece(&division, from, to - from, range->cause);
		first = to;
	}
	if (first < end)
		piece(&division, first, end - first, SENSE_GAP_UNKNOWN);
	return division.count;
}
