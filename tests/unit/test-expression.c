// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>

#include "calibrate/expression.h"

#define PLACES 4096
static double v[PLACES * 4];

/* One equation over inputs a, b (or as named): its graph, resolved; NULL when refused. */
static struct sense_expression *read_equation(const char *inputs, const char *text)
{
	struct sense_expression *e = sense_expression_new();
	char names[64];

	snprintf(names, sizeof(names), "%s", inputs);
	for (char *n = strtok(names, " "); n; n = strtok(NULL, " "))
		sense_expression_add_input(e, n);
	if (sense_expression_add_equation(e, text, "test:1") ||
	    sense_expression_resolve(e, "test:1")) {
		sense_expression_free(e);
		return NULL;
	}
	return e;
}

static double value(const char *text, double a, double b)
{
	struct sense_expression *e = read_equation("a b", text);
	double x[] = { a, b }, z[16] = { 0 }, result;
	const char *name;

	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_EQUAL_FATAL(sense_expression_solve(e, x, z, false, v), 0);
	sense_expression_evaluate(e, x, z, v);
	CU_ASSERT_EQUAL_FATAL(sense_expression_outputs(e, &name, 1), 1);
	result = v[sense_expression_find(e, name)];
	sense_expression_free(e);
	return result;
}

static void reads_arithmetic(void)
{
	CU_ASSERT_EQUAL(value("y = 2 + 3*4 - 6/3", 0, 0), 12);
	CU_ASSERT_EQUAL(value("y = -a^2", 3, 0), -9);
	CU_ASSERT_EQUAL(value("y = 2^3^2", 0, 0), 512);
	CU_ASSERT_EQUAL(value("y = 2**-1", 0, 0), 0.5);
	CU_ASSERT_EQUAL(value("y = 8/4/2", 0, 0), 1);
	CU_ASSERT_EQUAL(value("(a - b) - (b - a)", 5, 3), 4);
	CU_ASSERT_EQUAL(value("y = a \xc3\x97 b \xe2\x88\x92 1e-1", 5, 3), 14.9);
	CU_ASSERT_DOUBLE_EQUAL(value("y = sin(pi/6) + log10(1000) + atan2(1, 1)", 0, 0),
			       3.5 + M_PI / 4, 1e-15);
	CU_ASSERT_EQUAL(value("y = max(a, b, 7) + min(a, b)", 5, 3), 10);
}

static void solves_implicit(void)
{
	/* The quadratic of a platinum thermometer, against the formula. */
	double r0 = 100, A = 3.9083e-3, B = -5.775e-7, r = 119.3971;
	struct sense_expression *e = read_equation("r0 A B R", "r0*(1 + A*t + B*t^2) = R");
	double x[] = { r0, A, B, r }, z = 0;
	double t = (-A + sqrt(A * A - 4 * B * (1 - r / r0))) / (2 * B);

	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_EQUAL(sense_expression_unknown_count(e), 1);
	CU_ASSERT_EQUAL(sense_expression_solve(e, x, &z, false, v), 0);
	CU_ASSERT_DOUBLE_EQUAL(z, t, 1e-11);
	sense_expression_free(e);
	CU_ASSERT_DOUBLE_EQUAL(value("exp(y) + y*a = b", 2, exp(1.25) + 2.5), 1.25, 1e-15);
	CU_ASSERT_EQUAL(value("2*y + y^3 = a*0", 1, 0), 0);
}

static void solves_systems(void)
{
	struct sense_expression *e = sense_expression_new();
	double x[] = { 5, 6 }, z[16] = { 0 };

	sense_expression_add_input(e, "s");
	sense_expression_add_input(e, "p");
	CU_ASSERT_EQUAL(sense_expression_add_equation(e, "u + w = s", "t:1"), 0);
	CU_ASSERT_EQUAL(sense_expression_add_equation(e, "u * w = p", "t:2"), 0);
	CU_ASSERT_EQUAL(sense_expression_add_equation(e, "q = u^2 + w^2", "t:3"), 0);
	CU_ASSERT_EQUAL_FATAL(sense_expression_resolve(e, "t"), 0);
	CU_ASSERT_EQUAL(sense_expression_solve(e, x, z, false, v), 0);
	sense_expression_evaluate(e, x, z, v);
	CU_ASSERT_DOUBLE_EQUAL(v[sense_expression_find(e, "q")], 13, 1e-12);
	/* dq/ds = 2s, dq/dp = -2 since q = s^2 - 2p */
	CU_ASSERT_EQUAL(sense_expression_taylor_solved(e, 2, x, (double[]){ 1, 0 }, z, v), 0);
	CU_ASSERT_DOUBLE_EQUAL(v[3 * sense_expression_find(e, "q") + 1], 10, 1e-11);
	CU_ASSERT_DOUBLE_EQUAL(v[3 * sense_expression_find(e, "q") + 2], 1, 1e-10);
	sense_expression_free(e);
}

