// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/gas.h>

#include <errno.h>
#include <math.h>
#include <strings.h>

#include "base/error.h"

#define R 8.31446261815324	/* J/(mol K), exact in the SI since 2019 */

/* IUPAC Commission on Isotopic Abundances and Atomic Weights, abridged, 2021. */
#define H 1.0080
#define C 12.011
#define N 14.007
#define O 15.999
#define S 32.06

static const struct { const char *formula; double g_mol; } gases[] = {
	{ "NO2", N + 2 * O }, { "NO", N + O }, { "O3", 3 * O }, { "SO2", S + 2 * O },
	{ "CO", C + O }, { "CO2", C + 2 * O }, { "NH3", N + 3 * H }, { "H2S", 2 * H + S },
	{ "N2O", 2 * N + O }, { "CH4", C + 4 * H }, { "CH2O", C + 2 * H + O },
	{ "C6H6", 6 * C + 6 * H }, { "C7H8", 7 * C + 8 * H }, { "C8H10", 8 * C + 10 * H },
	{ "C4H8", 4 * C + 8 * H },
};

double sense_gas_molar_mass_kg_mol(const char *formula)
{
	for (size_t i = 0; i < sizeof(gases) / sizeof(gases[0]); i++)
		if (!strcasecmp(gases[i].formula, formula))
			return gases[i].g_mol * 1e-3;
	sense_fail(EINVAL, formula,
		   "choose one of NO2 NO O3 SO2 CO CO2 NH3 H2S N2O CH4 CH2O C6H6 C7H8 C8H10 C4H8",
		   "the molar mass of gas '%s' is not known", formula);
	return NAN;
}

double sense_gas_concentration_kg_m3(double molar_mass_kg_mol, double amount_fraction,
				     double reference_degC, double reference_Pa)
{
	if (!(reference_degC > -273.15 && reference_Pa > 0))
		return NAN;
	return amount_fraction * molar_mass_kg_mol * reference_Pa / (R * (reference_degC + 273.15));
}

double sense_gas_amount_fraction(double molar_mass_kg_mol, double concentration_kg_m3,
				 double reference_degC, double reference_Pa)
{
	if (!(reference_degC > -273.15 && reference_Pa > 0))
		return NAN;
	return concentration_kg_m3 * R * (reference_degC + 273.15) / (molar_mass_kg_mol * reference_Pa);
}
