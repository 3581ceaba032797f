/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * identify.h - a model from data, by the prediction-error method on the filter's innovations
 * (Ljung, System Identification, 2nd ed. 1999, chapters 7, 10 and 16).
 */
#ifndef SENSE_IDENTIFY_H
#define SENSE_IDENTIFY_H

#include <sense/api.h>
#include <sense/model.h>
#include <sense/series.h>

SENSE_BEGIN_DECLS

/** One line of progress; a non-zero return ends the identification with -EINTR. */
typedef int (*sense_identify_progress)(void *context, const char *what, double done_fraction);

struct sense_identify_options {
	double train_from, train_to; /**< fractions of the rows; 0 and 1 */
	/** "auto", "innovations:N" or "greybox:FILE"; NULL: auto */
	const char *structure;
	unsigned int starts; /**< of each search; 0: 4 */
	unsigned int seed; /**< of the starts */
	/** Rows ahead whose errors, input held, count beside the innovations; 0: none. */
	unsigned int multi_step;
	sense_identify_progress progress;
	void *context;
};

/**
 * sense_identify() - fit a model to part of a series; what is left of it validates. Owned.
 *
 * With "auto" the order (0 to 3 modes) and which input, if any, acts with a curvature are chosen
 * by held-out likelihood: the rows from 40 to 55 % of the training rows under a fit to those before
 * them, then those to 70 %, 85 % and the end likewise. The choice is then fitted to all rows.
 */
SENSE_API struct sense_model *sense_identify(const struct sense_series *series,
					     const struct sense_identify_options *options);

SENSE_END_DECLS

#endif
