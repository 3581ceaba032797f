// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * budget-parts.c - contributions that most thermometers and cards share, from the figures one has:
 * the part's value adds to its input, in the input's unit.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "calibrate/budget-file.h"
#include "calibrate/type-a.h"

struct part {
	struct sense_document *y;
	struct sense_budget *b;
	const yaml_node_t *node;
	const char *name;
	const char *unit;
	double whole; /* value of the input */
	double slope; /* to the input's unit */
};

/* 1 read, 0 not there, -EINVAL. */
static int number(const struct part *p, const char *key, const char *unit, double *value)
{
	const yaml_node_t *node = sense_document_get(p->y, p->node, key);
	char what[200];

	if (!node)
		return 0;
	snprintf(what, sizeof(what), "'%s' of '%.120s'", key, p->name);
	return sense_document_number(p->y, node, what, unit, false, value) ? -EINVAL : 1;
}

/* Must be there; when @least is a number, not below it. */
static int need(const struct part *p, const char *key, const char *unit, double least,
		double *value)
{
	int found = number(p, key, unit, value);

	if (found == 0)
		return sense_document_fail(p->y, p->node,
					   "see Documentation/budgets.md, built-in contributions",
					   "'%s' needs '%s'", p->name, key);
	if (found > 0 && *value < least)
		return sense_document_fail(p->y, sense_document_get(p->y, p->node, key),
					   "correct it", "'%s' of '%s' is below %g: %.9g", key,
					   p->name, least, *value);
	return found < 0 ? found : 0;
}

static int add(const struct part *p, const char *suffix, double value, double u, double dof,
	       enum sense_distribution_kind kind)
{
	struct sense_distribution d = sense_budget_distribution(kind, value, u, dof, 0);
	char name[300];
	int leaf;

	snprintf(name, sizeof(name), "%s%s", p->name, suffix);
	leaf = sense_budget_add_leaf(p->b, name, p->unit, value, u, dof, &d,
				     sense_document_where(p->y, p->node));
	return leaf < 0 ? leaf : 0;
}

static int add_rectangular(const struct part *p, const char *suffix, double value, double half)
{
	return add(p, suffix, value, half * sqrt(1.0 / 3), INFINITY,
		   SENSE_DISTRIBUTION_RECTANGULAR);
}

/* A reading to a step is known to half of it either way: GUM F.2.2.1. */
static int resolution(const struct part *p)
{
	double step;

	if (need(p, "step", p->unit, 0, &step))
		return -EINVAL;
	return add_rectangular(p, "", 0, fabs(step * p->slope) / 2);
}

/* Days since 1970 of "2026-11-20". */
static int read_date(const struct part *p, const char *key, double *days)
{
	const yaml_node_t *node = sense_document_get(p->y, p->node, key);
	const char *text = sense_document_text(node);
	struct tm tm = { 0 };
	int year, month, day, end = 0;

	if (!text || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] ||
	    year < 1900 || month < 1 || month > 12 || day < 1 || day > 31)
		return sense_document_fail(p->y, node ? node : p->node,
					   "write both since and at as 2026-11-20",
					   "'%s' of '%s' is no date", key, p->name);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*days = (double)timegm(&tm) / 86400;
	return 0;
}

/* Years (of 365.25 days) since calibration, from years, days, or two dates. */
static int read_age(const struct part *p, double *years)
{
	double since, at, days;
	int found = number(p, "years", "", years);

	if (found)
		goto out;
	found = number(p, "days", "", &days);
	*years = days / 365.25;
	if (found)
		goto out;
	if (read_date(p, "since", &since) || read_date(p, "at", &at))
		return -EINVAL;
	*years = (at - since) / 365.25;
	found = 1;
out:
	if (found > 0 && !(*years >= 0))
		return sense_document_fail(p->y, p->node, "exchange the dates, or correct the sign",
					   "the time since calibration of '%s' is negative",
					   p->name);
	return found < 0 ? found : 0;
}

/*
 * Drift since calibration: per-year is what is expected and corrected, u-per-year or
 * half-width-per-year what is not known of it; both grow linearly in time.
 */
static int drift(const struct part *p)
{
	double years, rate = 0, half, u;
	int has_half, has_u;

	if (read_age(p, &years) || number(p, "per-year", p->unit, &rate) < 0)
		return -EINVAL;
	has_half = number(p, "half-width-per-year", p->unit, &half);
	has_u = number(p, "u-per-year", p->unit, &u);
	if (has_half < 0 || has_u < 0)
		return -EINVAL;
	if (has_half == has_u)
		return sense_document_fail(
			p->y, p->node, "give u-per-year, or half-width-per-year for limits",
			"'%s' does not tell, or tells twice, how uncertain the drift is", p->name);
	rate *= years * p->slope;
	if (has_half)
		return add_rectangular(p, "", rate, fabs(half * years * p->slope));
	if (u < 0)
		return sense_document_fail(p->y, p->node, "an uncertainty is 0 or positive",
					   "'u-per-year' of '%s' is negative", p->name);
	return add(p, "", rate, u * years * fabs(p->slope), INFINITY, SENSE_DISTRIBUTION_NORMAL);
}

