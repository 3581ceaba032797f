// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-relations.c - the parts of a budget file that tie inputs together: fits and correlations.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/budget-file.h"
#include "calibrate/type-a.h"

#define fail(r, ...) sense_document_fail(&(r)->y, __VA_ARGS__)

static const yaml_node_t *get(struct reader *r, const char *key)
{
	return sense_document_get(&r->y, sense_document_top(&r->y), key);
}

/* ---- fits -------------------------------------------------------- */

struct fit {
	double *x, *y, *u;
	unsigned int n, n_y, n_u;
	const char *names[8];
	const char *units[8];
	unsigned int count;
	double c[8], covariance[64], s, dof, origin;
};

static int fit_names(struct reader *r, const yaml_node_t *node, struct fit *f)
{
	const yaml_node_t *names = sense_document_get(&r->y, node, "coefficients");
	const yaml_node_t *units = sense_document_get(&r->y, node, "units");

	if (!names || names->type != YAML_SEQUENCE_NODE || sense_document_count(names) < 1 ||
	    sense_document_count(names) > 8)
		return fail(r, names ? names : node, "write coefficients: [intercept, slope]",
			    "a fit needs the names of 1 to 8 coefficients, lowest power first");
	f->count = sense_document_count(names);
	if (units && (units->type != YAML_SEQUENCE_NODE || sense_document_count(units) != f->count))
		return fail(r, units, "give one unit for each coefficient",
			    "'units' of a fit does not match");
	for (unsigned int i = 0; i < f->count; i++) {
		f->names[i] = sense_document_text(sense_document_item(&r->y, names, i));
		f->units[i] = units ? sense_document_text(sense_document_item(&r->y, units, i)) :
				      "";
		if (!f->names[i] || !f->units[i])
			return fail(r, node, "write words",
				    "a coefficient's name or unit is no text");
	}
	return 0;
}

static int fit_points(struct reader *r, const yaml_node_t *node, struct fit *f)
{
	const yaml_node_t *u = sense_document_get(&r->y, node, "u");
	const yaml_node_t *origin = sense_document_get(&r->y, node, "x-origin");
	int error = sense_document_numbers(&r->y, sense_document_get(&r->y, node, "x"),
					   "'x' of a fit", "", 1, &f->x, &f->n);

	if (!error)
		error = sense_document_numbers(&r->y, sense_document_get(&r->y, node, "y"),
					       "'y' of a fit", "", 1, &f->y, &f->n_y);
	if (!error && u)
		error = sense_document_numbers(&r->y, u, "'u' of a fit", "", 1, &f->u, &f->n_u);
	if (!error && origin)
		error = sense_document_plain(&r->y, origin, "'x-origin' of a fit", &f->origin);
	if (error)
		return error;
	if (f->n != f->n_y || (u && f->n != f->n_u))
		return fail(r, node, "give as many x as y (and u)", "a fit has %u x but %u y", f->n,
			    f->n_y);
	for (unsigned int i = 0; i < f->n; i++) {
		f->x[i] -= f->origin;
		if (u && !(f->u[i] > 0))
			return fail(r, u, "give positive ones",
				    "a standard uncertainty of a fit is %.9g", f->u[i]);
	}
	if (sense_fit_polynomial(f->n, f->x, f->y, f->u, f->count - 1, f->c, f->covariance, &f->s,
				 &f->dof))
		return fail(r, node, "give more points, at different x, than coefficients",
			    "%u points do not determine %u coefficients", f->n, f->count);
	return 0;
}

static int add_fit(struct reader *r, const yaml_node_t *node, const struct fit *f)
{
	/* With given u the covariance is what they say; chi squared tells whether it fits. */
	double dof = f->u ? INFINITY : f->dof;
	int error = 0;

	if (f->u && f->dof > 0 && f->s > 2)
		error = sense_budget_add_note(
			r->b, "the points of the fit scatter %.1f times as much as their u says",
			f->s);
	for (unsigned int i = 0; i < f->count && !error; i++) {
		double u = sqrt(f->covariance[i * f->count + i]);
		struct knowledge k = { .value = f->c[i], .u = u, .dof = dof };

		k.distribution = sense_budget_distribution(
			isfinite(dof) ? SENSE_DISTRIBUTION_T : SENSE_DISTRIBUTION_NORMAL, f->c[i],
			u, dof, 0);
		error = sense_budget_take_leaf(r, node, f->names[i], f->units[i], &k);
	}
	for (unsigned int i = 0; i < f->count && !error; i++)
		for (unsigned int j = 0; j < i && !error; j++) {
			double product =
				f->covariance[i * f->count + i] * f->covariance[j * f->count + j];
			double c = product > 0 ? f->covariance[i * f->count + j] / sqrt(product) :
						 0;

			char *where = strdup(sense_document_where(&r->y, node));

			error = sense_budget_correlate(r->b, f->names[i], f->names[j],
						       fmax(-1, fmin(1, c)),
						       where ? where : r->y.name);
			free(where);
		}
	return error;
}

