// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-knowledge.c - from what a certificate, a handbook or readings say to a standard
 * uncertainty: GUM (JCGM 100:2008) clauses 4.2 and 4.3.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/budget-file.h"
#include "calibrate/number.h"
#include "calibrate/probability.h"
#include "calibrate/type-a.h"

/* The mapping being read, so that its keys are one call each. */
struct source {
	struct sense_document *y;
	const yaml_node_t *node;
	const char *name;
	const char *unit;
	struct knowledge *k;
	int kind; /* of enum sense_distribution_kind, -1: not told */
};

static const yaml_node_t *get(const struct source *s, const char *key)
{
	return sense_document_get(s->y, s->node, key);
}

/* 1 when the key was read, 0 when it is not there, or -errno. */
static int number(const struct source *s, const char *key, const char *unit, bool offset,
		  double *value)
{
	const yaml_node_t *node = get(s, key);
	char what[200];

	if (!node)
		return 0;
	snprintf(what, sizeof(what), "'%s' of '%.120s'", key, s->name);
	return sense_document_number(s->y, node, what, unit, offset, value) < 0 ? -EINVAL : 1;
}

static int not_negative(const struct source *s, const char *key, const char *unit, double *value)
{
	int found = number(s, key, unit, false, value);

	if (found > 0 && !(*value >= 0))
		return sense_document_fail(s->y, get(s, key), "an uncertainty is 0 or positive",
					   "'%s' of '%s' is negative: %.9g", key, s->name, *value);
	return found;
}

static int read_probability(const struct source *s, double *p)
{
	int found = number(s, "p", "", false, p);

	if (found > 0 && !(*p > 0 && *p < 1))
		return sense_document_fail(s->y, get(s, "p"), "give a probability such as 0.95",
					   "'p' of '%s' is not between 0 and 1: %.9g", s->name, *p);
	return found;
}

static int read_dof(struct source *s)
{
	const yaml_node_t *node = get(s, "dof");
	const char *text = sense_document_text(node);

	s->k->dof = INFINITY;
	if (!node || (text && (strcmp(text, "inf") == 0 || strcmp(text, ".inf") == 0 ||
			       strcmp(text, "infinite") == 0 || strcmp(text, "infinity") == 0)))
		return 0;
	if (number(s, "dof", "", false, &s->k->dof) < 0)
		return -EINVAL;
	if (!(s->k->dof >= 1))
		return sense_document_fail(s->y, node,
					   "give at least 1, or leave dof out for infinity",
					   "'dof' of '%s' is less than 1: %.9g", s->name,
					   s->k->dof);
	return 0;
}

static int read_kind(struct source *s)
{
	const yaml_node_t *node = get(s, "distribution");
	const char *text = sense_document_text(node);

	s->kind = -1;
	if (!node)
		return 0;
	s->kind = text ? sense_distribution_find(text) : -EINVAL;
	if (s->kind < 0)
		return sense_document_fail(s->y, node,
					   "normal, t, rectangular, triangular, arcsine, "
					   "trapezoidal, curvilinear-trapezoid, exponential, gamma",
					   "there is no distribution '%.40s' for '%s'",
					   text ? text : "", s->name);
	if (s->kind == SENSE_DISTRIBUTION_T && !isfinite(s->k->dof) && !get(s, "readings") &&
	    !get(s, "n"))
		return sense_document_fail(s->y, node, "give dof",
					   "the t distribution of '%s' has no dof", s->name);
	return 0;
}

/* Kind of what was given as a standard or expanded uncertainty (GUM-S1 6.4.7, 6.4.9). */
static enum sense_distribution_kind kind_or_normal(const struct source *s)
{
	if (s->kind >= 0)
		return (enum sense_distribution_kind)s->kind;
	return isfinite(s->k->dof) ? SENSE_DISTRIBUTION_T : SENSE_DISTRIBUTION_NORMAL;
}

static bool has_limits(int kind)
{
	return kind == SENSE_DISTRIBUTION_RECTANGULAR || kind == SENSE_DISTRIBUTION_TRIANGULAR ||
	       kind == SENSE_DISTRIBUTION_ARCSINE || kind == SENSE_DISTRIBUTION_TRAPEZOIDAL ||
	       kind == SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID;
}

