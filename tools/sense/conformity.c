// SPDX-License-Identifier: GPL-2.0-or-later
/* sense conformity - is a measured value within its limits, and how sure is that? */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/budget.h>
#include <sense/conformity.h>
#include <sense/error.h>

#include "command.h"
#include "flags.h"
#include "say.h"
#include "text.h"

enum {
	KEY_VALUE = 256,
	KEY_U,
	KEY_EXPANDED,
	KEY_DOF,
	KEY_LOWER,
	KEY_UPPER,
	KEY_NOMINAL,
	KEY_TOLERANCE,
	KEY_RULE,
	KEY_GUARD,
	KEY_MEAN,
	KEY_DEVIATION
};

static const struct flag flags[] = {
	{ KEY_VALUE, "value", "Y", "measured value; a budget file gives it too" },
	{ KEY_U, "u", "U", "its standard uncertainty" },
	{ KEY_EXPANDED, "expanded", "U", "or its expanded uncertainty, with -k" },
	{ 'k', "coverage-factor", "K", "of the expanded uncertainty (2)" },
	{ KEY_DOF, "dof", "N", "degrees of freedom of u (infinite)" },
	{ KEY_LOWER, "lower", "L", "lower limit" },
	{ KEY_UPPER, "upper", "L", "upper limit" },
	{ KEY_NOMINAL, "nominal", "N", "nominal value, for --tolerance (0)" },
	{ KEY_TOLERANCE, "tolerance", "T", "limits nominal - T and nominal + T" },
	{ KEY_RULE, "rule", "RULE", "simple, guarded (the default) or guarded-rejection" },
	{ KEY_GUARD, "guard", "R", "guard band over expanded uncertainty (1)" },
	{ KEY_MEAN, "process-mean", "M", "mean of the items before measurement, for global risks" },
	{ KEY_DEVIATION, "process-deviation", "S", "and their standard deviation" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "[BUDGET] [OPTION]...",
	.about = "Decide by JCGM 106 and ILAC-G8 whether a value conforms to limits, with the "
		 "probability that\n"
		 "it does and the risks of the decision. Exit status 1: it does not conform. All "
		 "numbers are\n"
		 "in one unit.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense conformity --value 0.004 --expanded 0.005 -k 2 --tolerance 0.01\n"
		 "  sense conformity bath.yaml --nominal 20 --tolerance 0.01 --rule simple --json",
};

struct request {
	struct sense_conformity_question question;
	const char *budget;
	const char *unit;
	double expanded, nominal, tolerance;
	int has_value, has_u, has_expanded, has_k, has_lower, has_upper, has_nominal, has_tolerance;
};

static int read_rule(const char *text, enum sense_decision_rule *rule)
{
	for (int i = 0; sense_decision_rule_get_name((enum sense_decision_rule)i)[0]; i++)
		if (strcmp(text, sense_decision_rule_get_name((enum sense_decision_rule)i)) == 0) {
			*rule = (enum sense_decision_rule)i;
			return 0;
		}
	return say_fail(EXIT_USAGE, "simple, guarded or guarded-rejection", "there is no rule '%s'",
			text);
}

static int parse(struct request *r, int argc, char **argv)
{
	struct sense_conformity_question *q = &r->question;
	const double most = 1e300;
	int key, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case KEY_VALUE:
			r->has_value = 1;
			code = flags_real("value", optarg, -most, most, &q->value);
			break;
		case KEY_U:
			r->has_u = 1;
			code = flags_real("u", optarg, 0, most, &q->u);
			break;
		case KEY_EXPANDED:
			r->has_expanded = 1;
			code = flags_real("expanded", optarg, 0, most, &r->expanded);
			break;
		case 'k':
			r->has_k = 1;
			code = flags_real("coverage-factor", optarg, 1e-6, 1e6, &q->k);
			break;
		case KEY_DOF:
			code = flags_real("dof", optarg, 1, most, &q->dof);
			break;
		case KEY_LOWER:
			r->has_lower = 1;
			code = flags_real("lower", optarg, -most, most, &q->lower);
			break;
		case KEY_UPPER:
			r->has_upper = 1;
			code = flags_real("upper", optarg, -most, most, &q->upper);
			break;
		case KEY_NOMINAL:
			r->has_nominal = 1;
			code = flags_real("nominal", optarg, -most, most, &r->nominal);
			break;
		case KEY_TOLERANCE:
			r->has_tolerance = 1;
			code = flags_real("tolerance", optarg, 0, most, &r->tolerance);
			break;
		case KEY_RULE:
			code = read_rule(optarg, &q->rule);
			break;
		case KEY_GUARD:
			code = flags_real("guard", optarg, 0, 1e6, &q->guard_factor);
			break;
		case KEY_MEAN:
			code = flags_real("process-mean", optarg, -most, most, &q->process_mean);
			break;
		case KEY_DEVIATION:
			code = flags_real("process-deviation", optarg, 0, most,
					  &q->process_deviation);
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return FLAGS_STOP;
	code = flags_operands(&usage, argc, 0, 1);
	r->budget = !code && optind < argc ? argv[optind] : NULL;
	return code;
}

/* Value, u and dof of the first output of a budget. */
static int read_budget(struct request *r, char *unit, size_t size)
{
	struct sense_budget *budget = sense_budget_load(r->budget);
	struct sense_budget_result *result = budget ? sense_budget_evaluate(budget) : NULL;
	const struct sense_budget_output *y;
	int code = 0;

	if (!result) {
		int error = sense_error_last()->code;

		code = say_library_as(error == ENOENT || error == EACCES || error == EIO ||
						      error == EISDIR ?
					      EXIT_ENVIRONMENT :
					      EXIT_USAGE);
	} else {
		y = sense_budget_result_get_output(result, 0);
		r->question.value = y->value;
		r->question.u = y->u;
		r->question.dof = y->dof;
		if (!r->has_k)
			r->question.k = y->k;
		snprintf(unit, size, "%s", y->unit);
		if (!y->first_order_valid)
			say_note("%s: the first order does not hold for this budget, so neither "
				 "does the probability",
				 y->name);
	}
	sense_budget_result_free(result);
	sense_budget_free(budget);
	return code;
}

static int complete(struct request *r, char *unit, size_t size)
{
	struct sense_conformity_question *q = &r->question;

	if (r->budget && (r->has_value || r->has_u || r->has_expanded))
		return say_fail(EXIT_USAGE, "give a budget file, or --value with --u or --expanded",
				"a budget and a value of its own were given");
	if (r->budget) {
		int code = read_budget(r, unit, size);

		if (code)
			return code;
	}
	if (!r->budget && (!r->has_value || r->has_u == r->has_expanded))
		return say_fail(EXIT_USAGE, "give --value, and --u or --expanded; or a budget file",
				"the measured value or its uncertainty is missing, or given twice");
	if (r->has_expanded)
		q->u = r->expanded / q->k;
	if (r->has_tolerance && (r->has_lower || r->has_upper))
		return say_fail(EXIT_USAGE, "give --tolerance, or --lower and --upper",
				"limits were given in two ways");
	if (r->has_nominal && !r->has_tolerance)
		return say_fail(EXIT_USAGE, "give --tolerance too",
				"a nominal value without a tolerance was given");
	if (r->has_tolerance) {
		q->lower = r->nominal - r->tolerance;
		q->upper = r->nominal + r->tolerance;
	}
	return 0;
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static int print_json(const struct sense_conformity_question *q, const struct sense_conformity *a,
		      const char *unit)
{
	return say_json(json_pack(
		"{s:b, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:[oo], s:[oo], s:o, s:o, s:{s:o, "
		"s:o, s:o}}",
		"conforming", (int)a->conforming, "statement",
		sense_statement_get_name(a->statement), "rule",
		sense_decision_rule_get_name(q->rule), "unit", unit, "value", real(q->value), "u",
		real(q->u), "k", real(q->k), "U", real(a->expanded), "guard", real(a->guard),
		"limits", real(q->lower), real(q->upper), "acceptance", real(a->acceptance_lower),
		real(a->acceptance_upper), "dof", real(q->dof), "probability", real(a->probability),
		"risk", "specific", real(a->specific_risk), "global_consumer",
		real(a->global_consumer_risk), "global_producer", real(a->global_producer_risk)));
}

static const char *limit(double value, char *text, size_t size)
{
	if (isinf(value))
		snprintf(text, size, "none");
	else
		snprintf(text, size, "%.9g", value);
	return text;
}

static int print_text(const struct sense_conformity_question *q, const struct sense_conformity *a,
		      const char *unit)
{
	const char *space = unit[0] ? " " : "";
	char low[40], high[40];

	printf("%s%s%s (%s), rule %s\n", ink(stdout, a->conforming ? INK_GOOD : INK_BAD),
	       a->conforming ? "conforms" : "does not conform", ink(stdout, INK_PLAIN),
	       sense_statement_get_name(a->statement), sense_decision_rule_get_name(q->rule));
	printf("value %.9g%s%s, U = %.4g%s%s (k = %.3g)\n", q->value, space, unit, a->expanded,
	       space, unit, q->k);
	printf("limits %s to %s%s%s\n", limit(q->lower, low, sizeof(low)),
	       limit(q->upper, high, sizeof(high)), space, unit);
	printf("accepted %s to %s%s%s, guard band %.4g%s%s\n",
	       limit(a->acceptance_lower, low, sizeof(low)),
	       limit(a->acceptance_upper, high, sizeof(high)), space, unit, a->guard, space, unit);
	printf("probability of conformity %.4f\n", a->probability);
	printf("risk of %s wrongly %.2g\n", a->conforming ? "accepting" : "rejecting",
	       a->specific_risk);
	if (!isnan(a->global_consumer_risk))
		printf("global risks: consumer's %.3g, producer's %.3g\n", a->global_consumer_risk,
		       a->global_producer_risk);
	return say_done(stdout, "standard output");
}

int command_conformity(int argc, char **argv)
{
	struct request r = { .question = { .value = NAN,
					   .u = NAN,
					   .dof = INFINITY,
					   .k = 2,
					   .lower = -INFINITY,
					   .upper = INFINITY,
					   .rule = SENSE_RULE_GUARDED,
					   .guard_factor = 1,
					   .process_mean = NAN,
					   .process_deviation = NAN } };
	struct sense_conformity answer;
	char unit[64] = "";
	int code = parse(&r, argc, argv);

	if (code == FLAGS_STOP)
		return flags_exit();
	if (!code)
		code = complete(&r, unit, sizeof(unit));
	if (code)
		return code;
	if (sense_conformity_decide(&r.question, &answer))
		return say_library_as(EXIT_USAGE);
	code = say_is_json() ? print_json(&r.question, &answer, unit) :
			       print_text(&r.question, &answer, unit);
	return code ? code : answer.conforming ? EXIT_OK : EXIT_NO;
}
