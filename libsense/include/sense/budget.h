/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * budget.h - uncertainty budgets: GUM (JCGM 100:2008) and its Supplement 1 (JCGM 101:2008).
 *
 * A budget is equations over inputs, what is known of each input, and their correlations. It is
 * written as a YAML file (Documentation/budgets.md) or built by calls, and evaluated: to first
 * order (GUM clause 5, effective degrees of freedom by G.4), and by Monte Carlo when asked for.
 * Every number is in the unit its quantity declares; angles in functions are radians.
 */
#ifndef SENSE_BUDGET_H
#define SENSE_BUDGET_H

#include <stdbool.h>

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** What is known of an input: GUM-S1 table 1. */
enum sense_distribution_kind {
	SENSE_DISTRIBUTION_NORMAL,
	SENSE_DISTRIBUTION_T, /**< scaled and shifted, with the input's dof */
	SENSE_DISTRIBUTION_RECTANGULAR,
	SENSE_DISTRIBUTION_TRIANGULAR,
	SENSE_DISTRIBUTION_ARCSINE, /**< U-shaped */
	SENSE_DISTRIBUTION_TRAPEZOIDAL, /**< shape: top over base, 0 to 1 */
	SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID, /**< shape: doubt of the limits over half-width */
	SENSE_DISTRIBUTION_EXPONENTIAL, /**< positive, value is the mean */
	SENSE_DISTRIBUTION_GAMMA, /**< shape: counted events + 1 */
};

/** sense_distribution_get_name() - "normal", "t", "rectangular" ... Static string. */
SENSE_API const char *sense_distribution_get_name(enum sense_distribution_kind kind);

struct sense_budget;

/**
 * sense_budget_load() / sense_budget_parse() - read a budget file. Owned; sense_budget_free().
 * NULL with an error whose object is "file:line" and whose sentence names the key.
 * @name: what to call the text in errors; files a text refers to are sought beside a loaded file.
 */
SENSE_API struct sense_budget *sense_budget_load(const char *path);
SENSE_API struct sense_budget *sense_budget_parse(const char *name, const char *text,
						  size_t length);

/** sense_budget_new() - an empty budget to build by calls. Owned. */
SENSE_API struct sense_budget *sense_budget_new(const char *name);
SENSE_API void sense_budget_free(struct sense_budget *budget);

/** One input, for sense_budget_add_input(). */
struct sense_budget_input {
	const char *name; /**< as in the equations; "x.part" adds an uncertain part to input x */
	const char *unit; /**< "degC", "mV/V" ...; "1" for none; NULL or "" when not told */
	double value; /**< best estimate, in @unit */
	double u; /**< standard uncertainty, in @unit, >= 0 */
	double dof; /**< degrees of freedom >= 1; INFINITY when u is taken as exact */
	enum sense_distribution_kind distribution;
	double shape; /**< where the distribution has one, else 0 */
};

/** sense_budget_add_input() - 0; -EINVAL (name, negative u, dof, shape), -EEXIST. Copied. */
SENSE_API int sense_budget_add_input(struct sense_budget *budget,
				     const struct sense_budget_input *input);

/** sense_budget_add_equation() - "y = a*x", "R0*(1+A*t) = R". 0; -EINVAL with the position. */
SENSE_API int sense_budget_add_equation(struct sense_budget *budget, const char *text);

/**
 * sense_budget_add_output() - which quantity is wanted, in which unit (NULL: not told). Without
 * any, what no other equation uses. @start: near which solution of an implicit equation; NAN: any.
 */
SENSE_API int sense_budget_add_output(struct sense_budget *budget, const char *name,
				      const char *unit, double start);

/** sense_budget_set_correlation() - -1 <= r <= 1 between two inputs. 0, -ENOENT, -EINVAL. */
SENSE_API int sense_budget_set_correlation(struct sense_budget *budget, const char *a,
					   const char *other, double r);

/** sense_budget_set_probability() - coverage probability, 0 < p < 1 (0.95). Takes k back. */
SENSE_API int sense_budget_set_probability(struct sense_budget *budget, double p);
/** sense_budget_set_coverage_factor() - a fixed k > 0 in place of the one from p and dof. */
SENSE_API int sense_budget_set_coverage_factor(struct sense_budget *budget, double k);

