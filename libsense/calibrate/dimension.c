// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/dimension.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define WHOLE 12

static const struct atom {
	const char *name;
	signed char m, kg, s, a, k, mol, cd;
	double scale;
	bool prefix;
} atoms[] = {
	{ "m", 1, 0, 0, 0, 0, 0, 0, 1, true },
	{ "g", 0, 1, 0, 0, 0, 0, 0, 1e-3, true },
	{ "s", 0, 0, 1, 0, 0, 0, 0, 1, true },
	{ "A", 0, 0, 0, 1, 0, 0, 0, 1, true },
	{ "K", 0, 0, 0, 0, 1, 0, 0, 1, true },
	{ "mol", 0, 0, 0, 0, 0, 1, 0, 1, true },
	{ "cd", 0, 0, 0, 0, 0, 0, 1, 1, true },
	{ "degC", 0, 0, 0, 0, 1, 0, 0, 1, false },
	{ "Cel", 0, 0, 0, 0, 1, 0, 0, 1, true },
	{ "\xc2\xb0\x43", 0, 0, 0, 0, 1, 0, 0, 1, true },
	{ "Hz", 0, 0, -1, 0, 0, 0, 0, 1, true },
	{ "N", 1, 1, -2, 0, 0, 0, 0, 1, true },
	{ "Pa", -1, 1, -2, 0, 0, 0, 0, 1, true },
	{ "J", 2, 1, -2, 0, 0, 0, 0, 1, true },
	{ "W", 2, 1, -3, 0, 0, 0, 0, 1, true },
	{ "C", 0, 0, 1, 1, 0, 0, 0, 1, true },
	{ "V", 2, 1, -3, -1, 0, 0, 0, 1, true },
	{ "F", -2, -1, 4, 2, 0, 0, 0, 1, true },
	{ "ohm", 2, 1, -3, -2, 0, 0, 0, 1, true },
	{ "Ohm", 2, 1, -3, -2, 0, 0, 0, 1, true },
	{ "\xce\xa9", 2, 1, -3, -2, 0, 0, 0, 1, true },
	{ "\xe2\x84\xa6", 2, 1, -3, -2, 0, 0, 0, 1, true },
	{ "S", -2, -1, 3, 2, 0, 0, 0, 1, true },
	{ "Wb", 2, 1, -2, -1, 0, 0, 0, 1, true },
	{ "T", 0, 1, -2, -1, 0, 0, 0, 1, true },
	{ "H", 2, 1, -2, -2, 0, 0, 0, 1, true },
	{ "lm", 0, 0, 0, 0, 0, 0, 1, 1, true },
	{ "lx", -2, 0, 0, 0, 0, 0, 1, 1, true },
	{ "Bq", 0, 0, -1, 0, 0, 0, 0, 1, true },
	{ "Gy", 2, 0, -2, 0, 0, 0, 0, 1, true },
	{ "Sv", 2, 0, -2, 0, 0, 0, 0, 1, true },
	{ "rad", 0, 0, 0, 0, 0, 0, 0, 1, true },
	{ "sr", 0, 0, 0, 0, 0, 0, 0, 1, false },
	{ "deg", 0, 0, 0, 0, 0, 0, 0, M_PI / 180, false },
	{ "\xc2\xb0", 0, 0, 0, 0, 0, 0, 0, M_PI / 180, false },
	{ "L", 3, 0, 0, 0, 0, 0, 0, 1e-3, true },
	{ "l", 3, 0, 0, 0, 0, 0, 0, 1e-3, true },
	{ "min", 0, 0, 1, 0, 0, 0, 0, 60, false },
	{ "h", 0, 0, 1, 0, 0, 0, 0, 3600, false },
	{ "d", 0, 0, 1, 0, 0, 0, 0, 86400, false },
	{ "day", 0, 0, 1, 0, 0, 0, 0, 86400, false },
	{ "a", 0, 0, 1, 0, 0, 0, 0, 31557600, false },
	{ "year", 0, 0, 1, 0, 0, 0, 0, 31557600, false },
	{ "t", 0, 1, 0, 0, 0, 0, 0, 1e3, false },
	{ "bar", -1, 1, -2, 0, 0, 0, 0, 1e5, true },
	{ "%", 0, 0, 0, 0, 0, 0, 0, 1e-2, false },
	{ "ppm", 0, 0, 0, 0, 0, 0, 0, 1e-6, false },
	{ "ppb", 0, 0, 0, 0, 0, 0, 0, 1e-9, false },
	{ "1", 0, 0, 0, 0, 0, 0, 0, 1, false },
};