int sense_budget_read_fits(struct reader *r)
{
	const yaml_node_t *list = get(r, "fits");
	int error = 0;

	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE_NODE)
		return fail(r, list, "write each fit after '- '", "'fits' is no list");
	for (unsigned int i = 0; i < sense_document_count(list) && !error; i++) {
		const yaml_node_t *node = sense_document_item(&r->y, list, i);
		struct fit f = { 0 };

		error = sense_document_check_keys(&r->y, node, "x y u x-origin coefficients units",
						  "a fit");
		if (!error)
			error = fit_names(r, node, &f);
		if (!error)
			error = fit_points(r, node, &f);
		if (!error)
			error = add_fit(r, node, &f);
		free(f.x);
		free(f.y);
		free(f.u);
	}
	return error;
}

/* ---- correlations ------------------------------------------------ */

static int correlate(struct reader *r, const yaml_node_t *at, const char *a, const char *b,
		     double c)
{
	char *where = strdup(sense_document_where(&r->y, at));
	int error = sense_budget_correlate(r->b, a, b, c, where ? where : r->y.name);

	free(where);
	return error;
}

static int read_pair(struct reader *r, const yaml_node_t *node)
{
	const char *a, *b;
	double c;

	if (sense_document_count(node) != 3)
		return fail(r, node, "write [a, b, 0.5]",
			    "a correlation is two inputs and a coefficient");
	a = sense_document_text(sense_document_item(&r->y, node, 0));
	b = sense_document_text(sense_document_item(&r->y, node, 1));
	if (!a || !b)
		return fail(r, node, "write [a, b, 0.5]", "a correlation names no input");
	if (sense_document_plain(&r->y, sense_document_item(&r->y, node, 2),
				 "a correlation coefficient", &c))
		return -EINVAL;
	return correlate(r, node, a, b, c);
}

static const struct series *find_series(const struct reader *r, const char *name)
{
	int leaf = sense_budget_find_leaf(r->b, name);

	for (unsigned int i = 0; i < r->series_count; i++)
		if (r->series[i].leaf == leaf && leaf >= 0)
			return &r->series[i];
	return NULL;
}

static int read_observed(struct reader *r, const yaml_node_t *node)
{
	const struct series *first = NULL;
	int error = 0;

	if (node->type != YAML_SEQUENCE_NODE || sense_document_count(node) < 2)
		return fail(r, node, "write observed-together: [V, I]",
			    "'observed-together' is no list of inputs");
	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		const char *a = sense_document_text(sense_document_item(&r->y, node, i));
		const struct series *s = a ? find_series(r, a) : NULL;

		if (!s)
			return fail(r, node, "name inputs that have readings",
				    "'observed-together' names '%.60s', which has no readings",
				    a ? a : "");
		if (!first)
			first = s;
		if (s->count != first->count)
			return fail(r, node, "give readings made together, in the same order",
				    "'%s' has %u readings, another has %u", a, s->count,
				    first->count);
		for (unsigned int j = 0; j < i && !error; j++) {
			const char *b = sense_document_text(sense_document_item(&r->y, node, j));

			error = correlate(r, node, a, b,
					  sense_type_a_correlation(
						  s->values, find_series(r, b)->values, s->count));
		}
	}
	return error;
}

/* u of an input from the diagonal; where the input tells one already the two must agree. */
static int take_variance(struct reader *r, const yaml_node_t *at, const char *name, double variance)
{
	int i = sense_budget_find_leaf(r->b, name);
	struct leaf *leaf = i < 0 ? NULL : &r->b->leaves[i];
	double u = sqrt(variance);

	if (!leaf)
		return fail(r, at, "name inputs as they are written among the inputs",
			    "a covariance names '%.60s', which is no input", name);
	if (!(variance >= 0))
		return fail(r, at, "a variance is 0 or positive",
			    "the variance of '%s' is negative: %.9g", name, variance);
	if (leaf->u > 0 && fabs(leaf->u - u) > 0.01 * leaf->u)
		return fail(r, at, "give one of them",
			    "'%s' has u = %.6g, but %.6g in the covariance matrix", name, leaf->u,
			    u);
	if (leaf->u > 0)
		return 0;
	leaf->u = u;
	leaf->distribution =
		sense_budget_distribution(SENSE_DISTRIBUTION_NORMAL, leaf->value, u, INFINITY, 0);
	return 0;
}

