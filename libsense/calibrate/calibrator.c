// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calibrate stage. One pass per channel over the whole block, without
 * branches on the data, so that the compiler can vectorise it; what is missing
 * or faulty becomes NaN in a second pass over the status words.
 */
#include <sense/calibrator.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/frame.h"
#include "base/layout.h"
#include "calibrate/rtd.h"

struct stage {
	double scale;
	double offset;
	const char *unit;
	bool is_rtd;
	struct sense_rtd rtd;
};

struct sense_calibrator {
	struct sense_layout *layout;
	struct stage stages[SENSE_FRAME_MAX_CHANNELS];
};

struct sense_calibrator *sense_calibrator_new(struct sense_layout *layout)
{
	struct sense_calibrator *calibrator = calloc(1, sizeof(*calibrator));

	if (!calibrator)
		return sense_fail_null(ENOMEM, layout->device_id, "close other programs",
				       "no memory for a calibrator");
	calibrator->layout = sense_layout_ref(layout);
	for (unsigned int i = 0; i < layout->channel_count; i++) {
		const struct sense_channel_info *info = &layout->channels[i];

		calibrator->stages[i] = (struct stage){
			.scale = info->scale,
			.offset = info->offset,
			.unit = sense_kind_unit(info->kind),
		};
	}
	return calibrator;
}

void sense_calibrator_free(struct sense_calibrator *calibrator)
{
	if (!calibrator)
		return;
	sense_layout_unref(calibrator->layout);
	free(calibrator);
}

int sense_calibrator_set_rtd(struct sense_calibrator *calibrator, unsigned int channel,
			     const struct sense_rtd *rtd)
{
	const struct sense_layout *layout = calibrator->layout;
	struct stage *stage;

	if (channel >= layout->channel_count)
		return sense_fail(ENOENT, layout->device_id,
				  "sense info lists the channels of a device",
				  "there is no channel %u, the last one is %u", channel,
				  layout->channel_count - 1);
	if (strcmp(sense_kind_unit(layout->channels[channel].kind), "Ohm"))
		return sense_fail(EINVAL, layout->channels[channel].name,
				  "choose a channel that measures resistance",
				  "channel '%s' is in %s, and a resistance thermometer needs ohm",
				  layout->channels[channel].name,
				  sense_kind_unit(layout->channels[channel].kind));
	if (sense_rtd_check(rtd))
		return -EINVAL;
	stage = &calibrator->stages[channel];
	stage->rtd = *rtd;
	stage->is_rtd = true;
	stage->unit = "Cel";
	return 0;
}

const char *sense_calibrator_get_unit(const struct sense_calibrator *calibrator,
				      unsigned int channel)
{
	if (channel >= calibrator->layout->channel_count)
		return "";
	return calibrator->stages[channel].unit;
}

static void apply_linear(const struct stage *stage, const int32_t *restrict raw,
			 double *restrict value, uint32_t count)
{
	double scale = stage->scale, offset = stage->offset;

	for (uint32_t i = 0; i < count; i++)
		value[i] = (raw[i] + offset) * scale;
}

static void apply_rtd(const struct stage *stage, const int32_t *restrict raw,
		      double *restrict value, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		value[i] = sense_rtd_temperature_degC(&stage->rtd,
						      (raw[i] + stage->offset) * stage->scale);
}

/* NaN where the scan is missing or its channel has no valid reading. */
static void blank(const struct sense_frame *frame, unsigned int channel, double *value)
{
	uint64_t bit = UINT64_C(1) << channel;

	for (uint32_t i = 0; i < frame->count; i++) {
		bool present = frame->present[i / 64] >> (i % 64) & 1;

		if (!present || (frame->fault[i] & bit))
			value[i] = NAN;
	}
}

int sense_calibrator_apply(const struct sense_calibrator *calibrator, struct sense_frame *frame)
{
	const struct sense_layout *layout = calibrator->layout;

	if (frame->layout != layout)
		return sense_fail(EINVAL, frame->layout->device_id,
				  "make a calibrator for the layout of this stream",
				  "the frame is laid out for %s, the calibrator for %s",
				  frame->layout->device_id, layout->device_id);
	for (unsigned int c = 0; c < layout->channel_count; c++) {
		const struct stage *stage = &calibrator->stages[c];

		if (stage->is_rtd)
			apply_rtd(stage, frame->raw[c], frame->value[c], frame->count);
		else
			apply_linear(stage, frame->raw[c], frame->value[c], frame->count);
		blank(frame, c, frame->value[c]);
		for (uint32_t i = 0; i < frame->count; i++)
			frame->value_u[c][i] = NAN;
		frame->value_unit[c] = stage->unit;
	}
	return 0;
}
