// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calibrate stage. Channel by channel, in runs short enough to stay in the
 * first-level cache; passes without branches on the data first, then, only where
 * there is something to be said, one over the samples concerned.
 */
#include <sense/calibrator.h>

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/frame.h"
#include "base/layout.h"
#include "calibrate/calibration.h"
#include "calibrate/rtd.h"

#define RUN 512u

struct stage {
	double scale;
	double offset;
	const char *unit;
	bool is_rtd;
	struct sense_rtd rtd;
	double r_min, r_max;	/* of the equation's range */
	struct sense_calibration *calibration;
};

struct sense_calibrator {
	struct sense_layout *layout;
	unsigned int policy;
	unsigned int order[SENSE_FRAME_MAX_CHANNELS];	/* those that others need come first */
	struct stage stages[SENSE_FRAME_MAX_CHANNELS];
};

static void set_order(struct sense_calibrator *calibrator)
{
	unsigned int n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (unsigned int i = 0; i < calibrator->layout->channel_count; i++) {
			const struct sense_calibration *c = calibrator->stages[i].calibration;

			if ((c && c->auxiliary_channel >= 0) == pass)
				calibrator->order[n++] = i;
		}
}

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
	set_order(calibrator);
	return calibrator;
}

void sense_calibrator_free(struct sense_calibrator *calibrator)
{
	if (!calibrator)
		return;
	for (unsigned int i = 0; i < calibrator->layout->channel_count; i++)
		sense_calibration_free(calibrator->stages[i].calibration);
	sense_layout_unref(calibrator->layout);
	free(calibrator);
}

void sense_calibrator_set_policy(struct sense_calibrator *calibrator, unsigned int policy)
{
	calibrator->policy = policy;
}

struct sense_calibration *sense_calibrator_swap(struct sense_calibrator *calibrator,
						unsigned int channel,
						struct sense_calibration *calibration)
{
	struct sense_calibration *former;
	struct stage *stage;

	if (channel >= calibrator->layout->channel_count ||
	    (calibration && calibration->channel != channel)) {
		sense_fail(EINVAL, calibrator->layout->device_id, "make a calibration for this channel",
			   "the calibration was not made for channel %u", channel);
		return calibration;
	}
	stage = &calibrator->stages[channel];
	former = stage->calibration;
	stage->calibration = calibration;
	stage->is_rtd = false;
	stage->unit = calibration ? calibration->unit :
				    sense_kind_unit(calibrator->layout->channels[channel].kind);
	set_order(calibrator);
	return former;
}

