// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-file.c - budgets as YAML files: Documentation/budgets.md.
 */
#include "calibrate/budget-file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/type-a.h"

#define TOP_KEYS										\
	"title equation equations output outputs unit start inputs fits correlations p k digits "	\
	"interval dof-rounding monte-carlo"

struct reader {
	struct sense_document y;
	struct sense_budget *b;
	/* Readings by leaf, for correlations of what was observed together. */
	struct series {
		int leaf;
		double *values;
		unsigned int count;
	} *series;
	unsigned int series_count;
};

#define fail(r, ...) sense_document_fail(&(r)->y, __VA_ARGS__)

static const yaml_node_t *get(struct reader *r, const char *key)
{
	return sense_document_get(&r->y, sense_document_top(&r->y), key);
}

/* ---- equations and outputs --------------------------------------------------------------------- */

static int read_equation(struct reader *r, const yaml_node_t *node)
{
	const char *text = sense_document_text(node);

	if (!text)
		return fail(r, node, "write equation: y = a*x + b", "an equation is no text");
	/* Its own copy of the place: parsing must not write over it. */
	char *where = strdup(sense_document_where(&r->y, node));
	int error = where ? sense_budget_add_line(r->b, text, where) : -ENOMEM;

	free(where);
	return error;
}

static int read_equations(struct reader *r)
{
	const yaml_node_t *one = get(r, "equation"), *many = get(r, "equations");
	int error = 0;

	if (!one && !many)
		return fail(r, sense_document_top(&r->y), "write equation: y = a*x + b", "there is no equation");
	if (one && many)
		return fail(r, many, "put all of them under equations", "there are both equation and equations");
	if (one)
		return read_equation(r, one);
	if (many->type != YAML_SEQUENCE_NODE || sense_document_count(many) == 0)
		return fail(r, many, "write one equation per line, each after '- '", "'equations' is no list");
	for (unsigned int i = 0; i < sense_document_count(many) && !error; i++)
		error = read_equation(r, sense_document_item(&r->y, many, i));
	return error;
}

static int add_output(struct reader *r, const yaml_node_t *at, const char *name, const yaml_node_t *unit,
		      const yaml_node_t *start)
{
	double near = NAN;
	int error;

	if (!name)
		return fail(r, at, "name a quantity of the equations", "an output is no text");
	if (unit && !sense_document_text(unit))
		return fail(r, unit, "write a unit such as degC", "the unit of the output '%s' is no text",
			    name);
	if (start && sense_document_plain(&r->y, start, "'start' of the output", &near))
		return -EINVAL;
	error = sense_budget_add_output(r->b, name, sense_document_text(unit), near);
	/* The same sentence, with the line. */
	return error ? fail(r, at, sense_error_last()->remedy, "%s", sense_error_last()->sentence) : 0;
}

static int read_output_mapping(struct reader *r, const yaml_node_t *node)
{
	int error = sense_document_check_keys(&r->y, node, NULL, "'outputs'");

	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		yaml_node_t *value;
		const char *name = sense_document_key(&r->y, node, i, &value);
		char what[160];

		snprintf(what, sizeof(what), "the output '%.120s'", name);
		error = sense_document_check_keys(&r->y, value, "unit start", what);
		if (!error)
			error = add_output(r, value, name, sense_document_get(&r->y, value, "unit"),
					   sense_document_get(&r->y, value, "start"));
	}
	return error;
}

/* What the first equation defines or, failing that, asks for: known once all is read. */
static int default_output(struct reader *r, const yaml_node_t *unit, const yaml_node_t *start)
{
	struct sense_expression *e = sense_expression_new();
	const char *name = NULL;
	unsigned int count = 0;
	int error = e ? 0 : -ENOMEM;
	char copy[128];

	for (unsigned int i = 0; i < r->b->quantity_count && !error; i++)
		if (sense_expression_add_input(e, r->b->quantities[i].name) < 0)
			error = -EINVAL;
	for (unsigned int i = 0; i < r->b->equation_count && !error; i++)
		error = sense_expression_add_equation(e, r->b->equations[i].text, r->b->equations[i].where);
	if (!error)
		error = sense_expression_resolve(e, r->b->equations[0].where);
	if (!error)
		count = sense_expression_outputs(e, &name, 1);
	snprintf(copy, sizeof(copy), "%s", count ? name : "");
	sense_expression_free(e);
	return error ? error : add_output(r, unit ? unit : start, copy, unit, start);
}

