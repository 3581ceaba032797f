// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression-evaluate.c - values, Taylor series and blocks of trials of a resolved graph.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/expression-graph.h"

static inline double apply(const struct sense_node *n, double a, double b)
{
	switch (n->op) {
	case SENSE_OP_NEGATE:
		return -a;
	case SENSE_OP_ADD:
		return a + b;
	case SENSE_OP_SUBTRACT:
		return a - b;
	case SENSE_OP_MULTIPLY:
		return a * b;
	case SENSE_OP_DIVIDE:
		return a / b;
	case SENSE_OP_POWER:
		return b == 2 ? a * a : pow(a, b);
	case SENSE_OP_ATAN2:
		return atan2(a, b);
	case SENSE_OP_MIN:
		return a < b || isnan(a) ? a : b;
	case SENSE_OP_MAX:
		return a > b || isnan(a) ? a : b;
	case SENSE_OP_SQRT:
		return sqrt(a);
	case SENSE_OP_EXP:
		return exp(a);
	case SENSE_OP_LOG:
		return log(a);
	case SENSE_OP_LOG10:
		return log10(a);
	case SENSE_OP_SIN:
		return sin(a);
	case SENSE_OP_COS:
		return cos(a);
	case SENSE_OP_TAN:
		return tan(a);
	case SENSE_OP_ASIN:
		return asin(a);
	case SENSE_OP_ACOS:
		return acos(a);
	case SENSE_OP_ATAN:
		return atan(a);
	case SENSE_OP_SINH:
		return sinh(a);
	case SENSE_OP_COSH:
		return cosh(a);
	case SENSE_OP_TANH:
		return tanh(a);
	case SENSE_OP_ABS:
		return fabs(a);
	default:
		return NAN;
	}
}

void sense_expression_evaluate(const struct sense_expression *e, const double *x, const double *z,
			       double *v)
{
	for (unsigned int i = 0; i < e->node_count; i++) {
		const struct sense_node *n = &e->nodes[i];

		if (n->op == SENSE_OP_CONSTANT)
			v[i] = n->constant;
		else if (n->op == SENSE_OP_INPUT)
			v[i] = x[n->a];
		else if (n->op == SENSE_OP_UNKNOWN)
			v[i] = z[n->a];
		else
			v[i] = apply(n, v[n->a], n->b >= 0 ? v[n->b] : 0);
	}
}

#define LANES(expression)                             \
	do {                                          \
		for (int l = 0; l < SENSE_BLOCK; l++) \
			r[l] = (expression);          \
	} while (0)

void sense_expression_block(const struct sense_expression *e, const double *x, double *v)
{
	for (unsigned int i = 0; i < e->node_count; i++) {
		const struct sense_node *n = &e->nodes[i];
		double *restrict r = v + (size_t)i * SENSE_BLOCK;
		const double *a, *b;

		if (n->op == SENSE_OP_CONSTANT) {
			LANES(n->constant);
			continue;
		}
		if (n->op == SENSE_OP_INPUT) {
			memcpy(r, x + (size_t)n->a * SENSE_BLOCK, SENSE_BLOCK * sizeof(*r));
			continue;
		}
		if (n->op == SENSE_OP_UNKNOWN) {
			LANES(NAN);
			continue;
		}
		a = v + (size_t)n->a * SENSE_BLOCK;
		b = n->b >= 0 ? v + (size_t)n->b * SENSE_BLOCK : a;
		switch (n->op) {
		case SENSE_OP_ADD:
			LANES(a[l] + b[l]);
			break;
		case SENSE_OP_SUBTRACT:
			LANES(a[l] - b[l]);
			break;
		case SENSE_OP_MULTIPLY:
			LANES(a[l] * b[l]);
			break;
		case SENSE_OP_DIVIDE:
			LANES(a[l] / b[l]);
			break;
		default:
			LANES(apply(n, a[l], b[l]));
			break;
		}
	}
}

/* ---- Taylor series: u, v, w are arrays of d + 1 coefficients ----- */

static void series_multiply(unsigned int d, const double *u, const double *v, double *w)
{
	for (unsigned int k = 0; k <= d; k++) {
		w[k] = 0;
		for (unsigned int j = 0; j <= k; j++)
			w[k] += u[j] * v[k - j];
	}
}