int sense_calibrator_set_sensor(struct sense_calibrator *calibrator, unsigned int channel,
				struct sense_sensor *sensor, int auxiliary_channel,
				double auxiliary_degC)
{
	struct sense_calibration *c = sense_calibration_new(calibrator->layout, channel, sensor,
							    auxiliary_channel, auxiliary_degC);

	if (!c)
		return -sense_error_last()->code;
	sense_calibration_free(sense_calibrator_swap(calibrator, channel, c));
	return 0;
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
	stage->r_min = sense_rtd_resistance_ohm(rtd, SENSE_RTD_MIN_DEGC);
	stage->r_max = sense_rtd_resistance_ohm(rtd, SENSE_RTD_MAX_DEGC);
	/* A calibration that was in force stays where it is: freeing it is not for this thread. */
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

const struct sense_calibration *
sense_calibrator_get_calibration(const struct sense_calibrator *calibrator, unsigned int channel)
{
	if (channel >= calibrator->layout->channel_count || calibrator->stages[channel].is_rtd)
		return NULL;
	return calibrator->stages[channel].calibration;
}

int sense_calibrator_get_digest(const struct sense_calibrator *calibrator, char digest[65])
{
	const struct sense_layout *layout = calibrator->layout;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size;
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	bool good = file;

	for (unsigned int i = 0; good && i < layout->channel_count; i++) {
		const struct stage *stage = &calibrator->stages[i];
		const struct sense_calibration *c = stage->is_rtd ? NULL : stage->calibration;

		fprintf(file, "%u %s %a %a\n", i, stage->unit, stage->scale, stage->offset);
		if (stage->is_rtd)
			fprintf(file, "rtd %a %a %a %a\n", stage->rtd.r0_ohm, stage->rtd.a, stage->rtd.b,
				stage->rtd.c);
		if (c)
			fprintf(file, "sensor %s\nauxiliary %d %a\ntable %s\nu %s\njunction %s\n",
				c->sensor->digest, c->auxiliary_channel, c->auxiliary_input,
				c->table ? c->table->digest : "", c->u ? c->u->digest : "",
				c->junction ? c->junction->digest : "");
	}
	if (file)
		good = fclose(file) == 0;
	good = good && EVP_Digest(text, length, hash, &size, EVP_sha256(), NULL) == 1;
	free(text);
	if (!good)
		return sense_fail(ENOMEM, layout->device_id, "close other programs",
				  "the digest cannot be computed");
	for (int i = 0; i < 32; i++)
		snprintf(digest + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

/* ---- per sample ---------------------------------------------------------------------------- */

static void scale(const struct stage *stage, const int32_t *restrict raw, double *restrict x,
		  uint32_t count)
{
	double factor = stage->scale, offset = stage->offset;

	for (uint32_t i = 0; i < count; i++)
		x[i] = (raw[i] + offset) * factor;
}

static void fill(double *restrict to, double value, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		to[i] = value;
}

/* The steps of rtd.c in its order, and so its bits, without asking for the range each time. */
static void apply_rtd(const struct stage *stage, const double *restrict x, double *restrict value,
		      uint32_t count)
{
	const struct sense_rtd rtd = stage->rtd;
	double least = INFINITY, a2 = rtd.a * rtd.a, b4 = 4 * rtd.b;

	for (uint32_t i = 0; i < count; i++) {
		double w = (x[i] - rtd.r0_ohm) / rtd.r0_ohm;

		value[i] = 2 * w / (rtd.a + sqrt(a2 + b4 * w));
		least = w < least ? w : least;
		value[i] = x[i] >= stage->r_min && x[i] <= stage->r_max ? value[i] : NAN;
	}
	if (least >= 0)
		return;
	for (uint32_t i = 0; i < count; i++)
		if (x[i] < rtd.r0_ohm)
			value[i] = sense_rtd_temperature_degC(&rtd, x[i]);
}

static void apply_calibration(const struct sense_calibration *c, double *restrict x,
			      const double *auxiliary, double *restrict value, double *restrict u,
			      uint32_t count)
{
	const struct sensor_equation *equation = c->sensor->equation;

	if (c->junction) {
		for (uint32_t i = 0; i < count; i++)
			x[i] += curve_at(c->junction, auxiliary[i])[0];
	} else if (equation == &sensor_thermocouple) {
		for (uint32_t i = 0; i < count; i++)
			x[i] += c->auxiliary_input;
	}
	if (c->table) {
		curve_apply(c->table, x, value, u, count);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		value[i] = equation->value(c->sensor, x[i], auxiliary ? auxiliary[i] : c->auxiliary_degC);
	if (!c->u)
		fill(u, NAN, count);
	else
		for (uint32_t i = 0; i < count; i++)
			u[i] = curve_at(c->u, value[i])[1];
}

/* NaN where the scan is missing or its channel has no valid reading. */
static void blank(const struct sense_frame *frame, unsigned int channel)
{
	double *value = frame->value[channel], *u = frame->value_u[channel];
	uint64_t bit = UINT64_C(1) << channel, any = 0;

	for (uint32_t i = 0; i < frame->count; i++)
		any |= frame->fault[i];
	if (!(any & bit) && frame->present_count == frame->count)
		return;
	for (uint32_t i = 0; i < frame->count; i++)
		if (!(frame->present[i / 64] >> (i % 64) & 1) || frame->fault[i] & bit)
			value[i] = u[i] = NAN;
}

static bool is_blank(const struct sense_frame *frame, unsigned int channel, uint32_t i)
{
	return !(frame->present[i / 64] >> (i % 64) & 1) || frame->fault[i] >> channel & 1;
}

/* How many values are not within a range; NaN is not. */
static uint32_t count_outside(const double *restrict value, double lo, double hi, uint32_t count)
{
	uint64_t within = 0;

	for (uint32_t i = 0; i < count; i++)
		within += value[i] >= lo && value[i] <= hi;
	return count - (uint32_t)within;
}

/* Flags, u grown or value refused, for the samples outside the calibrated range. */
static void mark_outside(struct sense_frame *frame, unsigned int channel, double lo, double hi,
			 bool refuse)
{
	double *value = frame->value[channel], *u = frame->value_u[channel];

	if (!count_outside(value, lo, hi, frame->count))
		return;
	for (uint32_t i = 0; i < frame->count; i++) {
		double beyond = value[i] < lo ? lo - value[i] : value[i] - hi;

		if ((value[i] >= lo && value[i] <= hi) || is_blank(frame, channel, i))
			continue;
		frame->outside[i] |= UINT64_C(1) << channel;
		/* GUM 4.3.7: somewhere within the distance, as likely here as there. */
		u[i] = sqrt(u[i] * u[i] + beyond * beyond / 3);
		if (refuse)
			value[i] = u[i] = NAN;
	}
}

static void add_drift(double *restrict u, double drift, uint32_t count)
{
	double square = drift * drift;

	for (uint32_t i = 0; i < count; i++)
		u[i] = sqrt(u[i] * u[i] + square);
}

static void judge(const struct sense_calibrator *calibrator, struct sense_frame *frame,
		  unsigned int channel, const struct sense_calibration *c)
{
	const struct sense_sensor_calibration *said = &c->sensor->calibration;
	int64_t now = frame->count ? frame->time_ns[frame->count - 1] : INT64_MIN;
	double drift = sensor_drift_u(c->sensor, now), slack;
	uint64_t bit = UINT64_C(1) << channel;

	if (drift > 0)
		add_drift(frame->value_u[channel], drift, frame->count);
	/* Of the range, not of 1: a mass concentration in kg/m3 is a thousand millionth. */
	slack = 1e-9 * fmax(fabs(said->range_min), fabs(said->range_max));
	mark_outside(frame, channel, said->range_min - slack, said->range_max + slack,
		     said->refuse_outside);
	if (c->auxiliary_channel >= 0)
		for (uint32_t i = 0; i < frame->count; i++)
			frame->outside[i] |= (frame->outside[i] >> c->auxiliary_channel & 1) << channel;
	if (now > said->valid_until_ns) {
		frame->expired |= bit;
		if (calibrator->policy & SENSE_CALIBRATOR_REFUSE_EXPIRED)
			fill(frame->value[channel], NAN, frame->count);
	}
}

static void refuse_uncalibrated(struct sense_frame *frame, unsigned int channel)
{
	for (uint32_t i = 0; i < frame->count; i++)
		if (isnan(frame->value_u[channel][i]))
			frame->value[channel][i] = NAN;
}

static void apply_channel(const struct sense_calibrator *calibrator, struct sense_frame *frame,
			  unsigned int channel)
{
	const struct stage *stage = &calibrator->stages[channel];
	const struct sense_calibration *c = stage->is_rtd ? NULL : stage->calibration;
	double x[RUN];

	for (uint32_t from = 0; from < frame->count; from += RUN) {
		uint32_t count = frame->count - from < RUN ? frame->count - from : RUN;
		const int32_t *raw = frame->raw[channel] + from;
		double *value = frame->value[channel] + from, *u = frame->value_u[channel] + from;

		if (!c && !stage->is_rtd) {
			scale(stage, raw, value, count);
			fill(u, NAN, count);
			continue;
		}
		scale(stage, raw, x, count);
		if (c) {
			apply_calibration(c, x, c->auxiliary_channel < 0 ? NULL :
					  frame->value[c->auxiliary_channel] + from, value, u, count);
		} else {
			apply_rtd(stage, x, value, count);
			fill(u, NAN, count);
		}
	}
	blank(frame, channel);
	frame->value_unit[channel] = stage->unit;
	if (c)
		judge(calibrator, frame, channel, c);
	else if (stage->is_rtd)
		mark_outside(frame, channel, -INFINITY, INFINITY, false);
	if (calibrator->policy & SENSE_CALIBRATOR_REFUSE_UNCALIBRATED)
		refuse_uncalibrated(frame, channel);
}

int sense_calibrator_apply(const struct sense_calibrator *calibrator, struct sense_frame *frame)
{
	const struct sense_layout *layout = calibrator->layout;

	if (frame->layout != layout)
		return sense_fail(EINVAL, frame->layout->device_id,
				  "make a calibrator for the layout of this stream",
				  "the frame is laid out for %s, the calibrator for %s",
				  frame->layout->device_id, layout->device_id);
	memset(frame->outside, 0, frame->count * sizeof(*frame->outside));
	frame->expired = 0;
	for (unsigned int i = 0; i < layout->channel_count; i++)
		apply_channel(calibrator, frame, calibrator->order[i]);
	return 0;
}
