// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The reference functions of IEC 60584-1:2013, clause 4 and annex A, as published in
 * Burns, Scroger, Strouse, Croarkin, Guthrie: NIST Monograph 175 (1993), and as
 * NIST Standard Reference Database 60 distributes them (its90.nist.gov; a work
 * of the US government). E in mV, t in degC.
 */
#include "calibrate/thermocouple.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "calibrate/solve.h"

static const double B0[] = {
	0.0, -0.00024650818346, 5.9040421171e-06, -1.3257931636e-09, 1.5668291901e-12,
	-1.694452924e-15, 6.2990347094e-19,
};
static const double B1[] = {
	-3.8938168621, 0.02857174747, -8.4885104785e-05, 1.5785280164e-07, -1.6835344864e-10,
	1.1109794013e-13, -4.4515431033e-17, 9.8975640821e-21, -9.3791330289e-25,
};
static const double E0[] = {
	0.0, 0.058665508708, 4.5410977124e-05, -7.7998048686e-07, -2.5800160843e-08,
	-5.9452583057e-10, -9.3214058667e-12, -1.0287605534e-13, -8.0370123621e-16,
	-4.3979497391e-18, -1.6414776355e-20, -3.9673619516e-23, -5.5827328721e-26,
	-3.4657842013e-29,
};
static const double E1[] = {
	0.0, 0.05866550871, 4.5032275582e-05, 2.8908407212e-08, -3.3056896652e-10,
	6.502440327e-13, -1.9197495504e-16, -1.2536600497e-18, 2.1489217569e-21,
	-1.4388041782e-24, 3.5960899481e-28,
};
static const double J0[] = {
	0.0, 0.050381187815, 3.047583693e-05, -8.568106572e-08, 1.3228195295e-10,
	-1.7052958337e-13, 2.0948090697e-16, -1.2538395336e-19, 1.5631725697e-23,
};
static const double J1[] = {
	296.45625681, -1.4976127786, 0.0031787103924, -3.1847686701e-06, 1.5720819004e-09,
	-3.0691369056e-13,
};
static const double K0[] = {
	0.0, 0.039450128025, 2.3622373598e-05, -3.2858906784e-07, -4.9904828777e-09,
	-6.7509059173e-11, -5.7410327428e-13, -3.1088872894e-15, -1.0451609365e-17,
	-1.9889266878e-20, -1.6322697486e-23,
};
static const double K1[] = {
	-0.017600413686, 0.038921204975, 1.8558770032e-05, -9.9457592874e-08, 3.1840945719e-10,
	-5.6072844889e-13, 5.6075059059e-16, -3.2020720003e-19, 9.7151147152e-23,
	-1.2104721275e-26,
};
static const double N0[] = {
	0.0, 0.026159105962, 1.0957484228e-05, -9.3841111554e-08, -4.6412039759e-11,
	-2.6303357716e-12, -2.2653438003e-14, -7.6089300791e-17, -9.3419667835e-20,
};
static const double N1[] = {
	0.0, 0.025929394601, 1.571014188e-05, 4.3825627237e-08, -2.5261169794e-10,
	6.4311819339e-13, -1.0063471519e-15, 9.9745338992e-19, -6.0863245607e-22,
	2.0849229339e-25, -3.0682196151e-29,
};
static const double R0[] = {
	0.0, 0.00528961729765, 1.39166589782e-05, -2.38855693017e-08, 3.56916001063e-11,
	-4.62347666298e-14, 5.00777441034e-17, -3.73105886191e-20, 1.57716482367e-23,
	-2.81038625251e-27,
};
static const double R1[] = {
	2.95157925316, -0.00252061251332, 1.59564501865e-05, -7.64085947576e-09,
	2.05305291024e-12, -2.93359668173e-16,
};
static const double R2[] = {
	152.232118209, -0.268819888545, 0.000171280280471, -3.45895706453e-08,
	-9.34633971046e-15,
};
static const double S0[] = {
	0.0, 0.00540313308631, 1.2593428974e-05, -2.32477968689e-08, 3.22028823036e-11,
	-3.31465196389e-14, 2.55744251786e-17, -1.25068871393e-20, 2.71443176145e-24,
};
static const double S1[] = {
	1.32900444085, 0.00334509311344, 6.54805192818e-06, -1.64856259209e-09,
	1.29989605174e-14,
};
static const double S2[] = {
	146.628232636, -0.258430516752, 0.000163693574641, -3.30439046987e-08,
	-9.43223690612e-15,
};
static const double T0[] = {
	0.0, 0.038748106364, 4.4194434347e-05, 1.1844323105e-07, 2.0032973554e-08,
	9.0138019559e-10, 2.2651156593e-11, 3.6071154205e-13, 3.8493939883e-15,
	2.8213521925e-17, 1.4251594779e-19, 4.8768662286e-22, 1.079553927e-24,
	1.3945027062e-27, 7.9795153927e-31,
};
static const double T1[] = {
	0.0, 0.038748106364, 3.329222788e-05, 2.0618243404e-07, -2.1882256846e-09,
	1.0996880928e-11, -3.0815758772e-14, 4.547913529e-17, -2.7512901673e-20,
};

