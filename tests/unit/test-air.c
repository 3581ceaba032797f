// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include "air.h"

static struct lab_air_parameters still(void)
{
	struct lab_air_parameters p = lab_air_nominal;

	p.people_max = 0;
	p.pressure_wander = 0;
	return p;
}

/* By hand: 425 ppm outdoors, one person 5.2 mL/s into 0.05 m3/s of air: 104 ppm more. */
static void settles_by_mass_balance(void)
{
	struct lab_air_parameters p = still();
	struct lab_air air;

	CU_ASSERT_DOUBLE_EQUAL(lab_air_steady(&p, 0, LAB_AIR_CO2), 425e-6, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(lab_air_steady(&p, 1, LAB_AIR_CO2), 529e-6, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(lab_air_steady(&p, 4, LAB_AIR_CO2), 841e-6, 1e-12);
	lab_air_init(&air, &p, 0, 1);
	CU_ASSERT_DOUBLE_EQUAL(air.content[LAB_AIR_CO2], 425e-6, 1e-12);
	air.people = 4;
	lab_air_run(&air, 24 * 3600);
	CU_ASSERT_DOUBLE_EQUAL(air.content[LAB_AIR_CO2], 841e-6, 1e-9);
	CU_ASSERT_EQUAL(air.people, 4);
}

/* One air change: 63 % of the way; with losses the particles are faster and settle lower. */
static void follows_its_time_constant(void)
{
	struct lab_air_parameters p = still();
	double change = p.volume / p.ventilation;
	struct lab_air air;

	lab_air_init(&air, &p, 0, 1);
	air.people = 1;
	lab_air_run(&air, change);
	CU_ASSERT_DOUBLE_EQUAL(air.content[LAB_AIR_CO2], 425e-6 + 104e-6 * (1 - exp(-1)), 1e-10);
	CU_ASSERT(lab_air_steady(&p, 0, LAB_AIR_PM10) <
		  p.outdoor[LAB_AIR_PM10] + p.room[LAB_AIR_PM10] / p.ventilation);
	for (int n = 0; n < 5; n++) {
		CU_ASSERT(lab_air_steady(&p, n, LAB_AIR_PM1) < lab_air_steady(&p, n, LAB_AIR_PM2P5));
		CU_ASSERT(lab_air_steady(&p, n, LAB_AIR_PM2P5) < lab_air_steady(&p, n, LAB_AIR_PM4));
		CU_ASSERT(lab_air_steady(&p, n, LAB_AIR_PM4) < lab_air_steady(&p, n, LAB_AIR_PM10));
	}
}

/* Nothing appears or vanishes: outdoor in, room out, source, over a day in small steps. */
static void conserves_mass(void)
{
	struct lab_air_parameters p = still();
	double in = 0, before, after;
	struct lab_air air;

	lab_air_init(&air, &p, 0, 1);
	before = air.content[LAB_AIR_CO2] * p.volume;
	for (int i = 0; i < 8640; i++) {
		double mean;

		air.people = i / 600 % 5;
		mean = air.content[LAB_AIR_CO2] / 2;
		in += p.ventilation * p.outdoor[LAB_AIR_CO2] * 10 +
		      air.people * p.person[LAB_AIR_CO2] * 10;
		lab_air_run(&air, 10);
		mean += air.content[LAB_AIR_CO2] / 2;
		in -= p.ventilation * mean * 10;
	}
	after = air.content[LAB_AIR_CO2] * p.volume;
	CU_ASSERT_DOUBLE_EQUAL(after - before, in, 1e-6);
}

static void step_length_does_not_matter(void)
{
	struct lab_air_parameters p = still();
	struct lab_air one, many;

	lab_air_init(&one, &p, 0, 1);
	lab_air_init(&many, &p, 0, 1);
	one.people = many.people = 3;
	lab_air_run(&one, 1000);
	for (int i = 0; i < 50000; i++)
		lab_air_run(&many, 0.02);
	for (int q = 0; q < LAB_AIR_QUANTITIES; q++)
		CU_ASSERT_DOUBLE_EQUAL(one.content[q] / many.content[q], 1, 1e-9);
}

static void people_come_and_go(void)
{
	struct lab_air a, b;
	int seen[16] = { 0 };

	lab_air_init(&a, &lab_air_nominal, 1, unit_seed());
	lab_air_init(&b, &lab_air_nominal, 1, unit_seed());
	for (int i = 0; i < 200000; i++) {
		lab_air_run(&a, 10);
		lab_air_run(&b, 10);
		CU_ASSERT_FATAL(a.people >= 0 && a.people <= lab_air_nominal.people_max);
		seen[a.people]++;
		CU_ASSERT_FATAL(a.pressure > 99000 && a.pressure < 103500);
		CU_ASSERT_FATAL(a.tank > 0.7 && a.tank <= 8);
	}
	for (int n = 0; n <= lab_air_nominal.people_max; n++)
		CU_ASSERT(seen[n] > 2000);
	CU_ASSERT_EQUAL(a.content[LAB_AIR_CO2], b.content[LAB_AIR_CO2]);
	CU_ASSERT_EQUAL(a.pressure, b.pressure);
}

/* 9.4 g/m3 of vapour at 24 degC: saturation there is 21.8 g/m3. */
static void humidity_from_vapour(void)
{
	struct lab_air_parameters p = still();
	struct lab_air air;

	lab_air_init(&air, &p, 0, 1);
	air.content[LAB_AIR_WATER] = 9.4e-3;
	CU_ASSERT_DOUBLE_EQUAL(lab_air_humidity(&air, 24), 9.4 / 21.8, 0.003);
	CU_ASSERT(lab_air_humidity(&air, 20) > lab_air_humidity(&air, 24));
}

UNIT_TESTS = { UNIT(settles_by_mass_balance), UNIT(follows_its_time_constant), UNIT(conserves_mass),
	       UNIT(step_length_does_not_matter), UNIT(people_come_and_go),
	       UNIT(humidity_from_vapour), UNIT_END };
UNIT_MAIN("air")
