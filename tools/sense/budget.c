// SPDX-License-Identifier: GPL-2.0-or-later
/* sense budget - the uncertainty of a result, from a budget file. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/budget.h>
#include <sense/error.h>

#include "command.h"
#include "flags.h"
#include "say.h"
#include "table.h"
#include "text.h"

enum { KEY_TRIALS = 256, KEY_SEED, KEY_THREADS, KEY_K };

static const struct flag flags[] = {
	{ KEY_TRIALS, "monte-carlo", "N",
	  "propagate distributions with N trials; auto: as many as needed" },
	{ KEY_SEED, "seed", "S", "of the Monte Carlo trials (1, or the file's)" },
	{ 'p', "probability", "P", "coverage probability, 0.95 unless the file says another" },
	{ 'k', "coverage-factor", "K", "a fixed coverage factor instead" },
	{ KEY_THREADS, "threads", "N", "for Monte Carlo; the result is the same for any number" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "FILE [OPTION]...",
	.about = "Print the uncertainty budget of FILE (YAML, sense-budget(1)): the contributions, "
		 "the combined\n"
		 "standard uncertainty by the GUM, effective degrees of freedom, expanded "
		 "uncertainty. With\n"
		 "--monte-carlo the distributions are propagated too (GUM-S1), and say whether the "
		 "first\n"
		 "order holds.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense budget Documentation/examples/budgets/gum-h1-end-gauge.yaml\n"
		 "  sense budget flow.yaml --monte-carlo 1000000 --seed 7 --json",
};

struct request {
	const char *path;
	uint64_t trials;
	int has_trials;
	uint64_t seed;
	int has_seed;
	double p, k;
	uint64_t threads;
};

static int parse(struct request *r, int argc, char **argv)
{
	int key, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case KEY_TRIALS:
			r->has_trials = 1;
			if (strcmp(optarg, "auto") == 0 || strcmp(optarg, "adaptive") == 0)
				r->trials = SENSE_BUDGET_ADAPTIVE;
			else
				code = flags_uint("monte-carlo", optarg, 100, 100000000,
						  &r->trials);
			break;
		case KEY_SEED:
			r->has_seed = 1;
			code = flags_uint("seed", optarg, 0, UINT64_MAX, &r->seed);
			break;
		case 'p':
			code = flags_real("probability", optarg, 1e-6, 0.999999, &r->p);
			break;
		case 'k':
			code = flags_real("coverage-factor", optarg, 1e-6, 1e6, &r->k);
			break;
		case KEY_THREADS:
			code = flags_uint("threads", optarg, 1, 64, &r->threads);
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return flags_exit();
	code = flags_operands(&usage, argc, 1, 1);
	r->path = code ? NULL : argv[optind];
	return code;
}

/* ---- JSON -------------------------------------------------------- */

/* JSON has no infinity and no NaN: null stands for them. */
static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *pair(double lower, double upper)
{
	return json_pack("[oo]", real(lower), real(upper));
}

static json_t *json_contributions(const struct sense_budget_result *result, unsigned int o)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < sense_budget_result_get_contribution_count(result); i++) {
		const struct sense_budget_contribution *c =
			sense_budget_result_get_contribution(result, o, i);

		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:o}", "name", c->name,
				  "value", real(c->value), "u", real(c->u), "sensitivity",
				  real(c->sensitivity), "share", real(c->share), "unit", c->unit,
				  "dof", real(c->dof), "distribution",
				  c->u > 0 ? sense_distribution_get_name(c->distribution) : "exact",
				  "contribution", real(c->contribution)));
	}
	return list;
}

static json_t *json_monte_carlo(const struct sense_budget_output *y)
{
	const struct sense_budget_monte_carlo *m = &y->monte_carlo;

	if (!y->has_monte_carlo)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:b}", "mean", real(m->mean), "u",
			 real(m->u), "interval", pair(m->lower, m->upper), "trials",
			 (json_int_t)m->trials, "seed",
			 m->seed <= INT64_MAX ? json_integer((json_int_t)m->seed) :
						json_real((double)m->seed),
			 "shortest", pair(m->shortest_lower, m->shortest_upper), "converged",
			 (int)m->converged);
}

static json_t *json_output(const struct sense_budget_result *result, unsigned int o)
{
	const struct sense_budget_output *y = sense_budget_result_get_output(result, o);

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "name",
			 y->name, "unit", y->unit, "value", real(y->value), "u", real(y->u), "dof",
			 real(y->dof), "k", real(y->k), "U", real(y->expanded), "p", real(y->p),
			 "interval", pair(y->lower, y->upper), "first_order_valid",
			 (int)y->first_order_valid, "monte_carlo", json_monte_carlo(y),
			 "contributions", json_contributions(result, o));
}