static int read_outputs(struct reader *r)
{
	const yaml_node_t *one = get(r, "output"), *many = get(r, "outputs");
	const yaml_node_t *unit = get(r, "unit"), *start = get(r, "start");
	int error = 0;

	if (one && many)
		return fail(r, many, "put all of them under outputs", "there are both output and outputs");
	if (one)
		return add_output(r, one, sense_document_text(one), unit, start);
	if (!many)
		return unit || start ? default_output(r, unit, start) : 0;
	if (unit || start)
		return fail(r, unit ? unit : start, "write outputs: { name: { unit: ..., start: ... } }",
			    "unit and start at the top belong to a single output");
	if (many->type == YAML_MAPPING_NODE)
		return read_output_mapping(r, many);
	if (many->type != YAML_SEQUENCE_NODE || sense_document_count(many) == 0)
		return fail(r, many, "write outputs: [R, X, Z]", "'outputs' is no list");
	for (unsigned int i = 0; i < sense_document_count(many) && !error; i++)
		error = add_output(r, sense_document_item(&r->y, many, i),
				   sense_document_text(sense_document_item(&r->y, many, i)), NULL, NULL);
	return error;
}

/* ---- inputs ------------------------------------------------------------------------------------ */

static int add_leaf(struct reader *r, const yaml_node_t *node, const char *name, const char *unit,
		    struct knowledge *k)
{
	int leaf = sense_budget_add_leaf(r->b, name, unit, k->value, k->u, k->dof, &k->distribution,
					 sense_document_where(&r->y, node));
	struct series *more;

	if (leaf >= 0 && k->readings) {
		more = realloc(r->series, (r->series_count + 1) * sizeof(*more));
		if (!more) {
			leaf = sense_fail(ENOMEM, r->y.name, NULL, "there is no memory for readings");
		} else {
			r->series = more;
			r->series[r->series_count++] = (struct series){ leaf, k->readings, k->reading_count };
			k->readings = NULL;
		}
	}
	free(k->readings);
	k->readings = NULL;
	if (leaf >= 0 && fabs(sense_distribution_mean(&k->distribution) - k->value) > 1e-9 * k->u)
		return sense_budget_add_note(r->b,
			"the value of '%s' is not the mean %.9g of its limits: first order takes the value (GUM 4.3.8), Monte Carlo draws between the limits",
			name, sense_distribution_mean(&k->distribution));
	return leaf < 0 ? leaf : 0;
}

static int read_part(struct reader *r, const yaml_node_t *node, const char *input, const char *key,
		     const char *unit, double whole)
{
	const yaml_node_t *type_node = sense_document_get(&r->y, node, "type");
	const char *type = sense_document_text(type_node);
	char name[256], what[300];
	struct knowledge k;
	int error;

	if (strlen(key) > 100 || strchr(key, ' ') || !key[0])
		return fail(r, node, "use a word", "'%.60s' cannot be the name of a part of '%s'", key, input);
	snprintf(name, sizeof(name), "%s.%s", input, key);
	if (type_node && !type)
		return fail(r, type_node, "write a word", "'type' of '%s' is no text", name);
	/* A part that bears a built-in's name is one, unless it tells its uncertainty itself. */
	if (!type && sense_budget_is_builtin(key) && !sense_document_get(&r->y, node, "u") &&
	    !sense_document_get(&r->y, node, "U") && !sense_document_get(&r->y, node, "half-width"))
		type = key;
	if (type)
		return sense_budget_read_builtin(&r->y, r->b, node, type, name, unit, whole);
	snprintf(what, sizeof(what), "the part '%.250s'", name);
	error = sense_document_check_keys(&r->y, node, KNOWLEDGE_KEYS, what);
	if (!error && sense_document_get(&r->y, node, "unit"))
		error = fail(r, sense_document_get(&r->y, node, "unit"), "a part has the unit of its input; numbers may carry another: 25 nm",
			     "the part '%s' has a unit of its own", name);
	if (!error)
		error = sense_budget_read_knowledge(&r->y, node, name, unit, true, whole, &k);
	else
		return error;
	if (error) {
		free(k.readings);
		return error;
	}
	return add_leaf(r, node, name, unit, &k);
}

