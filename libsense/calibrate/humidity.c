// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/humidity.h>

#include <errno.h>
#include <math.h>
#include <strings.h>

#include "base/error.h"
#include "calibrate/solve.h"

#define R_VAPOUR (8.31446261815324 / 18.01528e-3)	/* J/(kg K) */

int sense_saturation_from_name(const char *name)
{
	static const char *const names[] = { "hardy", "sonntag", "iapws", "magnus" };

	for (int i = 0; i < 4; i++)
		if (!strcasecmp(names[i], name))
			return i;
	return sense_fail(EINVAL, name, "choose hardy, sonntag, iapws or magnus",
			  "there is no saturation equation called '%s'", name);
}

/* Hardy, "ITS-90 formulations for vapor pressure ...", 3rd Int. Symp. Humidity and Moisture, 1998. */
static double hardy_water(double T)
{
	return exp(((-2.8365744e3 / T - 6.028076559e3) / T + 1.954263612e1) +
		   T * (-2.737830188e-2 + T * (1.6261698e-5 + T * (7.0229056e-10 + T * -1.8680009e-13))) +
		   2.7150305 * log(T));
}

static double hardy_ice(double T)
{
	return exp(-5.8666426e3 / T + 2.232870244e1 +
		   T * (1.39387003e-2 + T * (-3.4262402e-5 + T * 2.7040955e-8)) + 6.7063522e-1 * log(T));
}

/* Sonntag, Z. Meteorol. 70 (1990) 340-344; in hPa there. */
static double sonntag_water(double T)
{
	return 100 * exp(-6096.9385 / T + 16.635794 - 2.711193e-2 * T + 1.673952e-5 * T * T +
		   2.433502 * log(T));
}

static double sonntag_ice(double T)
{
	return 100 * exp(-6024.5282 / T + 24.7219 + 1.0613868e-2 * T - 1.3198825e-5 * T * T -
		   0.49382577 * log(T));
}

/* Wagner and Pruss, J. Phys. Chem. Ref. Data 22 (1993) 783, eq. (1). */
static double iapws_water(double T)
{
	double x = 1 - T / 647.096, s = sqrt(x);

	return 22.064e6 * exp(647.096 / T * x *
			      (-7.85951783 + 1.84408259 * s - 11.7866497 * x * x +
			       22.6807411 * x * x * s - 15.9618719 * x * x * x +
			       1.80122502 * x * x * x * x * x * x * s));
}

/* IAPWS R14-08(2011), eq. (6). */
static double iapws_ice(double T)
{
	double x = T / 273.16;

	return 611.657 * exp((-0.212144006e2 * pow(x, 0.333333333e-2) +
			      0.273203819e2 * pow(x, 0.120666667e1) -
			      0.610598130e1 * pow(x, 0.170333333e1)) / x);
}

/* The range of each equation: over water, over ice. */
static const struct { double water_min, water_max, ice_min; } ranges[] = {
	[SENSE_SATURATION_HARDY] = { -100, 100, -100 },
	[SENSE_SATURATION_SONNTAG] = { -100, 100, -100 },
	[SENSE_SATURATION_IAPWS] = { 0.01, 373.946, -223.15 },
	[SENSE_SATURATION_MAGNUS] = { -45, 60, -65 },
};

#define ICE_MAX 0.01

double sense_saturation_water_Pa(enum sense_saturation formula, double t_degC)
{
	double T = t_degC + 273.15;

	if (!(t_degC >= ranges[formula].water_min && t_degC <= ranges[formula].water_max))
		return NAN;
	switch (formula) {
	case SENSE_SATURATION_HARDY:
		return hardy_water(T);
	case SENSE_SATURATION_SONNTAG:
		return sonntag_water(T);
	case SENSE_SATURATION_IAPWS:
		return iapws_water(T);
	case SENSE_SATURATION_MAGNUS:
		/* WMO-No. 8 (2008), annex 4.B */
		return 611.2 * exp(17.62 * t_degC / (243.12 + t_degC));
	}
	return NAN;
}

double sense_saturation_ice_Pa(enum sense_saturation formula, double t_degC)
{
	double T = t_degC + 273.15;

	if (!(t_degC >= ranges[formula].ice_min && t_degC <= ICE_MAX))
		return NAN;
	switch (formula) {
	case SENSE_SATURATION_HARDY:
		return hardy_ice(T);
	case SENSE_SATURATION_SONNTAG:
		return sonntag_ice(T);
	case SENSE_SATURATION_IAPWS:
		return iapws_ice(T);
	case SENSE_SATURATION_MAGNUS:
		return 611.2 * exp(22.46 * t_degC / (272.62 + t_degC));
	}
	return NAN;
}

/* Hardy 1998, after Greenspan: ln f = alpha (1 - e/p) + beta (p/e - 1). */
static double enhancement(const double a[4], const double b[4], double T, double e, double p)
{
	double alpha = a[0] + T * (a[1] + T * (a[2] + T * a[3]));
	double beta = exp(b[0] + T * (b[1] + T * (b[2] + T * b[3])));

	return exp(alpha * (1 - e / p) + beta * (p / e - 1));
}

