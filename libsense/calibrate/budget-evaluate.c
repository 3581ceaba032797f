// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-evaluate.c - from a budget to its result.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/budget-model.h"
#include "calibrate/budget-result.h"
#include "calibrate/correlation.h"
#include "calibrate/dimension.h"
#include "calibrate/monte-carlo.h"
#include "calibrate/probability.h"

/* Work (Taylor passes times nodes) above which the second-order check has no cross terms. */
#define CROSS_LIMIT 1e8

/* Everything an evaluation works with. */
struct evaluation {
	const struct sense_budget *b;
	struct sense_budget_result *r;
	struct sense_expression *e;
	int nodes[SENSE_BUDGET_MAX_OUTPUTS];
	const char *names[SENSE_BUDGET_MAX_OUTPUTS];
	const char *units[SENSE_BUDGET_MAX_OUTPUTS];
	unsigned int output_count;
	double z[SENSE_EXPRESSION_MAX_UNKNOWNS];
	double *x; /* quantities */
	double *v; /* 4 places per node */
	double *u, *dof; /* leaves */
	int *group, *member; /* leaves */
	unsigned int members;
	double *matrix, *factor; /* members square */
	double *sensitivity; /* output by output, leaves */
	struct sense_gum gum;
};

static int no_memory(const struct evaluation *t)
{
	return sense_fail(ENOMEM, t->b->name, NULL, "there is no memory to evaluate the budget");
}

/* ---- the equations ----------------------------------------------- */

static int read_equations(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	const char *where = b->equation_count ? b->equations[0].where : b->name;
	int error = 0;

	t->e = sense_expression_new();
	if (!t->e)
		return -ENOMEM;
	for (unsigned int i = 0; i < b->quantity_count && !error; i++)
		if (sense_expression_add_input(t->e, b->quantities[i].name) < 0)
			error = -EINVAL;
	for (unsigned int i = 0; i < b->equation_count && !error; i++)
		error = sense_expression_add_equation(t->e, b->equations[i].text,
						      b->equations[i].where);
	return error ? error : sense_expression_resolve(t->e, where);
}

static int find_outputs(struct evaluation *t)
{
	const struct sense_budget *b = t->b;

	t->output_count = b->output_count;
	for (unsigned int i = 0; i < b->output_count; i++) {
		t->names[i] = b->outputs[i].name;
		t->units[i] = b->outputs[i].unit;
	}
	if (t->output_count == 0)
		t->output_count =
			sense_expression_outputs(t->e, t->names, SENSE_BUDGET_MAX_OUTPUTS);
	for (unsigned int i = 0; i < t->output_count; i++) {
		if (i >= b->output_count)
			t->units[i] = "";
		t->nodes[i] = sense_expression_find(t->e, t->names[i]);
		if (t->nodes[i] < 0)
			return sense_fail(ENOENT, b->name, "name what an equation defines",
					  "the output '%s' is in no equation", t->names[i]);
	}
	if (t->output_count == 0)
		return sense_fail(EINVAL, b->name, "name the outputs",
				  "the equations define no output");
	return 0;
}

static int check_use(struct evaluation *t)
{
	int error = 0;

	for (unsigned int i = 0; i < t->b->quantity_count && !error; i++)
		if (!sense_expression_uses(t->e, i))
			error = sense_budget_warn(t->r, "the input '%s' is in no equation",
						  t->b->quantities[i].name);
	return error;
}

static int check_units(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	const char **units = malloc((b->quantity_count + 1) * sizeof(*units));
	int error;

	if (!units)
		return no_memory(t);
	for (unsigned int i = 0; i < b->quantity_count; i++)
		units[i] = b->quantities[i].unit;
	error = sense_dimension_check(t->e, units, t->output_count, t->nodes, t->names, t->units,
				      b->equations[0].where);
	free(units);
	return error;
}

