/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * budget-model.h - the inside of a budget, for the files budget*.c alone.
 */
#ifndef SENSE_CALIBRATE_BUDGET_MODEL_H
#define SENSE_CALIBRATE_BUDGET_MODEL_H

#include <sense/budget.h>

#include "calibrate/distribution.h"
#include "calibrate/gum.h"

#define SENSE_BUDGET_MAX_LEAVES	1000
#define SENSE_BUDGET_MAX_OUTPUTS 64

/* An input of the equations. */
struct quantity {
	char *name;
	char *unit;
};

/* One line of the budget: an input itself, or a part "input.part" that adds to it. */
struct leaf {
	char *name;
	char *unit;
	unsigned int quantity;
	double value;
	double u;
	double dof;
	struct sense_distribution distribution;
};

struct output {
	char *name;
	char *unit;
	double start;
};

struct line {
	char *text;
	char *where;
};

struct sense_budget {
	char *name;		/* object of errors */
	char *title;
	struct quantity *quantities;
	unsigned int quantity_count;
	struct leaf *leaves;
	unsigned int leaf_count;
	struct sense_correlation *correlations;
	unsigned int correlation_count;
	char *correlation_where;
	struct line *equations;
	unsigned int equation_count;
	struct output *outputs;
	unsigned int output_count;
	char **notes;		/* what reading the file found worth saying */
	unsigned int note_count;
	double p;
	double k;		/* NAN: from p and dof */
	bool whole_dof;		/* truncate for k (GUM G.4.1) */
	bool shortest;
	unsigned int digits;
	uint64_t trials;
	uint64_t seed;
	unsigned int threads;
};

/* As sense_budget_add_input(), with the distribution as drawn given apart from value and u. */
int sense_budget_add_leaf(struct sense_budget *budget, const char *name, const char *unit,
			  double value, double u, double dof,
			  const struct sense_distribution *distribution, const char *where);
/* Location and scale of a kind whose mean is @value and standard uncertainty @u. */
struct sense_distribution sense_budget_distribution(enum sense_distribution_kind kind, double value,
						    double u, double dof, double shape);
int sense_budget_add_line(struct sense_budget *budget, const char *text, const char *where);
int sense_budget_find_leaf(const struct sense_budget *budget, const char *name);
int sense_budget_find_quantity(const struct sense_budget *budget, const char *name);
int sense_budget_add_note(struct sense_budget *budget, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int sense_budget_correlate(struct sense_budget *budget, const char *a, const char *other, double r,
			   const char *where);

#endif
