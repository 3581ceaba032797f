// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/budget.h>
#include <sense/error.h>

static struct sense_budget_result *evaluate(const char *text)
{
	struct sense_budget *b = sense_budget_parse("test.yaml", text, strlen(text));
	struct sense_budget_result *r = b ? sense_budget_evaluate(b) : NULL;

	sense_budget_free(b);
	return r;
}

static const struct sense_budget_output *first(const struct sense_budget_result *r)
{
	if (!r)
		printf("%s: %s\n", sense_error_last()->object, sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	return sense_budget_result_get_output(r, 0);
}

/* u and dof of "y = x" with x told in some way. */
static void told(const char *input, double value, double u, double dof)
{
	char text[400];
	struct sense_budget_result *r;
	const struct sense_budget_output *y;

	snprintf(text, sizeof(text), "equation: y = x\ninputs:\n  x: %s\n", input);
	r = evaluate(text);
	y = first(r);
	if (fabs(y->u - u) > 1e-6 * u || fabs(y->value - value) > 1e-12 * (1 + fabs(value)))
		printf("%s: %.9g, u %.9g\n", input, y->value, y->u);
	CU_ASSERT_DOUBLE_EQUAL(y->value, value, 1e-12 * (1 + fabs(value)));
	CU_ASSERT_DOUBLE_EQUAL(y->u, u, 1e-6 * u);
	if (isfinite(dof))
		CU_ASSERT_DOUBLE_EQUAL(y->dof, dof, 1e-9);
	CU_ASSERT_EQUAL(isfinite(y->dof), isfinite(dof));
	sense_budget_result_free(r);
}

static void every_way_to_tell(void)
{
	told("{ value: 3, u: 0.2 }", 3, 0.2, INFINITY);
	told("{ value: 3, u: 0.2, dof: 7 }", 3, 0.2, 7);
	told("{ value: 3, u: 0.2, dof: inf }", 3, 0.2, INFINITY);
	told("{ value: -3, relative-u: 10 % }", -3, 0.3, INFINITY);
	told("{ value: 3, U: 0.2, k: 2 }", 3, 0.1, INFINITY);
	told("{ value: 3, U: 0.196, p: 0.95 }", 3, 0.196 / 1.959963985, INFINITY);
	told("{ value: 3, U: 0.2571, p: 0.95, dof: 5 }", 3, 0.2571 / 2.570581836, 5);
	told("{ value: 3, relative-U: 0.02, k: 3 }", 3, 0.02, INFINITY);
	told("{ value: 3, half-width: 0.3 }", 3, 0.3 / sqrt(3), INFINITY);
	told("{ value: 3, half-width: 0.3, dof: 50 }", 3, 0.3 / sqrt(3), 50);
	told("{ value: 3, half-width: 0.3, distribution: triangular }", 3, 0.3 / sqrt(6), INFINITY);
	told("{ value: 3, half-width: 0.3, distribution: arcsine }", 3, 0.3 / sqrt(2), INFINITY);
	told("{ value: 3, half-width: 0.3, distribution: trapezoidal, top: 0.5 }", 3,
	     0.3 * sqrt(1.25 / 6), INFINITY);
	told("{ value: 3, half-width: 0.3, distribution: curvilinear-trapezoid, limit-doubt: 0.1 }",
	     3, sqrt(0.36 / 12 + 0.01 / 9), INFINITY);
	told("{ value: 10.11, half-width: 0.04, distribution: normal, p: 0.5 }", 10.11,
	     0.04 / 0.6744897502, INFINITY);
	told("{ lower: 16.40, upper: 16.92, value: 16.52 }", 16.52, 0.52 / sqrt(12), INFINITY);
	told("{ lower: -1, upper: 3 }", 1, 4 / sqrt(12), INFINITY);
	told("{ readings: [1, 2, 3, 4] }", 2.5, sqrt(5.0 / 3 / 4), 3);
	told("{ value: 215, s: 13, n: 5, dof: 24 }", 215, 13 / sqrt(5), 24);
	told("{ value: 215, s: 13, n: 5 }", 215, 13 / sqrt(5), 4);
	told("{ value: 5, distribution: exponential }", 5, 5, INFINITY);
	told("{ distribution: gamma, counts: 24 }", 25, 5, INFINITY);
	told("{ value: 1 km, unit: m, u: 25 mm }", 1000, 0.025, INFINITY);
	told("{ value: 20, unit: degC, u: 5 mK }", 20, 0.005, INFINITY);
	told("{ value: 1, u: 3, parts: { a: { u: 4 }, b: { value: 0.5, U: 24, k: 2 } } }", 1.5, 13,
	     INFINITY);
}

static void built_in_contributions(void)
{
	told("{ value: 1, parts: { resolution: { step: 0.01 } } }", 1, 0.005 / sqrt(3), INFINITY);
	told("{ value: 1, parts: { drift: { half-width-per-year: 0.1, days: 182.625 } } }", 1,
	     0.05 / sqrt(3), INFINITY);
	told("{ value: 1, parts: { drift: { per-year: 0.2, u-per-year: 0.1, since: 2024-01-01, at: "
	     "2025-12-31 } } }",
	     1 + 0.2 * 730 / 365.25, 0.1 * 730 / 365.25, INFINITY);
	told("{ value: 20, unit: degC, parts: { heat: { type: self-heating, current: 1 mA, "
	     "resistance: 100, dissipation: 4 mW/K, relative-half-width: 20 % } } }",
	     20 - 0.025, 0.005 / sqrt(3), INFINITY);
	told("{ value: 0, parts: { noise: { s: 2, window: 100 } } }", 0, 0.2, INFINITY);
	told("{ value: 0, parts: { noise: { s: 2, window: 100, correlation: [0.5], dof: 49 } } }",
	     0, 0.2 * sqrt(1 + 2 * 0.99 * 0.5), 49);
	/* Windows [3k, 3k + 3) of numbers 100 to 109: whole are 102-104 and 105-107. */
	told("{ value: 0, parts: { noise: { readings: [9, 9, 1, 2, 3, 4, 5, 6, 9, 9], window: 3, "
	     "first-sequence: 100 } } }",
	     0, 3 / sqrt(2), 1);
	told("{ value: 50, unit: degC, parts: { stem-conduction: { difference: 30, immersion: 150 "
	     "mm, length-constant: 15 mm } } }",
	     50, 30 * exp(-10) / sqrt(3), INFINITY);
	told("{ value: 100, unit: ohm, parts: { reference-resistor: { relative-U: 4 ppm, k: 2 } } "
	     "}",
	     100, 2e-4, INFINITY);
	told("{ value: 100, unit: ohm, parts: { rs: { type: reference-resistor, relative-U: 0, k: "
	     "2, temperature-coefficient: 1e-6, temperature-half-width: 3 } } }",
	     100, 3e-4 / sqrt(3), INFINITY);
	told("{ value: 1, unit: V, parts: { adc-linearity: { inl: 3 ppm, full-scale: 2.5 } } }", 1,
	     7.5e-6 / sqrt(3), INFINITY);
	told("{ value: 100, unit: ohm, parts: { heat: { type: self-heating, slope: 0.39, current: "
	     "0.001, resistance: 100, dissipation: 0.004, relative-half-width: 0 }, a: { u: 1 } } "
	     "}",
	     100 - 0.39 * 0.025, 1, INFINITY);
}

static void refuses(const char *text, unsigned int line, const char *part)
{
	struct sense_budget_result *r = evaluate(text);
	char where[40];

	snprintf(where, sizeof(where), "test.yaml:%u", line);
	if (line == 0)
		snprintf(where, sizeof(where), "test.yaml");
	CU_ASSERT_PTR_NULL(r);
	if (r || !strstr(sense_error_last()->sentence, part) ||
	    strcmp(sense_error_last()->object, where))
		printf("\n%s\n-> %s: %s (wanted %s: %s)\n", text, sense_error_last()->object,
		       sense_error_last()->sentence, where, part);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, part));
	CU_ASSERT_STRING_EQUAL(sense_error_last()->object, where);
	CU_ASSERT_STRING_NOT_EQUAL(sense_error_last()->remedy, "");
	sense_budget_result_free(r);
}

