/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * residuals.h - are the innovations what they should be: white, and unrelated to the inputs?
 */
#ifndef SENSE_TWIN_RESIDUALS_H
#define SENSE_TWIN_RESIDUALS_H

#include <jansson.h>

#include "twin/evaluate.h"
#include "twin/structure.h"

/*
 * Tests over rows from @skip on, of the first output's normalised innovations: Ljung and Box's
 * (Biometrika 65 (1978) 297) over 20 lags, and the greatest correlation with the increments of each
 * input over lags 0 to 20, beside the limit that chance alone passes in 1 % of cases. Owned; NULL.
 */
json_t *twin_residuals(const struct twin_structure *structure, const double *theta,
		       const struct twin_data *data, int skip);

#endif
