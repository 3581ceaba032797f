// SPDX-License-Identifier: GPL-2.0-or-later
/* Equations as anybody may write them: read, join, solve and differentiate. */
#include <stdlib.h>
#include <string.h>

#include "calibrate/expression.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct sense_expression *e = sense_expression_new();
	char *text = malloc(size + 1), *line, *rest;
	double x[] = { 0.3, -2, 5 }, dx[] = { 1, 0.5, -1 },
	       z[SENSE_EXPRESSION_MAX_UNKNOWNS] = { 0 };
	double *v;

	memcpy(text, data, size);
	text[size] = '\0';
	sense_expression_add_input(e, "a");
	sense_expression_add_input(e, "b");
	sense_expression_add_input(e, "c");
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (sense_expression_add_equation(e, line, "fuzz"))
			break;
	if (!line && sense_expression_resolve(e, "fuzz") == 0 &&
	    sense_expression_node_count(e) < 500) {
		v = calloc(sense_expression_node_count(e) * (size_t)SENSE_BLOCK + 4, sizeof(*v));
		if (sense_expression_solve(e, x, z, false, v) == 0)
			sense_expression_taylor_solved(e, 3, x, dx, z, v);
		sense_expression_explain(e, x, z, v, "fuzz");
		free(v);
	}
	free(text);
	sense_expression_free(e);
	return 0;
}