static int solve(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	unsigned int unknowns = sense_expression_unknown_count(t->e);
	bool warm = false;
	char at[200];
	size_t n = 0;

	for (unsigned int i = 0; i < unknowns; i++) {
		t->z[i] = 0;
		for (unsigned int o = 0; o < b->output_count; o++)
			if (strcmp(b->outputs[o].name, sense_expression_unknown_name(t->e, i)) ==
				    0 &&
			    isfinite(b->outputs[o].start)) {
				t->z[i] = b->outputs[o].start;
				warm = true;
			}
	}
	if (sense_expression_solve(t->e, t->x, t->z, warm, t->v)) {
		for (unsigned int i = 0; i < unknowns && n < sizeof(at); i++)
			n += (size_t)snprintf(at + n, sizeof(at) - n, "%s%s", i ? ", " : "",
					      sense_expression_unknown_name(t->e, i));
		return sense_fail(
			EDOM, b->equations[0].where,
			"give 'start' near the solution, and look at the inputs' values and units",
			"the implicit equation does not solve for %s", at);
	}
	sense_expression_evaluate(t->e, t->x, t->z, t->v);
	for (unsigned int o = 0; o < t->output_count; o++) {
		t->r->outputs[o].value = t->v[t->nodes[o]];
		if (!isfinite(t->r->outputs[o].value))
			return sense_expression_explain(t->e, t->x, t->z, t->v,
							b->equations[0].where);
	}
	return 0;
}

/* ---- correlations ------------------------------------------------ */

static unsigned int root(const int *group, unsigned int i)
{
	while (group[i] != (int)i)
		i = (unsigned int)group[i];
	return i;
}

static int link_groups(struct evaluation *t)
{
	const struct sense_budget *b = t->b;

	for (unsigned int i = 0; i < b->leaf_count; i++) {
		t->group[i] = (int)i;
		t->member[i] = -1;
	}
	for (unsigned int k = 0; k < b->correlation_count; k++) {
		unsigned int i = b->correlations[k].a, j = b->correlations[k].b;

		for (int side = 0; side < 2; side++)
			if (t->member[side ? j : i] < 0)
				t->member[side ? j : i] = (int)t->members++;
		if (b->correlations[k].r == 0)
			continue;
		i = root(t->group, i);
		j = root(t->group, j);
		t->group[i > j ? i : j] = (int)(i > j ? j : i);
	}
	for (unsigned int i = 0; i < b->leaf_count; i++)
		t->group[i] = (int)root(t->group, i);
	/* Alone in its group is in none. */
	for (unsigned int i = 0; i < b->leaf_count; i++) {
		bool alone = true;

		for (unsigned int j = 0; j < b->leaf_count && alone; j++)
			alone = j == i || t->group[j] != t->group[i];
		if (alone)
			t->group[i] = -1;
	}
	return 0;
}

static int make_matrix(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	size_t m = t->members;
	int error;

	if (m == 0)
		return 0;
	t->matrix = calloc(m * m, sizeof(*t->matrix));
	t->factor = calloc(m * m, sizeof(*t->factor));
	if (!t->matrix || !t->factor)
		return no_memory(t);
	for (size_t i = 0; i < m; i++)
		t->matrix[i * m + i] = 1;
	for (unsigned int k = 0; k < b->correlation_count; k++) {
		size_t i = (size_t)t->member[b->correlations[k].a];
		size_t j = (size_t)t->member[b->correlations[k].b];

		t->matrix[i * m + j] = t->matrix[j * m + i] = b->correlations[k].r;
	}
	error = sense_correlation_check(t->members, t->matrix, b->correlation_where);
	return error ? error : sense_correlation_factor(t->members, t->matrix, t->factor);
}

/* ---- first and second order -------------------------------------- */

