/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * observer.h - a model run beside its plant: estimate, prediction and their uncertainty.
 *
 * A Kalman filter over matrices that were discretised at set-up, one set per interval. The
 * per-step functions neither allocate nor lock, and use + - * / and sqrt in source order only:
 * the same numbers give the same bits.
 */
#ifndef SENSE_OBSERVER_H
#define SENSE_OBSERVER_H

#include <sense/api.h>
#include <sense/model.h>

SENSE_BEGIN_DECLS

struct sense_observer;

/**
 * sense_observer_new() - prepare a model for intervals between samples.
 * @interval_ns: each > 0; one is enough at a constant period, multiples of it bridge missing samples
 *
 * Owned; sense_observer_free(). The model is copied. -EINVAL, -EDOM, -ENOMEM.
 */
SENSE_API struct sense_observer *sense_observer_new(const struct sense_model *model,
						    unsigned int count,
						    const int64_t *interval_ns);
SENSE_API void sense_observer_free(struct sense_observer *observer);

/** sense_observer_start() - forget everything; @outputs and @inputs are the first sample. */
SENSE_API void sense_observer_start(struct sense_observer *observer, const double *outputs,
				    const double *inputs);
/**
 * sense_observer_predict() - on by one interval.
 * @inputs: held during it
 *
 * 0, or -EDOM when the interval was not prepared (to 1 part in 1000).
 */
SENSE_API int sense_observer_predict(struct sense_observer *observer, int64_t interval_ns,
				     const double *inputs);
/** sense_observer_correct() - take in the measured outputs; NaN: not measured. */
SENSE_API void sense_observer_correct(struct sense_observer *observer, const double *outputs);

/** What an output is: predicted before correct(), estimated after it. Unit of the output. */
SENSE_API double sense_observer_get_value(const struct sense_observer *observer,
					  unsigned int output);
/** Standard uncertainty of that as the true value; with the readout's noise, as the measured one. */
SENSE_API double sense_observer_get_u(const struct sense_observer *observer, unsigned int output);
SENSE_API double sense_observer_get_measured_u(const struct sense_observer *observer,
					       unsigned int output);
/** Last innovation over its standard deviation, NaN where nothing was measured. */
SENSE_API double sense_observer_get_innovation(const struct sense_observer *observer,
					       unsigned int output);
SENSE_API double sense_observer_get_normalised_innovation(const struct sense_observer *observer,
							  unsigned int output);

/**
 * sense_observer_forecast() - @steps intervals of @interval_ns ahead, the observer unchanged.
 * @inputs: steps x inputs; NULL with @held: these are held
 * @values, @u: steps x outputs, value and standard uncertainty as a measured one; u may be NULL
 */
SENSE_API int sense_observer_forecast(const struct sense_observer *observer, unsigned int steps,
				      int64_t interval_ns, const double *inputs, const double *held,
				      double *values, double *u);

/** Bytes of the state for a warm start; its content is opaque and tied to the model's digest. */
SENSE_API size_t sense_observer_get_state_size(const struct sense_observer *observer);
SENSE_API void sense_observer_get_state(const struct sense_observer *observer, void *state);
/** 0, or -EINVAL for the state of another model. */
SENSE_API int sense_observer_set_state(struct sense_observer *observer, const void *state,
				       size_t size);
/** States, for those who control by them; borrowed. */
SENSE_API const double *sense_observer_get_states(const struct sense_observer *observer);

SENSE_END_DECLS

#endif