static int read_parts(struct reader *r, const yaml_node_t *node, const char *input, const char *unit,
		      double whole)
{
	int error = sense_document_check_keys(&r->y, node, NULL, "'parts'");

	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		yaml_node_t *value;
		const char *key = sense_document_key(&r->y, node, i, &value);

		if (value->type != YAML_MAPPING_NODE)
			error = fail(r, value, "write certificate: { U: 0.01, k: 2 }",
				     "the part '%.60s' of '%s' is no mapping", key, input);
		else
			error = read_part(r, value, input, key, unit, whole);
	}
	return error;
}

static int read_input(struct reader *r, const yaml_node_t *node, const char *name)
{
	const yaml_node_t *unit_node, *parts;
	const char *unit;
	char what[160];
	struct knowledge k = { .dof = INFINITY };
	int error;

	snprintf(what, sizeof(what), "the input '%.120s'", name);
	if (node->type == YAML_SCALAR_NODE) {
		/* name: 3.2 is an exact number. */
		error = sense_document_plain(&r->y, node, what, &k.value);
		k.distribution = sense_budget_distribution(SENSE_DISTRIBUTION_NORMAL, k.value, 0, INFINITY, 0);
		return error ? error : add_leaf(r, node, name, "", &k);
	}
	error = sense_document_check_keys(&r->y, node, KNOWLEDGE_KEYS " parts", what);
	if (error)
		return error;
	unit_node = sense_document_get(&r->y, node, "unit");
	unit = unit_node ? sense_document_text(unit_node) : "";
	if (!unit)
		return fail(r, unit_node, "write a unit such as degC", "'unit' of %s is no text", what);
	error = sense_budget_read_knowledge(&r->y, node, name, unit, false, 0, &k);
	if (error) {
		free(k.readings);
		return error;
	}
	error = add_leaf(r, node, name, unit, &k);
	parts = sense_document_get(&r->y, node, "parts");
	return error || !parts ? error : read_parts(r, parts, name, unit, k.value);
}

static int read_inputs(struct reader *r)
{
	const yaml_node_t *node = get(r, "inputs");
	int error;

	if (!node)
		return get(r, "fits") ? 0 : fail(r, sense_document_top(&r->y), "write inputs: and below it each quantity",
						 "there are no inputs");
	error = sense_document_check_keys(&r->y, node, NULL, "'inputs'");
	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		yaml_node_t *value;
		const char *name = sense_document_key(&r->y, node, i, &value);

		error = read_input(r, value, name);
	}
	return error;
}

/* ---- fits --------------------------------------------------------------------------------------- */

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
		return fail(r, units, "give one unit for each coefficient", "'units' of a fit does not match");
	for (unsigned int i = 0; i < f->count; i++) {
		f->names[i] = sense_document_text(sense_document_item(&r->y, names, i));
		f->units[i] = units ? sense_document_text(sense_document_item(&r->y, units, i)) : "";
		if (!f->names[i] || !f->units[i])
			return fail(r, node, "write words", "a coefficient's name or unit is no text");
	}
	return 0;
}

static int fit_points(struct reader *r, const yaml_node_t *node, struct fit *f)
{
	const yaml_node_t *u = sense_document_get(&r->y, node, "u");
	const yaml_node_t *origin = sense_document_get(&r->y, node, "x-origin");
	int error = sense_document_numbers(&r->y, sense_document_get(&r->y, node, "x"), "'x' of a fit", "", 1, &f->x,
				       &f->n);

	if (!error)
		error = sense_document_numbers(&r->y, sense_document_get(&r->y, node, "y"), "'y' of a fit", "", 1,
					   &f->y, &f->n_y);
	if (!error && u)
		error = sense_document_numbers(&r->y, u, "'u' of a fit", "", 1, &f->u, &f->n_u);
	if (!error && origin)
		error = sense_document_plain(&r->y, origin, "'x-origin' of a fit", &f->origin);
	if (error)
		return error;
	if (f->n != f->n_y || (u && f->n != f->n_u))
		return fail(r, node, "give as many x as y (and u)", "a fit has %u x but %u y", f->n, f->n_y);
	for (unsigned int i = 0; i < f->n; i++) {
		f->x[i] -= f->origin;
		if (u && !(f->u[i] > 0))
			return fail(r, u, "give positive ones", "a standard uncertainty of a fit is %.9g", f->u[i]);
	}
	if (sense_fit_polynomial(f->n, f->x, f->y, f->u, f->count - 1, f->c, f->covariance, &f->s, &f->dof))
		return fail(r, node, "give more points, at different x, than coefficients",
			    "%u points do not determine %u coefficients", f->n, f->count);
	return 0;
}

