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

#define TOP_KEYS                                                                                  \
	"title equation equations output outputs unit start inputs fits correlations p k digits " \
	"interval dof-rounding monte-carlo"

#define fail(r, ...) sense_document_fail(&(r)->y, __VA_ARGS__)

static const yaml_node_t *get(struct reader *r, const char *key)
{
	return sense_document_get(&r->y, sense_document_top(&r->y), key);
}

/* ---- equations and outputs --------------------------------------- */

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
		return fail(r, sense_document_top(&r->y), "write equation: y = a*x + b",
			    "there is no equation");
	if (one && many)
		return fail(r, many, "put all of them under equations",
			    "there are both equation and equations");
	if (one)
		return read_equation(r, one);
	if (many->type != YAML_SEQUENCE_NODE || sense_document_count(many) == 0)
		return fail(r, many, "write one equation per line, each after '- '",
			    "'equations' is no list");
	for (unsigned int i = 0; i < sense_document_count(many) && !error; i++)
		error = read_equation(r, sense_document_item(&r->y, many, i));
	return error;
}

static int add_output(struct reader *r, const yaml_node_t *at, const char *name,
		      const yaml_node_t *unit, const yaml_node_t *start)
{
	double near = NAN;
	int error;

	if (!name)
		return fail(r, at, "name a quantity of the equations", "an output is no text");
	if (unit && !sense_document_text(unit))
		return fail(r, unit, "write a unit such as degC",
			    "the unit of the output '%s' is no text", name);
	if (start && sense_document_plain(&r->y, start, "'start' of the output", &near))
		return -EINVAL;
	error = sense_budget_add_output(r->b, name, sense_document_text(unit), near);
	/* The same sentence, with the line. */
	return error ? fail(r, at, sense_error_last()->remedy, "%s", sense_error_last()->sentence) :
		       0;
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
		error = sense_expression_add_equation(e, r->b->equations[i].text,
						      r->b->equations[i].where);
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
		return fail(r, many, "put all of them under outputs",
			    "there are both output and outputs");
	if (one)
		return add_output(r, one, sense_document_text(one), unit, start);
	if (!many)
		return unit || start ? default_output(r, unit, start) : 0;
	if (unit || start)
		return fail(r, unit ? unit : start,
			    "write outputs: { name: { unit: ..., start: ... } }",
			    "unit and start at the top belong to a single output");
	if (many->type == YAML_MAPPING_NODE)
		return read_output_mapping(r, many);
	if (many->type != YAML_SEQUENCE_NODE || sense_document_count(many) == 0)
		return fail(r, many, "write outputs: [R, X, Z]", "'outputs' is no list");
	for (unsigned int i = 0; i < sense_document_count(many) && !error; i++)
		error = add_output(r, sense_document_item(&r->y, many, i),
				   sense_document_text(sense_document_item(&r->y, many, i)), NULL,
				   NULL);
	return error;
}

/* ---- inputs ------------------------------------------------------ */

int sense_budget_take_leaf(struct reader *r, const yaml_node_t *node, const char *name,
			   const char *unit, struct knowledge *k)
{
	int leaf = sense_budget_add_leaf(r->b, name, unit, k->value, k->u, k->dof, &k->distribution,
					 sense_document_where(&r->y, node));
	struct series *more;

	if (leaf >= 0 && k->readings) {
		more = realloc(r->series, (r->series_count + 1) * sizeof(*more));
		if (!more) {
			leaf = sense_fail(ENOMEM, r->y.name, NULL,
					  "there is no memory for readings");
		} else {
			r->series = more;
			r->series[r->series_count++] =
				(struct series){ leaf, k->readings, k->reading_count };
			k->readings = NULL;
		}
	}
	free(k->readings);
	k->readings = NULL;
	if (leaf >= 0 && fabs(sense_distribution_mean(&k->distribution) - k->value) > 1e-9 * k->u)
		return sense_budget_add_note(
			r->b,
			"the value of '%s' is not the mean %.9g of its limits: first order takes "
			"the value (GUM 4.3.8), Monte Carlo draws between the limits",
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
		return fail(r, node, "use a word", "'%.60s' cannot be the name of a part of '%s'",
			    key, input);
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
		error = fail(r, sense_document_get(&r->y, node, "unit"),
			     "a part has the unit of its input; numbers may carry another: 25 nm",
			     "the part '%s' has a unit of its own", name);
	if (!error)
		error = sense_budget_read_knowledge(&r->y, node, name, unit, true, whole, &k);
	else
		return error;
	if (error) {
		free(k.readings);
		return error;
	}
	return sense_budget_take_leaf(r, node, name, unit, &k);
}

static int read_parts(struct reader *r, const yaml_node_t *node, const char *input,
		      const char *unit, double whole)
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
		k.distribution = sense_budget_distribution(SENSE_DISTRIBUTION_NORMAL, k.value, 0,
							   INFINITY, 0);
		return error ? error : sense_budget_take_leaf(r, node, name, "", &k);
	}
	error = sense_document_check_keys(&r->y, node, KNOWLEDGE_KEYS " parts", what);
	if (error)
		return error;
	unit_node = sense_document_get(&r->y, node, "unit");
	unit = unit_node ? sense_document_text(unit_node) : "";
	if (!unit)
		return fail(r, unit_node, "write a unit such as degC", "'unit' of %s is no text",
			    what);
	error = sense_budget_read_knowledge(&r->y, node, name, unit, false, 0, &k);
	if (error) {
		free(k.readings);
		return error;
	}
	error = sense_budget_take_leaf(r, node, name, unit, &k);
	parts = sense_document_get(&r->y, node, "parts");
	return error || !parts ? error : read_parts(r, parts, name, unit, k.value);
}