/** Trials: as many as the numerical tolerance needs (GUM-S1 7.9). */
#define SENSE_BUDGET_ADAPTIVE UINT64_MAX

/**
 * sense_budget_set_trials() - evaluate by Monte Carlo too. @trials: 0 none, a number (100 to 100
 * million), or SENSE_BUDGET_ADAPTIVE. 0, -EINVAL.
 */
SENSE_API int sense_budget_set_trials(struct sense_budget *budget, uint64_t trials);
/** sense_budget_set_seed() - the result depends on it alone, never on how many threads work. */
SENSE_API void sense_budget_set_seed(struct sense_budget *budget, uint64_t seed);
/** sense_budget_set_threads() - how many threads Monte Carlo uses; 0: one per processor. */
SENSE_API void sense_budget_set_threads(struct sense_budget *budget, unsigned int threads);

/** Title of the file, "" for none. Borrowed. */
SENSE_API const char *sense_budget_get_title(const struct sense_budget *budget);

struct sense_budget_result;

/**
 * sense_budget_evaluate() - the result. The budget is not changed; several threads may evaluate
 * one budget. Owned; sense_budget_result_free(). NULL with an error: an equation that names an
 * unknown quantity, that does not solve or has no value; a correlation matrix that is not positive.
 */
SENSE_API struct sense_budget_result *sense_budget_evaluate(const struct sense_budget *budget);
SENSE_API void sense_budget_result_free(struct sense_budget_result *result);

/** What Monte Carlo found for an output. */
struct sense_budget_monte_carlo {
	double mean;
	double u;
	double lower; /**< the interval the budget asks for: by default the one with */
	double upper; /**< equal probability on both sides (GUM-S1 5.3.3) */
	double shortest_lower; /**< the shortest one (5.3.4) */
	double shortest_upper;
	uint64_t trials;
	uint64_t seed;
	bool converged; /**< adaptive: the tolerance was reached; else true */
};

/** One output. Strings are borrowed from the result. */
struct sense_budget_output {
	const char *name;
	const char *unit; /**< "" when not told */
	double value; /**< at the inputs' best estimates */
	double u; /**< combined standard uncertainty, first order; NAN: there is none */
	double dof; /**< effective, not rounded; INFINITY */
	double dof_used; /**< the whole number k was taken for (GUM G.4.1) */
	double k;
	double expanded; /**< U = k u */
	double p; /**< coverage probability of k */
	double lower; /**< value - U */
	double upper;
	double u_second_order; /**< with the terms of GUM 5.1.2 note */
	double bias_second_order; /**< expectation minus value, to second order */
	double tolerance; /**< GUM-S1 7.9.2: half a unit of u's second digit */
	bool first_order_valid; /**< by Monte Carlo (GUM-S1 clause 8), else by second order */
	bool has_monte_carlo;
	struct sense_budget_monte_carlo monte_carlo;
};

/** One line of the budget for one output. Strings are borrowed. */
struct sense_budget_contribution {
	const char *name;
	const char *unit;
	double value;
	double u;
	double dof;
	enum sense_distribution_kind distribution;
	double sensitivity; /**< partial derivative of the output, exact */
	double contribution; /**< sensitivity times u, signed */
	double share; /**< of u^2, with the covariances it takes part in; sums to 1 */
};

SENSE_API unsigned int
sense_budget_result_get_output_count(const struct sense_budget_result *result);
/** NULL beyond the last. Borrowed. */
SENSE_API const struct sense_budget_output *
sense_budget_result_get_output(const struct sense_budget_result *result, unsigned int output);
SENSE_API unsigned int
sense_budget_result_get_contribution_count(const struct sense_budget_result *result);
SENSE_API const struct sense_budget_contribution *
sense_budget_result_get_contribution(const struct sense_budget_result *result, unsigned int output,
				     unsigned int contribution);
/** Correlation coefficient of two outputs, first order (GUM 5.2, H.2.3). */
SENSE_API double sense_budget_result_get_correlation(const struct sense_budget_result *result,
						     unsigned int a, unsigned int b);
/** What the reader must know: first order fails, dof of correlated inputs ... Borrowed. */
SENSE_API unsigned int
sense_budget_result_get_warning_count(const struct sense_budget_result *result);
SENSE_API const char *sense_budget_result_get_warning(const struct sense_budget_result *result,
						      unsigned int warning);

SENSE_END_DECLS

#endif
