// SPDX-License-Identifier: GPL-2.0-or-later
/* Control charts, drift and the verdict on a log, against figures worked out elsewhere. */
#include "unit.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/health.h>

static double normal(unsigned int *seed)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += rand_r(seed) / (RAND_MAX + 1.0);
	return sum;
}

/* NIST/SEMATECH e-Handbook 6.3.2.2, flowrate: mean 50.81, MR-bar 1.8778, limits 45.8/55.8 */
static void limits_of_the_handbook(void)
{
	static const double x[] = { 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1 };
	struct sense_control_limits l;

	CU_ASSERT_EQUAL(sense_control_limits_from(x, 10, 10, &l), 0);
	CU_ASSERT_DOUBLE_EQUAL(l.centre, 50.81, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(l.centre + 3 * l.sigma, 50.81 + 3 * 1.8778 / 1.128, 0.003);
	CU_ASSERT_EQUAL(sense_control_limits_from(x, 10, 11, &l), -ENODATA);
	CU_ASSERT_EQUAL(sense_control_limits_from(x, 10, 1, &l), -EINVAL);
	CU_ASSERT_EQUAL(sense_control_limits_from((double[]){ 1, 1, 1 }, 3, 3, &l), -ENODATA);
}

static uint32_t last_signal(const double *x, unsigned int n)
{
	static const struct sense_control_limits l = { 10, 2, 0 };
	uint32_t signals[32];

	sense_control_chart(x, n, &l, signals);
	for (unsigned int i = 0; i + 1 < n; i++)
		CU_ASSERT_EQUAL(signals[i], 0);
	return signals[n - 1];
}
#define LAST(...)                                    \
	last_signal((const double[]){ __VA_ARGS__ }, \
		    sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double))

/* Each rule where its pattern is complete, and not one point short of it. */
static void each_rule(void)
{
	CU_ASSERT_EQUAL(LAST(16.1), SENSE_CONTROL_BEYOND_3);
	CU_ASSERT_EQUAL(LAST(3.9), SENSE_CONTROL_BEYOND_3);
	CU_ASSERT_EQUAL(LAST(15.9), 0);
	CU_ASSERT_EQUAL(LAST(14.1, 9, 14.1), SENSE_CONTROL_2_OF_3);
	CU_ASSERT_EQUAL(LAST(5.9, 11, 5.9), SENSE_CONTROL_2_OF_3);
	CU_ASSERT_EQUAL(LAST(14.1, 9, 9, 14.1), 0);
	CU_ASSERT_EQUAL(LAST(14.1, 9, 5.9), 0);
	CU_ASSERT_EQUAL(LAST(12.1, 12.2, 9, 12.1, 12.3), SENSE_CONTROL_4_OF_5);
	CU_ASSERT_EQUAL(LAST(12.1, 9, 9, 12.1, 12.3), 0);
	CU_ASSERT_EQUAL(LAST(11, 10.5, 11, 10.5, 11, 10.5, 11, 10.5), SENSE_CONTROL_8_ON_SIDE);
	CU_ASSERT_EQUAL(LAST(9.9, 10.5, 11, 10.5, 11, 10.5, 11, 10.5), 0);
	CU_ASSERT_EQUAL(LAST(9, 9.5, 9.8, 10.2, 10.4, 11), SENSE_CONTROL_6_TREND);
	CU_ASSERT_EQUAL(LAST(11, 10.5, 10.3, 9.8, 9.7, 9), SENSE_CONTROL_6_TREND);
	CU_ASSERT_EQUAL(LAST(9, 9.5, 9.5, 10.2, 10.4, 11), 0);
	CU_ASSERT_EQUAL(LAST(9.5, 9.8, 10.2, 10.4, 11), 0);
}

