// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ITS-90, sections 3.3.1 to 3.3.3: the deviation functions of a standard
 * platinum resistance thermometer, eq. (12) to (14).
 */
#include "calibrate/sprt.h"

#include <errno.h>
#include <math.h>

#include "base/error.h"
#include "calibrate/its90.h"
#include "calibrate/least-squares.h"
#include "calibrate/solve.h"

/* Freezing point of aluminium: above it the term in d counts, eq. (14). */
#define ALUMINIUM_DEGC 660.323

/* Ranges of table 5 of ITS-90, 1990, in degC. */
static const struct {
	double min, max;
	int coefficients;
} subranges[] = {
	{ 0, 0, 0 },
	{ -259.3467, 0.01, 7 },		/* 13.8033 K */
	{ -248.5939, 0.01, 5 },		/* 24.5561 K, neon */
	{ -218.7916, 0.01, 3 },		/* 54.3584 K, oxygen */
	{ -189.3442, 0.01, 2 },		/* 83.8058 K, argon */
	{ -38.8344, 29.7646, 2 },	/* 234.3156 K, mercury, to gallium */
	{ 0, 961.78, 4 },		/* 1234.93 K, silver */
	{ 0, ALUMINIUM_DEGC, 3 },	/* 933.473 K */
	{ 0, 419.527, 2 },		/* 692.677 K, zinc */
	{ 0, 231.928, 2 },		/* 505.078 K, tin */
	{ 0, 156.5985, 1 },		/* 429.7485 K, indium */
	{ 0, 29.7646, 1 },		/* 302.9146 K, gallium */
};

#define SUBRANGES (sizeof(subranges) / sizeof(subranges[0]))

/* The powers of ln W that c[0], c[1], ... multiply: eq. (12) with its n and m. */
static int first_power(unsigned int subrange)
{
	return subrange == 1 ? 3 : subrange == 2 ? 1 : 2;
}

static int powers(unsigned int subrange)
{
	return subrange == 1 ? 5 : subrange == 2 ? 3 : subrange == 3 ? 1 : 0;
}

static double w_of(const struct sense_sprt_deviation *deviation, double wr, double *slope);

/* W - Wr as a function of W, and its derivative. */
static double deviate(const struct sense_sprt_deviation *d, double w, double *slope)
{
	double x = w - 1, l, sum, ds, power;

	if (d->subrange == 4) {
		l = log(w);
		*slope = d->a + d->b * (l + x / w);
		return x * (d->a + d->b * l);
	}
	sum = x * (d->a + x * d->b);
	ds = d->a + 2 * x * d->b;
	if (d->subrange <= 3) {
		l = log(w);
		power = pow(l, first_power(d->subrange) - 1);
		for (int i = 0; i < powers(d->subrange); i++) {
			ds += d->c[i] * (first_power(d->subrange) + i) * power / w;
			power *= l;
			sum += d->c[i] * power;
		}
	} else if (d->subrange == 6 || d->subrange == 7) {
		sum += d->c[0] * x * x * x;
		ds += 3 * d->c[0] * x * x;
	}
	if (d->subrange == 6 && d->d != 0) {
		struct sense_sprt_deviation below = *d;
		double unused, w_al;

		below.d = 0;
		w_al = w_of(&below, its90_reference(ALUMINIUM_DEGC, false, &unused), &unused);
		if (w > w_al) {
			sum += d->d * (w - w_al) * (w - w_al);
			ds += 2 * d->d * (w - w_al);
		}
	}
	*slope = ds;
	return sum;
}

/* W of Wr: Newton's method on W - deviation(W) = Wr; dW/dWr in *slope. */
static double w_of(const struct sense_sprt_deviation *deviation, double wr, double *slope)
{
	double w = wr, ds;

	for (int i = 0; i < 30; i++) {
		double step = (w - deviate(deviation, w, &ds) - wr) / (1 - ds);

		w -= step;
		if (!(w > wr / 4))
			w = wr / 4;
		if (fabs(step) <= 1e-16 * w)
			break;
	}
	deviate(deviation, w, &ds);
	*slope = 1 / (1 - ds);
	return w;
}

/* Which deviation function holds at a temperature; NULL outside all. */
static const struct sense_sprt_deviation *deviation_at(const struct sense_sprt *sprt, double t)
{
	const struct sense_sprt_deviation *low = &sprt->low, *high = &sprt->high;

	if (low->subrange && t >= subranges[low->subrange].min &&
	    t <= subranges[low->subrange].max && !(high->subrange && t >= ITS90_JOIN_DEGC))
		return low;
	if (high->subrange && t >= subranges[high->subrange].min && t <= subranges[high->subrange].max)
		return high;
	return NULL;
}

double sense_sprt_get_min_degC(const struct sense_sprt *sprt)
{
	return subranges[sprt->low.subrange ? sprt->low.subrange : sprt->high.subrange].min;
}

double sense_sprt_get_max_degC(const struct sense_sprt *sprt)
{
	return subranges[sprt->high.subrange ? sprt->high.subrange : sprt->low.subrange].max;
}

