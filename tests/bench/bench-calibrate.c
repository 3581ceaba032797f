// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples per second and core of the calibrate stage, raw counts to value, standard uncertainty and
 * flags, beside plain loops that write the same formula down with libm and give the value alone:
 * the equation solved by Newton's method from the standard's printed inverse. For the temperature of
 * an SPRT above 0 degC the printed inverse without solving, which errs by 0.13 mK, stands beside it.
 * Alternating, median of 9.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sense/sense.h>

#define BLOCK 4096
#define ROUND_S 0.02	/* each is run this long, so that both meet the same machine */
#define REPEATS 9

/*
 * This thread's own time on the processor: on a busy machine the wall clock would count others'
 * time too, and against the longer of two loops more than against the shorter.
 */
static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* ---- plain loops ---------------------------------------------------------------------------- */

struct plain {
	double scale;
	struct sense_rtd rtd;
	struct sense_sprt sprt;
	double cold_V;
};

static void rtd_loop(const struct plain *p, const int32_t *raw, double *value, int count)
{
	const struct sense_rtd r = p->rtd;

	for (int i = 0; i < count; i++) {
		double w = raw[i] * p->scale / r.r0_ohm - 1;
		double t = (-r.a + sqrt(r.a * r.a + 4 * r.b * w)) / (2 * r.b);

		if (w < 0)
			for (int step = 0; step < 3; step++)
				t -= (r.a * t + r.b * t * t + r.c * (t - 100) * t * t * t - w) /
				     (r.a + 2 * r.b * t + r.c * t * t * (4 * t - 300));
		value[i] = t;
	}
}

static const double A[] = { -2.13534729, 3.18324720, -1.80143597, 0.71727204, 0.50344027, -0.61899395,
			    -0.05332322, 0.28021362, 0.10715224, -0.29302865, 0.04459872, 0.11868632,
			    -0.05248134 };
static const double B[] = { 0.183324722, 0.240975303, 0.209108771, 0.190439972, 0.142648498, 0.077993465,
			    0.012475611, -0.032267127, -0.075291522, -0.056470670, 0.076201285, 0.123893204,
			    -0.029201193, -0.091173542, 0.001317696, 0.026025526 };
static const double C[] = { 2.78157254, 1.64650916, -0.13714390, -0.00649767, -0.00234444, 0.00511868,
			    0.00187982, -0.00204472, -0.00046122, 0.00045724 };
static const double D[] = { 439.932854, 472.418020, 37.684494, 7.472018, 2.920828, 0.005184, -0.963864,
			    -0.188732, 0.191203, 0.049025 };

static inline double horner(const double *c, int n, double x)
{
	double y = c[n - 1];

	for (int i = n - 2; i >= 0; i--)
		y = y * x + c[i];
	return y;
}

static inline double slope(const double *c, int n, double x)
{
	double y = (n - 1) * c[n - 1];

	for (int i = n - 2; i >= 1; i--)
		y = y * x + i * c[i];
	return y;
}

static void sprt_low_loop(const struct plain *p, const int32_t *raw, double *value, int count)
{
	const struct sense_sprt_deviation d = p->sprt.low;

	for (int i = 0; i < count; i++) {
		double w = raw[i] * p->scale / p->sprt.r_tpw_ohm;
		double wr = w - d.a * (w - 1) - d.b * (w - 1) * log(w);
		double t = 273.16 * horner(B, 16, (pow(wr, 1.0 / 6) - 0.65) / 0.35);

		for (int step = 0; step < 2; step++) {
			double v = (log(t / 273.16) + 1.5) / 1.5, f = exp(horner(A, 13, v));

			t -= (f - wr) / (f * slope(A, 13, v) / (1.5 * t));
		}
		value[i] = t - 273.15;
	}
}

static void sprt_high_loop(const struct plain *p, const int32_t *raw, double *value, int count)
{
	const struct sense_sprt_deviation d = p->sprt.high;

	for (int i = 0; i < count; i++) {
		double w = raw[i] * p->scale / p->sprt.r_tpw_ohm, x = w - 1;
		double wr = w - x * (d.a + x * (d.b + x * d.c[0])), t = horner(D, 10, (wr - 2.64) / 1.64);

		for (int step = 0; step < 2; step++) {
			double v = (t - 481) / 481;

			t -= (horner(C, 10, v) - wr) / (slope(C, 10, v) / 481);
		}
		value[i] = t;
	}
}

static void sprt_printed_loop(const struct plain *p, const int32_t *raw, double *value, int count)
{
	const struct sense_sprt_deviation d = p->sprt.high;

	for (int i = 0; i < count; i++) {
		double w = raw[i] * p->scale / p->sprt.r_tpw_ohm, x = w - 1;

		value[i] = horner(D, 10, (w - x * (d.a + x * (d.b + x * d.c[0])) - 2.64) / 1.64);
	}
}

/* Type K, 0 to 500 degC: NIST Monograph 175. */
static const double K[] = { -0.17600413686e-1, 0.38921204975e-1, 0.18558770032e-4, -0.99457592874e-7,
			    0.31840945719e-9, -0.56072844889e-12, 0.56075059059e-15, -0.32020720003e-18,
			    0.97151147152e-22, -0.12104721275e-25 };
static const double K_INVERSE[] = { 0, 25.08355, 7.860106e-2, -2.503131e-1, 8.315270e-2, -1.228034e-2,
				    9.804036e-4, -4.413030e-5, 1.057734e-6, -1.052755e-8 };

