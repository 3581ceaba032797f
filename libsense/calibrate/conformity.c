// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/conformity.h>

#include <errno.h>
#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "calibrate/probability.h"

const char *sense_decision_rule_get_name(enum sense_decision_rule rule)
{
	static const char *const names[] = { "simple", "guarded", "guarded-rejection" };

	return (size_t)rule < sizeof(names) / sizeof(names[0]) ? names[rule] : "";
}

const char *sense_statement_get_name(enum sense_statement statement)
{
	static const char *const names[] = { "pass", "conditional-pass", "conditional-fail",
					     "fail" };

	return (size_t)statement < sizeof(names) / sizeof(names[0]) ? names[statement] : "";
}

static int refuse(const char *remedy, const char *sentence)
{
	return sense_fail(EINVAL, "conformity", remedy, "%s", sentence);
}

static int check(const struct sense_conformity_question *q)
{
	bool has_mean = !isnan(q->process_mean), has_deviation = !isnan(q->process_deviation);

	if (!isfinite(q->value))
		return refuse("give a finite value", "the measured value is no number");
	if (!(q->u >= 0) || !isfinite(q->u))
		return refuse("a standard uncertainty is 0 or positive",
			      "the uncertainty is negative or no number");
	if (!(q->dof >= 1))
		return refuse("give at least 1", "the degrees of freedom are less than 1");
	if (!(q->k > 0) || !isfinite(q->k))
		return refuse("give a number such as 2", "the coverage factor is not positive");
	if (isnan(q->lower) || isnan(q->upper) || (isinf(q->lower) && isinf(q->upper)))
		return refuse("give a lower limit, an upper limit or both", "there is no limit");
	if (!(q->lower < q->upper))
		return refuse("exchange them", "the lower limit is not below the upper one");
	if (!(q->guard_factor >= 0) || !isfinite(q->guard_factor))
		return refuse("give 1 for a guard band of U",
			      "the guard factor is negative or no number");
	if (has_mean != has_deviation || (has_deviation && !(q->process_deviation > 0)) ||
	    (has_mean && !(isfinite(q->process_mean) && isfinite(q->process_deviation))))
		return refuse("give a mean and a positive standard deviation, or neither",
			      "the process is half known");
	return 0;
}

/* Probability that mean + u T is between the limits. */
static double probability(double lower, double upper, double mean, double u, double dof)
{
	if (u == 0)
		return mean >= lower && mean <= upper;
	/* By the nearer tail, so that a small risk keeps its digits. */
	return 1 - sense_t_cdf((lower - mean) / u, dof) - sense_t_cdf((mean - upper) / u, dof);
}

struct process {
	double mean, deviation, u, lower, upper;
	bool reject;
};

/* Density of an item, times the probability that its measurement is accepted (or rejected). */
static double integrand(const struct process *p, double x)
{
	double z = (x - p->mean) / p->deviation;
	double density = exp(-z * z / 2) / (p->deviation * sqrt(2 * M_PI));
	double accept;

	if (p->u == 0)
		accept = x >= p->lower && x <= p->upper;
	else if (p->reject)
		return density * (sense_normal_cdf((p->lower - x) / p->u) +
				  sense_normal_cdf((x - p->upper) / p->u));
	else
		accept = sense_normal_cdf((p->upper - x) / p->u) -
			 sense_normal_cdf((p->lower - x) / p->u);
	return density * (p->reject ? 1 - accept : accept);
}

/* Simpson's rule over pieces short against both the process and the measurement. */
static double integrate(const struct process *p, double from, double to)
{
	double low = p->mean - 10 * p->deviation, high = p->mean + 10 * p->deviation;
	double step = p->deviation, sum = 0;
	long n;

	from = fmax(from, low);
	to = fmin(to, high);
	if (!(from < to))
		return 0;
	if (p->u > 0)
		step = fmin(step, p->u);
	n = (long)fmin(200000, ceil((to - from) / step * 50));
	n += n & 1;
	n = n < 100 ? 100 : n;
	for (long i = 0; i <= n; i++) {
		double weight = i == 0 || i == n ? 1 : i & 1 ? 4 : 2;

		sum += weight * integrand(p, from + (to - from) * (double)i / (double)n);
	}
	return sum * (to - from) / (3 * (double)n);
}

static void global_risks(const struct sense_conformity_question *q, struct sense_conformity *a)
{
	struct process p = { q->process_mean,	  q->process_deviation, q->u,
			     a->acceptance_lower, a->acceptance_upper,	false };

	a->global_consumer_risk =
		integrate(&p, -INFINITY, q->lower) + integrate(&p, q->upper, INFINITY);
	p.reject = true;
	/* Exact measurements step at the acceptance limits: integrate from step to step. */
	if (q->u == 0)
		a->global_producer_risk =
			integrate(&p, q->lower, fmax(q->lower, a->acceptance_lower)) +
			integrate(&p, fmin(q->upper, a->acceptance_upper), q->upper);
	else
		a->global_producer_risk = integrate(&p, q->lower, q->upper);
}

/* Normal prior and normal measurement make a normal posterior (JCGM 106 A.4.4). */
static double posterior_probability(const struct sense_conformity_question *q)
{
	double prior = 1 / (q->process_deviation * q->process_deviation), data, weight;

	if (q->u == 0)
		return probability(q->lower, q->upper, q->value, 0, INFINITY);
	data = 1 / (q->u * q->u);
	weight = data / (data + prior);
	return probability(q->lower, q->upper, weight * q->value + (1 - weight) * q->process_mean,
			   1 / sqrt(data + prior), INFINITY);
}

static enum sense_statement state(const struct sense_conformity_question *q, double w)
{
	double inside = fmin(q->value - q->lower, q->upper - q->value);

	if (inside >= w)
		return SENSE_STATEMENT_PASS;
	if (inside >= 0)
		return SENSE_STATEMENT_CONDITIONAL_PASS;
	return inside >= -w ? SENSE_STATEMENT_CONDITIONAL_FAIL : SENSE_STATEMENT_FAIL;
}

int sense_conformity_decide(const struct sense_conformity_question *q, struct sense_conformity *a)
{
	int error = check(q);
	double w;

	if (error)
		return error;
	*a = (struct sense_conformity){ .expanded = q->k * q->u,
					.global_consumer_risk = NAN,
					.global_producer_risk = NAN };
	a->guard = q->rule == SENSE_RULE_SIMPLE ? 0 : q->guard_factor * a->expanded;
	w = q->rule == SENSE_RULE_GUARDED_REJECTION ? -a->guard : a->guard;
	a->acceptance_lower = q->lower + w;
	a->acceptance_upper = q->upper - w;
	if (!(a->acceptance_lower <= a->acceptance_upper))
		return sense_fail(EINVAL, "conformity",
				  "measure with a smaller uncertainty, or agree on another rule",
				  "a guard band of %.6g on both sides leaves nothing to accept "
				  "between %.9g and %.9g",
				  a->guard, q->lower, q->upper);
	a->conforming = q->value >= a->acceptance_lower && q->value <= a->acceptance_upper;
	a->statement = state(q, q->guard_factor * a->expanded);
	a->probability = isnan(q->process_mean) ?
				 probability(q->lower, q->upper, q->value, q->u, q->dof) :
				 posterior_probability(q);
	a->specific_risk = a->conforming ? 1 - a->probability : a->probability;
	if (!isnan(q->process_mean))
		global_risks(q, a);
	return 0;
}
