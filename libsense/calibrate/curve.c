// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/curve.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const char *const object = "calibration table";

void curve_apply(const struct curve *curve, const double *restrict x, double *restrict value,
		 double *restrict u, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		curve_pair y = curve_at(curve, x[i]);

		value[i] = y[0];
		u[i] = y[1];
	}
}

struct maker {
	const struct curve_source *source;
	struct curve *curve;
	unsigned int room;
};

static double x_of_cell(const struct curve *curve, double cell)
{
	return curve->x_min + cell / curve->cells_per_x;
}

/* Through four Chebyshev points, which keep the error of a cubic least: coefficients in cells. */
static bool interpolate(const struct maker *m, double from, double width, struct curve_segment *s)
{
	double d[4], y[4], u[4], *lanes[2] = { y, u };

	for (int k = 0; k < 4; k++) {
		d[k] = width / 2 * (1 - cos((2 * k + 1) * M_PI / 8));
		y[k] = m->source->value(m->source->self, x_of_cell(m->curve, from + d[k]));
		if (!isfinite(y[k]))
			return false;
		u[k] = m->source->u ? m->source->u(m->source->self, y[k]) : NAN;
	}
	for (int lane = 0; lane < 2; lane++) {
		double *t = lanes[lane];

		/* Newton's divided differences, then unfolded into powers. */
		for (int j = 1; j < 4; j++)
			for (int k = 3; k >= j; k--)
				t[k] = (t[k] - t[k - 1]) / (d[k] - d[k - j]);
		for (int j = 2; j >= 0; j--)
			for (int k = j; k < 3; k++)
				t[k] -= d[j] * t[k + 1];
		for (int j = 0; j < 4; j++)
			s->c[j][lane] = t[j];
	}
	return true;
}

static double evaluate(const struct curve_segment *s, int lane, double d)
{
	return ((s->c[3][lane] * d + s->c[2][lane]) * d + s->c[1][lane]) * d + s->c[0][lane];
}

/* The step of F that lies between two x, or 0. */
static double step_within(const struct curve_source *source, double lo, double hi)
{
	for (unsigned int i = 0; i < source->steps; i++)
		if (source->step[i] >= lo - source->jump && source->step[i] <= hi + source->jump)
			return source->jump;
	return 0;
}

/*
 * Bound of |p - y| over [from, to] cells of a segment that starts at @start. With
 * r(x) = F(p(x)) - x, r' = F'(p) p' - 1 and |p - y| <= |r| / min F' (mean value
 * theorem, twice); without F, p' - y' bounds p - y in the same way. Halved until
 * the bound is good enough or the halves no longer matter.
 */
static double prove(const struct maker *m, const struct curve_segment *s, double start, double from,
		    double to, double tolerance, int depth)
{
	const struct curve_source *source = m->source;
	const double c[4] = { s->c[0][0], s->c[1][0], s->c[2][0], s->c[3][0] };
	struct interval d = { from - start, to - start }, x, y, dp, slope, dr;
	double middle = from + (to - from) / 2, xm = x_of_cell(m->curve, middle), half, ym, bound, rounding;

	x = (struct interval){ x_of_cell(m->curve, from), x_of_cell(m->curve, to) };
	y = interval_polynomial(c, 4, d);
	dp = interval_scale(interval_polynomial_slope(c, 4, d), m->curve->cells_per_x);
	half = (x.hi - x.lo) / 2;
	ym = evaluate(s, 0, middle - start);
	rounding = 16 * DBL_EPSILON * fmax(fabs(y.lo), fabs(y.hi));
	if (source->forward) {
		/* The cubic may overshoot the ends of the range by less than its error. */
		double inside = fmin(fmax(ym, source->y_min), source->y_max), over = fabs(ym - inside);

		y.lo = fmax(y.lo, source->y_min);
		y.hi = fmin(y.hi, source->y_max);
		if (y.lo > y.hi)
			y.lo = y.hi = inside;
		slope = source->enclose(source->self, x, y);
		dr = interval_mul(slope, dp);
		bound = fabs(source->forward(source->self, inside) - xm) + step_within(source, x.lo, x.hi) +
			fmax(fabs(dr.lo - 1), fabs(dr.hi - 1)) * half +
			16 * DBL_EPSILON * fmax(fabs(x.lo), fabs(x.hi));
		bound = bound / fmin(fabs(slope.lo), fabs(slope.hi)) + over;
		if (slope.lo <= 0 && slope.hi >= 0)
			bound = INFINITY;
	} else {
		slope = source->enclose(source->self, x, y);
		dr = (struct interval){ dp.lo - slope.hi, dp.hi - slope.lo };
		bound = fabs(ym - source->value(source->self, xm)) +
			fmax(fabs(dr.lo), fabs(dr.hi)) * half;
	}
	bound += rounding;
	if (isnan(bound))
		bound = INFINITY;
	if (bound <= tolerance || !depth)
		return bound;
	return fmax(prove(m, s, start, from, middle, tolerance, depth - 1),
		    prove(m, s, start, middle, to, tolerance, depth - 1));
}