/* Weighted line by hand: points (0,1), (1,2), (2,4) with u 1, 1, 2. */
static void line_by_hand(void)
{
	struct sense_drift_point p[] = { { 0, 1, 1, 0, 0 }, { 1, 2, 1, 0, 0 }, { 2, 4, 2, 0, 0 } };
	struct sense_drift d, shared;
	/* weights 1, 1, 1/4: S 2.25, Sx 1.5, Sy 4, Sxx 2, Sxy 4; D = S Sxx - Sx^2 = 2.25 */
	double slope = (2.25 * 4 - 1.5 * 4) / 2.25;

	CU_ASSERT_EQUAL_FATAL(sense_drift_fit(p, 3, &d), 0);
	CU_ASSERT_DOUBLE_EQUAL(d.slope, slope, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d.u_slope, sqrt(2.25 / 2.25), 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d.epoch, 1.5 / 2.25, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d.u_offset, sqrt(1 / 2.25), 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d.covariance, 0, 1e-12);
	CU_ASSERT_EQUAL(d.inflation, 1);
	CU_ASSERT_DOUBLE_EQUAL(sense_drift_u(&d, d.epoch + 3), sqrt(1 / 2.25 + 9), 1e-12);
	/* What all points share moves the line, not its slope. */
	for (int i = 0; i < 3; i++)
		p[i].u_common = 5;
	CU_ASSERT_EQUAL_FATAL(sense_drift_fit(p, 3, &shared), 0);
	CU_ASSERT_DOUBLE_EQUAL(shared.slope, d.slope, 1e-10);
	CU_ASSERT_DOUBLE_EQUAL(shared.u_slope, d.u_slope, 1e-10);
	CU_ASSERT_DOUBLE_EQUAL(shared.u_offset, sqrt(1 / 2.25 + 25), 1e-10);
	/* From another reference it does. */
	p[2].group = 1;
	CU_ASSERT_EQUAL_FATAL(sense_drift_fit(p, 3, &shared), 0);
	CU_ASSERT(shared.u_slope > d.u_slope * 1.1);
	CU_ASSERT_EQUAL(sense_drift_fit(p, 2, &d), -ENODATA);
	p[1].u = 0;
	CU_ASSERT_EQUAL(sense_drift_fit(p, 3, &d), -EINVAL);
	p[1].u = 1;
	p[1].day = p[2].day = 0;
	CU_ASSERT_EQUAL(sense_drift_fit(p, 3, &d), -ENODATA);
}

/* Over many made histories: the slope lies within its U about as often as it says. */
static void uncertainty_is_honest(void)
{
	unsigned int seed = unit_seed(), within = 0, due_before = 0;

	for (int trial = 0; trial < 1000; trial++) {
		struct sense_drift_forecast f;
		struct sense_drift_point p[12];
		struct sense_drift d;
		double common = 0.003 * normal(&seed), other = 0.003 * normal(&seed);

		for (int i = 0; i < 12; i++)
			p[i] = (struct sense_drift_point){
				.day = 30 * i,
				.u = 0.001,
				.u_common = 0.003,
				.group = i >= 6,
				.error = 1e-5 * 30 * i + 0.001 * normal(&seed) +
					 (i < 6 ? common : other),
			};
		CU_ASSERT_EQUAL_FATAL(sense_drift_fit(p, 12, &d), 0);
		within += fabs(d.slope - 1e-5) < 2 * d.u_slope;
		/* the true line reaches 0.02 on day 2000 */
		sense_drift_forecast(&d, 0.02, 2, 330, 36525, &f);
		CU_ASSERT(f.due <= f.expected && f.expected <= f.latest);
		due_before += f.due <= 2000;
	}
	printf(" (%u in 1000 within U, %u due in time) ", within, due_before);
	CU_ASSERT(within > 930 && within < 992);
	CU_ASSERT(due_before > 950);
}