static void tc_loop(const struct plain *p, const int32_t *raw, double *value, int count)
{
	for (int i = 0; i < count; i++) {
		double e = (raw[i] * p->scale + p->cold_V) * 1e3, t = horner(K_INVERSE, 10, e);

		for (int step = 0; step < 2; step++) {
			double from = t - 126.9686, bump = 0.1185976 * exp(-1.183432e-4 * from * from);

			t -= (horner(K, 10, t) + bump - e) /
			     (slope(K, 10, t) - 2 * 1.183432e-4 * from * bump);
		}
		value[i] = t;
	}
}

/* ---- the comparison ---------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, REPEATS, sizeof(*values), compare_doubles);
	return values[REPEATS / 2];
}

static struct sense_sensor *with_u(struct sense_sensor *sensor)
{
	struct sense_sensor_calibration c = *sense_sensor_get_calibration(sensor);
	struct sense_sensor *other;

	c.u = 0.002;
	c.u_input = sense_sensor_get_input_unit(sensor)[0] == 'V' ? 1e-7 : 1e-4;
	other = sense_sensor_with_calibration(sensor, &c);
	sense_sensor_unref(sensor);
	return other;
}

static void bench(const char *name, struct sense_sensor *sensor, enum sense_kind kind,
		  const struct plain *plain, double from, double to, double wanted,
		  void (*loop)(const struct plain *, const int32_t *, double *, int))
{
	struct sense_layout *layout = sense_layout_new("bench", BLOCK);
	static double value[BLOCK];
	double rate[3][REPEATS], with, without, libm, worst = 0;	/* loop, stage without u, with */
	struct sense_calibrator *calibrator[2];
	struct sense_frame *frame;
	struct sense_sensor *certified;
	const double *v;

	sense_layout_add_channel(layout, "x", kind, plain->scale, 0);
	calibrator[0] = sense_calibrator_new(layout);
	calibrator[1] = sense_calibrator_new(layout);
	sense_calibrator_set_sensor(calibrator[0], 0, sensor, -1, 20);
	certified = with_u(sensor);
	if (!certified || sense_calibrator_set_sensor(calibrator[1], 0, certified, -1, 20)) {
		fprintf(stderr, "%s: %s\n", name, sense_error_last()->sentence);
		exit(4);
	}
	frame = sense_frame_new(layout);
	sense_frame_clear(frame, 0);
	srand(1);
	for (int i = 0; i < BLOCK; i++) {
		/* the whole range once per block, with noise on it */
		double t = from + (to - from) * ((i + 4.0 * rand() / RAND_MAX) / (BLOCK + 4));
		struct sense_reading r = sense_sensor_invert(certified, t, 20, INT64_MIN);
		int32_t raw = (int32_t)lrint(r.value / plain->scale);
		struct sense_scan scan = { .sequence = (uint64_t)i, .time_ns = i, .raw = &raw };

		sense_frame_put(frame, &scan);
	}
	for (int repeat = 0; repeat < REPEATS; repeat++)
		for (int which = 0; which < 3; which++) {
			double start = now_s(), took;
			int rounds = 0;

			do {
				if (which == 0)
					loop(plain, sense_frame_get_raw(frame, 0), value, BLOCK);
				else
					sense_calibrator_apply(calibrator[which - 1], frame);
				rounds++;
				took = now_s() - start;
			} while (took < ROUND_S);
			rate[which][repeat] = (double)rounds * BLOCK / took;
		}
	v = sense_frame_get_value(frame, 0);
	for (int i = 0; i < BLOCK; i++)
		worst = fmax(worst, fabs(v[i] - value[i]));
	libm = median(rate[0]);
	without = median(rate[1]);
	with = median(rate[2]);
	printf("%-34s stage with u %6.1f M/s  libm loop %6.1f M/s  ratio %5.2f", name, with * 1e-6,
	       libm * 1e-6, with / libm);
	if (wanted > 0)
		printf(" (%g wanted)", wanted);
	printf("  u costs %4.2fx (2 allowed)  differ %.2g degC\n", without / with, worst);
	sense_frame_release(frame);
	for (int i = 0; i < 2; i++)
		sense_calibrator_free(calibrator[i]);
	sense_sensor_unref(certified);
	sense_layout_unref(layout);
}

int main(void)
{
	struct plain plain = {
		.scale = 1e-7,
		.rtd = sense_rtd_iec60751(100),
		.sprt = { 25.4783, { 4, -1.2e-4, 8e-6, { 0 }, 0 }, { 7, -1.5e-4, -9e-6, { 2e-6 }, 0 } },
	};
	struct sense_thermocouple k = { .letter = 'K' };

	bench("RTD, 0 to 250 degC", sense_sensor_open("pt100"), SENSE_KIND_RTD, &plain, 0, 250, 0.8, rtd_loop);
	bench("RTD, -200 to 250 degC", sense_sensor_open("pt100"), SENSE_KIND_RTD, &plain, -200, 250, 0.8, rtd_loop);
	plain.scale = 5e-8;
	bench("SPRT, -189 to 0 degC", sense_sensor_new_sprt(&plain.sprt), SENSE_KIND_RTD, &plain, -189, 0, 5,
	      sprt_low_loop);
	bench("SPRT, 0.02 to 660 degC", sense_sensor_new_sprt(&plain.sprt), SENSE_KIND_RTD, &plain, 0.02, 660, 5,
	      sprt_high_loop);
	bench("  beside the printed inverse alone", sense_sensor_new_sprt(&plain.sprt), SENSE_KIND_RTD, &plain,
	      0.02, 660, 0, sprt_printed_loop);
	plain.scale = 2e-11;
	plain.cold_V = sense_thermocouple_voltage_V(&k, 20);
	bench("thermocouple K, 0 to 500 degC", sense_sensor_new_thermocouple(&k), SENSE_KIND_THERMOCOUPLE, &plain,
	      0, 500, 5, tc_loop);
	return 0;
}
