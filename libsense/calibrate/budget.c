// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget.c - a budget while it is put together.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/budget-model.h"
#include "calibrate/monte-carlo.h"

/* Room for one more element; false when there is no memory. */
#define ROOM(array, count)                                                                 \
	({                                                                                 \
		void *more_ = (count) & ((count)-1) ?                                      \
				      (void *)(array) :                                    \
				      realloc(array, ((count) ? 2 * (size_t)(count) : 1) * \
							     sizeof(*(array)));            \
		if (more_)                                                                 \
			(array) = more_;                                                   \
		more_ != NULL;                                                             \
	})

static int no_memory(const struct sense_budget *b)
{
	return sense_fail(ENOMEM, b ? b->name : "budget", NULL,
			  "there is no memory for the budget");
}

struct sense_budget *sense_budget_new(const char *name)
{
	struct sense_budget *b = calloc(1, sizeof(*b));

	if (b) {
		*b = (struct sense_budget){ .name = strdup(name ? name : "budget"),
					    .title = strdup(""),
					    .p = 0.95,
					    .k = NAN,
					    .whole_dof = true,
					    .digits = 2,
					    .seed = 1 };
		if (b->name && b->title)
			return b;
	}
	sense_budget_free(b);
	no_memory(NULL);
	return NULL;
}

void sense_budget_free(struct sense_budget *b)
{
	if (!b)
		return;
	for (unsigned int i = 0; i < b->quantity_count; i++) {
		free(b->quantities[i].name);
		free(b->quantities[i].unit);
	}
	for (unsigned int i = 0; i < b->leaf_count; i++) {
		free(b->leaves[i].name);
		free(b->leaves[i].unit);
	}
	for (unsigned int i = 0; i < b->equation_count; i++) {
		free(b->equations[i].text);
		free(b->equations[i].where);
	}
	for (unsigned int i = 0; i < b->output_count; i++) {
		free(b->outputs[i].name);
		free(b->outputs[i].unit);
	}
	for (unsigned int i = 0; i < b->note_count; i++)
		free(b->notes[i]);
	free(b->quantities);
	free(b->leaves);
	free(b->correlations);
	free(b->correlation_where);
	free(b->equations);
	free(b->outputs);
	free(b->notes);
	free(b->name);
	free(b->title);
	free(b);
}

const char *sense_budget_get_title(const struct sense_budget *b)
{
	return b->title;
}

int sense_budget_add_note(struct sense_budget *b, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return no_memory(b);
	if (!ROOM(b->notes, b->note_count)) {
		free(text);
		return no_memory(b);
	}
	b->notes[b->note_count++] = text;
	return 0;
}

