// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression-resolve.c - from equations as written to one graph in order of evaluation.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/expression-graph.h"

struct resolver {
	struct sense_expression *e;
	const char *where;
	int *map; /* parsed node -> resolved node, -1 not yet */
	unsigned int room;
	int error;
};

static int emit(struct resolver *r, struct sense_node node)
{
	struct sense_expression *e = r->e;

	if (r->error)
		return -1;
	if (e->node_count == r->room) {
		unsigned int room = r->room ? 2 * r->room : 64;
		struct sense_node *more = realloc(e->nodes, room * sizeof(*more));

		if (!more) {
			r->error = sense_fail(ENOMEM, r->where, NULL,
					      "there is no memory for equations");
			return -1;
		}
		e->nodes = more;
		r->room = room;
	}
	e->nodes[e->node_count] = node;
	return (int)e->node_count++;
}

static int make_unknown(struct resolver *r, int symbol)
{
	struct sense_expression *e = r->e;
	struct symbol *s = &e->symbols[symbol];

	if (e->unknown_count == SENSE_EXPRESSION_MAX_UNKNOWNS) {
		r->error = sense_fail(
			E2BIG, r->where, "give the inputs' values, or split the model",
			"more than %d quantities, '%s' among them, are neither inputs nor defined",
			SENSE_EXPRESSION_MAX_UNKNOWNS, s->name);
		return -1;
	}
	s->kind = SYMBOL_UNKNOWN;
	s->index = (int)e->unknown_count;
	e->unknown_symbols[e->unknown_count++] = symbol;
	s->node = emit(r, (struct sense_node){ SENSE_OP_UNKNOWN, s->index, -1, 0, -1, 0 });
	return s->node;
}

static int resolve_side(struct resolver *r, int equation, bool right);

static int resolve_symbol(struct resolver *r, int symbol, const struct sense_node *at)
{
	struct symbol *s = &r->e->symbols[symbol];
	int node;

	if (s->node >= 0)
		return s->node;
	switch (s->kind) {
	case SYMBOL_INPUT:
		s->node = emit(r, (struct sense_node){ SENSE_OP_INPUT, s->index, -1, 0,
						       at->equation, at->position });
		return s->node;
	case SYMBOL_DEFINED:
		if (s->open) /* definitions in a circle: one of them becomes an equation to solve */
			return make_unknown(r, symbol);
		s->open = true;
		node = resolve_side(r, s->equation, true);
		r->e->symbols[symbol].open = false;
		if (r->error)
			return -1;
		if (r->e->symbols[symbol].kind == SYMBOL_UNKNOWN)
			return r->e->symbols[symbol].node;
		r->e->symbols[symbol].node = node;
		return node;
	default:
		if (strcmp(s->name, "pi") == 0) {
			s->kind = SYMBOL_DEFINED;
			s->node = emit(r, (struct sense_node){ SENSE_OP_CONSTANT, -1, -1, M_PI,
							       at->equation, at->position });
			return s->node;
		}
		return make_unknown(r, symbol);
	}
}

/* Which nodes one side of an equation was parsed into: contiguous, operands before operations. */
static void side(const struct equation *q, bool right, int *from, int *to)
{
	bool bare = q->right < q->left; /* a text without "=": its y comes last */

	*to = right ? q->right : q->left;
	*from = right == bare ? q->first : (right ? q->left + 1 : q->left);
	if (!right && !bare)
		*from = q->first;
}

/* Recursion goes from definition to definition only, so their number bounds it. */
static int resolve_side(struct resolver *r, int equation, bool right)
{
	int from, to;

	side(&r->e->equations[equation], right, &from, &to);
	for (int i = from; i <= to && !r->error; i++) {
		struct sense_node node = r->e->parsed[i];

		if (r->map[i] >= 0)
			continue;
		if (node.op == SENSE_OP_SYMBOL) {
			r->e->symbols[node.a].used = true;
			r->map[i] = resolve_symbol(r, node.a, &node);
			continue;
		}
		if (node.a >= 0)
			node.a = r->map[node.a];
		if (node.b >= 0)
			node.b = r->map[node.b];
		r->map[i] = emit(r, node);
	}
	return r->error ? -1 : r->map[to];
}

static bool mentions(const struct sense_expression *e, int from, int to, int symbol)
{
	for (int i = from; i <= to; i++)
		if (e->parsed[i].op == SENSE_OP_SYMBOL && e->parsed[i].a == symbol)
			return true;
	return false;
}

/* "x = f(...)" with a new name x that f does not mention is a definition, all else an equation. */
static bool define(struct sense_expression *e, int i)
{
	const struct equation *q = &e->equations[i];
	const struct sense_node *left = &e->parsed[q->left];
	struct symbol *s;
	int from, to;

	if (left->op != SENSE_OP_SYMBOL)
		return false;
	s = &e->symbols[left->a];
	side(q, true, &from, &to);
	if (s->kind != SYMBOL_FREE || mentions(e, from, to, left->a))
		return false;
	s->kind = SYMBOL_DEFINED;
	s->equation = i;
	return true;
}

static void list_unknowns(const struct sense_expression *e, char *list, size_t size)
{
	size_t n = 0;

	list[0] = '\0';
	for (unsigned int i = 0; i < e->unknown_count && n < size; i++)
		n += (size_t)snprintf(list + n, size - n, "%s%s", i ? ", " : "",
				      e->symbols[e->unknown_symbols[i]].name);
}