static const struct {
	const char *name;
	double scale;
} prefixes[] = {
	{ "da", 1e1 },	      { "d", 1e-1 },	    { "c", 1e-2 }, { "m", 1e-3 },  { "u", 1e-6 },
	{ "\xc2\xb5", 1e-6 }, { "\xce\xbc", 1e-6 }, { "n", 1e-9 }, { "p", 1e-12 }, { "f", 1e-15 },
	{ "h", 1e2 },	      { "k", 1e3 },	    { "M", 1e6 },  { "G", 1e9 },   { "T", 1e12 },
};

static const struct atom *find_atom(const char *p, size_t length)
{
	for (size_t i = 0; i < sizeof(atoms) / sizeof(atoms[0]); i++)
		if (strlen(atoms[i].name) == length && strncmp(atoms[i].name, p, length) == 0)
			return &atoms[i];
	return NULL;
}

/* A unit's symbol as a whole comes before prefix and symbol: "min" is no milli-inch. */
static const struct atom *find_prefixed(const char *p, size_t length, double *scale)
{
	const struct atom *atom = find_atom(p, length);

	*scale = 1;
	if (atom)
		return atom;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t n = strlen(prefixes[i].name);

		if (length <= n || strncmp(prefixes[i].name, p, n) != 0)
			continue;
		atom = find_atom(p + n, length - n);
		if (atom && atom->prefix) {
			*scale = prefixes[i].scale;
			return atom;
		}
	}
	return NULL;
}

static void multiply(struct sense_dimension *u, const struct sense_dimension *by, int exponent)
{
	for (int i = 0; i < SENSE_DIMENSIONS; i++)
		u->power[i] += exponent * by->power[i];
	u->scale *= pow(by->scale, exponent);
}

/* Raised digits: 1 2 3 are Latin-1, the others and the minus U+2070 to U+207B. */
static bool raised(const char **p, int *digit)
{
	static const struct {
		const char *text;
		int digit;
	} signs[] = {
		{ "\xc2\xb9", 1 },     { "\xc2\xb2", 2 },      { "\xc2\xb3", 3 },
		{ "\xe2\x81\xb4", 4 }, { "\xe2\x81\xbb", -1 },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(*p, signs[i].text, strlen(signs[i].text)) == 0) {
			*p += strlen(signs[i].text);
			*digit = signs[i].digit;
			return true;
		}
	return false;
}

static bool parse_exponent(const char **p, int *exponent)
{
	int sign = 1, digit;

	*exponent = 1;
	if (raised(p, &digit)) {
		if (digit == -1) {
			sign = -1;
			if (!raised(p, &digit) || digit == -1)
				return false;
		}
		*exponent = sign * digit;
		return true;
	}
	if (**p == '^')
		(*p)++;
	if (**p == '-' || **p == '+')
		sign = *(*p)++ == '-' ? -1 : 1;
	else if (!isdigit((unsigned char)**p))
		return (*p)[-1] != '^';
	if (!isdigit((unsigned char)**p))
		return false;
	*exponent = sign * (**p - '0');
	(*p)++;
	return !isdigit((unsigned char)**p);
}

static size_t separator(const char *p)
{
	if (*p == ' ' || *p == '*' || *p == '.')
		return 1;
	return strncmp(p, "\xc2\xb7", 2) == 0 || strncmp(p, "\xe2\x8b\x85", 3) == 0 ?
		       strlen("\xc2\xb7") :
		       0;
}

static size_t symbol_length(const char *p)
{
	size_t n = 0;
	const char *q;
	int digit;

	if (*p == '%' || (*p == '1' && !isdigit((unsigned char)p[1])))
		return 1;
	while (n < 32 && p[n]) {
		q = p + n;
		if (separator(q) || raised(&q, &digit))
			break;
		if (!isalpha((unsigned char)p[n]) && (unsigned char)p[n] < 0x80)
			break;
		n++;
	}
	return n;
}