double sprt_resistance(const struct sense_sprt *sprt, double t_degC, double *slope)
{
	const struct sense_sprt_deviation *deviation = deviation_at(sprt, t_degC);
	double wr, dwr, w, dw;

	if (!deviation)
		return NAN;
	wr = its90_reference(t_degC, t_degC < ITS90_JOIN_DEGC, &dwr);
	w = w_of(deviation, wr, &dw);
	*slope = sprt->r_tpw_ohm * dwr * dw;
	return sprt->r_tpw_ohm * w;
}

double sense_sprt_resistance_ohm(const struct sense_sprt *sprt, double t_degC)
{
	double slope;

	return sprt_resistance(sprt, t_degC, &slope);
}

double sense_sprt_temperature_degC(const struct sense_sprt *sprt, double r_ohm)
{
	const struct sense_sprt_deviation *low = &sprt->low, *high = &sprt->high, *deviation;
	double w = r_ohm / sprt->r_tpw_ohm, wr, t, slope;
	double min = sense_sprt_get_min_degC(sprt), max = sense_sprt_get_max_degC(sprt);

	if (!(r_ohm >= sense_sprt_resistance_ohm(sprt, min) &&
	      r_ohm <= sense_sprt_resistance_ohm(sprt, max)))
		return NAN;
	deviation = !low->subrange || (high->subrange && w >= 1) ? high : low;
	wr = w - deviate(deviation, w, &slope);
	/* A high subrange alone reaches 0.01 degC further down, by the low function. */
	t = sense_its90_temperature_degC(wr);
	if (isnan(t))
		t = r_ohm < sprt->r_tpw_ohm ? min : max;
	return t < min ? min : t > max ? max : t;
}

struct interval sprt_slope(const struct sense_sprt *sprt, struct interval t, struct interval r)
{
	bool below = t.lo < ITS90_JOIN_DEGC, above = t.hi >= ITS90_JOIN_DEGC;
	struct interval whole = { INFINITY, -INFINITY };

	for (int side = 0; side < 2; side++) {
		const struct sense_sprt_deviation *d;
		struct interval part = t, w, x, l, ds, power;

		if (!(side ? above : below))
			continue;
		if (side && below)
			part.lo = ITS90_JOIN_DEGC;
		if (!side && above)
			part.hi = ITS90_JOIN_DEGC;
		d = deviation_at(sprt, side ? part.hi : part.lo);
		if (!d)
			return (struct interval){ -INFINITY, INFINITY };
		w = interval_scale(r, 1 / sprt->r_tpw_ohm);
		x = (struct interval){ w.lo - 1, w.hi - 1 };
		l = interval_log(w);
		if (d->subrange == 4) {
			ds = interval_add(l, interval_mul(x, interval_inverse(w)));
			ds = interval_add((struct interval){ d->a, d->a }, interval_scale(ds, d->b));
		} else {
			double c[4] = { 0, d->a, d->b, d->subrange >= 6 ? d->c[0] : 0 };

			if (d->subrange > 7)
				c[3] = 0;
			ds = interval_polynomial_slope(c, 4, x);
		}
		if (d->subrange <= 3) {
			power = (struct interval){ 1, 1 };
			for (int i = 1; i < first_power(d->subrange); i++)
				power = interval_mul(power, l);
			for (int i = 0; i < powers(d->subrange); i++) {
				struct interval term = interval_mul(power, interval_inverse(w));

				ds = interval_add(ds, interval_scale(term, d->c[i] *
								     (first_power(d->subrange) + i)));
				power = interval_mul(power, l);
			}
		}
		if (d->subrange == 6 && d->d != 0) {
			double w_al = sense_sprt_resistance_ohm(sprt, ALUMINIUM_DEGC) / sprt->r_tpw_ohm;
			struct interval over = { fmax(0, w.lo - w_al), fmax(0, w.hi - w_al) };

			ds = interval_add(ds, interval_scale(over, 2 * d->d));
		}
		ds = (struct interval){ 1 - ds.hi, 1 - ds.lo };
		ds = interval_mul(its90_slope(part, side == 0), interval_inverse(ds));
		whole = interval_hull(whole, ds);
	}
	return interval_scale(whole, sprt->r_tpw_ohm);
}

static bool covers(const struct sense_sprt *sprt, double t)
{
	return deviation_at(sprt, t) != NULL;
}

