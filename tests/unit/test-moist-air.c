// SPDX-License-Identifier: GPL-2.0-or-later
/* Humidity, air density and gas concentrations. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/air.h>
#include <sense/error.h>
#include <sense/gas.h>
#include <sense/humidity.h>
#include "shared.h"

static void density_of_air(void)
{
	double d;

	/* Picard et al. 2008 do not print an example; this value is agreed between several programs. */
	CU_ASSERT_EQUAL(sense_air_density_kg_m3(20, 101325, 0.5, 400e-6, &d), 0);
	CU_ASSERT_DOUBLE_EQUAL(d, 1.19931390, 5e-9);
	CU_ASSERT_EQUAL(sense_air_density_kg_m3(28, 101325, 0.5, 400e-6, &d), -EDOM);
	CU_ASSERT_EQUAL(sense_air_density_kg_m3(20, 50000, 0.5, 400e-6, &d), -EDOM);
	CU_ASSERT_EQUAL(sense_air_density_kg_m3(20, 101325, 1.1, 400e-6, &d), -EDOM);
	CU_ASSERT_EQUAL(sense_air_density_kg_m3(NAN, 101325, 0.5, 400e-6, &d), -EDOM);
}

static void saturation(void)
{
	/* IAPWS R14-08(2011), table 3: at 230 K 8.94735e-6 MPa */
	CU_ASSERT_DOUBLE_EQUAL(sense_saturation_ice_Pa(SENSE_SATURATION_IAPWS, 230 - 273.15), 8.94735, 5e-6);
	/* Triple point of water: 611.657 Pa */
	CU_ASSERT_DOUBLE_EQUAL(sense_saturation_water_Pa(SENSE_SATURATION_IAPWS, 0.01), 611.657, 1e-3);
	CU_ASSERT_DOUBLE_EQUAL(sense_saturation_water_Pa(SENSE_SATURATION_HARDY, 0.01), 611.657, 1e-3);
	CU_ASSERT_DOUBLE_EQUAL(sense_saturation_ice_Pa(SENSE_SATURATION_HARDY, 0.01), 611.657, 1e-3);
	CU_ASSERT_DOUBLE_EQUAL(sense_saturation_water_Pa(SENSE_SATURATION_SONNTAG, 20), 2339.249, 1e-3);
	CU_ASSERT(isnan(sense_saturation_water_Pa(SENSE_SATURATION_HARDY, 101)));
	CU_ASSERT(isnan(sense_saturation_ice_Pa(SENSE_SATURATION_HARDY, 1)));
	CU_ASSERT(isnan(sense_saturation_water_Pa(SENSE_SATURATION_MAGNUS, 61)));
	CU_ASSERT_EQUAL(sense_saturation_from_name("Sonntag"), SENSE_SATURATION_SONNTAG);
	CU_ASSERT_EQUAL(sense_saturation_from_name("x"), -EINVAL);
}

static void saturation_shared(void)
{
	FILE *file = shared_open("data/metrology/saturation_vapour_pressure.csv");
	/* column of the table, equation, over ice */
	static const struct { int column; enum sense_saturation formula; int ice; } columns[] = {
		{ 1, SENSE_SATURATION_IAPWS, 0 }, { 3, SENSE_SATURATION_HARDY, 0 },
		{ 4, SENSE_SATURATION_SONNTAG, 0 }, { 8, SENSE_SATURATION_MAGNUS, 0 },
		{ 9, SENSE_SATURATION_IAPWS, 1 }, { 10, SENSE_SATURATION_HARDY, 1 },
		{ 11, SENSE_SATURATION_SONNTAG, 1 }, { 14, SENSE_SATURATION_MAGNUS, 1 },
	};
	char line[512];
	int compared = 0;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		char *field[16], *rest = line;
		int count = 0;
		double t;

		while (count < 16 && (field[count] = strsep(&rest, ",\r\n")))
			count++;
		if (count < 15 || !strchr("-0123456789", field[0][0]))
			continue;
		t = atof(field[0]);
		for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
			const char *text = field[columns[i].column], *point = strchr(text, '.');
			double want = atof(text), have, digit;

			have = columns[i].ice ? sense_saturation_ice_Pa(columns[i].formula, t)
					      : sense_saturation_water_Pa(columns[i].formula, t);
			if (!*text || isnan(have))
				continue;
			digit = point ? pow(10, -(double)strlen(point + 1)) : 1;
			if (fabs(have - want) > 0.6 * digit)
				printf("\n%g degC, column %d: %.8g, not %s", t, columns[i].column, have, text);
			CU_ASSERT_DOUBLE_EQUAL(have, want, 0.6 * digit);
			compared++;
		}
	}
	fclose(file);
	printf("\n= saturation pressures: %d values of the shared table\n", compared);
	CU_ASSERT(compared > 90);
}