static void forecast_by_hand(void)
{
	struct sense_drift d = { .epoch = 100, .offset = 0.001, .slope = 1e-5, .inflation = 1 };
	struct sense_drift_forecast f;

	sense_drift_forecast(&d, 0.01, 2, 100, 3650, &f);
	CU_ASSERT_DOUBLE_EQUAL(f.due, 1000, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(f.expected, 1000, 1e-6);
	d.u_offset = 0.001;
	sense_drift_forecast(&d, 0.01, 2, 100, 3650, &f);
	CU_ASSERT_DOUBLE_EQUAL(f.due, 800, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(f.latest, 1200, 1e-6);
	sense_drift_forecast(&d, 0.01, 2, 100, 500, &f);
	CU_ASSERT(isinf(f.due));
	sense_drift_forecast(&d, 0.002, 2, 100, 500, &f);
	CU_ASSERT_EQUAL(f.due, 100);
	/* down through zero first, then out at the other side */
	d = (struct sense_drift){ .offset = 0.009, .slope = -1e-4, .inflation = 1 };
	sense_drift_forecast(&d, 0.01, 2, 0, 3650, &f);
	CU_ASSERT_DOUBLE_EQUAL(f.due, 190, 1e-6);
}

static void put(const char *path, const char *date, enum sense_log_kind kind, double error)
{
	struct sense_log_point p = { 20, 20, 0.001, 0.0005, 20 + error, 0.0005, NAN, NAN };
	struct sense_log_entry e;

	sense_log_entry_init(&e);
	CU_ASSERT_EQUAL_FATAL(sense_day_parse(date, &e.day), 0);
	e.kind = kind;
	e.item = "Pt100";
	e.serial = "1";
	e.author = "me";
	e.unit = "Cel";
	e.points = &p;
	e.point_count = kind != SENSE_LOG_ADJUSTMENT;
	if (kind == SENSE_LOG_ADJUSTMENT)
		e.valid_until = "2027-01-31";
	CU_ASSERT_EQUAL_FATAL(sense_calibration_log_append(path, &e, NULL, NULL), 0);
}

static struct sense_health_verdict verdict_of(const char *path, struct sense_health_setup *setup)
{
	struct sense_calibration_log *log = sense_calibration_log_load(path);
	struct sense_health *h = sense_health_new(log, setup);
	struct sense_health_verdict v;

	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	v = sense_health_get_verdict(h);
	CU_ASSERT_EQUAL(sense_health_get_point_count(h), 1);
	sense_health_free(h);
	sense_calibration_log_free(log);
	return v;
}

static void a_log_is_judged(void)
{
	static const double noise[] = { 1, -1, 0.5, -0.5, 1, -1, 0.5, -0.8 };
	struct sense_health_verdict v;
	struct sense_health_setup setup;
	char path[64], date[11];

	snprintf(path, sizeof(path), "/tmp/test-health.%d", (int)getpid());
	unlink(path);
	sense_health_setup_init(&setup);
	setup.tolerance = 0.01;
	CU_ASSERT_EQUAL(sense_day_parse("2026-12-31", &setup.today), 0);
	/* bad before the adjustment, good after it */
	put(path, "2026-01-01", SENSE_LOG_AS_FOUND, 0.5);
	put(path, "2026-01-01", SENSE_LOG_ADJUSTMENT, 0);
	put(path, "2026-01-01", SENSE_LOG_AS_LEFT, 0);
	for (int i = 0; i < 8; i++) {
		snprintf(date, sizeof(date), "2026-%02d-01", (i + 2) % 100);
		put(path, date, SENSE_LOG_CHECK, 0.0005 * noise[i]);
	}
	v = verdict_of(path, &setup);
	CU_ASSERT_FALSE(v.out_of_control);
	CU_ASSERT_FALSE(v.exceeds);
	CU_ASSERT_FALSE(v.overdue);
	CU_ASSERT_TRUE(v.has_due);
	setup.today += 40;
	v = verdict_of(path, &setup);
	CU_ASSERT_TRUE(v.overdue); /* by validity at the latest */
	setup.today -= 40;
	setup.across_adjustments = true;
	CU_ASSERT_FALSE(verdict_of(path, &setup).exceeds);
	setup.across_adjustments = false;
	/* one check out */
	put(path, "2026-11-01", SENSE_LOG_CHECK, 0.008);
	v = verdict_of(path, &setup);
	CU_ASSERT_TRUE(v.out_of_control);
	CU_ASSERT_FALSE(v.exceeds);
	put(path, "2026-11-02", SENSE_LOG_CHECK, 0.011);
	CU_ASSERT_TRUE(verdict_of(path, &setup).exceeds);
	CU_ASSERT_TRUE(verdict_of(path, &setup).overdue);
	/* stated limits wide enough: in control, and still beyond the tolerance */
	setup.centre = 0;
	setup.sigma = 0.01;
	v = verdict_of(path, &setup);
	CU_ASSERT_FALSE(v.out_of_control);
	CU_ASSERT_TRUE(v.exceeds);
	setup.sigma = NAN;
	CU_ASSERT_PTR_NULL(sense_health_new(NULL, &setup));
	unlink(path);
}

UNIT_TESTS = { UNIT(limits_of_the_handbook),
	       UNIT(each_rule),
	       UNIT(line_by_hand),
	       UNIT(uncertainty_is_honest),
	       UNIT(forecast_by_hand),
	       UNIT(a_log_is_judged),
	       UNIT_END };
UNIT_MAIN("health")