#define Y "equation: y = x\ninputs:\n  "

static void mistakes_have_a_line(void)
{
	refuses("", 0, "mapping");
	refuses("equation: [", 2, "no YAML");
	refuses("equation: y = x\n", 1, "no inputs");
	refuses("inputs: { x: 1 }\n", 1, "no equation");
	refuses("equation: y = x\nequation: y = 2*x\ninputs: { x: 1 }", 2, "twice");
	refuses("equations: y = x\ninputs: { x: 1 }", 1, "no list");
	refuses("equation: y = x + z\ninputs:\n  x: 1\n", 1, "z");
	refuses("equation: y = x +\ninputs:\n  x: 1\n", 1, "character 8");
	refuses("equation: y = x\nimputs:\n  x: 1\n", 2, "no key 'imputs'");
	refuses(Y "x: { value: 1, v: 2 }\n", 3, "no key 'v'");
	refuses(Y "x: { u: 2 }\n", 3, "no value");
	refuses(Y "x: abc\n", 3, "no number");
	refuses(Y "x: { value: 0x10 }\n", 3, "units do not fit");
	refuses(Y "x: { value: 1e999 }\n", 3, "too large");
	refuses(Y "x:\n    value: 1\n    u: -2\n", 5, "'u' of 'x' is negative");
	refuses(Y "x:\n    value: 1\n    u: 2\n    dof: 0.5\n", 6, "'dof' of 'x' is less than 1");
	refuses(Y "x: { value: 1, U: 2 }\n", 3, "coverage factor");
	refuses(Y "x: { value: 1, U: 2, k: 0 }\n", 3, "not positive");
	refuses(Y "x: { value: 1, U: 2, p: 95 }\n", 3, "not between 0 and 1");
	refuses(Y "x: { value: 1, u: 2, k: 2 }\n", 3, "no meaning");
	refuses(Y "x: { value: 1, u: 2, U: 2, k: 2 }\n", 3, "twice");
	refuses(Y "x: { value: 1, u: 2, distribution: bell }\n", 3, "no distribution 'bell'");
	refuses(Y "x: { value: 1, u: 2, distribution: t }\n", 3, "no dof");
	refuses(Y "x: { value: 1, half-width: 2, distribution: normal }\n", 3, "limits");
	refuses(Y "x: { value: 1, half-width: 2, distribution: trapezoidal }\n", 3,
		"without a top");
	refuses(Y "x: { value: 1, half-width: 2, distribution: curvilinear-trapezoid, limit-doubt: "
		  "3 }\n",
		3, "limit-doubt");
	refuses(Y "x: { value: 1, distribution: rectangular }\n", 3, "no uncertainty");
	refuses(Y "x: { lower: 2, upper: 1 }\n", 3, "above");
	refuses(Y "x: { lower: 2 }\n", 3, "one limit");
	refuses(Y "x: { value: 9, lower: 1, upper: 2 }\n", 3, "outside its limits");
	refuses(Y "x: { readings: [1] }\n", 3, "fewer than 2");
	refuses(Y "x: { readings: [1, a] }\n", 3, "no number");
	refuses(Y "x: { value: 1, unit: degC, u: 2 V }\n", 3, "units do not fit");
	refuses(Y "x: { value: 293 K, unit: degC, u: 2 }\n", 3, "units do not fit");
	refuses(Y "x: { value: 1, parts: { drift: { years: 1 } } }\n", 3, "how uncertain");
	refuses(Y "x: { value: 1, parts: { drift: { u-per-year: 1 } } }\n", 3, "date");
	refuses(Y "x: { value: 1, parts: { resolution: { half: 1 } } }\n", 3, "no key 'half'");
	refuses(Y "x: { value: 1, parts: { a: { type: magic } } }\n", 3, "no built-in");
	refuses(Y "sin: { value: 1 }\n", 3, "cannot be the name");
	refuses("equation: y = a + b\ninputs:\n  a: { value: 1, unit: m, u: 1 }\n  b: { value: 1, "
		"unit: kg, u: 1 }\n",
		1, "units do not fit at character 7");
	refuses("equation: y = a + b\ninputs:\n  a: { value: 1, unit: mV, u: 1 }\n  b: { value: 1, "
		"unit: V, u: 1 }\n",
		1, "units do not fit");
	refuses("equation: y = a*a\nunit: m\ninputs:\n  a: { value: 1, unit: m, u: 1 }\n", 1,
		"declared in m");
	refuses("equation: y = sin(a)\ninputs:\n  a: { value: 1, unit: deg, u: 1 }\n", 1,
		"radians");
	refuses("equation: y*y + x = 0\ninputs:\n  x: { value: 1, u: 0.1 }\n", 1, "does not solve");
	refuses("equation: y = log(x)\ninputs:\n  x: { value: -1, u: 0.1 }\n", 1,
		"logarithm at character 5");
	refuses("equation: y = 1/x\ninputs:\n  x: { value: 0, u: 0.1 }\n", 1, "division by 0");
	refuses("equation: y = abs(x)\ninputs:\n  x: { value: 0, u: 0.1 }\n", 1, "differentiated");
	refuses("equation: y = log(x)\nmonte-carlo: { trials: 1000 }\ninputs:\n  x: { value: 1, u: "
		"1 }\n",
		0, "Monte Carlo trials");
	refuses(Y "x: { value: 1, u: 1 }\noutput: q\n", 0, "'q' is in no equation");
	refuses(Y "x: { value: 1, u: 1 }\np: 2\n", 4, "not between");
	refuses(Y "x: { value: 1, u: 1 }\nmonte-carlo: { trials: 3 }\n", 4, "out of range");
#define AB                                                                                       \
	"equation: y = a + b + c\ninputs:\n  a: { value: 1, u: 1 }\n  b: { value: 1, u: 1 }\n  " \
	"c: { value: 1, u: 1 }\ncorrelations:\n"
	refuses(AB "  - [a, b, 1.5]\n", 7, "out of range");
	refuses(AB "  - [a, d, 0.5]\n", 7, "'d', which is no input");
	refuses(AB "  - [a, a, 0.5]\n", 7, "with itself");
	refuses(AB "  - [a, b, 0.5]\n  - [b, a, 0.4]\n", 8, "there already");
	refuses(AB "  - [a, b, 0.9]\n  - [b, c, 0.9]\n  - [a, c, -0.9]\n", 7, "not positive");
	refuses(AB "  - { inputs: [a, b], coefficients: [[1, 0.5], [0.4, 1]] }\n", 7,
		"not symmetric");
	refuses(AB "  - { inputs: [a, b], coefficients: [[1, 0.5]] }\n", 7, "as many rows");
	refuses(AB "  - { inputs: [a, b], covariance: [[4, 0.5], [0.5, 1]] }\n", 7,
		"in the covariance matrix");
	refuses(AB "  - { observed-together: [a, b] }\n", 7, "no readings");
}