static int add_residual(struct resolver *r, int left, int right, const struct sense_node *at)
{
	struct sense_expression *e = r->e;

	if (e->residual_count == SENSE_EXPRESSION_MAX_UNKNOWNS)
		return r->error = sense_fail(E2BIG, r->where, "split the model",
					     "there are more than %d implicit equations",
					     SENSE_EXPRESSION_MAX_UNKNOWNS);
	e->residuals[e->residual_count] =
		emit(r, (struct sense_node){ SENSE_OP_SUBTRACT, left, right, 0, at->equation,
					     at->position });
	e->residual_count++;
	return r->error;
}

static int check_counts(struct resolver *r)
{
	struct sense_expression *e = r->e;
	char list[160];

	if (e->unknown_count == e->residual_count)
		return 0;
	list_unknowns(e, list, sizeof(list));
	if (e->unknown_count > e->residual_count)
		return sense_fail(
			EINVAL, r->where,
			"give each name a value among the inputs, or an equation; look for typing "
			"errors",
			"the equations use %s, %s an input nor defined by an equation", list,
			e->unknown_count == 1 ? "which is neither" : "of which some are neither");
	return sense_fail(EINVAL, r->where, "take the input out that the equation is to find",
			  "there are %u implicit equations but %u unknown quantities%s%s",
			  e->residual_count, e->unknown_count, e->unknown_count ? ": " : "", list);
}

int sense_expression_resolve(struct sense_expression *e, const char *where)
{
	struct resolver r = { .e = e, .where = where };
	bool implicit[SENSE_EXPRESSION_MAX_EQUATIONS];

	if (e->equation_count == 0)
		return sense_fail(EINVAL, where, "write equation: y = ...", "there is no equation");
	r.map = malloc((e->parsed_count + 1) * sizeof(*r.map));
	if (!r.map)
		return sense_fail(ENOMEM, where, NULL, "there is no memory for equations");
	for (unsigned int i = 0; i < e->parsed_count; i++)
		r.map[i] = -1;
	for (unsigned int i = 0; i < e->equation_count; i++)
		implicit[i] = !define(e, (int)i);
	for (unsigned int i = 0; i < e->equation_count && !r.error; i++) {
		const struct equation *q = &e->equations[i];

		if (implicit[i]) {
			int left = resolve_side(&r, (int)i, false);
			int right = resolve_side(&r, (int)i, true);

			if (!r.error)
				add_residual(&r, left, right, &e->parsed[q->left]);
		} else {
			int symbol = e->parsed[q->left].a;
			int right;

			e->symbols[symbol].open = true;
			right = resolve_side(&r, (int)i, true);
			e->symbols[symbol].open = false;
			if (r.error)
				break;
			if (e->symbols[symbol].kind == SYMBOL_UNKNOWN)
				add_residual(&r, e->symbols[symbol].node, right,
					     &e->parsed[q->left]);
			else
				e->symbols[symbol].node = right;
		}
	}
	free(r.map);
	return r.error ? r.error : check_counts(&r);
}

/* ---- looking in -------------------------------------------------- */

int sense_expression_find(const struct sense_expression *e, const char *name)
{
	for (unsigned int i = 0; i < e->symbol_count; i++)
		if (strcmp(e->symbols[i].name, name) == 0)
			return e->symbols[i].node >= 0 ? e->symbols[i].node : -ENOENT;
	return -ENOENT;
}

unsigned int sense_expression_outputs(const struct sense_expression *e, const char **names,
				      unsigned int max)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < e->equation_count; i++)
		for (unsigned int j = 0; j < e->symbol_count; j++)
			if (e->symbols[j].kind == SYMBOL_DEFINED &&
			    e->symbols[j].equation == (int)i && !e->symbols[j].used && count < max)
				names[count++] = e->symbols[j].name;
	if (count == 0)
		for (unsigned int i = 0; i < e->unknown_count && count < max; i++)
			names[count++] = e->symbols[e->unknown_symbols[i]].name;
	return count;
}

unsigned int sense_expression_node_count(const struct sense_expression *e)
{
	return e->node_count;
}

const struct sense_node *sense_expression_node(const struct sense_expression *e, unsigned int index)
{
	return &e->nodes[index];
}

unsigned int sense_expression_input_count(const struct sense_expression *e)
{
	return e->input_count;
}

unsigned int sense_expression_unknown_count(const struct sense_expression *e)
{
	return e->unknown_count;
}

const char *sense_expression_input_name(const struct sense_expression *e, unsigned int input)
{
	for (unsigned int i = 0; i < e->symbol_count; i++)
		if (e->symbols[i].kind == SYMBOL_INPUT && e->symbols[i].index == (int)input)
			return e->symbols[i].name;
	return "";
}

const char *sense_expression_unknown_name(const struct sense_expression *e, unsigned int i)
{
	return e->symbols[e->unknown_symbols[i]].name;
}

bool sense_expression_uses(const struct sense_expression *e, unsigned int input)
{
	for (unsigned int i = 0; i < e->node_count; i++)
		if (e->nodes[i].op == SENSE_OP_INPUT && e->nodes[i].a == (int)input)
			return true;
	return false;
}

int sense_expression_residual(const struct sense_expression *e, unsigned int i)
{
	return e->residuals[i];
}

const char *sense_expression_text(const struct sense_expression *e, int equation)
{
	return equation >= 0 && equation < (int)e->equation_count ? e->equations[equation].text :
								    "";
}