/* The first output at the top; with several, all of them below "outputs" too. */
static int print_json(const struct sense_budget_result *result)
{
	unsigned int n = sense_budget_result_get_output_count(result);
	json_t *top = json_output(result, 0), *warnings = json_array();

	for (unsigned int i = 0; i < sense_budget_result_get_warning_count(result); i++)
		json_array_append_new(warnings,
				      json_string(sense_budget_result_get_warning(result, i)));
	json_object_set_new(top, "warnings", warnings);
	if (n > 1) {
		json_t *outputs = json_array(), *rows = json_array();

		for (unsigned int a = 0; a < n; a++) {
			json_t *row = json_array();

			json_array_append_new(outputs, json_output(result, a));
			for (unsigned int b = 0; b < n; b++)
				json_array_append_new(row, real(sense_budget_result_get_correlation(
								   result, a, b)));
			json_array_append_new(rows, row);
		}
		json_object_set_new(top, "outputs", outputs);
		json_object_set_new(top, "correlation", rows);
	}
	return say_json(top);
}

/* ---- for people -------------------------------------------------- */

/* A value to the decimals that @digits digits of u leave; four places in turn. */
static const char *rounded(double value, double u, int digits)
{
	static char text[4][64];
	static int turn;
	char *t = text[turn++ & 3];
	double magnitude = fmax(fabs(value), u);
	int decimals;

	if (!isfinite(value)) {
		snprintf(t, 64, "%s", isnan(value) ? "-" : "inf");
		return t;
	}
	if (!(u > 0) || !isfinite(u)) {
		snprintf(t, 64, "%.10g", value);
		return t;
	}
	decimals = digits - 1 - (int)floor(log10(u));
	if (u * pow(10, decimals) >= pow(10, digits) - 0.5) /* 0.0996 rounds to 0.10 */
		decimals--;
	if (value == 0)
		snprintf(t, 64, "0");
	else if (decimals > 6 && magnitude < 1e-3)
		snprintf(t, 64, "%.*e", decimals + (int)floor(log10(magnitude)), value);
	else
		snprintf(t, 64, "%.*f", decimals > 0 ? decimals : 0, value);
	return t;
}

/* U to two digits, upwards (GUM 7.2.6), unless what is cut is nothing. */
static const char *rounded_up(double u)
{
	double unit;

	if (!(u > 0) || !isfinite(u))
		return rounded(u, u, 2);
	unit = pow(10, floor(log10(u)) - 1);
	u = ceil(u / unit - 0.05) * unit;
	return rounded(u, u, 2);
}

static void print_contributions(const struct sense_budget_result *result, unsigned int o)
{
	static const char *const columns[] = { "quantity",     ">value",	"unit",
					       ">u",	       "distribution",	">dof",
					       ">sensitivity", ">contribution", ">share" };
	struct table *table = table_new(9, columns);

	for (unsigned int i = 0; i < sense_budget_result_get_contribution_count(result); i++) {
		const struct sense_budget_contribution *c =
			sense_budget_result_get_contribution(result, o, i);

		table_cell(table, "%s", c->name);
		table_cell(table, "%s", rounded(c->value, c->u, 2));
		table_cell(table, "%s", c->unit);
		table_cell(table, "%.3g", c->u);
		table_cell(table, "%s",
			   c->u > 0 ? sense_distribution_get_name(c->distribution) : "exact");
		if (c->u > 0 && isfinite(c->dof))
			table_cell(table, "%.4g", c->dof);
		else
			table_cell(table, "%s", c->u > 0 ? "inf" : "");
		table_cell(table, "%.5g", c->sensitivity);
		table_cell(table, "%.3g", c->contribution);
		table_cell(table, "%.1f %%", 100 * c->share);
	}
	table_print(table, stdout, 1);
	table_free(table);
}

static void print_monte_carlo(const struct sense_budget_output *y, const char *unit)
{
	const struct sense_budget_monte_carlo *m = &y->monte_carlo;

	printf("Monte Carlo, %" PRIu64 " trials, seed %" PRIu64 "%s:\n", m->trials, m->seed,
	       m->converged ? "" : " (tolerance not reached)");
	printf("  mean %s%s, u = %.3g%s\n", rounded(m->mean, m->u, 3), unit, m->u, unit);
	printf("  %.4g %% interval [%s, %s]%s", 100 * y->p, rounded(m->lower, m->u, 3),
	       rounded(m->upper, m->u, 3), unit);
	printf(", shortest [%s, %s]%s\n", rounded(m->shortest_lower, m->u, 3),
	       rounded(m->shortest_upper, m->u, 3), unit);
}

