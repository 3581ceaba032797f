/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * interval.h - enclosures: what a function can be at most and at least over a
 * range of its argument. They carry the proof of an interpolation table's error
 * (curve.c). Polynomials allow for rounding; elsewhere whoever uses a result does.
 */
#ifndef SENSE_CALIBRATE_INTERVAL_H
#define SENSE_CALIBRATE_INTERVAL_H

#include <math.h>

struct interval {
	double lo;
	double hi;
};

static inline struct interval interval_add(struct interval a, struct interval b)
{
	return (struct interval){ a.lo + b.lo, a.hi + b.hi };
}

static inline struct interval interval_scale(struct interval a, double k)
{
	return k < 0 ? (struct interval){ k * a.hi, k * a.lo } : (struct interval){ k * a.lo, k * a.hi };
}

static inline struct interval interval_mul(struct interval a, struct interval b)
{
	double p = a.lo * b.lo, q = a.lo * b.hi, r = a.hi * b.lo, s = a.hi * b.hi;

	return (struct interval){ fmin(fmin(p, q), fmin(r, s)), fmax(fmax(p, q), fmax(r, s)) };
}

/* 1 / a; without bound when a holds 0. */
static inline struct interval interval_inverse(struct interval a)
{
	if (a.lo <= 0 && a.hi >= 0)
		return (struct interval){ -INFINITY, INFINITY };
	return (struct interval){ 1 / a.hi, 1 / a.lo };
}

static inline struct interval interval_hull(struct interval a, struct interval b)
{
	return (struct interval){ fmin(a.lo, b.lo), fmax(a.hi, b.hi) };
}

static inline struct interval interval_log(struct interval a)
{
	return (struct interval){ log(a.lo), log(a.hi) };
}

/*
 * c[0] + c[1] x + ... + c[count-1] x^(count-1), by way of its Taylor expansion
 * about the middle of x, which for a narrow x is nearly tight. count <= 20.
 */
struct interval interval_polynomial(const double *c, int count, struct interval x);

/* The same for the polynomial's derivative. */
struct interval interval_polynomial_slope(const double *c, int count, struct interval x);

/* Horner's rule; the derivative in *slope unless NULL. */
double sense_polynomial(const double *c, int count, double x, double *slope);

#endif
