// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The reference functions of the International Temperature Scale of 1990:
 * Preston-Thomas, Metrologia 27 (1990) 3-10, section 3.3, tables 3 and 4;
 * constants as corrected in Metrologia 27 (1990) 107.
 */
#include "calibrate/its90.h"

#include <math.h>
#include <stdbool.h>

#include "calibrate/solve.h"

/* Eq. (9a): ln Wr = A0 + sum Ai [(ln(T/273.16 K) + 1.5) / 1.5]^i, 13.8033 K to 273.16 K. */
static const double A[] = {
	-2.13534729, 3.18324720, -1.80143597, 0.71727204, 0.50344027, -0.61899395, -0.05332322,
	0.28021362, 0.10715224, -0.29302865, 0.04459872, 0.11868632, -0.05248134,
};

/* Eq. (9b): T/273.16 K = B0 + sum Bi [(Wr^(1/6) - 0.65) / 0.35]^i, within 0.1 mK. */
static const double B[] = {
	0.183324722, 0.240975303, 0.209108771, 0.190439972, 0.142648498, 0.077993465,
	0.012475611, -0.032267127, -0.075291522, -0.056470670, 0.076201285, 0.123893204,
	-0.029201193, -0.091173542, 0.001317696, 0.026025526,
};

/* Eq. (10a): Wr = C0 + sum Ci [(T/K - 754.15) / 481]^i, 273.15 K to 1234.93 K. */
static const double C[] = {
	2.78157254, 1.64650916, -0.13714390, -0.00649767, -0.00234444, 0.00511868, 0.00187982,
	-0.00204472, -0.00046122, 0.00045724,
};

/* Eq. (10b): T/K - 273.15 = D0 + sum Di [(Wr - 2.64) / 1.64]^i, within 0.13 mK. */
static const double D[] = {
	439.932854, 472.418020, 37.684494, 7.472018, 2.920828, 0.005184, -0.963864, -0.188732,
	0.191203, 0.049025,
};

#define COUNT(x) ((int)(sizeof(x) / sizeof((x)[0])))

static double low(const void *self, double t_degC, double *slope)
{
	double T = t_degC + 273.15, derivative;
	double wr = exp(sense_polynomial(A, COUNT(A), (log(T / 273.16) + 1.5) / 1.5, &derivative));

	*slope = wr * derivative / (1.5 * T);
	return wr;
}

static double high(const void *self, double t_degC, double *slope)
{
	double derivative;
	double wr = sense_polynomial(C, COUNT(C), (t_degC + 273.15 - 754.15) / 481, &derivative);

	*slope = derivative / 481;
	return wr;
}

double its90_reference(double t_degC, bool is_low, double *slope)
{
	return is_low ? low(NULL, t_degC, slope) : high(NULL, t_degC, slope);
}

double its90_inverse(double wr, bool is_low)
{
	if (is_low) {
		double start = 273.16 * sense_polynomial(B, COUNT(B),
							 (pow(wr, 1.0 / 6) - 0.65) / 0.35, NULL);

		return sense_solve(low, NULL, wr, SENSE_ITS90_MIN_DEGC, ITS90_JOIN_DEGC,
				   start - 273.15);
	}
	return sense_solve(high, NULL, wr, ITS90_JOIN_DEGC, SENSE_ITS90_MAX_DEGC,
			   sense_polynomial(D, COUNT(D), (wr - 2.64) / 1.64, NULL));
}

struct interval its90_slope(struct interval t, bool is_low)
{
	struct interval T = { t.lo + 273.15, t.hi + 273.15 }, v, wr;
	double unused;

	if (!is_low) {
		v = (struct interval){ (T.lo - 754.15) / 481, (T.hi - 754.15) / 481 };
		return interval_scale(interval_polynomial_slope(C, COUNT(C), v), 1.0 / 481);
	}
	v = (struct interval){ (log(T.lo / 273.16) + 1.5) / 1.5, (log(T.hi / 273.16) + 1.5) / 1.5 };
	wr = (struct interval){ low(NULL, t.lo, &unused), low(NULL, t.hi, &unused) };
	return interval_mul(interval_mul(wr, interval_polynomial_slope(A, COUNT(A), v)),
			    interval_inverse(interval_scale(T, 1.5)));
}

double sense_its90_reference(double t_degC)
{
	double slope;

	if (!(t_degC >= SENSE_ITS90_MIN_DEGC && t_degC <= SENSE_ITS90_MAX_DEGC))
		return NAN;
	return its90_reference(t_degC, t_degC < ITS90_JOIN_DEGC, &slope);
}

double sense_its90_temperature_degC(double wr)
{
	double slope, join = high(NULL, ITS90_JOIN_DEGC, &slope);

	/*
	 * Rounded as they are printed, the two functions miss each other by 5.3e-9
	 * (1.3 uK) at the join: what falls in between is the join.
	 */
	if (!(wr > 0))
		return NAN;
	if (wr >= join)
		return its90_inverse(wr, false);
	if (wr >= low(NULL, ITS90_JOIN_DEGC, &slope))
		return ITS90_JOIN_DEGC;
	return its90_inverse(wr, true);
}