/* Shape parameter, once the half-width is known (or NAN: then a doubt of limits has no measure). */
static int read_shape(struct source *s, int kind, double half, double *shape)
{
	double top, doubt;
	int has_top = number(s, "top", "", false, &top);
	int has_doubt = number(s, "limit-doubt", s->unit, false, &doubt);

	*shape = 0;
	if (has_top < 0 || has_doubt < 0)
		return -EINVAL;
	if ((kind == SENSE_DISTRIBUTION_TRAPEZOIDAL) != (has_top > 0))
		return sense_document_fail(
			s->y, has_top ? get(s, "top") : s->node,
			"give top: width of the top over width of the base, with trapezoidal only",
			"'%s' %s", s->name,
			has_top ? "has a top but is not trapezoidal" :
				  "is trapezoidal without a top");
	if ((kind == SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID) != (has_doubt > 0))
		return sense_document_fail(
			s->y, has_doubt ? get(s, "limit-doubt") : s->node,
			"give limit-doubt: by how much each limit is in doubt, with "
			"curvilinear-trapezoid only",
			"'%s' %s", s->name,
			has_doubt ? "has a limit-doubt but is no curvilinear trapezoid" :
				    "is a curvilinear trapezoid without a limit-doubt");
	if (has_top && !(top >= 0 && top <= 1))
		return sense_document_fail(s->y, get(s, "top"), "give a ratio from 0 to 1",
					   "'top' of '%s' is out of range: %.9g", s->name, top);
	if (has_doubt && !(isfinite(half) && doubt >= 0 && doubt < half))
		return sense_document_fail(s->y, get(s, "limit-doubt"),
					   "give half-width, or lower and upper, too",
					   "'limit-doubt' of '%s' is not from 0 to its half-width",
					   s->name);
	*shape = has_top ? top : has_doubt ? doubt / half : 0;
	return 0;
}

static int from_u(struct source *s, double u)
{
	enum sense_distribution_kind kind = kind_or_normal(s);
	double shape;

	if (kind == SENSE_DISTRIBUTION_GAMMA)
		return sense_document_fail(s->y, s->node,
					   "give counts, the number of counted events",
					   "'%s' has a gamma distribution without counts", s->name);
	if (read_shape(s, kind, NAN, &shape))
		return -EINVAL;
	s->k->u = u;
	s->k->distribution = sense_budget_distribution(kind, s->k->value, u, s->k->dof, shape);
	return 0;
}

/* U and k, or U and p (GUM 4.3.3, 4.3.4). */
static int from_expanded(struct source *s, double expanded)
{
	double k, p;
	int has_k = not_negative(s, "k", "", &k), has_p = read_probability(s, &p);

	if (has_k < 0 || has_p < 0)
		return -EINVAL;
	if (!has_k && !has_p) /* a certificate often states both: then k says it */
		return sense_document_fail(s->y, s->node,
					   "give k, or p (with dof where they are finite)",
					   "'U' of '%s' needs its coverage factor", s->name);
	if (has_k && !(k > 0))
		return sense_document_fail(s->y, get(s, "k"), "give a number such as 2",
					   "'k' of '%s' is not positive", s->name);
	return from_u(s, expanded / (has_k ? k : sense_coverage_factor(p, s->k->dof)));
}

/* GUM 4.3.7 to 4.3.9; a normal one from limits that hold with probability p (4.3.4, 4.3.5). */
static int from_half_width(struct source *s, double half)
{
	int kind = s->kind >= 0 ? s->kind : SENSE_DISTRIBUTION_RECTANGULAR;
	double shape, p;
	int has_p = read_probability(s, &p);

	if (has_p < 0)
		return -EINVAL;
	if (!has_limits(kind)) {
		if (kind != SENSE_DISTRIBUTION_NORMAL || !has_p)
			return sense_document_fail(
				s->y, s->node, "give u instead, or p for limits of a normal one",
				"'%s' has limits, which a %s distribution has not", s->name,
				sense_distribution_get_name((enum sense_distribution_kind)kind));
		return from_u(s, half / sense_coverage_factor(p, INFINITY));
	}
	if (read_shape(s, kind, half, &shape))
		return -EINVAL;
	s->k->u = half * sense_distribution_unit((enum sense_distribution_kind)kind, shape);
	s->k->distribution = sense_budget_distribution((enum sense_distribution_kind)kind,
						       s->k->value, s->k->u, s->k->dof, shape);
	return 0;
}