/* A product: factors up to the end or a closing parenthesis. */
static bool parse_product(const char **p, struct sense_dimension *u, int depth)
{
	bool divide = false;

	for (;;) {
		struct sense_dimension factor = { .known = true, .scale = 1 };
		int exponent = 1;

		while (separator(*p))
			*p += separator(*p);
		if (**p == '(') {
			(*p)++;
			if (depth > 4 || !parse_product(p, &factor, depth + 1) || **p != ')')
				return false;
			(*p)++;
			if (!parse_exponent(p, &exponent))
				return false;
		} else {
			size_t length = symbol_length(*p);
			double scale;
			const struct atom *a = length ? find_prefixed(*p, length, &scale) : NULL;

			if (!a)
				return false;
			factor = (struct sense_dimension){
				true,
				{ a->m * WHOLE, a->kg * WHOLE, a->s * WHOLE, a->a * WHOLE,
				  a->k * WHOLE, a->mol * WHOLE, a->cd * WHOLE },
				a->scale * scale
			};
			*p += length;
			if (!parse_exponent(p, &exponent))
				return false;
		}
		multiply(u, &factor, divide ? -exponent : exponent);
		while (**p == ' ')
			(*p)++;
		if (!**p || **p == ')')
			return true;
		divide = **p == '/';
		if (divide)
			(*p)++;
	}
}

struct sense_dimension sense_dimension_parse(const char *text)
{
	struct sense_dimension u = { .known = true, .scale = 1 };
	const char *p = text ? text : "";

	if (strlen(p) > 64 || !parse_product(&p, &u, 0) || *p)
		return (struct sense_dimension){ 0 };
	return u;
}

bool sense_dimension_alike(const struct sense_dimension *a, const struct sense_dimension *b)
{
	return memcmp(a->power, b->power, sizeof(a->power)) == 0;
}

bool sense_dimension_fits(const struct sense_dimension *a, const struct sense_dimension *b)
{
	if (!a->known || !b->known)
		return true;
	return sense_dimension_alike(a, b) && fabs(a->scale / b->scale - 1) < 1e-9;
}

/* ---- checking equations ------------------------------------------ */

/* What is known of a node, and a name to call it by: the input that it got its unit from. */
struct told {
	struct sense_dimension unit;
	const char *text;
	const char *name;
	bool literal;
};

struct checker {
	const struct sense_expression *e;
	struct told *told;
	const char *where;
};

static int mismatch(const struct checker *c, const struct sense_node *n, const struct told *a,
		    const struct told *b)
{
	return sense_fail(EINVAL, c->where,
			  "convert one of them in the equation, or correct the unit of an input",
			  "units do not fit at character %d of '%.120s': a term in %s%s%s%s is "
			  "combined with one in %s%s%s%s",
			  n->position, sense_expression_text(c->e, n->equation),
			  a->text ? a->text : "another unit", a->name ? " (of " : "",
			  a->name ? a->name : "", a->name ? ")" : "",
			  b->text ? b->text : "another unit", b->name ? " (of " : "",
			  b->name ? b->name : "", b->name ? ")" : "");
}

/* Written out when no input's text serves: "kg2 m-1". */
static const char *spell(const struct sense_dimension *u)
{
	static const char *const names[] = { "m", "kg", "s", "A", "K", "mol", "cd" };
	static _Thread_local char text[2][96];
	static _Thread_local int turn;
	char *t = text[turn ^= 1];
	size_t n = 0;

	t[0] = '\0';
	if (fabs(u->scale - 1) > 1e-12)
		n = (size_t)snprintf(t, 96, "%.6g ", u->scale);
	for (int i = 0; i < SENSE_DIMENSIONS; i++)
		if (u->power[i])
			n += (size_t)snprintf(t + n, 96 - n, "%s%s%.3g",
					      n && t[n - 1] != ' ' ? " " : "", names[i],
					      (double)u->power[i] / WHOLE);
	return n ? t : "1 (no unit)";
}

static int check_sum(struct checker *c, const struct sense_node *n, struct told *r)
{
	struct told a = c->told[n->a], b = c->told[n->b];

	if (!sense_dimension_fits(&a.unit, &b.unit)) {
		/* A bare number beside a quantity is 1 + a t or a mistake; only the first fits. */
		if (!a.text)
			a.text = spell(&a.unit);
		if (!b.text)
			b.text = spell(&b.unit);
		return mismatch(c, n, &a, &b);
	}
	*r = a.unit.known ? a : b;
	return 0;
}

static void combine(struct checker *c, const struct sense_node *n, struct told *r)
{
	const struct told *a = &c->told[n->a], *b = &c->told[n->b];

	if (a->literal && b->literal) {
		r->literal = true;
		return;
	}
	if (!a->unit.known || !b->unit.known)
		return;
	r->unit = a->unit;
	multiply(&r->unit, &b->unit, n->op == SENSE_OP_MULTIPLY ? 1 : -1);
}