int sense_sprt_check(const struct sense_sprt *sprt)
{
	static const char *const object = "SPRT";
	unsigned int low = sprt->low.subrange, high = sprt->high.subrange;
	double last = -INFINITY, slope;

	if (!(isfinite(sprt->r_tpw_ohm) && sprt->r_tpw_ohm > 0))
		return sense_fail(EINVAL, object, "take R(273.16 K) from the certificate",
				  "the resistance at the triple point of water is %g ohm", sprt->r_tpw_ohm);
	if (low > 5 || high >= SUBRANGES || (high && high < 6) || (!low && !high) || (low == 5 && high))
		return sense_fail(EINVAL, object,
				  "give one low subrange (1 to 4), one high one (6 to 11), one of each, "
				  "or 5 alone", "subranges %u (low) and %u (high) do not go together",
				  low, high);
	for (int i = 0; i <= 2000; i++) {
		double min = sense_sprt_get_min_degC(sprt), max = sense_sprt_get_max_degC(sprt);
		double t = i == 2000 ? max : min + (max - min) * i / 2000;
		double r = sprt_resistance(sprt, t, &slope);

		if (!(r > last) || !(slope > 0))
			return sense_fail(EINVAL, object, "compare the coefficients with the certificate",
					  "the resistance does not rise at %.4f degC", t);
		last = r;
	}
	/* ITS-90 section 3.3: an acceptable thermometer meets at least one of the two relations. */
	if ((!covers(sprt, 29.7646) ||
	     sense_sprt_resistance_ohm(sprt, 29.7646) / sprt->r_tpw_ohm < 1.11807) &&
	    (!covers(sprt, -38.8344) ||
	     sense_sprt_resistance_ohm(sprt, -38.8344) / sprt->r_tpw_ohm > 0.844235))
		return sense_fail(EINVAL, object,
				  "use it as an industrial thermometer, with Callendar-Van Dusen coefficients",
				  "neither W(302.9146 K) >= 1.11807 nor W(234.3156 K) <= 0.844235 holds: "
				  "ITS-90 does not admit this thermometer");
	if (high == 6 && sense_sprt_resistance_ohm(sprt, 961.78) / sprt->r_tpw_ohm < 4.2844)
		return sense_fail(EINVAL, object, "use it below 660.323 degC, with subrange 7",
				  "W(1234.93 K) is below 4.2844: ITS-90 does not admit this thermometer "
				  "up to the freezing point of silver");
	return 0;
}

static void terms_of(unsigned int subrange, double w, double *terms)
{
	double x = w - 1, l = log(w);
	int n = 0;

	terms[n++] = x;
	if (subrange == 4) {
		terms[n++] = x * l;
	} else if (subrange < 10) {
		terms[n++] = x * x;
		for (int i = 0; i < powers(subrange); i++)
			terms[n++] = pow(l, first_power(subrange) + i);
		if (subrange == 6 || subrange == 7)
			terms[n++] = x * x * x;
	}
}

int sense_sprt_fit(struct sense_sprt_deviation *deviation, unsigned int subrange,
		   const double *t_degC, const double *w, const double *u_w, unsigned int count)
{
	static const char *const object = "SPRT";
	struct sense_sprt_deviation result = { .subrange = subrange };
	double q[32 * 7], terms[7], y[32], solution[7] = { 0 }, w_al, wr, slope;
	int columns, rows = 0;

	if (!subrange || subrange >= SUBRANGES || count > 32)
		return sense_fail(EINVAL, object, "choose a subrange 1 to 11 and at most 32 points",
				  "subrange %u with %u points cannot be fitted", subrange, count);
	/* The term in d starts at aluminium and is settled by silver alone, after the rest. */
	columns = subranges[subrange].coefficients - (subrange == 6);
	for (unsigned int i = 0; i < count; i++) {
		double weight = u_w ? 1 / u_w[i] : 1;

		if (!(t_degC[i] >= subranges[subrange].min && t_degC[i] <= subranges[subrange].max) ||
		    !(w[i] > 0) || !(weight > 0 && isfinite(weight)))
			return sense_fail(EINVAL, object, "compare the points with the certificate",
					  "the point at %.4f degC does not belong to subrange %u, or its W "
					  "or uncertainty is not positive", t_degC[i], subrange);
		if (subrange == 6 && t_degC[i] > ALUMINIUM_DEGC)
			continue;
		wr = its90_reference(t_degC[i], t_degC[i] < ITS90_JOIN_DEGC, &slope);
		terms_of(subrange, w[i], terms);
		for (int j = 0; j < columns; j++)
			q[rows * columns + j] = terms[j] * weight;
		y[rows++] = (w[i] - wr) * weight;
	}
	if (least_squares(q, y, rows, columns, solution, NULL, NULL))
		return sense_fail(EINVAL, object, "add the missing fixed points",
				  "%d different points do not settle the %d coefficients of subrange %u",
				  rows, columns, subrange);
	result.a = solution[0];
	result.b = columns > 1 ? solution[1] : 0;
	for (int i = 2; i < columns; i++)
		result.c[i - 2] = solution[i];
	if (subrange == 6) {
		double over = 0, square = 0;

		w_al = w_of(&result, its90_reference(ALUMINIUM_DEGC, false, &slope), &slope);
		for (unsigned int i = 0; i < count; i++) {
			double weight = u_w ? 1 / (u_w[i] * u_w[i]) : 1, x;

			if (t_degC[i] <= ALUMINIUM_DEGC)
				continue;
			x = (w[i] - w_al) * (w[i] - w_al);
			wr = its90_reference(t_degC[i], false, &slope);
			over += weight * x * (w[i] - wr - deviate(&result, w[i], &slope));
			square += weight * x * x;
		}
		if (!(square > 0))
			return sense_fail(EINVAL, object, "add the freezing point of silver",
					  "no point above 660.323 degC settles d of subrange 6");
		result.d = over / square;
	}
	*deviation = result;
	return 0;
}
