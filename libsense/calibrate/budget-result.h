/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * budget-result.h - the inside of a budget's result.
 */
#ifndef SENSE_CALIBRATE_BUDGET_RESULT_H
#define SENSE_CALIBRATE_BUDGET_RESULT_H

#include <sense/budget.h>

struct sense_budget_result {
	struct sense_budget_output *outputs;
	unsigned int output_count;
	struct sense_budget_contribution *contributions;	/* output by output */
	unsigned int leaf_count;
	double *correlations;					/* of outputs, square */
	char **warnings;
	unsigned int warning_count;
	char **strings;						/* all names and units */
	unsigned int string_count;
};

/* Add a warning. 0 or -ENOMEM. */
int sense_budget_warn(struct sense_budget_result *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A copy of a text that lives as long as the result; @strings must have room. NULL: no memory. */
const char *sense_budget_keep(struct sense_budget_result *r, const char *text);

#endif
