/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * air.h - density of moist air, CIPM-2007: Picard, Davis, Glaser, Fujii, Metrologia 45 (2008) 149-155.
 */
#ifndef SENSE_AIR_H
#define SENSE_AIR_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Relative standard uncertainty of the equation itself, CIPM-2007 section 4. */
#define SENSE_AIR_DENSITY_RELATIVE_U 22e-6

/**
 * sense_air_density_kg_m3() - @relative_humidity as a fraction, @co2 amount fraction (400e-6).
 * 0 with *density, or -EDOM outside what CIPM-2007 recommends: 600 to 1100 hPa, 15 to 27 degC,
 * humidity 0 to 1, CO2 0 to 0.01.
 */
SENSE_API int sense_air_density_kg_m3(double t_degC, double pressure_Pa, double relative_humidity,
				      double co2, double *density);

SENSE_END_DECLS

#endif