static int add_fit(struct reader *r, const yaml_node_t *node, const struct fit *f)
{
	/* With given u the covariance is what they say; chi squared tells whether the curve agrees. */
	double dof = f->u ? INFINITY : f->dof;
	int error = 0;

	if (f->u && f->dof > 0 && f->s > 2)
		error = sense_budget_add_note(r->b, "the points of the fit scatter %.1f times as much as their u says",
					      f->s);
	for (unsigned int i = 0; i < f->count && !error; i++) {
		double u = sqrt(f->covariance[i * f->count + i]);
		struct knowledge k = { .value = f->c[i], .u = u, .dof = dof };

		k.distribution = sense_budget_distribution(isfinite(dof) ? SENSE_DISTRIBUTION_T :
									   SENSE_DISTRIBUTION_NORMAL,
							   f->c[i], u, dof, 0);
		error = add_leaf(r, node, f->names[i], f->units[i], &k);
	}
	for (unsigned int i = 0; i < f->count && !error; i++)
		for (unsigned int j = 0; j < i && !error; j++) {
			double product = f->covariance[i * f->count + i] * f->covariance[j * f->count + j];
			double c = product > 0 ? f->covariance[i * f->count + j] / sqrt(product) : 0;

			char *where = strdup(sense_document_where(&r->y, node));

			error = sense_budget_correlate(r->b, f->names[i], f->names[j],
						       fmax(-1, fmin(1, c)), where ? where : r->y.name);
			free(where);
		}
	return error;
}

static int read_fits(struct reader *r)
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

		error = sense_document_check_keys(&r->y, node, "x y u x-origin coefficients units", "a fit");
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

/* ---- correlations --------------------------------------------------------------------------------- */

static int correlate(struct reader *r, const yaml_node_t *at, const char *a, const char *b, double c)
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
		return fail(r, node, "write [a, b, 0.5]", "a correlation is two inputs and a coefficient");
	a = sense_document_text(sense_document_item(&r->y, node, 0));
	b = sense_document_text(sense_document_item(&r->y, node, 1));
	if (!a || !b)
		return fail(r, node, "write [a, b, 0.5]", "a correlation names no input");
	if (sense_document_plain(&r->y, sense_document_item(&r->y, node, 2), "a correlation coefficient", &c))
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
		return fail(r, node, "write observed-together: [V, I]", "'observed-together' is no list of inputs");
	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		const char *a = sense_document_text(sense_document_item(&r->y, node, i));
		const struct series *s = a ? find_series(r, a) : NULL;

		if (!s)
			return fail(r, node, "name inputs that have readings",
				    "'observed-together' names '%.60s', which has no readings", a ? a : "");
		if (!first)
			first = s;
		if (s->count != first->count)
			return fail(r, node, "give readings made together, in the same order",
				    "'%s' has %u readings, another has %u", a, s->count, first->count);
		for (unsigned int j = 0; j < i && !error; j++) {
			const char *b = sense_document_text(sense_document_item(&r->y, node, j));

			error = correlate(r, node, a, b,
					  sense_type_a_correlation(s->values, find_series(r, b)->values,
								   s->count));
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
		return fail(r, at, "a variance is 0 or positive", "the variance of '%s' is negative: %.9g", name,
			    variance);
	if (leaf->u > 0 && fabs(leaf->u - u) > 0.01 * leaf->u)
		return fail(r, at, "give one of them", "'%s' has u = %.6g, but %.6g in the covariance matrix",
			    name, leaf->u, u);
	if (leaf->u > 0)
		return 0;
	leaf->u = u;
	leaf->distribution = sense_budget_distribution(SENSE_DISTRIBUTION_NORMAL, leaf->value, u, INFINITY, 0);
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
	if (!names || names->type != YAML_SEQUENCE_NODE || !rows || rows->type != YAML_SEQUENCE_NODE ||
	    sense_document_count(names) != sense_document_count(rows) || sense_document_count(names) < 2 ||
	    sense_document_count(names) > 200)
		return fail(r, node, "write inputs: [a, b] and coefficients: [[1, 0.5], [0.5, 1]], or covariance",
			    "a correlation matrix needs inputs and as many rows");
	n = sense_document_count(names);
	m = calloc((size_t)n * n, sizeof(*m));
	if (!m)
		return sense_fail(ENOMEM, r->y.name, NULL, "there is no memory for a matrix");
	for (unsigned int i = 0; i < n && !error; i++) {
		double *row = NULL;
		unsigned int count = 0;

		if (!sense_document_text(sense_document_item(&r->y, names, i)))
			error = fail(r, names, "write inputs: [a, b]", "a correlation matrix names no input");
		else
			error = sense_document_numbers(&r->y, sense_document_item(&r->y, rows, i),
						   "a row of a correlation matrix", "", n, &row, &count);
		if (!error && count != n)
			error = fail(r, rows, "give a square matrix", "row %u has %u numbers, not %u", i + 1,
				     count, n);
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
				     "the coefficient of '%s' with itself is %.9g, not 1", a, diagonal);
		for (unsigned int j = 0; j < i && !error; j++) {
			const char *b = sense_document_text(sense_document_item(&r->y, names, j));
			double c = m[i * n + j], scale = covariance ? sqrt(diagonal * m[j * n + j]) : 1;

			if (fabs(c - m[j * n + i]) > 1e-9 * scale)
				error = fail(r, rows, "correct one of them", "the matrix is not symmetric at '%s' and '%s'",
					     a, b);
			else if (scale > 0)
				error = correlate(r, rows, a, b, c / scale);
			else if (c != 0)
				error = fail(r, rows, "give it a variance", "'%s' or '%s' has a covariance but no variance",
					     a, b);
		}
	}
	free(m);
	return error;
}