static void series_divide(unsigned int d, const double *u, const double *v, double *w)
{
	for (unsigned int k = 0; k <= d; k++) {
		w[k] = u[k];
		for (unsigned int j = 0; j < k; j++)
			w[k] -= w[j] * v[k - j];
		w[k] /= v[0];
	}
}

/* w = f(u) where w' = g(u) u': w[0] is there, g is a series of degree d - 1 at least. */
static void series_integrate(unsigned int d, const double *u, const double *g, double *w)
{
	for (unsigned int k = 1; k <= d; k++) {
		w[k] = 0;
		for (unsigned int j = 1; j <= k; j++)
			w[k] += j * u[j] * g[k - j];
		w[k] /= k;
	}
}

static void series_sqrt(unsigned int d, const double *u, double *w)
{
	w[0] = sqrt(u[0]);
	for (unsigned int k = 1; k <= d; k++) {
		w[k] = u[k];
		for (unsigned int j = 1; j < k; j++)
			w[k] -= w[j] * w[k - j];
		/* What does not move has no slope to divide: sqrt of an exact 0 is 0. */
		w[k] = w[k] == 0 ? 0 : w[k] / (2 * w[0]);
	}
}

static void series_exp(unsigned int d, const double *u, double *w)
{
	w[0] = exp(u[0]);
	for (unsigned int k = 1; k <= d; k++) {
		w[k] = 0;
		for (unsigned int j = 1; j <= k; j++)
			w[k] += j * u[j] * w[k - j];
		w[k] /= k;
	}
}

static void series_log(unsigned int d, const double *u, double *w)
{
	w[0] = log(u[0]);
	for (unsigned int k = 1; k <= d; k++) {
		w[k] = k * u[k];
		for (unsigned int j = 1; j < k; j++)
			w[k] -= j * w[j] * u[k - j];
		w[k] /= k * u[0];
	}
}

/* s = sin u, c = cos u; hyperbolic with sign +1 instead of -1. */
static void series_sincos(unsigned int d, const double *u, double sign, double *s, double *c)
{
	s[0] = sign < 0 ? sin(u[0]) : sinh(u[0]);
	c[0] = sign < 0 ? cos(u[0]) : cosh(u[0]);
	for (unsigned int k = 1; k <= d; k++) {
		s[k] = c[k] = 0;
		for (unsigned int j = 1; j <= k; j++) {
			s[k] += j * u[j] * c[k - j];
			c[k] += sign * j * u[j] * s[k - j];
		}
		s[k] /= k;
		c[k] /= k;
	}
}

/* w' = (1 + sign w^2) u': tan with +1, tanh with -1. */
static void series_tan(unsigned int d, const double *u, double sign, double *w)
{
	double g[SENSE_TAYLOR_MAX + 1];

	w[0] = sign > 0 ? tan(u[0]) : tanh(u[0]);
	for (unsigned int k = 1; k <= d; k++) {
		series_multiply(k - 1, w, w, g);
		for (unsigned int j = 0; j < k; j++)
			g[j] *= sign;
		g[0] += 1;
		w[k] = 0;
		for (unsigned int j = 1; j <= k; j++)
			w[k] += j * u[j] * g[k - j];
		w[k] /= k;
	}
}

static void series_inverse_trigonometric(unsigned int d, enum sense_operation op, const double *u,
					 double *w)
{
	double one[SENSE_TAYLOR_MAX + 1] = { 1 };
	double square[SENSE_TAYLOR_MAX + 1], root[SENSE_TAYLOR_MAX + 1], g[SENSE_TAYLOR_MAX + 1];

	series_multiply(d, u, u, square);
	if (op == SENSE_OP_ATAN) {
		w[0] = atan(u[0]);
		square[0] += 1;
		series_divide(d, one, square, g);
	} else {
		w[0] = op == SENSE_OP_ASIN ? asin(u[0]) : acos(u[0]);
		for (unsigned int k = 0; k <= d; k++)
			square[k] = -square[k];
		square[0] += 1;
		series_sqrt(d, square, root);
		one[0] = op == SENSE_OP_ASIN ? 1 : -1;
		series_divide(d, one, root, g);
	}
	series_integrate(d, u, g, w);
}

