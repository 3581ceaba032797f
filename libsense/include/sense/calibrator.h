/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * calibrator.h - the calibrate stage: a frame's raw counts become values.
 *
 * Every channel starts with its linear scale (value = (raw + offset) * scale,
 * in the channel's unit). A sensor equation put in force for a channel turns
 * that electrical quantity into the measured one.
 */
#ifndef SENSE_CALIBRATOR_H
#define SENSE_CALIBRATOR_H

#include <sense/api.h>
#include <sense/frame.h>
#include <sense/rtd.h>

SENSE_BEGIN_DECLS

struct sense_calibrator;

/** sense_calibrator_new() - linear scale on every channel. Owned; _free(). */
SENSE_API struct sense_calibrator *sense_calibrator_new(struct sense_layout *layout);
SENSE_API void sense_calibrator_free(struct sense_calibrator *calibrator);

/**
 * sense_calibrator_set_rtd() - from now on @channel is a platinum thermometer: ohm to degC.
 * 0, -ENOENT (no such channel), -EINVAL (the channel's unit is not ohm, or R(t) is not monotonic).
 * Not while another thread is in sense_calibrator_apply(); a pipeline swaps at a frame's edge.
 */
SENSE_API int sense_calibrator_set_rtd(struct sense_calibrator *calibrator, unsigned int channel,
				       const struct sense_rtd *rtd);

/** Unit of the values of a channel: "Cel" once an RTD equation is in force. Static string. */
SENSE_API const char *sense_calibrator_get_unit(const struct sense_calibrator *calibrator,
						unsigned int channel);

/**
 * sense_calibrator_apply() - fill a frame's values. A missing or faulty sample becomes NaN, and
 * so does a reading outside the equation's range. The standard uncertainty is NaN where no
 * certificate gives one. 0, or -EINVAL for a frame of another layout. Does not allocate.
 */
SENSE_API int sense_calibrator_apply(const struct sense_calibrator *calibrator,
				     struct sense_frame *frame);

SENSE_END_DECLS

#endif