/* Type K above 0 degC: + a0 exp(a1 (t - a2)^2). */
#define K_A0 0.1185976
#define K_A1 -1.183432e-4
#define K_A2 126.9686

struct piece {
	double min, max;
	const double *c;
	int count;
	bool is_exponential;
};

struct reference {
	char letter;
	int pieces;
	double invertible;
	struct piece piece[3];
};

#define PIECE(min, max, c) { min, max, c, sizeof(c) / sizeof((c)[0]), false }

static const struct reference references[] = {
	{ 'B', 2, 42.2, { PIECE(0, 630.615, B0), PIECE(630.615, 1820, B1) } },
	{ 'E', 2, -270, { PIECE(-270, 0, E0), PIECE(0, 1000, E1) } },
	{ 'J', 2, -210, { PIECE(-210, 760, J0), PIECE(760, 1200, J1) } },
	{ 'K', 2, -270, { PIECE(-270, 0, K0), { 0, 1372, K1, sizeof(K1) / sizeof(K1[0]), true } } },
	{ 'N', 2, -270, { PIECE(-270, 0, N0), PIECE(0, 1300, N1) } },
	{ 'R', 3, -50, { PIECE(-50, 1064.18, R0), PIECE(1064.18, 1664.5, R1),
			 PIECE(1664.5, 1768.1, R2) } },
	{ 'S', 3, -50, { PIECE(-50, 1064.18, S0), PIECE(1064.18, 1664.5, S1),
			 PIECE(1664.5, 1768.1, S2) } },
	{ 'T', 2, -270, { PIECE(-270, 0, T0), PIECE(0, 400, T1) } },
};

static const struct reference *reference_of(const struct sense_thermocouple *thermocouple)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		if (references[i].letter == thermocouple->letter)
			return &references[i];
	return NULL;
}

double sense_thermocouple_get_min_degC(const struct sense_thermocouple *thermocouple)
{
	const struct reference *reference = reference_of(thermocouple);

	return reference ? reference->piece[0].min : NAN;
}

double sense_thermocouple_get_max_degC(const struct sense_thermocouple *thermocouple)
{
	const struct reference *reference = reference_of(thermocouple);

	return reference ? reference->piece[reference->pieces - 1].max : NAN;
}

double sense_thermocouple_get_invertible_degC(const struct sense_thermocouple *thermocouple)
{
	const struct reference *reference = reference_of(thermocouple);

	return reference ? reference->invertible : NAN;
}

static double piece_mV(const struct piece *piece, double t, double *slope)
{
	double e = sense_polynomial(piece->c, piece->count, t, slope);

	if (piece->is_exponential) {
		double bump = K_A0 * exp(K_A1 * (t - K_A2) * (t - K_A2));

		e += bump;
		*slope += 2 * K_A1 * (t - K_A2) * bump;
	}
	return e;
}

double thermocouple_voltage(const struct sense_thermocouple *thermocouple, double t_degC,
			    double *slope)
{
	const struct reference *reference = reference_of(thermocouple);
	double e, deviation, ds;
	int i = 0;

	if (!reference || !(t_degC >= reference->piece[0].min &&
			    t_degC <= reference->piece[reference->pieces - 1].max))
		return NAN;
	while (i < reference->pieces - 1 && t_degC > reference->piece[i].max)
		i++;
	e = piece_mV(&reference->piece[i], t_degC, slope);
	deviation = sense_polynomial(thermocouple->deviation, 4, t_degC, &ds);
	*slope = *slope * 1e-3 + ds;
	return e * 1e-3 + deviation;
}