static int differentiate(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	double *dx = calloc(b->quantity_count + 1, sizeof(*dx));
	bool smooth = true;

	if (!dx)
		return no_memory(t);
	for (unsigned int q = 0; q < b->quantity_count; q++) {
		int error;

		dx[q] = 1;
		error = sense_expression_taylor_solved(t->e, 1, t->x, dx, t->z, t->v);
		dx[q] = 0;
		for (unsigned int o = 0; o < t->output_count; o++) {
			double c = error ? NAN : t->v[2 * t->nodes[o] + 1];

			for (unsigned int i = 0; i < b->leaf_count; i++)
				if (b->leaves[i].quantity == q)
					t->sensitivity[(size_t)o * b->leaf_count + i] = c;
			smooth &= isfinite(c) != 0;
		}
	}
	free(dx);
	if (smooth)
		return 0;
	if (b->trials == 0)
		return sense_expression_explain(t->e, t->x, t->z, t->v, b->equations[0].where);
	return sense_budget_warn(
		t->r,
		"an equation has no derivative at the inputs' values: only Monte Carlo counts");
}

static int first_order(struct evaluation *t, unsigned int o)
{
	const struct sense_budget *b = t->b;
	struct sense_budget_output *y = &t->r->outputs[o];
	struct sense_budget_contribution *lines = t->r->contributions + (size_t)o * b->leaf_count;
	const double *c = t->sensitivity + (size_t)o * b->leaf_count;
	double *share = malloc((b->leaf_count + 1) * sizeof(*share));
	double variance = sense_gum_covariance(&t->gum, c, c);
	bool mixed = false;

	if (!share)
		return no_memory(t);
	/* Rounding may leave less than nothing where correlated inputs cancel. */
	y->u = variance < 0 ? 0 : sqrt(variance);
	y->dof = sense_gum_dof(&t->gum, c, &mixed);
	if (isnan(y->u))
		y->dof = INFINITY;
	y->dof_used = y->dof;
	if (isfinite(y->dof) && b->whole_dof)
		y->dof_used = fmax(1, floor(y->dof * (1 + 1e-12)));
	if (isnan(b->k)) {
		y->p = b->p;
		y->k = sense_coverage_factor(b->p, y->dof_used);
	} else {
		y->k = b->k;
		y->p = 1 - 2 * sense_t_cdf(-b->k, y->dof_used);
	}
	y->expanded = y->k * y->u;
	y->lower = y->value - y->expanded;
	y->upper = y->value + y->expanded;
	sense_gum_shares(&t->gum, c, share);
	for (unsigned int i = 0; i < b->leaf_count; i++)
		lines[i] = (struct sense_budget_contribution){
			.value = b->leaves[i].value,
			.u = b->leaves[i].u,
			.dof = b->leaves[i].dof,
			.distribution = b->leaves[i].distribution.told,
			.sensitivity = c[i],
			.contribution = c[i] * b->leaves[i].u,
			.share = share[i],
		};
	free(share);
	if (mixed && isfinite(y->dof))
		return sense_budget_warn(
			t->r,
			"%s: correlated inputs have different degrees of freedom: the smallest of "
			"them was taken for their joint contribution",
			t->names[o]);
	return 0;
}

static void correlate_outputs(struct evaluation *t)
{
	unsigned int n = t->output_count;

	for (unsigned int a = 0; a < n; a++)
		for (unsigned int b = 0; b < n; b++) {
			const double *c = t->sensitivity + (size_t)a * t->b->leaf_count;
			const double *d = t->sensitivity + (size_t)b * t->b->leaf_count;
			double u = t->r->outputs[a].u * t->r->outputs[b].u;

			t->r->correlations[a * n + b] =
				a == b ? 1 :
				u > 0  ? sense_gum_covariance(&t->gum, c, d) / u :
					 0;
		}
}

/* Independent sources: each input's independent part, and the columns of the correlated ones. */
static unsigned int make_directions(const struct evaluation *t, double *directions)
{
	const struct sense_budget *b = t->b;
	unsigned int n = b->quantity_count, count = 0;

	for (unsigned int q = 0; q < n; q++) {
		double variance = 0;

		for (unsigned int i = 0; i < b->leaf_count; i++)
			if (b->leaves[i].quantity == q && t->member[i] < 0)
				variance += b->leaves[i].u * b->leaves[i].u;
		if (variance == 0)
			continue;
		memset(directions + (size_t)count * n, 0, n * sizeof(*directions));
		directions[(size_t)count++ * n + q] = sqrt(variance);
	}
	for (unsigned int j = 0; j < t->members; j++) {
		double *column = directions + (size_t)count * n;
		bool any = false;

		memset(column, 0, n * sizeof(*column));
		for (unsigned int i = 0; i < b->leaf_count; i++)
			if (t->member[i] >= 0) {
				column[b->leaves[i].quantity] +=
					b->leaves[i].u *
					t->factor[(size_t)t->member[i] * t->members + j];
				any |= column[b->leaves[i].quantity] != 0;
			}
		count += any;
	}
	return count;
}