/* A sensor reads too high by I^2 R over its dissipation constant; a fraction of that is left. */
static int self_heating(const struct part *p)
{
	double current, resistance, dissipation, doubt, rise;

	if (need(p, "current", "A", 0, &current) || need(p, "resistance", "ohm", 0, &resistance) ||
	    need(p, "dissipation", "W/K", 0, &dissipation) ||
	    need(p, "relative-half-width", "1", 0, &doubt))
		return -EINVAL;
	if (!(dissipation > 0))
		return sense_document_fail(p->y, p->node, "give the dissipation constant in W/K",
					   "'dissipation' of '%s' is 0", p->name);
	rise = current * current * resistance / dissipation;
	return add_rectangular(p, "", -rise * p->slope, fabs(doubt * rise * p->slope));
}

/*
 * Noise of a mean. Either readings: of all, with their autocorrelation counted; or cut into windows
 * [kN, (k + 1)N) of sequence numbers as frames are, the scatter of whose means needs no model of
 * the correlation. Or a known deviation s of one reading with the coefficients of the first lags.
 */
static int noise_of_windows(const struct part *p, const double *x, unsigned int n, double window,
			    double first)
{
	unsigned int size = (unsigned int)window, skip, windows;
	struct sense_type_a a;
	double *means;
	int error;

	skip = (unsigned int)(fmod(first, window) == 0 ? 0 : window - fmod(first, window));
	windows = skip < n ? (n - skip) / size : 0;
	if (windows < 2)
		return sense_document_fail(
			p->y, p->node,
			"give readings of two whole windows or more, or a smaller window",
			"the readings of '%s' hold %u whole windows of %u", p->name, windows, size);
	means = calloc(windows, sizeof(*means));
	if (!means)
		return sense_fail(ENOMEM, p->y->name, NULL, "there is no memory for '%s'", p->name);
	for (unsigned int w = 0; w < windows; w++)
		for (unsigned int i = 0; i < size; i++)
			means[w] += x[skip + w * size + i] / size;
	error = sense_type_a(means, windows, false, &a);
	free(means);
	return error ? error : add(p, "", 0, a.s * fabs(p->slope), a.dof, SENSE_DISTRIBUTION_T);
}

static int noise_of_readings(const struct part *p)
{
	double window = 0, first = 0, *x;
	unsigned int n;
	struct sense_type_a a;
	int has_window = number(p, "window", "", &window), error;

	if (has_window < 0 || number(p, "first-sequence", "", &first) < 0)
		return -EINVAL;
	if ((has_window && (!(window >= 1) || window != floor(window) || window > 1e6)) ||
	    !(first >= 0) || first != floor(first))
		return sense_document_fail(
			p->y, p->node, "give whole numbers of readings",
			"'window' or 'first-sequence' of '%s' is no whole number", p->name);
	error = sense_document_numbers(p->y, sense_document_get(p->y, p->node, "readings"), p->name,
				       p->unit, 2, &x, &n);
	if (error)
		return error;
	if (has_window) {
		error = noise_of_windows(p, x, n, window, first);
	} else if (sense_type_a(x, n, true, &a)) {
		error = sense_document_fail(
			p->y, p->node, "take them over a longer time",
			"the readings of '%s' are so correlated that they are worth fewer than two",
			p->name);
	} else {
		error = add(p, "", 0, a.u * fabs(p->slope), a.dof, SENSE_DISTRIBUTION_T);
	}
	free(x);
	return error;
}

static int noise(const struct part *p)
{
	const yaml_node_t *node = sense_document_get(p->y, p->node, "correlation");
	double s, n, dof = INFINITY, factor = 1, *rho = NULL;
	unsigned int lags = 0;

	if (sense_document_get(p->y, p->node, "readings"))
		return noise_of_readings(p);
	if (need(p, "s", p->unit, 0, &s) || need(p, "window", "", 1, &n) ||
	    number(p, "dof", "", &dof) < 0)
		return -EINVAL;
	if (n != floor(n) || !(dof >= 1))
		return sense_document_fail(p->y, p->node, "give a whole window, and dof from 1 on",
					   "'window' or 'dof' of '%s' is out of range", p->name);
	if (node && sense_document_numbers(p->y, node, p->name, "", 1, &rho, &lags))
		return -EINVAL;
	for (unsigned int i = 0; i < lags && i + 1 < n; i++)
		factor += 2 * (1 - (i + 1) / n) * rho[i];
	free(rho);
	if (!(factor > 0))
		return sense_document_fail(p->y, node,
					   "give the coefficients of lag 1, 2, ... in order",
					   "the correlation of '%s' leaves no variance", p->name);
	return add(p, "", 0, s * fabs(p->slope) * sqrt(factor / n), dof,
		   isfinite(dof) ? SENSE_DISTRIBUTION_T : SENSE_DISTRIBUTION_NORMAL);
}