static int read_matrix(struct reader *r, const yaml_node_t *node)
{
	const yaml_node_t *names = sense_document_get(&r->y, node, "inputs");
	const yaml_node_t *rows = sense_document_get(&r->y, node, "coefficients");
	bool covariance = !rows;
	unsigned int n;
	double *m;
	int error = 0;

	if (covariance)
		rows = sense_document_get(&r->y, node, "covariance");
	if (!names || names->type != YAML_SEQUENCE_NODE || !rows ||
	    rows->type != YAML_SEQUENCE_NODE ||
	    sense_document_count(names) != sense_document_count(rows) ||
	    sense_document_count(names) < 2 || sense_document_count(names) > 200)
		return fail(r, node,
			    "write inputs: [a, b] and coefficients: [[1, 0.5], [0.5, 1]], or "
			    "covariance",
			    "a correlation matrix needs inputs and as many rows");
	n = sense_document_count(names);
	m = calloc((size_t)n * n, sizeof(*m));
	if (!m)
		return sense_fail(ENOMEM, r->y.name, NULL, "there is no memory for a matrix");
	for (unsigned int i = 0; i < n && !error; i++) {
		double *row = NULL;
		unsigned int count = 0;

		if (!sense_document_text(sense_document_item(&r->y, names, i)))
			error = fail(r, names, "write inputs: [a, b]",
				     "a correlation matrix names no input");
		else
			error = sense_document_numbers(&r->y, sense_document_item(&r->y, rows, i),
						       "a row of a correlation matrix", "", n, &row,
						       &count);
		if (!error && count != n)
			error = fail(r, rows, "give a square matrix",
				     "row %u has %u numbers, not %u", i + 1, count, n);
		if (!error)
			memcpy(m + (size_t)i * n, row, n * sizeof(*row));
		free(row);
	}
	for (unsigned int i = 0; i < n && !error; i++) {
		const char *a = sense_document_text(sense_document_item(&r->y, names, i));
		double diagonal = m[i * n + i];

		if (covariance)
			error = take_variance(r, rows, a, diagonal);
		else if (diagonal != 1)
			error = fail(r, rows, "give coefficients, or call the matrix covariance",
				     "the coefficient of '%s' with itself is %.9g, not 1", a,
				     diagonal);
		for (unsigned int j = 0; j < i && !error; j++) {
			const char *b = sense_document_text(sense_document_item(&r->y, names, j));
			double c = m[i * n + j],
			       scale = covariance ? sqrt(diagonal * m[j * n + j]) : 1;

			if (fabs(c - m[j * n + i]) > 1e-9 * scale)
				error = fail(r, rows, "correct one of them",
					     "the matrix is not symmetric at '%s' and '%s'", a, b);
			else if (scale > 0)
				error = correlate(r, rows, a, b, c / scale);
			else if (c != 0)
				error = fail(r, rows, "give it a variance",
					     "'%s' or '%s' has a covariance but no variance", a, b);
		}
	}
	free(m);
	return error;
}

int sense_budget_read_correlations(struct reader *r)
{
	const yaml_node_t *list = get(r, "correlations");
	int error = 0;

	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE_NODE)
		return fail(r, list, "write each after '- ': [a, b, 0.5]",
			    "'correlations' is no list");
	for (unsigned int i = 0; i < sense_document_count(list) && !error; i++) {
		const yaml_node_t *node = sense_document_item(&r->y, list, i);

		if (node->type == YAML_SEQUENCE_NODE) {
			error = read_pair(r, node);
			continue;
		}
		error = sense_document_check_keys(
			&r->y, node, "inputs coefficients covariance observed-together",
			"a correlation");
		if (!error && sense_document_get(&r->y, node, "observed-together"))
			error = read_observed(r,
					      sense_document_get(&r->y, node, "observed-together"));
		else if (!error)
			error = read_matrix(r, node);
	}
	return error;
}