struct interval thermocouple_slope(const struct sense_thermocouple *thermocouple, struct interval t)
{
	const struct reference *reference = reference_of(thermocouple);
	struct interval whole = { INFINITY, -INFINITY };

	for (int i = 0; i < reference->pieces; i++) {
		const struct piece *piece = &reference->piece[i];
		struct interval part = { fmax(t.lo, piece->min), fmin(t.hi, piece->max) }, slope;

		if (part.lo > part.hi)
			continue;
		slope = interval_polynomial_slope(piece->c, piece->count, part);
		if (piece->is_exponential) {
			/* 2 a1 (t - a2) times a bell that lies between its values at the ends and a0 */
			struct interval from = { part.lo - K_A2, part.hi - K_A2 };
			double a = exp(K_A1 * from.lo * from.lo), b = exp(K_A1 * from.hi * from.hi);
			struct interval bell = { fmin(a, b), fmax(a, b) };

			if (from.lo <= 0 && from.hi >= 0)
				bell.hi = 1;
			slope = interval_add(slope, interval_mul(interval_scale(from, 2 * K_A1 * K_A0), bell));
		}
		whole = interval_hull(whole, slope);
	}
	return interval_add(interval_scale(whole, 1e-3),
			    interval_polynomial_slope(thermocouple->deviation, 4, t));
}

unsigned int thermocouple_joins(const struct sense_thermocouple *thermocouple, double joins[3])
{
	const struct reference *reference = reference_of(thermocouple);
	unsigned int count = 0;
	double slope;

	for (int i = 0; i < reference->pieces - 1; i++)
		joins[count++] = thermocouple_voltage(thermocouple, reference->piece[i].max, &slope);
	return count;
}

double sense_thermocouple_voltage_V(const struct sense_thermocouple *thermocouple, double t_degC)
{
	double slope;

	return thermocouple_voltage(thermocouple, t_degC, &slope);
}

static double function(const void *self, double t, double *slope)
{
	return thermocouple_voltage(self, t, slope);
}

double thermocouple_invert(const struct sense_thermocouple *thermocouple, double voltage_V)
{
	const struct reference *reference = reference_of(thermocouple);

	if (!reference)
		return NAN;
	/* Piece by piece, so that Newton's method never meets the kink at a join. */
	for (int i = 0; i < reference->pieces; i++) {
		double lo = i ? reference->piece[i].min : reference->invertible;
		double hi = reference->piece[i].max, slope;

		if (i < reference->pieces - 1 &&
		    voltage_V > thermocouple_voltage(thermocouple, hi, &slope))
			continue;
		/*
		 * At the lower join the function belongs to the piece below; a voltage in the
		 * step between the two, a few nanovolts wide, is the join.
		 */
		return sense_solve(function, thermocouple, voltage_V, lo, hi, lo + (hi - lo) / 2);
	}
	return NAN;
}

double sense_thermocouple_temperature_degC(const struct sense_thermocouple *thermocouple,
					   double voltage_V, double cold_junction_degC)
{
	double slope, cold = thermocouple_voltage(thermocouple, cold_junction_degC, &slope);

	return thermocouple_invert(thermocouple, voltage_V + cold);
}

int sense_thermocouple_check(const struct sense_thermocouple *thermocouple)
{
	const struct reference *reference = reference_of(thermocouple);
	double lo, hi, slope;

	if (!reference)
		return sense_fail(EINVAL, "thermocouple", "choose one of B, E, J, K, N, R, S and T",
				  "there is no thermocouple of type '%c'", thermocouple->letter);
	lo = reference->invertible;
	hi = reference->piece[reference->pieces - 1].max;
	for (int i = 0; i <= 2000; i++) {
		double t = i == 2000 ? hi : lo + (hi - lo) * i / 2000;

		if (!isfinite(thermocouple_voltage(thermocouple, t, &slope)) || !(slope > 0))
			return sense_fail(EINVAL, "thermocouple",
					  "compare the deviation with the certificate: it is in volts",
					  "with this deviation the voltage of type %c does not rise at "
					  "%.1f degC", thermocouple->letter, t);
	}
	return 0;
}
