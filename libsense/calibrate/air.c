// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CIPM-2007: Picard, Davis, Glaser, Fujii, "Revised formula for the density of
 * moist air", Metrologia 45 (2008) 149-155, and its appendix.
 */
#include <sense/air.h>

#include <errno.h>
#include <math.h>

#include "base/error.h"

#define R 8.314472		/* J/(mol K): CODATA 2006, the one the formula was made with */
#define M_VAPOUR 18.01528e-3	/* kg/mol */

int sense_air_density_kg_m3(double t_degC, double pressure_Pa, double relative_humidity, double co2,
			    double *density)
{
	double T = t_degC + 273.15, t = t_degC, p = pressure_Pa;
	double saturation, enhancement, xv, z, m_dry;

	if (!(t >= 15 && t <= 27 && p >= 60000 && p <= 110000 && relative_humidity >= 0 &&
	      relative_humidity <= 1 && co2 >= 0 && co2 <= 0.01))
		return sense_fail(EDOM, "air density",
				  "CIPM-2007 holds at 15 to 27 degC, 60 to 110 kPa, 0 to 100 % and CO2 up to 1 %",
				  "%g degC, %g Pa, humidity %g and CO2 %g lie outside CIPM-2007", t, p,
				  relative_humidity, co2);
	saturation = exp(1.2378847e-5 * T * T - 1.9121316e-2 * T + 33.93711047 - 6.3431645e3 / T);
	enhancement = 1.00062 + 3.14e-8 * p + 5.6e-7 * t * t;
	xv = relative_humidity * enhancement * saturation / p;
	z = 1 - p / T * (1.58123e-6 - 2.9331e-8 * t + 1.1043e-10 * t * t +
			 (5.707e-6 - 2.051e-8 * t) * xv + (1.9898e-4 - 2.376e-6 * t) * xv * xv) +
	    p * p / (T * T) * (1.83e-11 - 0.765e-8 * xv * xv);
	m_dry = 28.96546e-3 + 12.011e-3 * (co2 - 400e-6);
	*density = p * m_dry / (z * R * T) * (1 - xv * (1 - M_VAPOUR / m_dry));
	return 0;
}