static int read_correlations(struct reader *r)
{
	const yaml_node_t *list = get(r, "correlations");
	int error = 0;

	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE_NODE)
		return fail(r, list, "write each after '- ': [a, b, 0.5]", "'correlations' is no list");
	for (unsigned int i = 0; i < sense_document_count(list) && !error; i++) {
		const yaml_node_t *node = sense_document_item(&r->y, list, i);

		if (node->type == YAML_SEQUENCE_NODE) {
			error = read_pair(r, node);
			continue;
		}
		error = sense_document_check_keys(&r->y, node, "inputs coefficients covariance observed-together",
					      "a correlation");
		if (!error && sense_document_get(&r->y, node, "observed-together"))
			error = read_observed(r, sense_document_get(&r->y, node, "observed-together"));
		else if (!error)
			error = read_matrix(r, node);
	}
	return error;
}

/* ---- the rest --------------------------------------------------------------------------------------- */

/* One of two words: 0 or 1, -EINVAL; @otherwise when the key is not there. */
static int choose(struct reader *r, const char *key, const char *zero, const char *one, int otherwise)
{
	const yaml_node_t *node = get(r, key);
	const char *text = sense_document_text(node);
	char remedy[80];

	if (!node)
		return otherwise;
	if (text && (strcmp(text, zero) == 0 || strcmp(text, one) == 0))
		return strcmp(text, one) == 0;
	snprintf(remedy, sizeof(remedy), "write %s or %s", zero, one);
	return fail(r, node, remedy, "'%s' is neither", key);
}

static int read_coverage(struct reader *r)
{
	const yaml_node_t *p_node = get(r, "p"), *k_node = get(r, "k"), *digits = get(r, "digits");
	double p, k, n;
	int shortest = choose(r, "interval", "symmetric", "shortest", 0);
	int whole = choose(r, "dof-rounding", "none", "truncate", 1);

	if (shortest < 0 || whole < 0)
		return -EINVAL;
	r->b->shortest = shortest;
	r->b->whole_dof = whole;
	if (p_node && k_node)
		return fail(r, k_node, "keep one of them", "there are both p and k");
	if (p_node && (sense_document_plain(&r->y, p_node, "'p'", &p) || sense_budget_set_probability(r->b, p)))
		return fail(r, p_node, "give a probability such as 0.95", "%s", sense_error_last()->sentence);
	if (k_node && (sense_document_plain(&r->y, k_node, "'k'", &k) || sense_budget_set_coverage_factor(r->b, k)))
		return fail(r, k_node, "give a number such as 2", "%s", sense_error_last()->sentence);
	if (digits && (sense_document_plain(&r->y, digits, "'digits'", &n) || (n != 1 && n != 2)))
		return fail(r, digits, "write 1 or 2: the digits of u that count", "'digits' is neither 1 nor 2");
	if (digits)
		r->b->digits = (unsigned int)n;
	return 0;
}

