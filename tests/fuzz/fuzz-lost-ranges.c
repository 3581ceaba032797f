// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The driver's account of lost scans: whatever it says, a gap is divided
 * without a hole, and counted exactly.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "acquire/lost-ranges.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sense_lost_ranges ranges;
	uint64_t lost[SENSE_GAP_CAUSES] = { 0 }, total = 0, first = 0, count, next;
	struct sense_gap pieces[5];
	unsigned int n;
	char *text;

	if (size < 4)
		return 0;
	first = data[0] * 7u;
	count = 1 + data[1] * 3u;
	text = malloc(size - 1);
	memcpy(text, data + 2, size - 2);
	text[size - 2] = 0;
	sense_lost_ranges_clear(&ranges);
	sense_lost_ranges_add(&ranges, text);
	free(text);
	if (ranges.count > SENSE_LOST_RANGES_MAX)
		abort();
	n = sense_lost_ranges_divide(&ranges, first, count, pieces, 5, lost);
	if (n < 1 || n > 5)
		abort();
	next = first;
	for (unsigned int i = 0; i < n; i++) {
		if (pieces[i].first_sequence != next || !pieces[i].count)
			abort();
		next += pieces[i].count;
	}
	for (int i = 0; i < SENSE_GAP_CAUSES; i++)
		total += lost[i];
	if (total != next - first || next > first + count || (next < first + count && n < 5))
		abort();
	return 0;
}
