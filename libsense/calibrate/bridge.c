// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/bridge.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "base/error.h"

static double span(const struct sense_bridge *bridge, double dt)
{
	return bridge->sensitivity * (1 + bridge->tc_sensitivity * dt);
}

int sense_bridge_check(const struct sense_bridge *bridge)
{
	static const char *const object = "bridge";

	if (!(bridge->rated_kg > 0 && isfinite(bridge->rated_kg)) || bridge->sensitivity == 0 ||
	    !isfinite(bridge->sensitivity) || !isfinite(bridge->zero))
		return sense_fail(EINVAL, object, "take both from the data sheet or the certificate",
				  "a rated load of %g kg at %g V/V makes no load cell", bridge->rated_kg,
				  bridge->sensitivity);
	if (!(bridge->min_kg < bridge->max_kg) || !(bridge->min_degC <= bridge->max_degC))
		return sense_fail(EINVAL, object, "give the smaller limit first",
				  "the range %g to %g kg at %g to %g degC is empty", bridge->min_kg,
				  bridge->max_kg, bridge->min_degC, bridge->max_degC);
	if (!isfinite(bridge->tc_zero) ||
	    !(span(bridge, bridge->min_degC - bridge->reference_degC) / bridge->sensitivity > 0) ||
	    !(span(bridge, bridge->max_degC - bridge->reference_degC) / bridge->sensitivity > 0))
		return sense_fail(EINVAL, object, "it is relative, per degC: 17e-6 and the like",
				  "a temperature coefficient of %g per degC turns the sensitivity round",
				  bridge->tc_sensitivity);
	return 0;
}

static bool within(double x, double min, double max)
{
	return x >= min && x <= max;
}

double sense_bridge_mass_kg(const struct sense_bridge *bridge, double output_V_V, double t_degC)
{
	double dt = t_degC - bridge->reference_degC;
	double mass = bridge->rated_kg * ((output_V_V - bridge->zero - bridge->tc_zero * dt) /
					  span(bridge, dt));

	if (!within(t_degC, bridge->min_degC, bridge->max_degC) ||
	    !within(mass, bridge->min_kg, bridge->max_kg))
		return NAN;
	return mass;
}

double sense_bridge_output_V_V(const struct sense_bridge *bridge, double mass_kg, double t_degC)
{
	double dt = t_degC - bridge->reference_degC;

	if (!within(t_degC, bridge->min_degC, bridge->max_degC) ||
	    !within(mass_kg, bridge->min_kg, bridge->max_kg))
		return NAN;
	return bridge->zero + bridge->tc_zero * dt + span(bridge, dt) * (mass_kg / bridge->rated_kg);
}