static void print_output(const struct sense_budget_result *result, unsigned int o)
{
	const struct sense_budget_output *y = sense_budget_result_get_output(result, o);
	const char *pm = text_is_utf8() ? "\xc2\xb1" : "+-";
	char unit[80];

	snprintf(unit, sizeof(unit), "%s%.70s", y->unit[0] ? " " : "", y->unit);
	print_contributions(result, o);
	printf("\n%s = %s%s\n", y->name, rounded(y->value, y->u, 2), unit);
	printf("combined standard uncertainty u = %s%s\n", rounded(y->u, y->u, 2), unit);
	if (isfinite(y->dof))
		printf("effective degrees of freedom %.4g (k for %.4g)\n", y->dof, y->dof_used);
	else
		printf("effective degrees of freedom: infinite\n");
	printf("coverage factor k = %.3g for p = %.4g %%\n", y->k, 100 * y->p);
	printf("expanded uncertainty U = %s%s\n", rounded_up(y->expanded), unit);
	printf("interval [%s, %s]%s\n", rounded(y->lower, y->u, 3), rounded(y->upper, y->u, 3),
	       unit);
	printf("%s%s = (%s %s %s)%s%s\n", ink(stdout, INK_BOLD), y->name,
	       rounded(y->value, y->expanded, 2), pm, rounded_up(y->expanded), unit,
	       ink(stdout, INK_PLAIN));
	if (y->has_monte_carlo)
		print_monte_carlo(y, unit);
	printf("first order %s\n", y->first_order_valid ? "holds" : "does not hold");
}

static int print_text(const struct sense_budget *budget, const struct sense_budget_result *result)
{
	unsigned int n = sense_budget_result_get_output_count(result);

	if (sense_budget_get_title(budget)[0])
		printf("%s%s%s\n\n", ink(stdout, INK_BOLD), sense_budget_get_title(budget),
		       ink(stdout, INK_PLAIN));
	for (unsigned int o = 0; o < n; o++) {
		print_output(result, o);
		if (o + 1 < n)
			printf("\n");
	}
	for (unsigned int a = 1; a < n; a++)
		for (unsigned int b = 0; b < a; b++)
			printf("%scorrelation of %s and %s: %.3f\n", a == 1 ? "\n" : "",
			       sense_budget_result_get_output(result, b)->name,
			       sense_budget_result_get_output(result, a)->name,
			       sense_budget_result_get_correlation(result, a, b));
	fflush(stdout);
	for (unsigned int i = 0; i < sense_budget_result_get_warning_count(result); i++)
		say_note("%s", sense_budget_result_get_warning(result, i));
	return say_done(stdout, "standard output");
}

/* A file with mistakes in it is a mistake of usage; one that cannot be read, the environment's. */
static int exit_code(void)
{
	int code = sense_error_last()->code;

	return code == EINVAL || code == EDOM || code == EEXIST || code == E2BIG ||
			       (code == ENOENT && strchr(sense_error_last()->object, ':')) ?
		       EXIT_USAGE :
		       say_exit_code(code);
}

/* What the command line says about coverage and trials goes over what the file says. */
static int apply(const struct request *r, struct sense_budget *budget)
{
	if (r->p > 0 && sense_budget_set_probability(budget, r->p))
		return say_library_as(EXIT_USAGE);
	if (r->k > 0 && sense_budget_set_coverage_factor(budget, r->k))
		return say_library_as(EXIT_USAGE);
	if (r->has_seed)
		sense_budget_set_seed(budget, r->seed);
	if (r->has_trials && sense_budget_set_trials(budget, r->trials))
		return say_library_as(EXIT_USAGE);
	sense_budget_set_threads(budget, (unsigned int)r->threads);
	return 0;
}

int command_budget(int argc, char **argv)
{
	struct request r = { 0 };
	struct sense_budget *budget;
	struct sense_budget_result *result = NULL;
	int code = parse(&r, argc, argv);

	if (!r.path)
		return code;
	budget = sense_budget_load(r.path);
	if (!budget)
		return say_library_as(exit_code());
	code = apply(&r, budget);
	if (!code) {
		result = sense_budget_evaluate(budget);
		code = !result	     ? say_library_as(exit_code()) :
		       say_is_json() ? print_json(result) :
				       print_text(budget, result);
	}
	sense_budget_result_free(result);
	sense_budget_free(budget);
	return code;
}