int sense_budget_find_leaf(const struct sense_budget *b, const char *name)
{
	for (unsigned int i = 0; i < b->leaf_count; i++)
		if (strcmp(b->leaves[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

int sense_budget_find_quantity(const struct sense_budget *b, const char *name)
{
	for (unsigned int i = 0; i < b->quantity_count; i++)
		if (strcmp(b->quantities[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

struct sense_distribution sense_budget_distribution(enum sense_distribution_kind kind, double value,
						    double u, double dof, double shape)
{
	struct sense_distribution d = {
		.kind = kind, .told = kind, .location = value, .dof = dof, .shape = shape
	};

	/*
	 * A rectangle whose width is in doubt, as finite dof say (GUM G.4.2), is a curvilinear
	 * trapezoid: GUM-S1 9.5 gives H.1's rectangles with 50 and 2 dof limits known to 10 % and
	 * 50 %, which is 1 / sqrt(2 dof).
	 */
	if (kind == SENSE_DISTRIBUTION_RECTANGULAR && isfinite(dof)) {
		d.kind = SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID;
		d.shape = 1 / sqrt(2 * dof);
		d.scale = u / sense_distribution_unit(SENSE_DISTRIBUTION_RECTANGULAR, 0);
		return d;
	}
	d.scale = u / sense_distribution_unit(kind, shape);
	d.location = value + value -
		     sense_distribution_mean(&(struct sense_distribution){
			     .kind = kind, .location = value, .scale = d.scale, .shape = shape });
	return d;
}

static int add_quantity(struct sense_budget *b, const char *name, const char *unit,
			const char *where)
{
	if (!sense_expression_is_name(name))
		return sense_fail(
			EINVAL, where,
			"use letters, digits and _, a letter first, and no function's name",
			"'%s' cannot be the name of an input", name);
	if (!ROOM(b->quantities, b->quantity_count))
		return no_memory(b);
	b->quantities[b->quantity_count] = (struct quantity){ strdup(name), strdup(unit) };
	b->quantity_count++;
	if (!b->quantities[b->quantity_count - 1].name ||
	    !b->quantities[b->quantity_count - 1].unit)
		return no_memory(b);
	return (int)b->quantity_count - 1;
}

static int check_numbers(const char *name, double value, double u, double dof, const char *where)
{
	if (!isfinite(value))
		return sense_fail(EINVAL, where, "give a number", "the value of '%s' is not finite",
				  name);
	if (!(u >= 0) || !isfinite(u))
		return sense_fail(EINVAL, where, "a standard uncertainty is 0 or positive",
				  "the uncertainty %.9g of '%s' is negative or not finite", u,
				  name);
	if (!(dof >= 1))
		return sense_fail(EINVAL, where, "give at least 1, or leave dof out for infinity",
				  "the degrees of freedom %.9g of '%s' are less than 1", dof, name);
	return 0;
}

int sense_budget_add_leaf(struct sense_budget *b, const char *name, const char *unit, double value,
			  double u, double dof, const struct sense_distribution *d,
			  const char *where)
{
	const char *dot = strchr(name, '.');
	char *input = dot ? strndup(name, (size_t)(dot - name)) : strdup(name);
	int quantity, error;

	if (!input)
		return no_memory(b);
	quantity = sense_budget_find_quantity(b, input);
	free(input);
	error = check_numbers(name, value, u, dof, where);
	if (error)
		return error;
	if (sense_budget_find_leaf(b, name) >= 0)
		return sense_fail(EEXIST, where, "give each input once",
				  "the input '%s' is there already", name);
	if (dot && quantity < 0)
		return sense_fail(ENOENT, where, "add the input before its parts",
				  "there is no input that '%s' could be a part of", name);
	if (b->leaf_count == SENSE_BUDGET_MAX_LEAVES)
		return sense_fail(E2BIG, where, "split the budget", "there are more than %d inputs",
				  SENSE_BUDGET_MAX_LEAVES);
	if (!ROOM(b->leaves, b->leaf_count))
		return no_memory(b);
	if (!dot)
		quantity = add_quantity(b, name, unit, where);
	if (quantity < 0)
		return quantity;
	b->leaves[b->leaf_count] = (struct leaf){
		.name = strdup(name),
		.unit = strdup(dot ? b->quantities[quantity].unit : unit),
		.quantity = (unsigned int)quantity,
		.value = value,
		.u = u,
		.dof = dof,
		.distribution = *d,
	};
	b->leaf_count++;
	if (!b->leaves[b->leaf_count - 1].name || !b->leaves[b->leaf_count - 1].unit)
		return no_memory(b);
	return (int)b->leaf_count - 1;
}

int sense_budget_add_input(struct sense_budget *b, const struct sense_budget_input *input)
{
	enum sense_distribution_kind kind = input->distribution;
	struct sense_distribution d;
	int leaf;

	if (!sense_distribution_get_name(kind)[0])
		return sense_fail(EINVAL, b->name, "take one of enum sense_distribution_kind",
				  "there is no distribution number %d", (int)kind);
	if ((kind == SENSE_DISTRIBUTION_TRAPEZOIDAL && !(input->shape >= 0 && input->shape <= 1)) ||
	    (kind == SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID &&
	     !(input->shape >= 0 && input->shape < 1)) ||
	    (kind == SENSE_DISTRIBUTION_GAMMA && !(input->shape > 0 && isfinite(input->shape))))
		return sense_fail(EINVAL, b->name, "see enum sense_distribution_kind",
				  "the shape %.9g of '%s' does not fit a %s distribution",
				  input->shape, input->name, sense_distribution_get_name(kind));
	d = sense_budget_distribution(kind, input->value, input->u, input->dof, input->shape);
	leaf = sense_budget_add_leaf(b, input->name, input->unit ? input->unit : "", input->value,
				     input->u, input->dof, &d, b->name);
	return leaf < 0 ? leaf : 0;
}

int sense_budget_add_line(struct sense_budget *b, const char *text, const char *where)
{
	struct sense_expression *scratch = sense_expression_new();
	int error;

	/* Read it once for its errors; evaluation reads all equations together. */
	if (!scratch)
		return -ENOMEM;
	error = sense_expression_add_equation(scratch, text, where);
	sense_expression_free(scratch);
	if (error)
		return error;
	if (b->equation_count == SENSE_EXPRESSION_MAX_EQUATIONS)
		return sense_fail(E2BIG, where, "split the model",
				  "there are more than %d equations",
				  SENSE_EXPRESSION_MAX_EQUATIONS);
	if (!ROOM(b->equations, b->equation_count))
		return no_memory(b);
	b->equations[b->equation_count] = (struct line){ strdup(text), strdup(where) };
	b->equation_count++;
	if (!b->equations[b->equation_count - 1].text || !b->equations[b->equation_count - 1].where)
		return no_memory(b);
	return 0;
}

int sense_budget_add_equation(struct sense_budget *b, const char *text)
{
	return sense_budget_add_line(b, text, b->name);
}

int sense_budget_add_output(struct sense_budget *b, const char *name, const char *unit,
			    double start)
{
	if (!sense_expression_is_name(name))
		return sense_fail(EINVAL, b->name, "name a quantity of the equations",
				  "'%s' cannot be the name of an output", name);
	if (isinf(start))
		return sense_fail(EINVAL, b->name, "give a finite number",
				  "the start of '%s' is not finite", name);
	if (b->output_count == SENSE_BUDGET_MAX_OUTPUTS)
		return sense_fail(E2BIG, b->name, "split the budget",
				  "there are more than %d outputs", SENSE_BUDGET_MAX_OUTPUTS);
	for (unsigned int i = 0; i < b->output_count; i++)
		if (strcmp(b->outputs[i].name, name) == 0)
			return sense_fail(EEXIST, b->name, "name each output once",
					  "the output '%s' is there already", name);
	if (!ROOM(b->outputs, b->output_count))
		return no_memory(b);
	b->outputs[b->output_count] =
		(struct output){ strdup(name), strdup(unit ? unit : ""), start };
	b->output_count++;
	if (!b->outputs[b->output_count - 1].name || !b->outputs[b->output_count - 1].unit)
		return no_memory(b);
	return 0;
}

int sense_budget_correlate(struct sense_budget *b, const char *a, const char *other, double r,
			   const char *where)
{
	int i = sense_budget_find_leaf(b, a), j = sense_budget_find_leaf(b, other);

	if (i < 0 || j < 0)
		return sense_fail(ENOENT, where, "name inputs as they are written among the inputs",
				  "a correlation names '%s', which is no input", i < 0 ? a : other);
	if (i == j)
		return sense_fail(EINVAL, where, "name two different inputs",
				  "'%s' is correlated with itself", a);
	if (!(r >= -1 && r <= 1))
		return sense_fail(EINVAL, where, "a correlation coefficient is from -1 to 1",
				  "the correlation %.9g of '%s' and '%s' is out of range", r, a,
				  other);
	for (unsigned int k = 0; k < b->correlation_count; k++) {
		struct sense_correlation *c = &b->correlations[k];

		if ((c->a == (unsigned int)i && c->b == (unsigned int)j) ||
		    (c->a == (unsigned int)j && c->b == (unsigned int)i))
			return sense_fail(EEXIST, where, "give each pair once",
					  "the correlation of '%s' and '%s' is there already", a,
					  other);
	}
	if (!ROOM(b->correlations, b->correlation_count))
		return no_memory(b);
	b->correlations[b->correlation_count++] =
		(struct sense_correlation){ (unsigned int)i, (unsigned int)j, r };
	if (!b->correlation_where)
		b->correlation_where = strdup(where);
	return b->correlation_where ? 0 : no_memory(b);
}

int sense_budget_set_correlation(struct sense_budget *b, const char *a, const char *other, double r)
{
	return sense_budget_correlate(b, a, other, r, b->name);
}

int sense_budget_set_probability(struct sense_budget *b, double p)
{
	if (!(p > 0 && p < 1))
		return sense_fail(EINVAL, b->name, "give a probability such as 0.95",
				  "the coverage probability %.9g is not between 0 and 1", p);
	b->p = p;
	b->k = NAN;
	return 0;
}

int sense_budget_set_coverage_factor(struct sense_budget *b, double k)
{
	if (!(k > 0) || !isfinite(k))
		return sense_fail(EINVAL, b->name, "give a number such as 2",
				  "the coverage factor %.9g is not positive", k);
	b->k = k;
	return 0;
}

int sense_budget_set_trials(struct sense_budget *b, uint64_t trials)
{
	if (trials != 0 && trials != SENSE_BUDGET_ADAPTIVE &&
	    (trials < 100 || trials > SENSE_MONTE_CARLO_MAX))
		return sense_fail(EINVAL, b->name,
				  "GUM-S1 7.2 suggests 10000 / (1 - p), thus 200000 for 95 %",
				  "%llu Monte Carlo trials are not from 100 to %d",
				  (unsigned long long)trials, SENSE_MONTE_CARLO_MAX);
	b->trials = trials;
	return 0;
}

void sense_budget_set_seed(struct sense_budget *b, uint64_t seed)
{
	b->seed = seed;
}

void sense_budget_set_threads(struct sense_budget *b, unsigned int threads)
{
	b->threads = threads;
}