/* A linear model with a random covariance: u^2 = c' V c, and Monte Carlo agrees with it. */
static void random_covariances(void)
{
	enum { N = 5 };

	srand(unit_seed());
	for (int round = 0; round < 5; round++) {
		struct sense_budget *b = sense_budget_new("random");
		double factor[N][N], c[N], u[N], v[N][N] = { { 0 } }, variance = 0;
		struct sense_budget_result *r;
		const struct sense_budget_output *y;
		char equation[300] = "y = 0";

		for (int i = 0; i < N; i++) {
			c[i] = 4.0 * rand() / RAND_MAX - 2;
			sprintf(equation + strlen(equation), " + (%.17g)*x%d", c[i], i);
			for (int j = 0; j < N; j++)
				factor[i][j] = 2.0 * rand() / RAND_MAX - 1;
		}
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				for (int k = 0; k < N; k++)
					v[i][j] += factor[i][k] * factor[j][k];
				variance += c[i] * c[j] * v[i][j];
			}
		for (int i = 0; i < N; i++) {
			char name[16];

			u[i] = sqrt(v[i][i]);
			snprintf(name, sizeof(name), "x%d", i);
			struct sense_budget_input input = {
				name, NULL, i, u[i], INFINITY, SENSE_DISTRIBUTION_NORMAL, 0
			};
			CU_ASSERT_EQUAL(sense_budget_add_input(b, &input), 0);
		}
		for (int i = 0; i < N; i++)
			for (int j = 0; j < i; j++) {
				char a[16], d[16];

				snprintf(a, sizeof(a), "x%d", i);
				snprintf(d, sizeof(d), "x%d", j);
				CU_ASSERT_EQUAL(sense_budget_set_correlation(b, a, d,
									     v[i][j] / u[i] / u[j]),
						0);
			}
		CU_ASSERT_EQUAL(sense_budget_add_equation(b, equation), 0);
		CU_ASSERT_EQUAL(sense_budget_set_trials(b, 100000), 0);
		sense_budget_set_seed(b, (uint64_t)rand());
		r = sense_budget_evaluate(b);
		sense_budget_free(b);
		y = first(r);
		CU_ASSERT_DOUBLE_EQUAL(y->u, sqrt(variance), 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(y->u_second_order, y->u, 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(y->monte_carlo.u / y->u, 1, 0.015);
		CU_ASSERT_DOUBLE_EQUAL(y->monte_carlo.mean, y->value, 6 * y->u / sqrt(1e5));
		sense_budget_result_free(r);
	}
}

/* Exact correlation, allowed: a - b of the same quantity is certain, a + b twice as uncertain. */
static void perfect_correlation(void)
{
	struct sense_budget_result *r = evaluate(
		"equations: [d = a - b, s = a + b]\nmonte-carlo: { trials: 10000 }\ninputs:\n"
		"  a: { value: 2, u: 1 }\n  b: { value: 1, u: 1 }\n"
		"correlations: [[a, b, 1]]\n");
	const struct sense_budget_output *d = first(r), *s = sense_budget_result_get_output(r, 1);

	CU_ASSERT_EQUAL(d->u, 0);
	CU_ASSERT_DOUBLE_EQUAL(s->u, 2, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d->monte_carlo.u, 0, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(s->monte_carlo.u, 2, 0.1);
	sense_budget_result_free(r);
}

/* Welch-Satterthwaite with figures of its own: 12.8 from 0.57 (9) and 0.25 (infinite). */
static void effective_degrees_of_freedom(void)
{
	struct sense_budget_result *r =
		evaluate("equation: y = a + b\ninputs:\n  a: { value: 1, u: 0.57, dof: 9 }\n"
			 "  b: { value: 1, u: 0.25 }\n");

	CU_ASSERT_DOUBLE_EQUAL(first(r)->dof, 12.8, 0.05);
	CU_ASSERT_EQUAL(first(r)->dof_used, 12);
	sense_budget_result_free(r);
	/* Readings made together keep their degrees of freedom; of unequal ones the smallest. */
	r = evaluate("equation: y = a + b\ninputs:\n  a: { value: 1, u: 1, dof: 4 }\n  b: { value: "
		     "1, u: 1, dof: 4 }\n"
		     "correlations: [[a, b, 0.5]]\n");
	CU_ASSERT_DOUBLE_EQUAL(first(r)->dof, 4, 1e-9);
	CU_ASSERT_EQUAL(sense_budget_result_get_warning_count(r), 0);
	sense_budget_result_free(r);
	r = evaluate("equation: y = a + b\ninputs:\n  a: { value: 1, u: 1, dof: 4 }\n  b: { value: "
		     "1, u: 1, dof: 9 }\n"
		     "correlations: [[a, b, 0.5]]\n");
	CU_ASSERT_DOUBLE_EQUAL(first(r)->dof, 4, 1e-9);
	CU_ASSERT_EQUAL(sense_budget_result_get_warning_count(r), 1);
	sense_budget_result_free(r);
}

/* Covariance, coefficients and pairs say the same. */
static void three_ways_to_correlate(void)
{
	static const char *const ways[] = {
		"correlations: [[a, b, 0.25]]\n",
		"correlations: [{ inputs: [a, b], coefficients: [[1, 0.25], [0.25, 1]] }]\n",
		"correlations: [{ inputs: [a, b], covariance: [[4, 1], [1, 4]] }]\n",
	};

	for (int i = 0; i < 3; i++) {
		char text[400];
		struct sense_budget_result *r;

		snprintf(text, sizeof(text),
			 "equation: y = a - b\ninputs:\n  a: { value: 1%s }\n  b: { value: 1, u: 2 "
			 "}\n%s",
			 i < 2 ? ", u: 2" : "", ways[i]);
		r = evaluate(text);
		CU_ASSERT_DOUBLE_EQUAL(first(r)->u, sqrt(6), 1e-12);
		sense_budget_result_free(r);
	}
}

/* Copulas keep the law of each input, and are warned of. */
static void correlated_rectangles(void)
{
	struct sense_budget_result *r =
		evaluate("equation: y = a + 0*b\nmonte-carlo: { trials: 100000 }\ninputs:\n"
			 "  a: { value: 0, half-width: 1 }\n  b: { value: 0, half-width: 1, "
			 "distribution: triangular }\n"
			 "correlations: [[a, b, 0.8]]\n");
	const struct sense_budget_output *y = first(r);

	CU_ASSERT_DOUBLE_EQUAL(y->monte_carlo.u, 1 / sqrt(3), 0.005);
	CU_ASSERT_DOUBLE_EQUAL(y->monte_carlo.lower, -0.95, 0.01);
	CU_ASSERT(sense_budget_result_get_warning_count(r) >= 2);
	sense_budget_result_free(r);
}

/* Which root of an implicit equation: the start says. */
static void start_chooses_the_root(void)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		char text[200];
		struct sense_budget_result *r;

		snprintf(text, sizeof(text),
			 "equation: y^2 = x\nstart: %d\ninputs:\n  x: { value: 9, u: 0.6 }\n",
			 sign * 5);
		r = evaluate(text);
		CU_ASSERT_DOUBLE_EQUAL(first(r)->value, sign * 3, 1e-12);
		CU_ASSERT_DOUBLE_EQUAL(first(r)->u, 0.1, 1e-12);
		sense_budget_result_free(r);
	}
}

UNIT_TESTS = { UNIT(every_way_to_tell),	      UNIT(built_in_contributions),
	       UNIT(mistakes_have_a_line),    UNIT(random_covariances),
	       UNIT(perfect_correlation),     UNIT(effective_degrees_of_freedom),
	       UNIT(three_ways_to_correlate), UNIT(correlated_rectangles),
	       UNIT(start_chooses_the_root),  UNIT_END };
UNIT_MAIN("budget")