static int read_inputs(struct reader *r)
{
	const yaml_node_t *node = get(r, "inputs");
	int error;

	if (!node)
		return get(r, "fits") ? 0 :
					fail(r, sense_document_top(&r->y),
					     "write inputs: and below it each quantity",
					     "there are no inputs");
	error = sense_document_check_keys(&r->y, node, NULL, "'inputs'");
	for (unsigned int i = 0; i < sense_document_count(node) && !error; i++) {
		yaml_node_t *value;
		const char *name = sense_document_key(&r->y, node, i, &value);

		error = read_input(r, value, name);
	}
	return error;
}

/* ---- the rest ---------------------------------------------------- */

/* One of two words: 0 or 1, -EINVAL; @otherwise when the key is not there. */
static int choose(struct reader *r, const char *key, const char *zero, const char *one,
		  int otherwise)
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
	if (p_node && (sense_document_plain(&r->y, p_node, "'p'", &p) ||
		       sense_budget_set_probability(r->b, p)))
		return fail(r, p_node, "give a probability such as 0.95", "%s",
			    sense_error_last()->sentence);
	if (k_node && (sense_document_plain(&r->y, k_node, "'k'", &k) ||
		       sense_budget_set_coverage_factor(r->b, k)))
		return fail(r, k_node, "give a number such as 2", "%s",
			    sense_error_last()->sentence);
	if (digits && (sense_document_plain(&r->y, digits, "'digits'", &n) || (n != 1 && n != 2)))
		return fail(r, digits, "write 1 or 2: the digits of u that count",
			    "'digits' is neither 1 nor 2");
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
	if (item && (sense_document_plain(&r->y, item, "'seed'", &seed) || !(seed >= 0) ||
		     seed != floor(seed) || seed > 9007199254740992.0))
		return fail(r, item, "give a whole number from 0 to 2^53", "'seed' is none");
	item = sense_document_get(&r->y, node, "trials");
	if (!item)
		return fail(r, node, "write trials: 1000000, or adaptive",
			    "'monte-carlo' has no trials");
	if (sense_document_text(item) && strcmp(sense_document_text(item), "adaptive") == 0) {
		count = SENSE_BUDGET_ADAPTIVE;
	} else {
		if (sense_document_plain(&r->y, item, "'trials'", &trials))
			return -EINVAL;
		if (!(trials >= 100 && trials <= 1e8) || trials != floor(trials))
			return fail(r, item,
				    "give a whole number from 100 to 100000000, or adaptive",
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
	struct reader r = { .b = NULL };
	int error = sense_document_open(&r.y, name, text, length);

	if (error)
		return NULL;
	r.b = sense_budget_new(name);
	error = r.b ? sense_document_check_keys(&r.y, sense_document_top(&r.y), TOP_KEYS,
						"the budget") :
		      -ENOMEM;
	if (!error)
		error = read_title(&r);
	if (!error)
		error = read_equations(&r);
	if (!error)
		error = read_inputs(&r);
	if (!error)
		error = sense_budget_read_fits(&r);
	if (!error)
		error = sense_budget_read_correlations(&r);
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
		return sense_fail_null(errno, path, "give a file that can be read",
				       "the budget cannot be opened: %s", strerror(errno));
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
		return sense_fail_null(code, path, "give a file that can be read",
				       "the budget cannot be read: %s", strerror(code));
	}
	fclose(file);
	budget = sense_budget_parse(path, text, length);
	free(text);
	return budget;
}
