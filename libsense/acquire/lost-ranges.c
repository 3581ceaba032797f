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

void sense_lost_ranges_clear(struct sense_lost_ranges *ranges)
{
	ranges->dropped = 0;
	ranges->count = 0;
}

uint64_t sense_lost_ranges_end(const struct sense_lost_ranges *ranges)
{
	const struct sense_gap *last = &ranges->ranges[ranges->count - 1];

	return ranges->count ? last->first_sequence + last->count : 0;
}

static void remove_first(struct sense_lost_ranges *ranges, unsigned int n)
{
	ranges->count -= n;
	memmove(ranges->ranges, ranges->ranges + n, ranges->count * sizeof(ranges->ranges[0]));
}

void sense_lost_ranges_forget(struct sense_lost_ranges *ranges, uint64_t before)
{
	unsigned int n = 0;

	while (n < ranges->count &&
	       ranges->ranges[n].first_sequence + ranges->ranges[n].count <= before)
		n++;
	if (n)
		remove_first(ranges, n);
}

/* A run read again may have grown since: what is new of it is added. */
static void add(struct sense_lost_ranges *ranges, uint64_t first, uint64_t end, uint32_t cause)
{
	uint64_t known = sense_lost_ranges_end(ranges);
	struct sense_gap *last = &ranges->ranges[ranges->count - 1];

	if (end <= known)
		return;
	if (first < known)
		first = known;
	if (ranges->count && first == known && last->cause == cause) {
		last->count += end - first;
		return;
	}
	if (ranges->count == SENSE_LOST_RANGES_MAX) {
		remove_first(ranges, 1);
		ranges->dropped++;
	}
	ranges->ranges[ranges->count++] = (struct sense_gap){ first, end - first, cause, 0 };
}

int sense_lost_ranges_add(struct sense_lost_ranges *ranges, const char *text)
{
	while (*text) {
		uint64_t first, count, end;
		char name[16];

		if (!word(&text, name, sizeof(name)) || !number(&text, &first))
			return -EINVAL;
		if (!strcmp(name, "dropped")) {
			if (first > ranges->dropped)
				ranges->dropped = first;
		} else {
			if (!number(&text, &count) || !count ||
			    __builtin_add_overflow(first, count, &end))
				return -EINVAL;
			add(ranges, first, end, sense_gap_cause_from_name(name));
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

/* false: there is no room for it */
static bool piece(struct division *division, uint64_t first, uint64_t count, uint32_t cause)
{
	struct sense_gap *last = division->count ? &division->pieces[division->count - 1] : NULL;

	if (last && last->cause == cause)
		last->count += count;
	else if (division->count < division->max)
		division->pieces[division->count++] = (struct sense_gap){ first, count, cause, 0 };
	else
		return false;
	division->lost[cause < SENSE_GAP_CAUSES ? cause : SENSE_GAP_UNKNOWN] += count;
	return true;
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
		if ((from > first && !piece(&division, first, from - first, SENSE_GAP_UNKNOWN)) ||
		    !piece(&division, from, to - from, range->cause))
			return division.count;
		first = to;
	}
	if (first < end)
		piece(&division, first, end - first, SENSE_GAP_UNKNOWN);
	return division.count;
}
