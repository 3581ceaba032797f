// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include <sense/sprt.h>
#include "calibrate/its90.h"
#include "calibrate/sprt.h"
#include "shared.h"

/* ITS-90 (Metrologia 27 (1990) 3-10), table 1 and table 4: T90 and Wr of the fixed points. */
static const struct { const char *name; double t_kelvin, wr; } points[] = {
	{ "e-H2", 13.8033, 0.00119007 }, { "Ne", 24.5561, 0.00844974 },
	{ "O2", 54.3584, 0.09171804 }, { "Ar", 83.8058, 0.21585975 },
	{ "Hg", 234.3156, 0.84414211 }, { "H2O", 273.16, 1.00000000 },
	{ "Ga", 302.9146, 1.11813889 }, { "In", 429.7485, 1.60980185 },
	{ "Sn", 505.078, 1.89279768 }, { "Zn", 692.677, 2.56891730 },
	{ "Al", 933.473, 3.37600860 }, { "Ag", 1234.93, 4.28642053 },
};
#define POINTS (sizeof(points) / sizeof(points[0]))

/*
 * Coefficients of the size real thermometers have: the low set keeps W(Hg) and
 * the high one W(Ga) inside what ITS-90 admits.
 */
static const struct sense_sprt thermometers[] = {
	{ 25.4783, { 1, -1.2e-4, 8e-6, { 3.4e-7, -1e-9, 1e-10, 1e-11, 1e-12 }, 0 },
	  { 6, -1.5e-4, -9e-6, { 2e-6 }, -3e-6 } },
	{ 25.5012, { 2, -1.2e-4, 8e-6, { 3e-6, -4e-7, 2e-7 }, 0 }, { 7, -1.5e-4, -9e-6, { 2e-6 }, 0 } },
	{ 99.9321, { 3, -1.2e-4, 8e-6, { 3e-6 }, 0 }, { 8, -1.5e-4, -9e-6, { 0 }, 0 } },
	{ 25.4783, { 4, -1.2e-4, 8e-6, { 0 }, 0 }, { 9, -1.5e-4, -9e-6, { 0 }, 0 } },
	{ 25.4783, { 5, -1.2e-4, 8e-6, { 0 }, 0 }, { 0 } },
	{ 25.4783, { 0 }, { 10, -1.5e-4, 0, { 0 }, 0 } },
	{ 0.2512, { 0 }, { 11, -1.5e-4, 0, { 0 }, 0 } },
};
#define THERMOMETERS (sizeof(thermometers) / sizeof(thermometers[0]))

static void meets_the_fixed_points(void)
{
	for (size_t i = 0; i < POINTS; i++) {
		double t = points[i].t_kelvin - 273.15;

		/* fixed points at the range's ends, less rounding of the subtraction */
		t = fmin(fmax(t, SENSE_ITS90_MIN_DEGC), SENSE_ITS90_MAX_DEGC);
		CU_ASSERT_DOUBLE_EQUAL(sense_its90_reference(t), points[i].wr, 1.1e-8);
	}
}

static void meets_the_shared_tables(void)
{
	FILE *file = shared_open("data/metrology/its90_fixed_points.csv");
	char line[256], name[32];
	int lines = 0;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		double kelvin, celsius, published, computed;

		if (sscanf(line, "%31[^,],%lf,%lf,%lf,%lf", name, &kelvin, &celsius, &published,
			   &computed) != 5)
			continue;
		CU_ASSERT_DOUBLE_EQUAL(sense_its90_reference(celsius), computed, 6e-9);
		lines++;
	}
	fclose(file);
	printf("\n= ITS-90 reference function: %d fixed points of the shared table\n", lines);
	CU_ASSERT_EQUAL(lines, 12);
}

static void reference_round_trip(void)
{
	double worst = 0;

	for (int i = 0; i <= 100000; i++) {
		double t = SENSE_ITS90_MIN_DEGC + (SENSE_ITS90_MAX_DEGC - SENSE_ITS90_MIN_DEGC) * i / 1e5;
		double e = fabs(sense_its90_temperature_degC(sense_its90_reference(t)) - t);

		if (!(e <= worst))
			worst = e;
	}
	printf("\n= ITS-90 reference round trip: %.3g uK at most\n", worst * 1e6);
	CU_ASSERT(worst <= 1e-6);
}