/* Limits need not lie evenly about the estimate (GUM 4.3.8): u is that of the width even so. */
static int from_limits(struct source *s, bool has_value)
{
	double lower, upper;
	int error;

	if (number(s, "lower", s->unit, true, &lower) <= 0 ||
	    number(s, "upper", s->unit, true, &upper) <= 0)
		return get(s, "lower") && get(s, "upper") ?
			       -EINVAL :
			       sense_document_fail(s->y, s->node, "give both lower and upper",
						   "'%s' has one limit without the other", s->name);
	if (!(lower <= upper))
		return sense_document_fail(s->y, get(s, "lower"), "exchange them",
					   "'lower' of '%s' is above 'upper'", s->name);
	if (!has_value)
		s->k->value = (lower + upper) / 2;
	if (s->k->value < lower || s->k->value > upper)
		return sense_document_fail(s->y, get(s, "value"), "correct the value or the limits",
					   "the value %.9g of '%s' is outside its limits",
					   s->k->value, s->name);
	error = from_half_width(s, (upper - lower) / 2);
	if (!error)
		s->k->distribution.location = (lower + upper) / 2;
	return error;
}

/* GUM 4.2: u of the mean of the readings. */
static int from_readings(struct source *s, bool has_value)
{
	const yaml_node_t *flag = get(s, "autocorrelation");
	const char *text = sense_document_text(flag);
	char what[200];
	struct sense_type_a a;
	int error;

	if (flag && (!text || (strcmp(text, "true") && strcmp(text, "yes") &&
			       strcmp(text, "false") && strcmp(text, "no"))))
		return sense_document_fail(s->y, flag, "write true or false",
					   "'autocorrelation' of '%s' is neither true nor false",
					   s->name);
	if (has_value || get(s, "dof"))
		return sense_document_fail(s->y, s->node,
					   "take out value and dof: they follow from the readings",
					   "'%s' has readings, and a value or dof besides",
					   s->name);
	snprintf(what, sizeof(what), "'readings' of '%.120s'", s->name);
	if (sense_document_numbers(s->y, get(s, "readings"), what, s->unit, 2, &s->k->readings,
				   &s->k->reading_count))
		return -EINVAL;
	error = sense_type_a(s->k->readings, s->k->reading_count,
			     text && (text[0] == 't' || text[0] == 'y'), &a);
	if (error)
		return sense_document_fail(
			s->y, get(s, "readings"), "take them over a longer time",
			"the readings of '%s' are so correlated that they are worth fewer than two",
			s->name);
	s->k->value = a.mean;
	s->k->dof = a.dof;
	if (s->kind < 0)
		s->kind = SENSE_DISTRIBUTION_T;
	return from_u(s, a.u);
}

/* A mean of n readings whose deviation s is known, pooled or from before (GUM 4.2.4). */
static int from_deviation(struct source *s)
{
	double deviation, n = 1;

	if (not_negative(s, "s", s->unit, &deviation) < 0 || number(s, "n", "", false, &n) < 0)
		return -EINVAL;
	if (!(n >= 1) || n != floor(n))
		return sense_document_fail(s->y, get(s, "n"), "give a whole number of readings",
					   "'n' of '%s' is no whole number from 1 on", s->name);
	if (!get(s, "dof") && n >= 2) {
		s->k->dof = n - 1;
		if (s->kind < 0)
			s->kind = SENSE_DISTRIBUTION_T;
	}
	return from_u(s, deviation / sqrt(n));
}

/* Counted events q: gamma with shape q + 1 (GUM-S1 6.4.11). */
static int from_counts(struct source *s)
{
	double q, per = 1;

	if (number(s, "counts", "", false, &q) < 0 ||
	    number(s, "per-count", s->unit, false, &per) < 0)
		return -EINVAL;
	if (!(q >= 0) || !(per > 0) || q > 1e15)
		return sense_document_fail(s->y, get(s, "counts"),
					   "give a number of events from 0 on",
					   "'counts' of '%s' is negative or too large", s->name);
	s->k->value = (q + 1) * per;
	s->k->u = sqrt(q + 1) * per;
	s->k->distribution = sense_budget_distribution(SENSE_DISTRIBUTION_GAMMA, s->k->value,
						       s->k->u, INFINITY, q + 1);
	return 0;
}