/* A quick look whether a segment is worth proving. */
static bool looks_good(const struct maker *m, const struct curve_segment *s, double from, double width)
{
	double step = step_within(m->source, x_of_cell(m->curve, from), x_of_cell(m->curve, from + width));
	/* What a step makes of y cannot be had out of it: 1.3 uK for an SPRT. */
	double allowed = m->source->tolerance / 4 +
			 2 * step * fabs(s->c[1][0]) * m->curve->cells_per_x;

	for (int k = 0; k < 5; k++) {
		double d = width * k / 4, x = x_of_cell(m->curve, from + d);
		double y = m->source->value(m->source->self, fmin(fmax(x, m->source->x_min), m->source->x_max));
		double p = evaluate(s, 0, d), u = evaluate(s, 1, d), want;

		if (!(fabs(p - y) <= allowed))
			return false;
		want = m->source->u ? m->source->u(m->source->self, y) : NAN;
		if (isfinite(want) && !(fabs(u - want) <= 1e-3 * want + m->source->tolerance))
			return false;
	}
	return true;
}

static int fill_part(struct maker *m, unsigned int index)
{
	struct curve *curve = m->curve;
	struct curve_part *part = &curve->part[index];
	double start = (double)((uint32_t)index << CURVE_FINE_BITS);
	unsigned int levels, count;

	part->first = curve->segments;
	/* The fewest equal segments that all do; at the last level whatever there is. */
	for (levels = 0; levels <= CURVE_FINE_BITS; levels++) {
		double width = (double)(1u << (CURVE_FINE_BITS - levels));
		bool good = true;

		count = 1u << levels;
		if (curve->segments + count + 1 > m->room) {
			unsigned int room = 2 * (curve->segments + count + 1);
			struct curve_segment *more = aligned_alloc(64, room * sizeof(*more));

			if (!more)
				return sense_fail(ENOMEM, object, "close other programs",
						  "no memory for a calibration table");
			if (curve->segment)
				memcpy(more, curve->segment, curve->segments * sizeof(*more));
			free(curve->segment);
			curve->segment = more;
			m->room = room;
		}
		for (unsigned int k = 0; k < count && (good || levels == CURVE_FINE_BITS); k++) {
			struct curve_segment *s = &curve->segment[part->first + k];
			double from = start + k * width;

			if (!interpolate(m, from, width, s))
				return sense_fail(EDOM, object, "narrow the range",
						  "the equation has no value near %g",
						  x_of_cell(curve, from));
			good = good && looks_good(m, s, from, width);
		}
		if (good || levels == CURVE_FINE_BITS)
			break;
	}
	part->shift = CURVE_FINE_BITS - levels;
	curve->segments += count;
	for (unsigned int k = 0; k < count; k++) {
		struct curve_segment *s = &curve->segment[part->first + k];
		double width = (double)(1u << part->shift), from = start + k * width;
		double error = prove(m, s, from, from, from + width, m->source->tolerance, 12);
		double y = evaluate(s, 0, width / 2), u = evaluate(s, 1, width / 2);

		if (error > curve->error) {
			curve->error = error;
			curve->error_x = x_of_cell(curve, from + width / 2);
		}
		if (!isfinite(error))
			return sense_fail(EDOM, object, "narrow the range",
					  "the table's error near %g (value %g) cannot be bounded",
					  x_of_cell(curve, from), y);
		/* In the budget: a rectangular distribution of half-width error. */
		if (isfinite(u) && u > 0)
			for (int j = 0; j < 4; j++)
				s->c[j][1] *= hypot(1, error / sqrt(3) / u);
	}
	return 0;
}

static int digest(struct curve *curve)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	double head[3] = { curve->x_min, curve->x_max, curve->cells_per_x };
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned int size;
	int good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		   EVP_DigestUpdate(context, head, sizeof(head)) == 1 &&
		   EVP_DigestUpdate(context, curve->part, sizeof(curve->part)) == 1 &&
		   EVP_DigestUpdate(context, curve->segment,
				    (size_t)curve->segments * sizeof(*curve->segment)) == 1 &&
		   EVP_DigestFinal_ex(context, hash, &size) == 1;

	EVP_MD_CTX_free(context);
	if (!good)
		return sense_fail(ENOMEM, object, "close other programs", "the digest cannot be computed");
	for (int i = 0; i < 32; i++)
		snprintf(curve->digest + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

struct curve *curve_make(const struct curve_source *source)
{
	struct curve *curve = calloc(1, sizeof(*curve));
	struct maker m = { .source = source, .curve = curve };

	if (!curve)
		return sense_fail_null(ENOMEM, object, "close other programs", "no memory for a calibration table");
	curve->x_min = source->x_min;
	curve->x_max = source->x_max;
	curve->cells_per_x = CURVE_CELLS / (source->x_max - source->x_min);
	for (unsigned int i = 0; i < CURVE_PARTS; i++)
		if (fill_part(&m, i)) {
			curve_free(curve);
			return NULL;
		}
	/* fill_part() kept room for one more: what lies outside. Canonical NaN in both lanes. */
	for (int j = 0; j < 4; j++)
		curve->segment[curve->segments].c[j] = (curve_pair){ NAN, NAN };
	if (digest(curve)) {
		curve_free(curve);
		return NULL;
	}
	return curve;
}

void curve_free(struct curve *curve)
{
	if (curve)
		free(curve->segment);
	free(curve);
}
