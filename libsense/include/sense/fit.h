/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * fit.h - a characteristic from a certificate's points, with the covariance of the points in it.
 */
#ifndef SENSE_FIT_H
#define SENSE_FIT_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

enum sense_fit_kind {
	SENSE_FIT_PIECEWISE = 0,	/**< straight lines through the points */
	SENSE_FIT_POLYNOMIAL,		/**< weighted least squares (generalised, when points are correlated) */
	SENSE_FIT_SPLINE		/**< natural cubic spline through the points */
};

struct sense_fit;

/**
 * sense_fit_new() - fit y(x).
 * @degree: of a polynomial, 1 to 9; else ignored
 * @x, @y, @count: the points, 2 to 64, x rising and all different
 * @covariance: count x count of y, row-major; or NULL: @u alone
 * @u: standard uncertainties of y; or NULL: unknown. A polynomial's uncertainty then comes from
 *     the residuals, and the other kinds have none.
 *
 * Owned; sense_fit_free(). NULL: -EINVAL (order, count, too few points for the degree),
 * -EDOM (covariance not symmetric or not positive definite). Solved by LAPACK, at set-up only.
 */
SENSE_API struct sense_fit *sense_fit_new(enum sense_fit_kind kind, unsigned int degree,
					  const double *x, const double *y, const double *u,
					  const double *covariance, unsigned int count);
SENSE_API void sense_fit_free(struct sense_fit *fit);

/** y(x), only + - x /; NaN outside the points. Pure. */
SENSE_API double sense_fit_value(const struct sense_fit *fit, double x);
/** Standard uncertainty of y(x) by the points' covariance; NaN outside or unknown. Pure. */
SENSE_API double sense_fit_u(const struct sense_fit *fit, double x);
/** Coefficients of a polynomial in (x - centre) / half-range, and their covariance. NULL for other kinds. */
SENSE_API const double *sense_fit_get_coefficients(const struct sense_fit *fit, unsigned int *count);
SENSE_API const double *sense_fit_get_covariance(const struct sense_fit *fit);
/** Sum of squared residuals over their u (chi-square), and degrees of freedom. */
SENSE_API double sense_fit_get_chi2(const struct sense_fit *fit, unsigned int *degrees_of_freedom);

SENSE_END_DECLS

#endif
