/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expression.h - measurement models as equations over named quantities.
 *
 * Equations are read as text, explicit ("y = a*x + b") or implicit ("R0*(1+A*t) = W*RS"), in any
 * order, and joined into one acyclic graph of operations. What is neither an input nor defined by
 * an equation is an unknown, found by Newton's method from the implicit equations.
 *
 * Derivatives are exact: every operation also works on truncated Taylor series (degree 1 is a
 * dual number), following Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 13.
 *
 * Grammar: + - * / ^ (also **), parentheses, numbers, names, pi, and the functions sqrt exp log
 * (ln) log10 sin cos tan asin acos atan atan2 sinh cosh tanh abs pow min max. Angles are radians.
 */
#ifndef SENSE_CALIBRATE_EXPRESSION_H
#define SENSE_CALIBRATE_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

enum sense_operation {
	SENSE_OP_CONSTANT, SENSE_OP_INPUT, SENSE_OP_UNKNOWN, SENSE_OP_SYMBOL,
	SENSE_OP_NEGATE, SENSE_OP_ADD, SENSE_OP_SUBTRACT, SENSE_OP_MULTIPLY, SENSE_OP_DIVIDE,
	SENSE_OP_POWER, SENSE_OP_ATAN2, SENSE_OP_MIN, SENSE_OP_MAX,
	SENSE_OP_SQRT, SENSE_OP_EXP, SENSE_OP_LOG, SENSE_OP_LOG10, SENSE_OP_SIN, SENSE_OP_COS,
	SENSE_OP_TAN, SENSE_OP_ASIN, SENSE_OP_ACOS, SENSE_OP_ATAN, SENSE_OP_SINH, SENSE_OP_COSH,
	SENSE_OP_TANH, SENSE_OP_ABS,
};

/* One operation; operands stand before it. For leaves @a is the index of input or unknown. */
struct sense_node {
	enum sense_operation op;
	int a;
	int b;
	double constant;
	int equation;		/* where it was written: for messages */
	int position;
};

/* Limits that keep hostile input cheap. */
#define SENSE_EXPRESSION_MAX_TEXT	65536
#define SENSE_EXPRESSION_MAX_NODES	20000
#define SENSE_EXPRESSION_MAX_DEPTH	100
#define SENSE_EXPRESSION_MAX_SYMBOLS	2000
#define SENSE_EXPRESSION_MAX_EQUATIONS	256
#define SENSE_EXPRESSION_MAX_UNKNOWNS	16
/* Highest degree of a Taylor series, and how many trials a block evaluates at once. */
#define SENSE_TAYLOR_MAX		3
#define SENSE_BLOCK			128

struct sense_expression;

struct sense_expression *sense_expression_new(void);
void sense_expression_free(struct sense_expression *expression);

/* Declare an input. Its index, -EINVAL for a name that is none, -EEXIST, -E2BIG. */
int sense_expression_add_input(struct sense_expression *expression, const char *name);

/* Is this text a name an equation can use? */
bool sense_expression_is_name(const char *name);

/*
 * Read one equation. @where ("file:line") is the object of errors, which give the position in
 * characters from 1. A text without "=" defines "y". 0, -EINVAL, -E2BIG.
 */
int sense_expression_add_equation(struct sense_expression *expression, const char *text,
				  const char *where);

/* Join the equations once all are there. 0; -EINVAL when unknowns and equations do not match. */
int sense_expression_resolve(struct sense_expression *expression, const char *where);

/* After resolving. The node that holds a name's value, or -ENOENT. */
int sense_expression_find(const struct sense_expression *expression, const char *name);
/*
 * The outputs when nobody names them: what is defined and that no other equation uses, else the
 * unknowns. Returns how many; names are borrowed.
 */
unsigned int sense_expression_outputs(const struct sense_expression *expression,
				      const char **names, unsigned int max);

unsigned int sense_expression_node_count(const struct sense_expression *expression);
const struct sense_node *sense_expression_node(const struct sense_expression *expression,
					       unsigned int index);
unsigned int sense_expression_input_count(const struct sense_expression *expression);
unsigned int sense_expression_unknown_count(const struct sense_expression *expression);
const char *sense_expression_input_name(const struct sense_expression *expression, unsigned int i);
const char *sense_expression_unknown_name(const struct sense_expression *expression,
					  unsigned int i);
/* Does any equation use this input? */
bool sense_expression_uses(const struct sense_expression *expression, unsigned int input);
/* The node that must be 0 for unknown equation @i. */
int sense_expression_residual(const struct sense_expression *expression, unsigned int i);
/* The text of an equation, for messages. */
const char *sense_expression_text(const struct sense_expression *expression, int equation);

/*
 * Evaluation. @x: inputs; @z: unknowns; @v: one place per node. Pure: any number of threads may
 * evaluate one expression with places of their own.
 */
void sense_expression_evaluate(const struct sense_expression *expression, const double *x,
			       const double *z, double *v);

/*
 * Taylor series along a line: input i is x[i] + dx[i] s. @z: degree + 1 coefficients per unknown,
 * @v: degree + 1 coefficients per node, lowest first.
 */
void sense_expression_taylor(const struct sense_expression *expression, unsigned int degree,
			     const double *x, const double *dx, const double *z, double *v);

/*
 * Find the unknowns: z holds the start when @warm, else starts are tried. @v: 2 places per node.
 * 0, or -EDOM (no message: the caller knows what it was doing).
 */
int sense_expression_solve(const struct sense_expression *expression, const double *x, double *z,
			   bool warm, double *v);

/*
 * As sense_expression_taylor() with the unknowns' series solved too, @z (values) given by
 * sense_expression_solve(). 0, or -EDOM when the implicit equations' Jacobian is singular.
 */
int sense_expression_taylor_solved(const struct sense_expression *expression, unsigned int degree,
				   const double *x, const double *dx, const double *z, double *v);

/*
 * Evaluate SENSE_BLOCK trials at once, without unknowns: x[i * SENSE_BLOCK + lane] and
 * v[node * SENSE_BLOCK + lane].
 */
void sense_expression_block(const struct sense_expression *expression, const double *x, double *v);

/* Say which operation gave no finite value at x, z: fails with -EDOM and a sentence. */
int sense_expression_explain(const struct sense_expression *expression, const double *x,
			     const double *z, double *v, const char *where);

#endif
