/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * budget-file.h - between the files that read a budget.
 */
#ifndef SENSE_CALIBRATE_BUDGET_FILE_H
#define SENSE_CALIBRATE_BUDGET_FILE_H

#include "calibrate/budget-model.h"
#include "calibrate/document.h"

/* A file while it is read. */
struct reader {
	struct sense_document y;
	struct sense_budget *b;
	/* Readings by leaf, for correlations of what was observed together. */
	struct series {
		int leaf;
		double *values;
		unsigned int count;
	} * series;
	unsigned int series_count;
};

/* What a mapping of an input or a part says. */
struct knowledge {
	double value;
	double u;
	double dof;
	struct sense_distribution distribution;
	double *readings; /* owned, NULL when none were given */
	unsigned int reading_count;
};

/* Keys that sense_budget_read_knowledge() understands. */
#define KNOWLEDGE_KEYS                                                                         \
	"value unit u relative-u U relative-U k p half-width relative-half-width lower upper " \
	"distribution dof readings autocorrelation s n top limit-doubt counts per-count"

/*
 * Read value and uncertainty of @name, in @unit. @part: its value is 0 unless given, and a
 * relative uncertainty is one of @whole. Readings are handed over. 0 or -errno.
 */
int sense_budget_read_knowledge(struct sense_document *y, const yaml_node_t *node, const char *name,
				const char *unit, bool part, double whole, struct knowledge *k);

/* Is there a built-in contribution of this name ("drift", "resolution", ...)? */
bool sense_budget_is_builtin(const char *name);
/* Add the part @name ("input.part") of a built-in @type to an input of value @whole. 0, -errno. */
int sense_budget_read_builtin(struct sense_document *y, struct sense_budget *b,
			      const yaml_node_t *node, const char *type, const char *name,
			      const char *unit, double whole);

/* Add an input or part that was read; its readings are kept for correlations. 0 or -errno. */
int sense_budget_take_leaf(struct reader *r, const yaml_node_t *node, const char *name,
			   const char *unit, struct knowledge *k);
/* The lists "fits" and "correlations". 0 or -errno. */
int sense_budget_read_fits(struct reader *r);
int sense_budget_read_correlations(struct reader *r);

#endif