/*
 * Heat along the stem: the sensor is off by a fraction exp(-immersion / length constant) of the
 * difference between surroundings and bath (Nicholas and White, Traceable Temperatures, 2nd ed.,
 * section 4.4.1), not corrected and so a limit on either side.
 */
static int stem_conduction(const struct part *p)
{
	double difference, immersion, length;

	if (need(p, "difference", "K", -INFINITY, &difference) ||
	    need(p, "immersion", "m", 0, &immersion) || need(p, "length-constant", "m", 0, &length))
		return -EINVAL;
	if (!(length > 0))
		return sense_document_fail(p->y, p->node,
					   "give the length over which the error falls to 1/e",
					   "'length-constant' of '%s' is 0", p->name);
	return add_rectangular(p, "", 0, fabs(difference * p->slope) * exp(-immersion / length));
}

/* A resistor that the reading is a ratio to: certificate, temperature, drift, all relative. */
static int reference_resistor(const struct part *p)
{
	double U, k, coefficient = 0, temperature = 0, rate = 0, years = 0,
		     scale = fabs(p->whole * p->slope);
	bool ages = sense_document_get(p->y, p->node, "relative-drift-per-year");

	if (need(p, "relative-U", "1", 0, &U) || need(p, "k", "", 0, &k) ||
	    number(p, "temperature-coefficient", "1/K", &coefficient) < 0 ||
	    number(p, "temperature-half-width", "K", &temperature) < 0 ||
	    number(p, "relative-drift-per-year", "1", &rate) < 0 || (ages && read_age(p, &years)))
		return -EINVAL;
	if (!(k > 0))
		return sense_document_fail(p->y, p->node, "give a number such as 2",
					   "'k' of '%s' is not positive", p->name);
	if (add(p, ".certificate", 0, U / k * scale, INFINITY, SENSE_DISTRIBUTION_NORMAL))
		return -EINVAL;
	if (coefficient != 0 && temperature != 0 &&
	    add_rectangular(p, ".temperature", 0, fabs(coefficient * temperature) * scale))
		return -EINVAL;
	if (ages)
		return add_rectangular(p, ".drift", 0, fabs(rate) * years * scale);
	return 0;
}

/* Integral nonlinearity, a fraction of full scale: a limit, as data sheets give it. */
static int adc_linearity(const struct part *p)
{
	double inl, full;

	if (need(p, "inl", "1", 0, &inl) || need(p, "full-scale", p->unit, 0, &full))
		return -EINVAL;
	return add_rectangular(p, "", 0, inl * full * fabs(p->slope));
}

static const struct builtin {
	const char *name;
	const char *keys;
	int (*read)(const struct part *p);
} builtins[] = {
	{ "resolution", "type slope step", resolution },
	{ "drift", "type slope per-year u-per-year half-width-per-year years days since at",
	  drift },
	{ "self-heating", "type slope current resistance dissipation relative-half-width",
	  self_heating },
	{ "noise", "type slope readings window first-sequence s dof correlation", noise },
	{ "stem-conduction", "type slope difference immersion length-constant", stem_conduction },
	{ "reference-resistor",
	  "type slope relative-U k temperature-coefficient temperature-half-width "
	  "relative-drift-per-year years days since at",
	  reference_resistor },
	{ "adc-linearity", "type slope inl full-scale", adc_linearity },
};

static const struct builtin *find(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

bool sense_budget_is_builtin(const char *name)
{
	return find(name) != NULL;
}

int sense_budget_read_builtin(struct sense_document *y, struct sense_budget *b,
			      const yaml_node_t *node, const char *type, const char *name,
			      const char *unit, double whole)
{
	struct part p = {
		.y = y, .b = b, .node = node, .name = name, .unit = unit, .whole = whole, .slope = 1
	};
	const struct builtin *builtin = find(type);
	char what[200];

	if (!builtin)
		return sense_document_fail(y, node,
					   "drift, resolution, self-heating, noise, "
					   "stem-conduction, reference-resistor, adc-linearity",
					   "there is no built-in contribution '%.40s' for '%s'",
					   type, name);
	snprintf(what, sizeof(what), "the part '%.120s' (%s)", name, type);
	if (sense_document_check_keys(y, node, builtin->keys, what))
		return -EINVAL;
	if (sense_document_get(y, node, "slope")) {
		snprintf(what, sizeof(what), "'slope' of '%.120s'", name);
		if (sense_document_plain(y, sense_document_get(y, node, "slope"), what, &p.slope))
			return -EINVAL;
		/* Figures are then in the sensor's own unit, whose text is not told here. */
		p.unit = unit;
	}
	return builtin->read(&p);
}
