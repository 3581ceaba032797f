// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression.c - reading equations and joining them into one graph.
 */
#include "calibrate/expression.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/expression-graph.h"
#include "calibrate/number.h"

static const struct function {
	const char *name;
	enum sense_operation op;
	int arguments; /* -2: two or more */
} functions[] = {
	{ "sqrt", SENSE_OP_SQRT, 1 },	{ "exp", SENSE_OP_EXP, 1 },
	{ "log", SENSE_OP_LOG, 1 },	{ "ln", SENSE_OP_LOG, 1 },
	{ "log10", SENSE_OP_LOG10, 1 }, { "sin", SENSE_OP_SIN, 1 },
	{ "cos", SENSE_OP_COS, 1 },	{ "tan", SENSE_OP_TAN, 1 },
	{ "asin", SENSE_OP_ASIN, 1 },	{ "acos", SENSE_OP_ACOS, 1 },
	{ "atan", SENSE_OP_ATAN, 1 },	{ "atan2", SENSE_OP_ATAN2, 2 },
	{ "sinh", SENSE_OP_SINH, 1 },	{ "cosh", SENSE_OP_COSH, 1 },
	{ "tanh", SENSE_OP_TANH, 1 },	{ "abs", SENSE_OP_ABS, 1 },
	{ "pow", SENSE_OP_POWER, 2 },	{ "min", SENSE_OP_MIN, -2 },
	{ "max", SENSE_OP_MAX, -2 },
};

#define FUNCTIONS \
	"sqrt exp log (ln) log10 sin cos tan asin acos atan atan2 sinh cosh tanh abs pow min max"

