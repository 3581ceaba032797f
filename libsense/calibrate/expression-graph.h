/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expression-graph.h - the inside of an expression, for the files expression*.c alone.
 */
#ifndef SENSE_CALIBRATE_EXPRESSION_GRAPH_H
#define SENSE_CALIBRATE_EXPRESSION_GRAPH_H

#include "calibrate/expression.h"

enum symbol_kind { SYMBOL_FREE, SYMBOL_INPUT, SYMBOL_DEFINED, SYMBOL_UNKNOWN };

struct symbol {
	char *name;
	enum symbol_kind kind;
	int equation;		/* that defines it */
	int node;		/* in the resolved graph, -1 until then */
	int index;		/* of an input or unknown */
	bool used;		/* by a definition or an implicit equation */
	bool open;		/* being resolved: meeting it again is a circle */
};

struct equation {
	char *text;
	int first;		/* parsed node */
	int left;
	int right;
};

struct sense_expression {
	struct symbol *symbols;
	unsigned int symbol_count;
	struct equation *equations;
	unsigned int equation_count;
	struct sense_node *parsed;	/* as written, with SENSE_OP_SYMBOL leaves */
	unsigned int parsed_count;

	/* Resolved: operands before operations, no SENSE_OP_SYMBOL. */
	struct sense_node *nodes;
	unsigned int node_count;
	unsigned int input_count;
	unsigned int unknown_count;
	int unknown_symbols[SENSE_EXPRESSION_MAX_UNKNOWNS];
	int residuals[SENSE_EXPRESSION_MAX_UNKNOWNS];
	unsigned int residual_count;
};

#endif