/* atan2(y, x)' = (x y' - y x') / (x^2 + y^2) */
static void series_atan2(unsigned int d, const double *y, const double *x, double *w)
{
	double p[SENSE_TAYLOR_MAX + 1] = { 0 };
	double q[SENSE_TAYLOR_MAX + 1], t[SENSE_TAYLOR_MAX + 1], g[SENSE_TAYLOR_MAX + 1];

	w[0] = atan2(y[0], x[0]);
	if (d == 0)
		return;
	for (unsigned int k = 0; k < d; k++)
		for (unsigned int j = 0; j <= k; j++)
			p[k] += x[j] * (k - j + 1) * y[k - j + 1] -
				y[j] * (k - j + 1) * x[k - j + 1];
	series_multiply(d - 1, x, x, q);
	series_multiply(d - 1, y, y, t);
	for (unsigned int k = 0; k < d; k++)
		q[k] += t[k];
	series_divide(d - 1, p, q, g);
	for (unsigned int k = 1; k <= d; k++)
		w[k] = g[k - 1] / k;
}

static bool is_constant(unsigned int d, const double *u)
{
	for (unsigned int k = 1; k <= d; k++)
		if (u[k] != 0)
			return false;
	return true;
}

static void series_power(unsigned int d, const double *u, const double *v, double *w)
{
	double a = v[0];

	w[0] = pow(u[0], a);
	if (!is_constant(d, v)) {
		double l[SENSE_TAYLOR_MAX + 1], t[SENSE_TAYLOR_MAX + 1];

		series_log(d, u, l);
		series_multiply(d, v, l, t);
		series_exp(d, t, w);
		w[0] = pow(u[0], a);
		return;
	}
	if (a == floor(a) && a >= 0 && a <= 16) {
		/* Whole powers are products, so that 0 and negative numbers are in their domain. */
		double t[SENSE_TAYLOR_MAX + 1];

		memset(w, 0, (d + 1) * sizeof(*w));
		w[0] = 1;
		for (int i = 0; i < (int)a; i++) {
			series_multiply(d, w, u, t);
			memcpy(w, t, (d + 1) * sizeof(*w));
		}
		return;
	}
	for (unsigned int k = 1; k <= d; k++) {
		w[k] = 0;
		for (unsigned int j = 1; j <= k; j++)
			w[k] += (a * j - (double)(k - j)) * u[j] * w[k - j];
		w[k] = w[k] == 0 && u[0] == 0 && is_constant(d, u) ? 0 : w[k] / (k * u[0]);
	}
}

static void series_apply(const struct sense_node *n, unsigned int d, const double *a,
			 const double *b, double *w)
{
	double t[SENSE_TAYLOR_MAX + 1];
	bool left;

	switch (n->op) {
	case SENSE_OP_NEGATE:
		for (unsigned int k = 0; k <= d; k++)
			w[k] = -a[k];
		break;
	case SENSE_OP_ADD:
		for (unsigned int k = 0; k <= d; k++)
			w[k] = a[k] + b[k];
		break;
	case SENSE_OP_SUBTRACT:
		for (unsigned int k = 0; k <= d; k++)
			w[k] = a[k] - b[k];
		break;
	case SENSE_OP_MULTIPLY:
		series_multiply(d, a, b, w);
		break;
	case SENSE_OP_DIVIDE:
		series_divide(d, a, b, w);
		break;
	case SENSE_OP_POWER:
		series_power(d, a, b, w);
		break;
	case SENSE_OP_ATAN2:
		series_atan2(d, a, b, w);
		break;
	case SENSE_OP_MIN:
	case SENSE_OP_MAX:
		left = n->op == SENSE_OP_MIN ? a[0] < b[0] : a[0] > b[0];
		memcpy(w, left || isnan(a[0]) ? a : b, (d + 1) * sizeof(*w));
		/* At the kink there is no derivative, unless both sides agree. */
		for (unsigned int k = 1; k <= d && a[0] == b[0]; k++)
			w[k] = a[k] == b[k] ? a[k] : NAN;
		break;
	case SENSE_OP_ABS:
		w[0] = fabs(a[0]);
		for (unsigned int k = 1; k <= d; k++)
			w[k] = a[0] > 0 || a[k] == 0 ? a[k] : a[0] < 0 ? -a[k] : NAN;
		break;
	case SENSE_OP_SQRT:
		series_sqrt(d, a, w);
		break;
	case SENSE_OP_EXP:
		series_exp(d, a, w);
		break;
	case SENSE_OP_LOG:
		series_log(d, a, w);
		break;
	case SENSE_OP_LOG10:
		series_log(d, a, w);
		for (unsigned int k = 1; k <= d; k++)
			w[k] /= M_LN10;
		w[0] = log10(a[0]);
		break;
	case SENSE_OP_SIN:
		series_sincos(d, a, -1, w, t);
		break;
	case SENSE_OP_COS:
		series_sincos(d, a, -1, t, w);
		break;
	case SENSE_OP_SINH:
		series_sincos(d, a, 1, w, t);
		break;
	case SENSE_OP_COSH:
		series_sincos(d, a, 1, t, w);
		break;
	case SENSE_OP_TAN:
		series_tan(d, a, 1, w);
		break;
	case SENSE_OP_TANH:
		series_tan(d, a, -1, w);
		break;
	case SENSE_OP_ASIN:
	case SENSE_OP_ACOS:
	case SENSE_OP_ATAN:
		series_inverse_trigonometric(d, n->op, a, w);
		break;
	default:
		for (unsigned int k = 0; k <= d; k++)
			w[k] = NAN;
		break;
	}
}