static int read_monte_carlo(struct reader *r)
{
	const yaml_node_t *node = get(r, "monte-carlo"), *item;
	double trials = 0, seed = 1;
	uint64_t count;

	if (!node)
		return 0;
	if (sense_document_check_keys(&r->y, node, "trials seed", "'monte-carlo'"))
		return -EINVAL;
	item = sense_document_get(&r->y, node, "seed");
	if (item && (sense_document_plain(&r->y, item, "'seed'", &seed) || !(seed >= 0) || seed != floor(seed) ||
		     seed > 9007199254740992.0))
		return fail(r, item, "give a whole number from 0 to 2^53", "'seed' is none");
	item = sense_document_get(&r->y, node, "trials");
	if (!item)
		return fail(r, node, "write trials: 1000000, or adaptive", "'monte-carlo' has no trials");
	if (sense_document_text(item) && strcmp(sense_document_text(item), "adaptive") == 0) {
		count = SENSE_BUDGET_ADAPTIVE;
	} else {
		if (sense_document_plain(&r->y, item, "'trials'", &trials))
			return -EINVAL;
		if (!(trials >= 100 && trials <= 1e8) || trials != floor(trials))
			return fail(r, item, "give a whole number from 100 to 100000000, or adaptive",
				    "'trials' is out of range");
		count = (uint64_t)trials;
	}
	sense_budget_set_seed(r->b, (uint64_t)seed);
	return sense_budget_set_trials(r->b, count);
}

static int read_title(struct reader *r)
{
	const yaml_node_t *node = get(r, "title");
	char *title;

	if (!node)
		return 0;
	if (!sense_document_text(node))
		return fail(r, node, "write a text", "'title' is no text");
	title = strdup(sense_document_text(node));
	if (!title)
		return sense_fail(ENOMEM, r->y.name, NULL, "there is no memory for a title");
	free(r->b->title);
	r->b->title = title;
	return 0;
}

struct sense_budget *sense_budget_parse(const char *name, const char *text, size_t length)
{
	struct reader r = { 0 };
	int error = sense_document_open(&r.y, name, text, length);

	if (error)
		return NULL;
	r.b = sense_budget_new(name);
	error = r.b ? sense_document_check_keys(&r.y, sense_document_top(&r.y), TOP_KEYS, "the budget") : -ENOMEM;
	if (!error)
		error = read_title(&r);
	if (!error)
		error = read_equations(&r);
	if (!error)
		error = read_inputs(&r);
	if (!error)
		error = read_fits(&r);
	if (!error)
		error = read_correlations(&r);
	if (!error)
		error = read_coverage(&r);
	if (!error)
		error = read_monte_carlo(&r);
	if (!error)
		error = read_outputs(&r);
	for (unsigned int i = 0; i < r.series_count; i++)
		free(r.series[i].values);
	free(r.series);
	sense_document_close(&r.y);
	if (error) {
		sense_budget_free(r.b);
		return NULL;
	}
	return r.b;
}

struct sense_budget *sense_budget_load(const char *path)
{
	struct sense_budget *budget;
	FILE *file = fopen(path, "re");
	char *text;
	size_t length;

	if (!file)
		return sense_fail_null(errno, path, "give a file that can be read", "the budget cannot be opened: %s",
				       strerror(errno));
	text = malloc(SENSE_BUDGET_MAX_BYTES + 1);
	if (!text) {
		fclose(file);
		return sense_fail_null(ENOMEM, path, NULL, "there is no memory to read the budget");
	}
	length = fread(text, 1, SENSE_BUDGET_MAX_BYTES + 1, file);
	if (ferror(file)) {
		int code = errno;

		fclose(file);
		free(text);
		return sense_fail_null(code, path, "give a file that can be read", "the budget cannot be read: %s",
				       strerror(code));
	}
	fclose(file);
	budget = sense_budget_parse(path, text, length);
	free(text);
	return budget;
}
