/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * calibrator.h - the calibrate stage: a frame's raw counts become values with their
 * standard uncertainty.
 *
 * Every channel starts with its linear scale (value = (raw + offset) * scale,
 * in the channel's unit). A sensor put in force for a channel turns that
 * electrical quantity into the measured one.
 *
 * Per sample there is + - x / sqrt and nothing else, so a replay gives the same
 * bits on any machine. Equations with exp, log and pow in them are made into
 * tables beforehand (sense_calibration_new()), whose error is proven and part of u.
 */
#ifndef SENSE_CALIBRATOR_H
#define SENSE_CALIBRATOR_H

#include <sense/api.h>
#include <sense/frame.h>
#include <sense/rtd.h>
#include <sense/sensor.h>

SENSE_BEGIN_DECLS

/* ---- a channel's calibration, made beforehand ------------------------------------------ */

/** A sensor made ready for one channel of a layout. Immutable. */
struct sense_calibration;

/**
 * sense_calibration_new() - make a sensor ready; takes up to a fifth of a second.
 * @channel: of @layout; its unit must be the sensor's input unit
 * @auxiliary_channel: the channel in degC that tells the cold junction's or the load cell's
 *     temperature; -1: it is @auxiliary_degC, always. Neither is looked at for other sensors.
 *
 * Owned; sense_calibration_free(). NULL: -ENOENT (no such channel), -EINVAL (unit), -ENOMEM.
 */
SENSE_API struct sense_calibration *sense_calibration_new(struct sense_layout *layout,
							  unsigned int channel,
							  struct sense_sensor *sensor,
							  int auxiliary_channel,
							  double auxiliary_degC);
SENSE_API void sense_calibration_free(struct sense_calibration *calibration);

/** Borrowed. */
SENSE_API const struct sense_sensor *
sense_calibration_get_sensor(const struct sense_calibration *calibration);

/** Greatest difference between table and equation, proven, in the value's unit; 0 without a table. */
SENSE_API double sense_calibration_get_error(const struct sense_calibration *calibration);

/** SHA-256 of the table, 64 hexadecimal digits; "" without one. Borrowed. */
SENSE_API const char *
sense_calibration_get_table_digest(const struct sense_calibration *calibration);

/* ---- the stage ------------------------------------------------------------------------- */

struct sense_calibrator;

/** sense_calibrator_new() - linear scale on every channel. Owned; _free(). */
SENSE_API struct sense_calibrator *sense_calibrator_new(struct sense_layout *layout);
/** Frees the calibrations in force as well. */
SENSE_API void sense_calibrator_free(struct sense_calibrator *calibrator);

/**
 * sense_calibrator_swap() - put @calibration in force, or the linear scale with NULL.
 *
 * Returns what was in force before, for the caller to free; NULL for none. The calibrator owns
 * what it was given. Does not allocate: a pipeline swaps at a frame's edge. Not while another
 * thread is in sense_calibrator_apply(). A calibration made for another channel is refused: it
 * is returned itself.
 */
SENSE_API struct sense_calibration *sense_calibrator_swap(struct sense_calibrator *calibrator,
							  unsigned int channel,
							  struct sense_calibration *calibration);

/** sense_calibrator_set_sensor() - make ready and swap. As sense_calibration_new(), 0 or -errno. */
SENSE_API int sense_calibrator_set_sensor(struct sense_calibrator *calibrator,
					  unsigned int channel, struct sense_sensor *sensor,
					  int auxiliary_channel, double auxiliary_degC);

/**
 * sense_calibrator_set_rtd() - from now on @channel is a platinum thermometer: ohm to degC, by the
 * equation itself, without uncertainty. Does not allocate.
 * 0, -ENOENT (no such channel), -EINVAL (the channel's unit is not ohm, or R(t) is not monotonic).
 * Not while another thread is in sense_calibrator_apply(); a pipeline swaps at a frame's edge.
 */
SENSE_API int sense_calibrator_set_rtd(struct sense_calibrator *calibrator, unsigned int channel,
				       const struct sense_rtd *rtd);

/** What becomes of a value whose calibration has ended or is missing. */
enum sense_calibrator_policy {
	SENSE_CALIBRATOR_FLAG = 0,		/**< it stands, flagged in every sample */
	SENSE_CALIBRATOR_REFUSE_EXPIRED = 1,	/**< NaN, flagged: a loop then goes to its safe state */
	SENSE_CALIBRATOR_REFUSE_UNCALIBRATED = 2 /**< likewise without uncertainty */
};

/** Set of enum sense_calibrator_policy; SENSE_CALIBRATOR_FLAG at first. */
SENSE_API void sense_calibrator_set_policy(struct sense_calibrator *calibrator, unsigned int policy);

/** Unit of the values of a channel: "Cel" once an RTD equation is in force. Static string. */
SENSE_API const char *sense_calibrator_get_unit(const struct sense_calibrator *calibrator,
						unsigned int channel);

/** In force on a channel; NULL for the linear scale or set_rtd(). Borrowed. */
SENSE_API const struct sense_calibration *
sense_calibrator_get_calibration(const struct sense_calibrator *calibrator, unsigned int channel);

/**
 * sense_calibrator_get_digest() - SHA-256 of the calibration set in force: per channel its scale,
 * its equation's coefficients, its sensor's digest and its table's. 0 or -ENOMEM. Allocates.
 */
SENSE_API int sense_calibrator_get_digest(const struct sense_calibrator *calibrator, char digest[65]);

/**
 * sense_calibrator_apply() - fill a frame's values, uncertainties and flags.
 *
 * A missing or faulty sample becomes NaN, and so does a reading the equation cannot give
 * (SENSE_QUALITY_OUTSIDE). A value outside the calibrated range is flagged the same, and its
 * uncertainty grown or the value refused, as the sensor says. The uncertainty is NaN where no
 * certificate gives one (SENSE_QUALITY_UNCALIBRATED). Validity and drift are judged by the time of
 * the frame's last scan. 0, or -EINVAL for a frame of another layout. Does not allocate.
 */
SENSE_API int sense_calibrator_apply(const struct sense_calibrator *calibrator,
				     struct sense_frame *frame);

SENSE_END_DECLS

#endif