static void thermometers_round_trip(void)
{
	for (size_t k = 0; k < THERMOMETERS; k++) {
		const struct sense_sprt *sprt = &thermometers[k];
		double min = sense_sprt_get_min_degC(sprt), max = sense_sprt_get_max_degC(sprt);
		double worst = 0;

		CU_ASSERT_EQUAL(sense_sprt_check(sprt), 0);
		for (int i = 0; i <= 20000; i++) {
			double t = i == 20000 ? max : min + (max - min) * i / 20000;
			double e = fabs(sense_sprt_temperature_degC(sprt, sense_sprt_resistance_ohm(sprt, t)) - t);

			if (!(e <= worst))
				worst = e;
		}
		printf("\n= SPRT subranges %u and %u round trip, %.4f to %.4f degC: %.3g uK at most",
		       sprt->low.subrange, sprt->high.subrange, min, max, worst * 1e6);
		CU_ASSERT(worst <= 1e-6);
		CU_ASSERT(isnan(sense_sprt_resistance_ohm(sprt, min - 1e-4)));
		CU_ASSERT(isnan(sense_sprt_resistance_ohm(sprt, max + 1e-4)));
		CU_ASSERT(isnan(sense_sprt_temperature_degC(sprt, sense_sprt_resistance_ohm(sprt, max) * 1.0001)));
		CU_ASSERT(isnan(sense_sprt_temperature_degC(sprt, sense_sprt_resistance_ohm(sprt, min) * 0.9999)));
	}
	printf("\n");
}

/* The deviation functions written out once more, straight from the scale's text. */
static void deviations_as_in_the_text(void)
{
	const struct sense_sprt_deviation *d;
	double w, l;

	for (size_t k = 0; k < THERMOMETERS; k++)
		for (double t = -250; t < 960; t += 17) {
			double want, r = sense_sprt_resistance_ohm(&thermometers[k], t);

			if (isnan(r))
				continue;
			d = t < 0.01 && thermometers[k].low.subrange ? &thermometers[k].low
								      : &thermometers[k].high;
			if (!d->subrange)
				d = &thermometers[k].low;
			w = r / thermometers[k].r_tpw_ohm;
			l = log(w);
			want = d->a * (w - 1) + d->b * (w - 1) * (d->subrange == 4 ? l : w - 1);
			if (d->subrange == 1)
				for (int i = 1; i <= 5; i++)
					want += d->c[i - 1] * pow(l, i + 2);
			if (d->subrange == 2)
				for (int i = 1; i <= 3; i++)
					want += d->c[i - 1] * pow(l, i);
			if (d->subrange == 3)
				want += d->c[0] * l * l;
			if (d->subrange == 6 || d->subrange == 7)
				want += d->c[0] * pow(w - 1, 3);
			if (d->subrange == 6 && t > 660.323)
				want += d->d * pow(w - sense_sprt_resistance_ohm(&thermometers[k], 660.323) /
						   thermometers[k].r_tpw_ohm, 2);
			CU_ASSERT_DOUBLE_EQUAL(w - sense_its90_reference(t), want, 1e-14);
		}
}

static void slopes_and_enclosures(void)
{
	for (size_t k = 0; k < THERMOMETERS; k++) {
		const struct sense_sprt *sprt = &thermometers[k];
		double min = sense_sprt_get_min_degC(sprt), max = sense_sprt_get_max_degC(sprt);

		for (double t = min + 0.01; t < max - 0.3; t += 1.37) {
			double slope, other, r = sprt_resistance(sprt, t, &slope);
			double r2 = sprt_resistance(sprt, t + 0.2, &other);
			double numeric = (sprt_resistance(sprt, t + 1e-3, &other) -
					  sprt_resistance(sprt, t - 1e-3, &other)) / 2e-3;
			struct interval s = sprt_slope(sprt, (struct interval){ t, t + 0.2 },
						       (struct interval){ r, r2 });

			if (fabs(t) > 0.1)
				CU_ASSERT_DOUBLE_EQUAL(slope / numeric, 1, 1e-5);
			for (int i = 0; i <= 10; i++) {
				sprt_resistance(sprt, t + 0.02 * i, &slope);
				CU_ASSERT(s.lo <= slope * (1 + 1e-12) && slope <= s.hi * (1 + 1e-12));
			}
			CU_ASSERT(s.hi / s.lo < (t < -240 ? 1.5 : 1.1));
		}
	}
}