static const struct function *find_function(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

struct sense_expression *sense_expression_new(void)
{
	struct sense_expression *e = calloc(1, sizeof(*e));

	if (!e)
		return sense_fail_null(ENOMEM, "expression", NULL,
				       "there is no memory for equations");
	return e;
}

void sense_expression_free(struct sense_expression *e)
{
	if (!e)
		return;
	for (unsigned int i = 0; i < e->symbol_count; i++)
		free(e->symbols[i].name);
	for (unsigned int i = 0; i < e->equation_count; i++)
		free(e->equations[i].text);
	free(e->symbols);
	free(e->equations);
	free(e->parsed);
	free(e->nodes);
	free(e);
}

/* ---- growing arrays ---------------------------------------------- */

static int grow(void *array, size_t size, unsigned int count, unsigned int max)
{
	void **place = array;
	void *more;

	if (count >= max)
		return -E2BIG;
	if (count & (count - 1))
		return 0; /* room up to the next power of two */
	more = realloc(*place, size * (count ? 2 * count : 1));
	if (!more)
		return -ENOMEM;
	*place = more;
	return 0;
}

/* ---- names ------------------------------------------------------- */

/* Bytes of UTF-8 letters count as letters; the three signs below do not get here. */
static bool starts_name(unsigned char c)
{
	return (c < 0x80 && isalpha(c)) || c == '_' || c >= 0x80;
}

static size_t sign_length(const char *p, char *sign)
{
	static const struct {
		const char *text;
		char sign;
	} signs[] = {
		{ "\xe2\x88\x92", '-' },
		{ "\xc2\xb7", '*' },
		{ "\xc3\x97", '*' },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t length = strlen(signs[i].text);

		if (strncmp(p, signs[i].text, length) == 0) {
			*sign = signs[i].sign;
			return length;
		}
	}
	return 0;
}

static size_t name_length(const char *p)
{
	size_t n = 0;
	char sign;

	if (!starts_name((unsigned char)*p))
		return 0;
	while (p[n] && (starts_name((unsigned char)p[n]) || isdigit((unsigned char)p[n]))) {
		if (sign_length(p + n, &sign))
			break;
		n++;
	}
	return n;
}

bool sense_expression_is_name(const char *name)
{
	size_t n = name ? name_length(name) : 0;

	return n && !name[n] && n < 128 && !find_function(name);
}

static int find_symbol(const struct sense_expression *e, const char *name, size_t length)
{
	for (unsigned int i = 0; i < e->symbol_count; i++)
		if (strncmp(e->symbols[i].name, name, length) == 0 && !e->symbols[i].name[length])
			return (int)i;
	return -ENOENT;
}

static int add_symbol(struct sense_expression *e, const char *name, size_t length)
{
	int error = grow(&e->symbols, sizeof(*e->symbols), e->symbol_count,
			 SENSE_EXPRESSION_MAX_SYMBOLS);
	char *copy;

	if (error)
		return error;
	copy = strndup(name, length);
	if (!copy)
		return -ENOMEM;
	e->symbols[e->symbol_count] =
		(struct symbol){ .name = copy, .node = -1, .index = -1, .equation = -1 };
	return (int)e->symbol_count++;
}

int sense_expression_add_input(struct sense_expression *e, const char *name)
{
	int symbol;

	if (!sense_expression_is_name(name))
		return sense_fail(
			EINVAL, name,
			"use letters, digits and _, a letter first, and no function's name",
			"'%s' cannot be the name of a quantity", name ? name : "");
	symbol = find_symbol(e, name, strlen(name));
	if (symbol >= 0 && e->symbols[symbol].kind == SYMBOL_INPUT)
		return sense_fail(EEXIST, name, "give each input once",
				  "the input '%s' is there already", name);
	if (symbol < 0)
		symbol = add_symbol(e, name, strlen(name));
	if (symbol < 0)
		return sense_fail(-symbol, name, "split the model",
				  "there are too many quantities");
	e->symbols[symbol].kind = SYMBOL_INPUT;
	e->symbols[symbol].index = (int)e->input_count;
	return (int)e->input_count++;
}

/* ---- the parser -------------------------------------------------- */

struct parser {
	struct sense_expression *e;
	const char *text;
	const char *p;
	const char *where;
	int depth;
	int equation;
	int error;
};

static int column(const struct parser *s, const char *at)
{
	int n = 1;

	for (const char *q = s->text; q < at; q++)
		n += ((unsigned char)*q & 0xc0) != 0x80;
	return n;
}

static int complain(struct parser *s, const char *at, const char *remedy, const char *what)
{
	char seen[24];
	size_t length = 0;

	if (s->error)
		return -1;
	while (length < 16 && at[length] && (length == 0 || isalnum((unsigned char)at[length])))
		length++;
	while (length < 20 && ((unsigned char)at[length] & 0xc0) == 0x80)
		length++;
	snprintf(seen, sizeof(seen), "%.*s", (int)length, at);
	if (seen[0] && (unsigned char)seen[0] < ' ')
		snprintf(seen, sizeof(seen), "a line's end");
	s->error = sense_fail(EINVAL, s->where, remedy,
			      "%s at character %d of '%.120s', where '%s' stands", what,
			      column(s, at), s->text, seen[0] ? seen : "the end");
	return -1;
}

static int add_node(struct parser *s, const char *at, enum sense_operation op, int a, int b,
		    double constant)
{
	struct sense_expression *e = s->e;
	int error;

	if (s->error)
		return -1;
	error = grow(&e->parsed, sizeof(*e->parsed), e->parsed_count, SENSE_EXPRESSION_MAX_NODES);
	if (error) {
		s->error = sense_fail(-error, s->where, "split the equation into several budgets",
				      "the equations have more than %d operations",
				      SENSE_EXPRESSION_MAX_NODES);
		return -1;
	}
	e->parsed[e->parsed_count] =
		(struct sense_node){ op, a, b, constant, s->equation, column(s, at) };
	return (int)e->parsed_count++;
}

static void skip_space(struct parser *s)
{
	while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')
		s->p++;
}

/* The operator sign at this place, 0 for none; '^' stands for ** too. */
static char peek(struct parser *s, size_t *length)
{
	char sign;

	skip_space(s);
	*length = sign_length(s->p, &sign);
	if (*length)
		return sign;
	*length = 1;
	if (s->p[0] == '*' && s->p[1] == '*') {
		*length = 2;
		return '^';
	}
	return *s->p;
}

static int parse_sum(struct parser *s);

static int parse_call(struct parser *s, const struct function *f, const char *at)
{
	int node = -1;
	int count = 0;
	int first = -1;

	s->p++; /* ( */
	for (;;) {
		int argument = parse_sum(s);

		if (s->error)
			return -1;
		count++;
		if (count == 1)
			node = first = argument;
		else if (f->arguments == 1)
			return complain(s, at, "look at the parentheses",
					"a function has too many arguments");
		else
			node = add_node(s, at, f->op, node, argument, 0);
		skip_space(s);
		if (*s->p != ',')
			break;
		s->p++;
	}
	if (*s->p != ')')
		return complain(s, s->p, "close each parenthesis", "a ')' is missing");
	s->p++;
	if (f->arguments == 1)
		return add_node(s, at, f->op, first, -1, 0);
	if (count < 2 || (f->arguments == 2 && count != 2))
		return complain(s, at, "separate arguments by commas",
				f->arguments == 2 ? "a function needs two arguments" :
						    "a function needs two or more arguments");
	return node;
}

static int parse_name(struct parser *s)
{
	const char *at = s->p;
	size_t length = name_length(at);
	char name[128];
	const struct function *f;
	int symbol;

	if (length >= sizeof(name))
		return complain(s, at, "use a shorter name", "a name is longer than 127 bytes");
	memcpy(name, at, length);
	name[length] = '\0';
	s->p += length;
	skip_space(s);
	f = find_function(name);
	if (*s->p == '(') {
		if (!f)
			return complain(s, at, "the functions are " FUNCTIONS "; multiply with *",
					"there is no such function");
		return parse_call(s, f, at);
	}
	if (f)
		return complain(s, at, "write its argument in parentheses",
				"a function has no argument");
	symbol = find_symbol(s->e, name, length);
	if (symbol < 0)
		symbol = add_symbol(s->e, name, length);
	if (symbol < 0) {
		s->error = sense_fail(-symbol, s->where, "split the model",
				      "the equations have more than %d names",
				      SENSE_EXPRESSION_MAX_SYMBOLS);
		return -1;
	}
	return add_node(s, at, SENSE_OP_SYMBOL, symbol, -1, 0);
}

static int parse_number(struct parser *s)
{
	const char *at = s->p;
	double value = 0;
	size_t n = sense_number_read(at, &value);

	if (n == 0 || at[n] == '.')
		return complain(s, at, "write numbers as 1.5 or 1.5e-6", "this is no number");
	if (!isfinite(value))
		return complain(s, at, "use a smaller number", "a number is too large");
	s->p += n;
	return add_node(s, at, SENSE_OP_CONSTANT, -1, -1, value);
}

static int parse_unary(struct parser *s);

static int parse_primary(struct parser *s)
{
	unsigned char c;

	skip_space(s);
	c = (unsigned char)*s->p;
	if (c == '(') {
		int node;

		s->p++;
		node = parse_sum(s);
		if (s->error)
			return -1;
		skip_space(s);
		if (*s->p != ')')
			return complain(s, s->p, "close each parenthesis", "a ')' is missing");
		s->p++;
		return node;
	}
	if (isdigit(c) || (c == '.' && isdigit((unsigned char)s->p[1])))
		return parse_number(s);
	if (name_length(s->p))
		return parse_name(s);
	return complain(s, s->p, "write a name, a number or ( there", "a quantity is missing");
}

/* -x^2 is -(x^2); 2^-1 and 2^3^2 = 2^(3^2) are allowed. */
static int parse_power(struct parser *s)
{
	int base = parse_primary(s);
	const char *at = s->p;
	size_t length;

	if (s->error || peek(s, &length) != '^')
		return base;
	at = s->p;
	s->p += length;
	return add_node(s, at, SENSE_OP_POWER, base, parse_unary(s), 0);
}

static int parse_unary(struct parser *s)
{
	size_t length;
	char sign;
	const char *at;
	int node;

	/* Every way back into the grammar passes here, so this bounds the recursion. */
	if (++s->depth > SENSE_EXPRESSION_MAX_DEPTH) {
		node = complain(s, s->p, "define intermediate quantities",
				"the equation is nested too deep");
		s->depth--;
		return node;
	}
	sign = peek(s, &length);
	at = s->p;
	if (sign == '-' || sign == '+') {
		s->p += length;
		node = parse_unary(s);
		if (sign == '-' && !s->error)
			node = add_node(s, at, SENSE_OP_NEGATE, node, -1, 0);
	} else {
		node = parse_power(s);
	}
	s->depth--;
	return node;
}

static int parse_product(struct parser *s)
{
	int node = parse_unary(s);
	size_t length;

	while (!s->error) {
		char sign = peek(s, &length);
		const char *at = s->p;
		int right;

		if (sign != '*' && sign != '/')
			break;
		s->p += length;
		right = parse_unary(s);
		node = add_node(s, at, sign == '*' ? SENSE_OP_MULTIPLY : SENSE_OP_DIVIDE, node,
				right, 0);
	}
	return node;
}

static int parse_sum(struct parser *s)
{
	int node = parse_product(s);
	size_t length;

	while (!s->error) {
		char sign = peek(s, &length);
		const char *at = s->p;
		int right;

		if (sign != '+' && sign != '-')
			break;
		s->p += length;
		right = parse_product(s);
		node = add_node(s, at, sign == '+' ? SENSE_OP_ADD : SENSE_OP_SUBTRACT, node, right,
				0);
	}
	return node;
}

int sense_expression_add_equation(struct sense_expression *e, const char *text, const char *where)
{
	struct parser s = { .e = e, .text = text, .p = text, .where = where };
	int left, right = -1;
	int error;

	if (strlen(text) > SENSE_EXPRESSION_MAX_TEXT)
		return sense_fail(E2BIG, where, "split the equation",
				  "the equation is longer than %d bytes",
				  SENSE_EXPRESSION_MAX_TEXT);
	error = grow(&e->equations, sizeof(*e->equations), e->equation_count,
		     SENSE_EXPRESSION_MAX_EQUATIONS);
	if (error)
		return sense_fail(-error, where, "split the model",
				  "there are more than %d equations",
				  SENSE_EXPRESSION_MAX_EQUATIONS);
	s.equation = (int)e->equation_count;
	e->equations[e->equation_count].text = strdup(text);
	if (!e->equations[e->equation_count].text)
		return sense_fail(ENOMEM, where, NULL, "there is no memory for equations");
	e->equations[e->equation_count].first = (int)e->parsed_count;
	e->equation_count++;

	left = parse_sum(&s);
	if (!s.error) {
		skip_space(&s);
		if (*s.p == '=') {
			s.p += s.p[1] == '=' ? 2 : 1;
			right = parse_sum(&s);
			skip_space(&s);
		}
	}
	if (!s.error && *s.p)
		complain(&s, s.p, "write * between factors; an equation has one =",
			 "an operator is missing");
	if (!s.error && right < 0) {
		/* No "=": the text is the value of y. */
		int y = find_symbol(e, "y", 1);

		right = left;
		if (y < 0)
			y = add_symbol(e, "y", 1);
		if (y < 0)
			return sense_fail(-y, where, "split the model", "there are too many names");
		left = add_node(&s, text, SENSE_OP_SYMBOL, y, -1, 0);
	}
	if (s.error) {
		e->parsed_count = (unsigned int)e->equations[--e->equation_count].first;
		free(e->equations[e->equation_count].text);
		return s.error;
	}
	e->equations[s.equation].left = left;
	e->equations[s.equation].right = right;
	return 0;
}