static int second_order(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	size_t most = (size_t)b->quantity_count + t->members;
	double *directions = malloc((most * b->quantity_count + 1) * sizeof(*directions));
	double *u = malloc(2 * (size_t)t->output_count * sizeof(*u));
	double *bias = u ? u + t->output_count : NULL;
	unsigned int count = 0;
	bool cross = false;
	int error;

	if (directions && u) {
		count = make_directions(t, directions);
		cross = (double)count * count * sense_expression_node_count(t->e) < CROSS_LIMIT;
		error = sense_gum_second_order(t->e, t->x, t->z, count, directions, cross,
					       t->output_count, t->nodes, u, bias);
	} else {
		error = -ENOMEM;
	}
	for (unsigned int o = 0; o < t->output_count && error != -ENOMEM; o++) {
		struct sense_budget_output *y = &t->r->outputs[o];

		y->u_second_order = error ? NAN : u[o];
		y->bias_second_order = error ? NAN : bias[o];
		y->tolerance = sense_gum_tolerance(y->u > 0 ? y->u : y->u_second_order, b->digits);
		y->first_order_valid =
			fabs(y->bias_second_order) + y->k * fabs(y->u_second_order - y->u) <=
			y->tolerance;
	}
	free(directions);
	free(u);
	if (error == -ENOMEM)
		return no_memory(t);
	if (!cross && count > 1)
		return sense_budget_warn(t->r, "the model is too large for the check of mixed "
					       "second-order terms: use --monte-carlo");
	return 0;
}

/* ---- Monte Carlo ------------------------------------------------- */

/* A group is drawn as multivariate t when all of it is t with the same dof. */
static bool shares_t(const struct evaluation *t, int group)
{
	double dof = NAN;

	for (unsigned int i = 0; i < t->b->leaf_count; i++) {
		const struct sense_distribution *d = &t->b->leaves[i].distribution;

		if (t->group[i] != group || d->scale == 0)
			continue;
		if (d->kind != SENSE_DISTRIBUTION_T || (!isnan(dof) && d->dof != dof))
			return false;
		dof = d->dof;
	}
	return true;
}

static int make_source(struct evaluation *t, unsigned int i, struct sense_source *s)
{
	const struct leaf *leaf = &t->b->leaves[i];
	enum sense_distribution_kind kind = leaf->distribution.kind;

	*s = (struct sense_source){ .distribution = leaf->distribution,
				    .input = leaf->quantity,
				    .member = -1,
				    .group = -1 };
	if (leaf->u > 0 && kind == SENSE_DISTRIBUTION_T && leaf->dof <= 2 &&
	    sense_budget_warn(t->r,
			      "the t distribution of '%s' has %g degrees of freedom and so no "
			      "finite variance: u by Monte Carlo does not converge",
			      leaf->name, leaf->dof))
		return -ENOMEM;
	if (t->group[i] < 0 || leaf->u == 0)
		return 0;
	s->member = t->member[i];
	if (kind == SENSE_DISTRIBUTION_GAMMA)
		return sense_fail(
			EINVAL, t->b->correlation_where, "take the correlation out, or a normal",
			"'%s' has a gamma distribution, which Monte Carlo cannot correlate",
			leaf->name);
	if (kind == SENSE_DISTRIBUTION_T && shares_t(t, t->group[i]))
		s->group = t->group[i];
	else if (kind != SENSE_DISTRIBUTION_NORMAL)
		return sense_budget_warn(t->r,
					 "'%s' is correlated but not normal: GUM-S1 has no rule "
					 "for that, a Gaussian copula was drawn",
					 leaf->name);
	return 0;
}