/* Every function's series against differences of the function itself. */
static void differentiates_exactly(void)
{
	static const char *const texts[] = {
		"y = sqrt(a)*b",
		"y = exp(a/b)",
		"y = log(a)/b",
		"y = log10(a*b)",
		"y = sin(a*b)",
		"y = cos(a-b)",
		"y = tan(a/3)",
		"y = asin(a/4)*b",
		"y = acos(a/4)*b",
		"y = atan(a*b)",
		"y = atan2(a, b)",
		"y = sinh(a)",
		"y = cosh(a*b)",
		"y = tanh(a-1)*b",
		"y = abs(-a)*b",
		"y = a^b",
		"y = pow(a, 3)*b",
		"y = a^0.5 + b^-2",
		"y = min(a, 9)*max(b, 0)",
		"y = 1/(a + 1/b)",
		"exp(y) + y*a = b",
		"y^3 + a*y = b^2",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sense_expression *e = read_equation("a b", texts[i]);
		double x[] = { 1.3, 0.7 }, dx[] = { 0.6, -0.8 }, z[16] = { 0 }, h = 0.02;
		double f[7], d[4];
		const char *name;
		int node;

		CU_ASSERT_PTR_NOT_NULL_FATAL(e);
		sense_expression_outputs(e, &name, 1);
		node = sense_expression_find(e, name);
		for (int k = -3; k <= 3; k++) {
			double at[] = { x[0] + k * h * dx[0], x[1] + k * h * dx[1] };

			CU_ASSERT_EQUAL(sense_expression_solve(e, at, z, false, v), 0);
			sense_expression_evaluate(e, at, z, v);
			f[k + 3] = v[node];
		}
		d[1] = (-f[0] + 9 * f[1] - 45 * f[2] + 45 * f[4] - 9 * f[5] + f[6]) / (60 * h);
		d[2] = (2 * f[0] - 27 * f[1] + 270 * f[2] - 490 * f[3] + 270 * f[4] - 27 * f[5] +
			2 * f[6]) /
		       (180 * h * h) / 2;
		d[3] = (f[0] - 8 * f[1] + 13 * f[2] - 13 * f[4] + 8 * f[5] - f[6]) /
		       (8 * h * h * h) / 6;
		sense_expression_solve(e, x, z, false, v);
		CU_ASSERT_EQUAL(sense_expression_taylor_solved(e, 3, x, dx, z, v), 0);
		for (int k = 1; k <= 3; k++) {
			double tolerance = k == 3 ? 2e-4 : 1e-6;

			if (fabs(v[4 * node + k] - d[k]) > tolerance * (1 + fabs(d[k])))
				printf("%s: coefficient %d is %.9g, differences give %.9g\n",
				       texts[i], k, v[4 * node + k], d[k]);
			CU_ASSERT_DOUBLE_EQUAL(v[4 * node + k], d[k], tolerance * (1 + fabs(d[k])));
		}
		sense_expression_free(e);
	}
}

static void refuses(const char *inputs, const char *text, const char *part)
{
	struct sense_expression *e = read_equation(inputs, text);

	CU_ASSERT_PTR_NULL(e);
	if (!strstr(sense_error_last()->sentence, part))
		printf("%s: '%s' does not say '%s'\n", text, sense_error_last()->sentence, part);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, part));
	CU_ASSERT_STRING_NOT_EQUAL(sense_error_last()->remedy, "");
	sense_expression_free(e);
}