static void raise_to(struct checker *c, const struct sense_node *n, double exponent, struct told *r)
{
	const struct told *a = &c->told[n->a];
	double twelfths = exponent * WHOLE;

	if (!a->unit.known || fabs(exponent) > 12 || twelfths != floor(twelfths))
		return;
	r->unit = a->unit;
	for (int i = 0; i < SENSE_DIMENSIONS; i++) {
		int d = a->unit.power[i] * (int)twelfths;

		if (d % WHOLE) {
			r->unit.known = false;
			return;
		}
		r->unit.power[i] = d / WHOLE;
	}
	r->unit.scale = pow(a->unit.scale, exponent);
}

static int check_angle(struct checker *c, const struct sense_node *n)
{
	const struct told *a = &c->told[n->a];
	struct sense_dimension radian = { .known = true, .scale = 1 };

	if (sense_dimension_fits(&a->unit, &radian))
		return 0;
	return sense_fail(EINVAL, c->where, "give the angle in rad, or multiply it by pi/180",
			  "the angle at character %d of '%.120s' is in %s, functions take radians",
			  n->position, sense_expression_text(c->e, n->equation),
			  a->text ? a->text : spell(&a->unit));
}

static int check_node(struct checker *c, const struct sense_node *n, struct told *r)
{
	static const struct sense_dimension one = { .known = true, .scale = 1 };

	switch (n->op) {
	case SENSE_OP_CONSTANT:
		r->literal = true;
		return 0;
	case SENSE_OP_NEGATE:
	case SENSE_OP_ABS:
		*r = c->told[n->a];
		return 0;
	case SENSE_OP_ADD:
	case SENSE_OP_SUBTRACT:
	case SENSE_OP_MIN:
	case SENSE_OP_MAX:
		return check_sum(c, n, r);
	case SENSE_OP_MULTIPLY:
	case SENSE_OP_DIVIDE:
		combine(c, n, r);
		return 0;
	case SENSE_OP_SQRT:
		raise_to(c, n, 0.5, r);
		return 0;
	case SENSE_OP_POWER:
		if (sense_expression_node(c->e, (unsigned int)n->b)->op == SENSE_OP_CONSTANT)
			raise_to(c, n, sense_expression_node(c->e, (unsigned int)n->b)->constant,
				 r);
		return 0;
	case SENSE_OP_SIN:
	case SENSE_OP_COS:
	case SENSE_OP_TAN:
		r->unit = one;
		return check_angle(c, n);
	case SENSE_OP_ATAN2:
		r->unit = one;
		return check_sum(c, n, &(struct told){ 0 });
	case SENSE_OP_ASIN:
	case SENSE_OP_ACOS:
	case SENSE_OP_ATAN:
		r->unit = one;
		return 0;
	default:
		return 0;
	}
}

int sense_dimension_check(const struct sense_expression *e, const char *const *inputs,
			  unsigned int output_count, const int *nodes, const char *const *names,
			  const char *const *outputs, const char *where)
{
	unsigned int count = sense_expression_node_count(e);
	struct checker c = { .e = e, .where = where, .told = calloc(count + 1, sizeof(*c.told)) };
	int error = c.told ? 0 : sense_fail(ENOMEM, where, NULL, "there is no memory for units");

	for (unsigned int i = 0; i < count && !error; i++) {
		const struct sense_node *n = sense_expression_node(e, i);
		struct told *r = &c.told[i];

		if (n->op == SENSE_OP_INPUT) {
			r->unit = sense_dimension_parse(inputs[n->a]);
			r->text = inputs[n->a];
			r->name = sense_expression_input_name(e, (unsigned int)n->a);
		} else if (n->op == SENSE_OP_UNKNOWN) {
			for (unsigned int o = 0; o < output_count; o++)
				if (nodes[o] == (int)i) {
					r->unit = sense_dimension_parse(outputs[o]);
					r->text = outputs[o];
					r->name = names[o];
				}
		} else {
			error = check_node(&c, n, r);
		}
	}
	for (unsigned int o = 0; o < output_count && !error; o++) {
		const struct told *t = &c.told[nodes[o]];
		struct sense_dimension wanted = sense_dimension_parse(outputs[o]);

		if (!sense_dimension_fits(&t->unit, &wanted))
			error = sense_fail(EINVAL, where,
					   "convert it in the equation, or correct the unit of the "
					   "output or of an input",
					   "the output %s is declared in %s, the equation gives %s",
					   names[o], outputs[o],
					   t->text ? t->text : spell(&t->unit));
	}
	free(c.told);
	return error;
}