double sense_enhancement_water(double t_degC, double pressure_Pa)
{
	/* Hardy 1998: water 0 to 100 degC, and water -50 to 0 degC */
	static const double a[4] = { -1.6302041e-1, 1.8071570e-3, -6.7703064e-6, 8.5813609e-9 };
	static const double b[4] = { -5.9890467e1, 3.4378043e-1, -7.7326396e-4, 6.3405286e-7 };
	static const double cold_a[4] = { -5.5898101e-2, 6.7140389e-4, -2.7492721e-6, 3.8268958e-9 };
	static const double cold_b[4] = { -8.1985393e1, 5.8230823e-1, -1.6340527e-3, 1.6725084e-6 };
	double T = t_degC + 273.15, e;

	if (pressure_Pa == 0)
		return 1;
	if (!(t_degC >= -50 && t_degC <= 100 && pressure_Pa > 0 && pressure_Pa <= 2e6))
		return NAN;
	e = hardy_water(T);
	if (e > pressure_Pa)
		return NAN;
	return t_degC < 0 ? enhancement(cold_a, cold_b, T, e, pressure_Pa)
			  : enhancement(a, b, T, e, pressure_Pa);
}

double sense_enhancement_ice(double t_degC, double pressure_Pa)
{
	static const double a[4] = { -6.0190570e-2, 7.3984060e-4, -3.0897838e-6, 4.3669918e-9 };
	static const double b[4] = { -9.4868712e1, 7.2392075e-1, -2.1963437e-3, 2.4668279e-6 };
	double T = t_degC + 273.15, e;

	if (pressure_Pa == 0)
		return 1;
	if (!(t_degC >= -100 && t_degC <= ICE_MAX && pressure_Pa > 0 && pressure_Pa <= 2e6))
		return NAN;
	e = hardy_ice(T);
	return e > pressure_Pa ? NAN : enhancement(a, b, T, e, pressure_Pa);
}

struct air {
	enum sense_saturation formula;
	double pressure;
};

static double over_water(const struct air *air, double t)
{
	return sense_saturation_water_Pa(air->formula, t) * sense_enhancement_water(t, air->pressure);
}

static double over_ice(const struct air *air, double t)
{
	return sense_saturation_ice_Pa(air->formula, t) * sense_enhancement_ice(t, air->pressure);
}

/* The logarithm is nearly a straight line in 1/T and in t: Newton's method likes it. */
static double log_water(const void *self, double t, double *slope)
{
	double e = over_water(self, t);

	*slope = 17.6 * 243 / ((243 + t) * (243 + t));
	return log(e);
}

static double log_ice(const void *self, double t, double *slope)
{
	double e = over_ice(self, t);

	*slope = 22.5 * 272.6 / ((272.6 + t) * (272.6 + t));
	return log(e);
}

/* Water below 0 degC has a factor of its own, which need not meet the other at 0 degC exactly. */
static double dew_point(const struct air *air, double e, double t_max)
{
	double min = fmax(ranges[air->formula].water_min, air->pressure > 0 ? -50 : -273.15);
	double max = fmin(ranges[air->formula].water_max, fmin(t_max, 373.9));
	double zero = min < 0 && max > 0 ? over_water(air, 0) : NAN;

	if (e < zero && e >= over_water(air, nextafter(0, -1)))
		return 0;
	if (e < zero)
		return sense_solve(log_water, air, log(e), min, nextafter(0, -1), NAN);
	return sense_solve(log_water, air, log(e), fmax(min, zero > 0 ? 0 : min), max, NAN);
}

static double frost_point(const struct air *air, double e)
{
	double min = fmax(ranges[air->formula].ice_min, air->pressure > 0 ? -100 : -273.15);

	return sense_solve(log_ice, air, log(e), min, ICE_MAX, NAN);
}

static int fill(struct sense_humidity *state, enum sense_saturation formula, double t, double p, double e)
{
	struct air air = { formula, p };
	double saturation = over_water(&air, t);

	if (!(e >= 0) || !isfinite(saturation) || !(p == 0 || e < p))
		return sense_fail(EDOM, "humidity",
				  "over water the equations hold from -50 to 100 degC (magnus -45 to 60, "
				  "iapws from 0.01)",
				  "%g degC with %g Pa of vapour at %g Pa lies outside the equation's range",
				  t, e, p);
	if (e > saturation * (1 + 1e-9))
		return sense_fail(EDOM, "humidity", "compare the readings: dew forms before this",
				  "%g Pa of vapour is more than air of %g degC can hold, %g Pa", e, t,
				  saturation);
	*state = (struct sense_humidity){
		.t_degC = t,
		.pressure_Pa = p,
		.relative_humidity = e / saturation,
		.vapour_pressure_Pa = e,
		.dew_point_degC = e > 0 ? dew_point(&air, e, t + 1e-6) : NAN,
		.frost_point_degC = e > 0 ? frost_point(&air, e) : NAN,
		.absolute_humidity_kg_m3 = e / (R_VAPOUR * (t + 273.15)),
		.mixing_ratio = p > 0 ? 18.01528 / 28.96546 * e / (p - e) : NAN,
	};
	return 0;
}

int sense_humidity_from_rh(struct sense_humidity *state, enum sense_saturation formula, double t_degC,
			   double relative_humidity, double pressure_Pa)
{
	struct air air = { formula, pressure_Pa };

	return fill(state, formula, t_degC, pressure_Pa, relative_humidity * over_water(&air, t_degC));
}

int sense_humidity_from_dew_point(struct sense_humidity *state, enum sense_saturation formula,
				  double t_degC, double dew_point_degC, double pressure_Pa)
{
	struct air air = { formula, pressure_Pa };

	return fill(state, formula, t_degC, pressure_Pa, over_water(&air, dew_point_degC));
}

int sense_humidity_from_frost_point(struct sense_humidity *state, enum sense_saturation formula,
				    double t_degC, double frost_point_degC, double pressure_Pa)
{
	struct air air = { formula, pressure_Pa };

	return fill(state, formula, t_degC, pressure_Pa, over_ice(&air, frost_point_degC));
}