static int validate(struct evaluation *t, unsigned int o)
{
	struct sense_budget_output *y = &t->r->outputs[o];
	const struct sense_budget_monte_carlo *m = &y->monte_carlo;
	double low = fabs(y->lower - m->lower), high = fabs(y->upper - m->upper);

	/* GUM-S1 8.1: both ends of the interval agree within the numerical tolerance. */
	y->tolerance = sense_gum_tolerance(y->u > 0 ? y->u : m->u, t->b->digits);
	y->first_order_valid = low <= y->tolerance && high <= y->tolerance;
	if (!m->converged &&
	    sense_budget_warn(t->r,
			      "%s: %llu Monte Carlo trials did not reach the numerical tolerance",
			      t->names[o], (unsigned long long)m->trials))
		return -ENOMEM;
	if ((double)m->trials * (1 - y->p) < 1e4 && m->converged &&
	    t->b->trials != SENSE_BUDGET_ADAPTIVE &&
	    sense_budget_warn(t->r,
			      "%s: %llu Monte Carlo trials are few for a %.4g %% interval: GUM-S1 "
			      "7.2 suggests %.0f",
			      t->names[o], (unsigned long long)m->trials, 100 * y->p,
			      1e4 / (1 - y->p)))
		return -ENOMEM;
	return 0;
}

static int monte_carlo(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	struct sense_source *sources = calloc(b->leaf_count + 1, sizeof(*sources));
	struct sense_budget_monte_carlo results[SENSE_BUDGET_MAX_OUTPUTS];
	struct sense_monte_carlo problem = {
		.expression = t->e,
		.z = t->z,
		.sources = sources,
		.source_count = b->leaf_count,
		.factor = t->factor,
		.members = t->members,
		.output_count = t->output_count,
		.outputs = t->nodes,
		.p = isnan(b->k) ? b->p : t->r->outputs[0].p,
		.shortest = b->shortest,
		.trials = b->trials,
		.seed = b->seed,
		.digits = b->digits,
		.threads = b->threads,
		.where = b->name,
	};
	int error = sources ? 0 : no_memory(t);

	for (unsigned int i = 0; i < b->leaf_count && !error; i++)
		error = make_source(t, i, &sources[i]);
	if (!error)
		error = sense_monte_carlo_run(&problem, results);
	for (unsigned int o = 0; o < t->output_count && !error; o++) {
		t->r->outputs[o].has_monte_carlo = true;
		t->r->outputs[o].monte_carlo = results[o];
		error = validate(t, o);
	}
	free(sources);
	return error;
}

static int report_validity(struct evaluation *t)
{
	int error = 0;

	for (unsigned int o = 0; o < t->output_count && !error; o++) {
		const struct sense_budget_output *y = &t->r->outputs[o];
		const struct sense_budget_monte_carlo *m = &y->monte_carlo;

		double bias = fabs(y->bias_second_order) < 1e-9 * y->u_second_order ?
				      0 :
				      y->bias_second_order;

		if (y->first_order_valid)
			continue;
		if (y->has_monte_carlo)
			error = sense_budget_warn(
				t->r,
				"%s: first order does not hold (GUM-S1 clause 8): its interval "
				"[%.7g, %.7g] differs from Monte Carlo's [%.7g, %.7g] by more than "
				"%.2g; report the latter",
				t->names[o], y->lower, y->upper, m->lower, m->upper, y->tolerance);
		else
			error = sense_budget_warn(
				t->r,
				"%s: first order is not enough: second-order terms change u from "
				"%.3g to %.3g and the expectation by %.2g; use --monte-carlo",
				t->names[o], y->u, y->u_second_order, bias);
	}
	return error;
}

/* ---- all together ------------------------------------------------ */