static void fits_fixed_points(void)
{
	static const int used[12][10] = {
		[1] = { 0, 1, 2, 3, 4, -1 }, [2] = { 1, 2, 3, 4, -1 }, [3] = { 2, 3, 4, -1 },
		[4] = { 3, 4, -1 }, [5] = { 4, 6, -1 }, [6] = { 8, 9, 10, 11, -1 }, [7] = { 8, 9, 10, -1 },
		[8] = { 8, 9, -1 }, [9] = { 7, 8, -1 }, [10] = { 7, -1 }, [11] = { 6, -1 },
	};

	for (size_t k = 0; k < THERMOMETERS; k++)
		for (int side = 0; side < 2; side++) {
			const struct sense_sprt *sprt = &thermometers[k];
			const struct sense_sprt_deviation *d = side ? &sprt->high : &sprt->low;
			struct sense_sprt_deviation fit;
			double t[10], w[10];
			unsigned int count = 0;

			if (!d->subrange)
				continue;
			for (const int *p = used[d->subrange]; *p >= 0; p++)
				t[count++] = fmin(fmax(points[*p].t_kelvin - 273.15, SENSE_ITS90_MIN_DEGC),
						  SENSE_ITS90_MAX_DEGC);
			/* vapour pressure points of hydrogen complete the two lowest subranges */
			if (d->subrange <= 2)
				t[count++] = 17.0357 - 273.15 < sense_sprt_get_min_degC(sprt) ?
					     -230 : 17.0357 - 273.15;
			if (d->subrange == 1)
				t[count++] = 20.2711 - 273.15;
			for (unsigned int i = 0; i < count; i++) {
				double min = sense_sprt_get_min_degC(sprt), max = sense_sprt_get_max_degC(sprt);

				t[i] = round(fmin(fmax(t[i], min), max) * 1e6) / 1e6;
				w[i] = sense_sprt_resistance_ohm(sprt, t[i]) / sprt->r_tpw_ohm;
			}
			CU_ASSERT_EQUAL_FATAL(sense_sprt_fit(&fit, d->subrange, t, w, NULL, count), 0);
			CU_ASSERT_DOUBLE_EQUAL(fit.a, d->a, 1e-9);
			CU_ASSERT_DOUBLE_EQUAL(fit.b, d->b, 1e-9);
			CU_ASSERT_DOUBLE_EQUAL(fit.c[0], d->c[0], 1e-9);
			CU_ASSERT_DOUBLE_EQUAL(fit.d, d->d, 1e-9);
			CU_ASSERT_EQUAL(sense_sprt_fit(&fit, d->subrange, t, w, NULL, count - 1), -EINVAL);
		}
}

static void refuses(void)
{
	struct sense_sprt sprt = thermometers[3];

	sprt.r_tpw_ohm = 0;
	CU_ASSERT_EQUAL(sense_sprt_check(&sprt), -EINVAL);
	sprt = thermometers[4];
	sprt.high = thermometers[3].high;
	CU_ASSERT_EQUAL(sense_sprt_check(&sprt), -EINVAL);
	sprt = thermometers[3];
	sprt.low.subrange = sprt.high.subrange = 0;
	CU_ASSERT_EQUAL(sense_sprt_check(&sprt), -EINVAL);
	/* alpha of industrial platinum: W(100 degC) = 1.3851 */
	sprt = (struct sense_sprt){ 100, { 0 }, { 8, -0.0193, 0, { 0 }, 0 } };
	CU_ASSERT_EQUAL(sense_sprt_check(&sprt), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "1.11807"));
	sprt = thermometers[3];
	sprt.high.b = 0.6;
	CU_ASSERT_EQUAL(sense_sprt_check(&sprt), -EINVAL);
	CU_ASSERT(isnan(sense_its90_reference(-259.4)));
	CU_ASSERT(isnan(sense_its90_reference(NAN)));
	CU_ASSERT(isnan(sense_its90_temperature_degC(4.29)));
	CU_ASSERT(isnan(sense_its90_temperature_degC(0.001)));
	CU_ASSERT(isnan(sense_its90_temperature_degC(-1)));
}

UNIT_TESTS = { UNIT(meets_the_fixed_points), UNIT(meets_the_shared_tables), UNIT(reference_round_trip),
	       UNIT(thermometers_round_trip), UNIT(deviations_as_in_the_text),
	       UNIT(slopes_and_enclosures), UNIT(fits_fixed_points), UNIT(refuses), UNIT_END };
UNIT_MAIN("sprt")