void sense_expression_taylor(const struct sense_expression *e, unsigned int d, const double *x,
			     const double *dx, const double *z, double *v)
{
	for (unsigned int i = 0; i < e->node_count; i++) {
		const struct sense_node *n = &e->nodes[i];
		double *w = v + (size_t)i * (d + 1);

		if (n->op == SENSE_OP_CONSTANT || n->op == SENSE_OP_INPUT) {
			memset(w, 0, (d + 1) * sizeof(*w));
			w[0] = n->op == SENSE_OP_CONSTANT ? n->constant : x[n->a];
			if (n->op == SENSE_OP_INPUT && d > 0)
				w[1] = dx ? dx[n->a] : 0;
		} else if (n->op == SENSE_OP_UNKNOWN) {
			memcpy(w, z + (size_t)n->a * (d + 1), (d + 1) * sizeof(*w));
		} else {
			series_apply(n, d, v + (size_t)n->a * (d + 1),
				     v + (size_t)(n->b >= 0 ? n->b : n->a) * (d + 1), w);
		}
	}
}

int sense_expression_explain(const struct sense_expression *e, const double *x, const double *z,
			     double *v, const char *where)
{
	static const char *const what[] = {
		[SENSE_OP_DIVIDE] = "a division by 0",
		[SENSE_OP_POWER] = "a power",
		[SENSE_OP_SQRT] = "a square root",
		[SENSE_OP_EXP] = "exp",
		[SENSE_OP_LOG] = "a logarithm",
		[SENSE_OP_LOG10] = "a logarithm",
		[SENSE_OP_TAN] = "tan",
		[SENSE_OP_ASIN] = "asin",
		[SENSE_OP_ACOS] = "acos",
		[SENSE_OP_SINH] = "sinh",
		[SENSE_OP_COSH] = "cosh",
		[SENSE_OP_ABS] = NULL,
	};

	sense_expression_evaluate(e, x, z, v);
	for (unsigned int i = 0; i < e->node_count; i++) {
		const struct sense_node *n = &e->nodes[i];

		if (isfinite(v[i]) || n->op < SENSE_OP_SYMBOL)
			continue;
		return sense_fail(EDOM, where, "look at the inputs' values and units",
				  "%s at character %d of '%.120s' has no finite value there (its "
				  "operand is %.9g)",
				  what[n->op] ? what[n->op] : "a sum or product", n->position,
				  sense_expression_text(e, n->equation),
				  v[n->op == SENSE_OP_DIVIDE ? n->b : n->a]);
	}
	return sense_fail(
		EDOM, where,
		"use --monte-carlo, or write the equation without abs, min, max or sqrt of 0 there",
		"the equation cannot be differentiated at the inputs' values");
}