static int make_room(struct evaluation *t)
{
	const struct sense_budget *b = t->b;
	size_t nodes = sense_expression_node_count(t->e), leaves = b->leaf_count + 1;

	t->x = calloc(b->quantity_count + 1, sizeof(double));
	t->v = calloc(4 * nodes + 4, sizeof(double));
	t->u = calloc(leaves, sizeof(double));
	t->dof = calloc(leaves, sizeof(double));
	t->group = calloc(leaves, sizeof(int));
	t->member = calloc(leaves, sizeof(int));
	t->sensitivity = calloc(leaves * t->output_count, sizeof(double));
	t->r->outputs = calloc(t->output_count, sizeof(*t->r->outputs));
	t->r->contributions = calloc(leaves * t->output_count, sizeof(*t->r->contributions));
	t->r->correlations = calloc((size_t)t->output_count * t->output_count, sizeof(double));
	t->r->strings = calloc(2 * (leaves + t->output_count), sizeof(char *));
	if (!t->x || !t->v || !t->u || !t->dof || !t->group || !t->member || !t->sensitivity ||
	    !t->r->outputs || !t->r->contributions || !t->r->correlations || !t->r->strings)
		return no_memory(t);
	t->r->output_count = t->output_count;
	t->r->leaf_count = b->leaf_count;
	for (unsigned int i = 0; i < b->leaf_count; i++) {
		t->x[b->leaves[i].quantity] += b->leaves[i].value;
		t->u[i] = b->leaves[i].u;
		t->dof[i] = b->leaves[i].dof;
	}
	t->gum = (struct sense_gum){ b->leaf_count,	  t->u, t->dof, t->group, b->correlations,
				     b->correlation_count };
	return 0;
}

/* The result's own copies of names and units: it outlives the budget. */
static int name_all(struct evaluation *t)
{
	struct sense_budget_result *r = t->r;

	for (unsigned int o = 0; o < t->output_count; o++) {
		r->outputs[o].name = sense_budget_keep(r, t->names[o]);
		r->outputs[o].unit = sense_budget_keep(r, t->units[o]);
		if (!r->outputs[o].name || !r->outputs[o].unit)
			return no_memory(t);
	}
	for (unsigned int i = 0; i < t->b->leaf_count; i++) {
		const char *name = sense_budget_keep(r, t->b->leaves[i].name),
			   *unit = sense_budget_keep(r, t->b->leaves[i].unit);

		if (!name || !unit)
			return no_memory(t);
		for (unsigned int o = 0; o < t->output_count; o++) {
			r->contributions[(size_t)o * t->b->leaf_count + i].name = name;
			r->contributions[(size_t)o * t->b->leaf_count + i].unit = unit;
		}
	}
	return 0;
}

static int evaluate(struct evaluation *t)
{
	int error = read_equations(t);

	if (!error)
		error = find_outputs(t);
	if (!error)
		error = make_room(t);
	for (unsigned int i = 0; i < t->b->note_count && !error; i++)
		error = sense_budget_warn(t->r, "%s", t->b->notes[i]);
	if (!error)
		error = check_use(t);
	if (!error)
		error = check_units(t);
	if (!error)
		error = link_groups(t);
	if (!error)
		error = make_matrix(t);
	if (!error)
		error = solve(t);
	if (!error)
		error = differentiate(t);
	for (unsigned int o = 0; o < t->output_count && !error; o++)
		error = first_order(t, o);
	if (!error) {
		correlate_outputs(t);
		error = second_order(t);
	}
	if (!error && t->b->trials)
		error = monte_carlo(t);
	if (!error)
		error = report_validity(t);
	return error ? error : name_all(t);
}

struct sense_budget_result *sense_budget_evaluate(const struct sense_budget *b)
{
	struct evaluation t = { .b = b, .r = calloc(1, sizeof(struct sense_budget_result)) };
	int error = t.r ? evaluate(&t) : no_memory(&t);

	sense_expression_free(t.e);
	free(t.x);
	free(t.v);
	free(t.u);
	free(t.dof);
	free(t.group);
	free(t.member);
	free(t.matrix);
	free(t.factor);
	free(t.sensitivity);
	if (error) {
		sense_budget_result_free(t.r);
		return NULL;
	}
	return t.r;
}
