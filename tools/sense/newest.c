// SPDX-License-Identifier: GPL-2.0-or-later
#include "newest.h"

#include <math.h>
#include <stdlib.h>

#include "describe.h"
#include "text.h"

struct reading {
	double value, u;
	const char *unit;
	uint32_t quality;
};

struct newest {
	struct sense_layout *layout;
	int any;
	struct reading readings[];
};

struct newest *newest_new(struct sense_layout *layout)
{
	unsigned int channels = sense_layout_get_channel_count(layout);
	struct newest *newest =
		calloc(1, sizeof(*newest) + channels * sizeof(newest->readings[0]));

	if (!newest)
		abort();
	newest->layout = sense_layout_ref(layout);
	return newest;
}

void newest_free(struct newest *newest)
{
	if (!newest)
		return;
	sense_layout_unref(newest->layout);
	free(newest);
}

void newest_take(struct newest *newest, const struct sense_frame *frame)
{
	uint32_t slot = sense_frame_get_count(frame);

	while (slot && !sense_frame_is_present(frame, slot - 1))
		slot--;
	if (!slot--)
		return;
	for (unsigned int c = 0; c < sense_layout_get_channel_count(newest->layout); c++) {
		const double *value = sense_frame_get_value(frame, c);

		if (!value)
			return;
		newest->readings[c] = (struct reading){
			.value = value[slot],
			.u = sense_frame_get_value_u(frame, c)[slot],
			.unit = sense_frame_get_value_unit(frame, c),
			.quality = sense_frame_get_quality(frame, c, slot),
		};
	}
	newest->any = 1;
}

static const char *state(const struct reading *reading)
{
	if (reading->quality & SENSE_QUALITY_FAULT)
		return "fault";
	if (reading->quality & SENSE_QUALITY_EXPIRED)
		return "expired";
	if (reading->quality & SENSE_QUALITY_OUTSIDE)
		return "outside";
	if (reading->quality & SENSE_QUALITY_UNCALIBRATED)
		return "no calibration";
	return "ok";
}

void newest_print(const struct newest *newest, FILE *file)
{
	unsigned int count = newest->any ? sense_layout_get_channel_count(newest->layout) : 0;

	for (unsigned int c = 0; c < count; c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(newest->layout, c);
		const struct reading *reading = &newest->readings[c];
		struct text_unit unit =
			text_unit(sense_channel_info_get_kind(info), reading->unit);
		double step = fabs(sense_channel_info_get_scale(info) * unit.factor);
		double expanded = text_two_digits(2 * reading->u * unit.factor);
		char value[64], uncertainty[64];

		text_value(reading->value * unit.factor, expanded > 0 ? expanded : step, value,
			   sizeof(value));
		fprintf(file, "%s  %-16s %12s", c ? "        " : "newest  ",
			sense_channel_info_get_name(info), value);
		if (expanded > 0 && !isnan(reading->value))
			fprintf(file, " %s %-7s %s (k=2)", text_is_utf8() ? "±" : "+-",
				text_value(expanded, expanded, uncertainty, sizeof(uncertainty)),
				unit.name);
		else
			fprintf(file, " %s", unit.name);
		if (reading->quality & (SENSE_QUALITY_FAULT | SENSE_QUALITY_EXPIRED |
					SENSE_QUALITY_OUTSIDE | SENSE_QUALITY_UNCALIBRATED))
			fprintf(file, "  %s", state(reading));
		fputc('\n', file);
	}
}

json_t *newest_json(const struct newest *newest)
{
	unsigned int count = newest->any ? sense_layout_get_channel_count(newest->layout) : 0;
	json_t *array = json_array();

	for (unsigned int c = 0; c < count; c++) {
		const struct reading *reading = &newest->readings[c];
		double u = isnan(reading->value) ? NAN : reading->u;

		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "name",
				  sense_channel_info_get_name(
					  sense_layout_get_channel(newest->layout, c)),
				  "unit", reading->unit, "value", describe_real(reading->value), "u",
				  describe_real(u), "U", describe_real(2 * u), "k",
				  isnan(u) ? json_null() : json_integer(2), "state",
				  state(reading)));
	}
	return array;
}
