// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-result.c - what an evaluation leaves, for the caller to look at.
 */
#include "calibrate/budget-result.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int sense_budget_warn(struct sense_budget_result *r, const char *format, ...)
{
	char **more = realloc(r->warnings, (r->warning_count + 1) * sizeof(*more));
	va_list args;
	int length;

	if (!more)
		return sense_fail(ENOMEM, "budget", NULL, "there is no memory for a warning");
	r->warnings = more;
	va_start(args, format);
	length = vasprintf(&r->warnings[r->warning_count], format, args);
	va_end(args);
	if (length < 0)
		return sense_fail(ENOMEM, "budget", NULL, "there is no memory for a warning");
	r->warning_count++;
	return 0;
}

const char *sense_budget_keep(struct sense_budget_result *r, const char *text)
{
	char *copy = strdup(text);

	if (copy)
		r->strings[r->string_count++] = copy;
	return copy;
}

void sense_budget_result_free(struct sense_budget_result *r)
{
	if (!r)
		return;
	for (unsigned int i = 0; i < r->warning_count; i++)
		free(r->warnings[i]);
	for (unsigned int i = 0; i < r->string_count; i++)
		free(r->strings[i]);
	free(r->warnings);
	free(r->strings);
	free(r->outputs);
	free(r->contributions);
	free(r->correlations);
	free(r);
}

unsigned int sense_budget_result_get_output_count(const struct sense_budget_result *r)
{
	return r->output_count;
}

const struct sense_budget_output *
sense_budget_result_get_output(const struct sense_budget_result *r, unsigned int output)
{
	return output < r->output_count ? &r->outputs[output] : NULL;
}

unsigned int sense_budget_result_get_contribution_count(const struct sense_budget_result *r)
{
	return r->leaf_count;
}

const struct sense_budget_contribution *
sense_budget_result_get_contribution(const struct sense_budget_result *r, unsigned int output,
				     unsigned int contribution)
{
	if (output >= r->output_count || contribution >= r->leaf_count)
		return NULL;
	return &r->contributions[(size_t)output * r->leaf_count + contribution];
}

double sense_budget_result_get_correlation(const struct sense_budget_result *r, unsigned int a,
					   unsigned int b)
{
	return a < r->output_count && b < r->output_count ?
		       r->correlations[a * r->output_count + b] :
		       NAN;
}

unsigned int sense_budget_result_get_warning_count(const struct sense_budget_result *r)
{
	return r->warning_count;
}

const char *sense_budget_result_get_warning(const struct sense_budget_result *r,
					    unsigned int warning)
{
	return warning < r->warning_count ? r->warnings[warning] : NULL;
}
