// SPDX-License-Identifier: GPL-2.0-or-later
/* Discretisation, filter, search and model file of the twin, against closed forms and known plants. */
#include "unit.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/identify.h>
#include <sense/observer.h>
#include <sense/simulate.h>

#include "twin/filter.h"
#include "twin/model.h"

static int near(double a, double b, double relative)
{
	return fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

/* One lag: phi = exp(-t/tau), gamma = 1 - phi, q = s tau (1 - phi^2) / 2. */
static void lag_has_its_closed_form(void)
{
	const double times[] = { 1e-3, 0.7, 21, 4000, 1e6 };

	for (int i = 0; i < 5; i++) {
		struct twin_system s = { .states = 1, .columns = 1, .inputs = 1, .outputs = 1,
					 .peltier_input = -1 };
		double phi, gamma, q, tau = 150, want = exp(-times[i] / tau);

		s.f[0] = -1 / tau;
		s.b[0] = 1 / tau;
		s.q[0] = 3e-4;
		twin_discretise(&s, times[i], &phi, &gamma, &q);
		CU_ASSERT(fabs(phi - want) < 1e-13);
		CU_ASSERT(near(gamma, -expm1(-times[i] / tau), 1e-12));
		CU_ASSERT(near(q, 3e-4 * tau / 2 * -expm1(-2 * times[i] / tau), 1e-12));
	}
}

/* Level and slope: q = [a t + b t^3/3, b t^2/2; ., b t]. */
static void trend_has_its_closed_form(void)
{
	struct twin_system s = { .states = 2, .outputs = 1, .peltier_input = -1 };
	double phi[4], q[4], t = 33, a = 2e-6, b = 5e-9;

	s.f[1] = 1;
	s.q[0] = a;
	s.q[3] = b;
	twin_discretise(&s, t, phi, NULL, q);
	CU_ASSERT(near(phi[1], t, 1e-14) && phi[0] == 1 && phi[2] == 0 && phi[3] == 1);
	CU_ASSERT(near(q[0], a * t + b * t * t * t / 3, 1e-12));
	CU_ASSERT(near(q[1], b * t * t / 2, 1e-12) && q[1] == q[2]);
	CU_ASSERT(near(q[3], b * t, 1e-12));
}

/* A held input that comes late by part of an interval acts from then on. */
static void delay_cuts_the_interval(void)
{
	struct twin_system s = { .states = 1, .columns = 1, .inputs = 1, .outputs = 1,
				 .peltier_input = -1, .delay_s = 4.5 };
	struct twin_interval t;

	s.f[0] = -1.0 / 30;
	s.b[0] = 1;
	CU_ASSERT_EQUAL(twin_interval_set(&s, 10, 4.5, &t), 0);
	CU_ASSERT(near(t.late[0], 30 * -expm1(-5.5 / 30), 1e-12));
	CU_ASSERT(near(t.early[0], 30 * exp(-5.5 / 30) * -expm1(-4.5 / 30), 1e-12));
	CU_ASSERT(twin_interval_set(&s, 4, 4.5, &t) == -EDOM);
}

/*
 * A level that walks, q = r = 1: the stationary variance before a measurement is the golden ratio
 * squared less 1 plus q, and the gain 1 / golden ratio.
 */
static void walk_settles_at_the_golden_ratio(void)
{
	struct twin_system s = { .states = 1, .outputs = 1, .peltier_input = -1 };
	struct twin_interval t;
	struct twin_filter f = { &s, &t, 0 };
	struct twin_state x;
	double golden = (1 + sqrt(5)) / 2, y = 0, e, v, none = 0, before;

	s.c[0] = s.q[0] = s.r[0] = 1;
	s.start_variance[0] = 100;
	s.start_output[0] = 1;
	CU_ASSERT_EQUAL(twin_interval_set(&s, 1, 0, &t), 0);
	twin_filter_start(&f, &x, &y, &none);
	for (int k = 0; k < 60; k++) {
		twin_filter_predict(&f, &x, 0, &none, 1);
		twin_filter_correct(&f, &x, &y, &e, &v);
	}
	CU_ASSERT(near(v, golden + 1, 1e-12));
	before = x.x[0];
	twin_filter_predict(&f, &x, 0, &none, 1);
	y = 1;
	twin_filter_correct(&f, &x, &y, &e, &v);
	CU_ASSERT(near(x.x[0] - before, 1 / golden, 1e-12));
	y = NAN;
	before = x.p[0];
	twin_filter_predict(&f, &x, 0, &none, 1);
	twin_filter_correct(&f, &x, &y, &e, &v);
	CU_ASSERT(isnan(e) && near(x.p[0], before + 1, 1e-12));
}

/* ---- identification ----------------------------------------------------------------------- */

#define ROWS 3000

static uint64_t state;

static double uniform(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((double)(state >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Gain 5, lag 600 s, a disturbance that walks; uneven intervals. */
static struct sense_series *plant(void)
{
	static int64_t time_ns[ROWS];
	static double y[ROWS], u[ROWS];
	const char *out[] = { "bath" }, *in[] = { "current" };
	double x = 0, d = 20, held = 0;

	state = unit_seed();
	for (int k = 0; k < ROWS; k++) {
		double dt = uniform() < 0.1 ? 31 : 21;

		if (k) {
			time_ns[k] = time_ns[k - 1] + (int64_t)dt * 1000000000;
			x = 5 * held + (x - 5 * held) * exp(-dt / 600);
			d += 3e-4 * sqrt(dt) * normal();
		}
		y[k] = x + d + 3e-3 * normal();
		if (k % 40 == 0)
			held = uniform() - 0.5;
		u[k] = held;
	}
	return sense_series_new(ROWS, time_ns, 1, out, y, 1, in, u);
}

static struct sense_model *fit(const char *structure)
{
	struct sense_identify_options o = { .train_to = 0.7, .structure = structure, .starts = 2 };
	struct sense_series *s = plant();
	struct sense_model *m;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	m = sense_identify(s, &o);
	if (!m)
		printf("%s\n", sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	sense_series_free(s);
	return m;
}

static void is(const struct sense_model *m, const char *name, double want, double also)
{
	struct sense_model_parameter p;

	CU_ASSERT_EQUAL_FATAL(sense_model_find_parameter(m, name, &p), 0);
	if (fabs(p.value - want) > 5 * p.u + also)
		printf("%s %g u %g, not %g\n", name, p.value, p.u, want);
	CU_ASSERT(p.u > 0 && fabs(p.value - want) <= 5 * p.u + also);
}

static void known_plant_is_recovered(void)
{
	struct sense_model *m = fit("innovations:1");
	struct sense_simulate_options o = { .from = 0.7, .horizon = 10, .inputs_known = 1 };
	struct sense_simulate_report r, b;
	struct sense_series *s = plant();

	is(m, "tau_1", 600, 0);
	is(m, "gain_1_1", 5, 0);
	is(m, "walk_1", 3e-4, 0);
	is(m, "readout_noise_1", 3e-3, 0);
	CU_ASSERT_EQUAL(sense_simulate(m, s, 0, &o, &r, NULL, NULL), 0);
	CU_ASSERT_EQUAL(sense_simulate_baseline(s, 0, &o, &b), 0);
	CU_ASSERT(r.rms < 0.2 * b.rms && r.coverage > 0.9 && r.coverage < 0.99);
	o.horizon = 1;
	CU_ASSERT_EQUAL(sense_simulate(m, s, 0, &o, &r, NULL, NULL), 0);
	CU_ASSERT(r.coverage > 0.92 && r.coverage < 0.98 && r.n == 900);
	sense_series_free(s);
	sense_model_free(m);
}

static void order_is_chosen(void)
{
	struct sense_model *m = fit("auto");

	CU_ASSERT(sense_model_get_order(m) >= 1);
	CU_ASSERT(json_is_true(json_object_get(json_object_get(m->validation, "whiteness"), "passed")) ||
		  json_real_value(json_object_get(json_object_get(m->validation, "whiteness"), "p")) >
			  1e-4);
	sense_model_free(m);
}

/* ---- model file, observer ------------------------------------------------------------------- */

static void refused(const char *text, const char *from, const char *to, int code, const char *says)
{
	char *changed = strdup(text), *at = strstr(changed, from), *whole;
	struct sense_model *m;

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	*at = 0;
	CU_ASSERT_FATAL(asprintf(&whole, "%s%s%s", changed, to, at + strlen(from)) > 0);
	m = sense_model_parse(whole, "changed");
	CU_ASSERT_PTR_NULL(m);
	if (!strstr(sense_error_last()->sentence, says) || sense_error_last()->code != code)
		printf("%d %s\n", sense_error_last()->code, sense_error_last()->sentence);
	CU_ASSERT(sense_error_last()->code == code && strstr(sense_error_last()->sentence, says));
	sense_model_free(m);
	free(whole);
	free(changed);
}

static void model_file_goes_round(void)
{
	struct sense_model *m = fit("innovations:1"), *again;
	char *text = sense_model_to_json(m), *other, path[] = "/tmp/sense-model-XXXXXX";

	again = sense_model_parse(text, "model");
	CU_ASSERT_PTR_NOT_NULL_FATAL(again);
	other = sense_model_to_json(again);
	CU_ASSERT_STRING_EQUAL(text, other);
	CU_ASSERT_STRING_EQUAL(sense_model_get_digest(m), sense_model_get_digest(again));
	CU_ASSERT_FATAL(mkstemp(path) >= 0);
	CU_ASSERT_EQUAL(sense_model_save(m, path), 0);
	sense_model_free(again);
	again = sense_model_load(path);
	CU_ASSERT_PTR_NOT_NULL(again);
	unlink(path);
	refused(text, "\"rows\": ", "\"rows\": 1", EBADMSG, "changed since");
	refused(text, "sense-model/1", "sense-model/2", EPROTO, "format");
	refused(text, "\"upper\"", "\"uppermost\"", EDOM, "outside");
	refused(text, "{", "", EBADMSG, "line");
	free(text);
	free(other);
	sense_model_free(again);
	/* A covariance that says nothing, and a plant that runs away. */
	for (int i = 0; i < m->free; i++)
		m->covariance[i] = m->covariance[i * m->free] = 0;
	CU_ASSERT_EQUAL(model_finish(m, "singular"), -EDOM);
	CU_ASSERT(strstr(sense_error_last()->sentence, "not positive definite") != NULL);
	sense_model_free(m);
	m = fit("innovations:1");
	m->structure.parameter[0].lower = -1e9;
	m->theta[0] = -600;
	CU_ASSERT_EQUAL(model_finish(m, "runaway"), -EDOM);
	CU_ASSERT(strstr(sense_error_last()->sentence, "unstable") != NULL);
	sense_model_free(m);
}

static void observer_agrees_and_warm_starts(void)
{
	struct sense_model *m = fit("innovations:1");
	struct sense_series *s = plant();
	const int64_t step[] = { 21000000000, 31000000000 }, *t = sense_series_get_time_ns(s);
	const double *y = sense_series_get_outputs(s), *u = sense_series_get_inputs(s);
	struct sense_observer *o = sense_observer_new(m, 2, step), *p;
	struct sense_simulate_options opt = { .horizon = 1 };
	struct sense_simulate_report r;
	double value[ROWS], ahead, a[40], b[40];
	void *kept = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	p = sense_observer_new(m, 2, step);
	CU_ASSERT_EQUAL(sense_simulate(m, s, 0, &opt, &r, value, NULL), 0);
	sense_observer_start(o, y, u);
	for (int k = 1; k < 1000; k++) {
		if (k == 500) {
			kept = malloc(sense_observer_get_state_size(o));
			sense_observer_get_state(o, kept);
			CU_ASSERT_EQUAL(sense_observer_set_state(
						p, kept, sense_observer_get_state_size(o)), 0);
		}
		CU_ASSERT_EQUAL(sense_observer_forecast(o, 1, t[k] - t[k - 1], NULL, &u[k - 1], &ahead,
							NULL), 0);
		CU_ASSERT_EQUAL(sense_observer_predict(o, t[k] - t[k - 1], &u[k - 1]), 0);
		CU_ASSERT(sense_observer_get_value(o, 0) == ahead);
		CU_ASSERT(fabs(sense_observer_get_value(o, 0) - value[k]) < 1e-12);
		CU_ASSERT(sense_observer_get_u(o, 0) < sense_observer_get_measured_u(o, 0));
		sense_observer_correct(o, &y[k]);
		if (k < 500)
			continue;
		sense_observer_predict(p, t[k] - t[k - 1], &u[k - 1]);
		sense_observer_correct(p, &y[k]);
	}
	/* To the bit. */
	CU_ASSERT_EQUAL(sense_observer_forecast(o, 40, step[0], NULL, &u[999], a, NULL), 0);
	CU_ASSERT_EQUAL(sense_observer_forecast(p, 40, step[0], NULL, &u[999], b, NULL), 0);
	CU_ASSERT(memcmp(a, b, sizeof(a)) == 0);
	CU_ASSERT_EQUAL(sense_observer_predict(o, 1000000000, u), -EDOM);
	memset(kept, 0, 8);
	CU_ASSERT_EQUAL(sense_observer_set_state(p, kept, sense_observer_get_state_size(p)), -EINVAL);
	free(kept);
	sense_observer_free(o);
	sense_observer_free(p);
	sense_series_free(s);
	sense_model_free(m);
}

UNIT_TESTS = { UNIT(lag_has_its_closed_form), UNIT(trend_has_its_closed_form),
	       UNIT(delay_cuts_the_interval), UNIT(walk_settles_at_the_golden_ratio),
	       UNIT(known_plant_is_recovered), UNIT(order_is_chosen), UNIT(model_file_goes_round),
	       UNIT(observer_agrees_and_warm_starts), UNIT_END };
UNIT_MAIN("twin")