static void enhancement(void)
{
	/* Greenspan 1976 and Hardy 1998: some 0.4 % at 20 degC and one atmosphere. */
	CU_ASSERT_DOUBLE_EQUAL(sense_enhancement_water(20, 101325), 1.0040, 1e-4);
	CU_ASSERT_DOUBLE_EQUAL(sense_enhancement_water(-1e-9, 101325), sense_enhancement_water(0, 101325), 5e-5);
	CU_ASSERT_DOUBLE_EQUAL(sense_enhancement_ice(-20, 101325), 1.0045, 5e-4);
	CU_ASSERT_DOUBLE_EQUAL(sense_enhancement_ice(0, 101325), sense_enhancement_water(0, 101325), 2e-4);
	CU_ASSERT_EQUAL(sense_enhancement_water(20, 0), 1);
	CU_ASSERT(isnan(sense_enhancement_water(20, 1000)));
	CU_ASSERT(isnan(sense_enhancement_water(20, -1)));
}

static void dew_and_frost(void)
{
	for (int formula = 0; formula < 4; formula++)
		for (int k = 0; k < 2; k++)
			for (double t = 0.5; t < 50; t += 4.9)
				for (double rh = 0.2; rh <= 1; rh += 0.2) {
					double p = k ? 101325 : 0;
					struct sense_humidity h, again;

					CU_ASSERT_EQUAL_FATAL(sense_humidity_from_rh(&h, formula, t, rh, p), 0);
					if (isnan(h.dew_point_degC)) {
						/* IAPWS knows no water below 0.01 degC */
						CU_ASSERT_EQUAL(formula, SENSE_SATURATION_IAPWS);
						continue;
					}
					CU_ASSERT_EQUAL(sense_humidity_from_dew_point(&again, formula, t, h.dew_point_degC, p), 0);
					CU_ASSERT_DOUBLE_EQUAL(again.relative_humidity, rh, 1e-9);
					if (!isnan(h.frost_point_degC)) {
						CU_ASSERT(h.frost_point_degC >= h.dew_point_degC - 2e-2);
						CU_ASSERT_EQUAL(sense_humidity_from_frost_point(&again, formula, t,
											h.frost_point_degC, p), 0);
						CU_ASSERT_DOUBLE_EQUAL(again.relative_humidity, rh, 1e-9);
					}
				}
}

static void one_state(void)
{
	struct sense_humidity h;

	/* Magnus without a factor can be inverted by hand: 243.12 x / (17.62 - x). */
	double x = log(0.45) + 17.62 * 23.1 / (243.12 + 23.1);

	CU_ASSERT_EQUAL(sense_humidity_from_rh(&h, SENSE_SATURATION_MAGNUS, 23.1, 0.45, 0), 0);
	CU_ASSERT_DOUBLE_EQUAL(h.dew_point_degC, 243.12 * x / (17.62 - x), 1e-9);
	CU_ASSERT_EQUAL(sense_humidity_from_rh(&h, SENSE_SATURATION_HARDY, 20, 1, 0), 0);
	CU_ASSERT_DOUBLE_EQUAL(h.absolute_humidity_kg_m3, 17.29e-3, 0.01e-3);
	CU_ASSERT_DOUBLE_EQUAL(h.dew_point_degC, 20, 1e-9);
	CU_ASSERT(isnan(h.frost_point_degC));
	CU_ASSERT_EQUAL(sense_humidity_from_rh(&h, SENSE_SATURATION_HARDY, 20, 1.2, 101325), -EDOM);
	CU_ASSERT_EQUAL(sense_humidity_from_rh(&h, SENSE_SATURATION_HARDY, 120, 0.5, 101325), -EDOM);
	CU_ASSERT_EQUAL(sense_humidity_from_dew_point(&h, SENSE_SATURATION_HARDY, 20, 21, 101325), -EDOM);
	CU_ASSERT_EQUAL(sense_humidity_from_rh(&h, SENSE_SATURATION_HARDY, 20, NAN, 101325), -EDOM);
}

static void gases(void)
{
	/* Defra, "Conversion factors between ppb and ug/m3" for EU reporting at 20 degC. */
	static const struct { const char *gas; double factor; } published[] = {
		{ "NO2", 1.9125 }, { "O3", 1.9957 }, { "SO2", 2.6609 }, { "CO", 1.1642 }, { "NO", 1.2473 }
	};

	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		double m = sense_gas_molar_mass_kg_mol(published[i].gas);
		double c = sense_gas_concentration_kg_m3(m, 1e-9, SENSE_GAS_EU_DEGC, SENSE_GAS_EU_PA);

		/* theirs use a molar volume of 22.41 l and rounded masses: 0.1 % */
		CU_ASSERT_DOUBLE_EQUAL(c * 1e9 / published[i].factor, 1, 1.2e-3);
		CU_ASSERT_DOUBLE_EQUAL(sense_gas_amount_fraction(m, c, SENSE_GAS_EU_DEGC, SENSE_GAS_EU_PA), 1e-9, 1e-24);
	}
	CU_ASSERT(isnan(sense_gas_molar_mass_kg_mol("XY")));
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->remedy, "NO2"));
	CU_ASSERT(isnan(sense_gas_concentration_kg_m3(0.046, 1e-9, 20, 0)));
	CU_ASSERT(isnan(sense_gas_amount_fraction(0.046, 1e-9, -274, 101325)));
}

UNIT_TESTS = { UNIT(density_of_air), UNIT(saturation), UNIT(saturation_shared), UNIT(enhancement),
	       UNIT(dew_and_frost), UNIT(one_state), UNIT(gases), UNIT_END };
UNIT_MAIN("moist air")