static void says_where(void)
{
	static char deep[1000];

	refuses("a", "y = 2 a", "operator is missing at character 7");
	refuses("a", "y = (a + 1", "')' is missing at character 11");
	refuses("a", "y = a +", "quantity is missing at character 8");
	refuses("a", "y = foo(a)", "no such function at character 5");
	refuses("a", "y = 1e999", "too large");
	refuses("a", "y = 1.2.3", "no number");
	refuses("a", "y = atan2(a)", "two arguments");
	refuses("a", "y = sin(a, a)", "too many arguments");
	refuses("a", "y = sin + a", "no argument");
	refuses("a", "y = a + b + c", "b, c");
	refuses("a", "y = a + typo", "typo");
	refuses("a", "2*a = 4", "1 implicit equations but 0 unknown");
	refuses("a", "", "quantity is missing");
	refuses("a", "y = a = 3", "operator is missing");
	memset(deep, '(', sizeof(deep) - 1);
	refuses("a", deep, "nested too deep");
}

static void long_sums_are_no_depth(void)
{
	struct sense_expression *e = sense_expression_new();
	char *text = malloc(40000);
	size_t n = (size_t)sprintf(text, "y = (a");
	double x = 1;

	for (int i = 0; i < 9000; i++)
		n += (size_t)sprintf(text + n, "+a");
	strcpy(text + n, ")");
	sense_expression_add_input(e, "a");
	CU_ASSERT_EQUAL(sense_expression_add_equation(e, text, "t"), 0);
	CU_ASSERT_EQUAL(sense_expression_resolve(e, "t"), 0);
	double *places = malloc(sense_expression_node_count(e) * sizeof(*places));
	sense_expression_evaluate(e, &x, NULL, places);
	CU_ASSERT_EQUAL(places[sense_expression_find(e, "y")], 9001);
	free(places);
	free(text);
	sense_expression_free(e);
}

static void definitions_in_any_order(void)
{
	struct sense_expression *e = sense_expression_new();
	double x[] = { 3 }, z[16] = { 0 };
	const char *names[4];

	sense_expression_add_input(e, "a");
	sense_expression_add_equation(e, "y = m^2", "t");
	sense_expression_add_equation(e, "m = n + 1", "t");
	sense_expression_add_equation(e, "n = 2*a", "t");
	CU_ASSERT_EQUAL_FATAL(sense_expression_resolve(e, "t"), 0);
	CU_ASSERT_EQUAL(sense_expression_outputs(e, names, 4), 1);
	CU_ASSERT_STRING_EQUAL(names[0], "y");
	sense_expression_evaluate(e, x, z, v);
	CU_ASSERT_EQUAL(v[sense_expression_find(e, "y")], 49);
	sense_expression_free(e);

	/* In a circle they are solved: p = 2 + q/2, q = p/2 -> p = 8/3 */
	e = sense_expression_new();
	sense_expression_add_input(e, "a");
	sense_expression_add_equation(e, "y = p", "t");
	sense_expression_add_equation(e, "p = 2 + q/2", "t");
	sense_expression_add_equation(e, "q = p/2", "t");
	CU_ASSERT_EQUAL_FATAL(sense_expression_resolve(e, "t"), 0);
	CU_ASSERT_EQUAL(sense_expression_solve(e, x, z, false, v), 0);
	sense_expression_evaluate(e, x, z, v);
	CU_ASSERT_DOUBLE_EQUAL(v[sense_expression_find(e, "y")], 8.0 / 3, 1e-14);
	sense_expression_free(e);
}

static void blocks_agree_with_single_values(void)
{
	struct sense_expression *e =
		read_equation("a b", "y = sin(a)*b^2/(1 + exp(-a)) + min(a, b)");
	static double x[2 * SENSE_BLOCK], r[64 * SENSE_BLOCK];
	int y = sense_expression_find(e, "y");

	srand(unit_seed());
	for (int i = 0; i < 2 * SENSE_BLOCK; i++)
		x[i] = rand() / (double)RAND_MAX;
	sense_expression_block(e, x, r);
	for (int l = 0; l < SENSE_BLOCK; l++) {
		double at[] = { x[l], x[SENSE_BLOCK + l] };

		sense_expression_evaluate(e, at, NULL, v);
		CU_ASSERT_EQUAL(r[y * SENSE_BLOCK + l], v[y]);
	}
	sense_expression_free(e);
}

UNIT_TESTS = { UNIT(reads_arithmetic),
	       UNIT(solves_implicit),
	       UNIT(solves_systems),
	       UNIT(differentiates_exactly),
	       UNIT(says_where),
	       UNIT(long_sums_are_no_depth),
	       UNIT(definitions_in_any_order),
	       UNIT(blocks_agree_with_single_values),
	       UNIT_END };
UNIT_MAIN("expression")
