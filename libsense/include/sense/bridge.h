/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * bridge.h - strain-gauge load cells: weight from bridge output, terms as in OIML R 60-1:2021.
 */
#ifndef SENSE_BRIDGE_H
#define SENSE_BRIDGE_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/**
 * m = rated (x - zero - tc_zero dt) / (sensitivity (1 + tc_sensitivity dt)), dt = t - reference;
 * x is bridge output over excitation. Data sheets give mV/V: 2 mV/V is 2e-3 here.
 */
struct sense_bridge {
	double rated_kg;		/**< load at which the output is zero + sensitivity */
	double sensitivity;		/**< V/V */
	double zero;			/**< V/V without load */
	double tc_sensitivity;		/**< 1/degC, relative */
	double tc_zero;			/**< V/V per degC */
	double reference_degC;		/**< where the two above count from */
	double min_degC, max_degC;	/**< where the temperature coefficients hold */
	double min_kg, max_kg;		/**< measuring range; outside is NaN */
};

/** sense_bridge_check() - 0 or -EINVAL: no rated load, no sensitivity, an empty range. */
SENSE_API int sense_bridge_check(const struct sense_bridge *bridge);

/** Mass; exact but for rounding, only + - x /. NaN outside either range. Pure. */
SENSE_API double sense_bridge_mass_kg(const struct sense_bridge *bridge, double output_V_V,
				      double t_degC);
/** Bridge output for a mass; NaN outside. Pure. */
SENSE_API double sense_bridge_output_V_V(const struct sense_bridge *bridge, double mass_kg,
					 double t_degC);

SENSE_END_DECLS

#endif