/* Which one of the ways an uncertainty can be told; NULL none, or an error for two. */
static int find_way(const struct source *s, const char **way)
{
	static const char *const ways[] = { "u",	  "relative-u", "U",
					    "relative-U", "half-width", "relative-half-width",
					    "lower",	  "upper",	"readings",
					    "s",	  "counts" };

	*way = NULL;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!get(s, ways[i]))
			continue;
		if (*way && strcmp(*way, "lower") == 0 && strcmp(ways[i], "upper") == 0)
			continue;
		if (*way)
			return sense_document_fail(
				s->y, get(s, ways[i]), "keep one of them",
				"'%s' tells its uncertainty twice, by '%s' and by '%s'", s->name,
				*way, ways[i]);
		*way = ways[i];
	}
	return 0;
}

/* Keys that only make sense beside another one would otherwise be passed over in silence. */
static int check_company(const struct source *s, const char *way)
{
	static const struct {
		const char *key, *ways;
	} company[] = {
		{ "k", " U relative-U " },
		{ "p", " U relative-U half-width relative-half-width lower " },
		{ "n", " s " },
		{ "autocorrelation", " readings " },
		{ "per-count", " counts " },
	};
	char word[40];

	snprintf(word, sizeof(word), " %s ", way ? way : "-");
	for (size_t i = 0; i < sizeof(company) / sizeof(company[0]); i++)
		if (get(s, company[i].key) && !strstr(company[i].ways, word))
			return sense_document_fail(s->y, get(s, company[i].key),
						   "take it out, or look at the other keys",
						   "'%s' of '%s' has no meaning beside%s",
						   company[i].key, s->name,
						   way ? word : " no uncertainty");
	if (get(s, "dof") && !way)
		return sense_document_fail(s->y, get(s, "dof"), "give u, U and k, or limits",
					   "'dof' of '%s' belongs to no uncertainty", s->name);
	return 0;
}

int sense_budget_read_knowledge(struct sense_document *y, const yaml_node_t *node, const char *name,
				const char *unit, bool part, double whole, struct knowledge *k)
{
	struct source s = { .y = y, .node = node, .name = name, .unit = unit, .k = k };
	const char *way;
	double amount = 0;
	int has_value;

	*k = (struct knowledge){ .dof = INFINITY };
	has_value = number(&s, "value", unit, true, &k->value);
	if (has_value < 0 || find_way(&s, &way) || check_company(&s, way) || read_dof(&s) ||
	    read_kind(&s))
		return -EINVAL;
	if (!has_value && !part &&
	    (!way || (strcmp(way, "lower") && strcmp(way, "readings") && strcmp(way, "counts"))))
		return sense_document_fail(y, node, "give value: the best estimate",
					   "the input '%s' has no value", name);
	if (!way && s.kind == SENSE_DISTRIBUTION_EXPONENTIAL)
		return from_u(&s, k->value); /* GUM-S1 6.4.10: the mean says all */
	if (!way && s.kind >= 0)
		return sense_document_fail(y, node,
					   "give u, U and k, half-width, or lower and upper",
					   "'%s' has a distribution but no uncertainty", name);
	if (!way)
		return from_u(&s, 0);
	if (strcmp(way, "readings") == 0)
		return from_readings(&s, has_value);
	if (strcmp(way, "counts") == 0)
		return from_counts(&s);
	if (strcmp(way, "lower") == 0 || strcmp(way, "upper") == 0)
		return from_limits(&s, has_value);
	if (strcmp(way, "s") == 0)
		return from_deviation(&s);
	if (not_negative(&s, way, strncmp(way, "relative", 8) ? unit : "1", &amount) < 0)
		return -EINVAL;
	if (strncmp(way, "relative-", 9) == 0) {
		amount *= fabs(part ? whole : k->value);
		way += 9;
	}
	if (strcmp(way, "u") == 0)
		return from_u(&s, amount);
	if (strcmp(way, "U") == 0)
		return from_expanded(&s, amount);
	return from_half_width(&s, amount);
}
