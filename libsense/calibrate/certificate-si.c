// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * D-SI: the elements of all its versions become arrays of equal length.
 * Source: D-SI XML schema 1.3.1, 2.0.0 and 2.2 (https://ptb.de/si).
 */
#include "calibrate/certificate-si.h"
#include "calibrate/certificate-file.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 1000000
/* A list of values has lists beside it, and one statement may be split for several quantities. */
#define TOKENS_MAX (8 * VALUES_MAX)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void make_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

int certificate_number(const char *text, double *value)
{
	const char *at = text;
	size_t before, after = 0;
	char *end;

	if (strcmp(text, "NaN") == 0) {
		*value = NAN;
		return 0;
	}
	/* D-SI decimalType: what strtod() takes beyond it (hexadecimal, "inf") is none. */
	if (*at == '+' || *at == '-')
		at++;
	before = strspn(at, "0123456789");
	at += before;
	if (*at == '.') {
		after = strspn(at + 1, "0123456789");
		at += 1 + after;
	}
	if (before + after == 0)
		return -EINVAL;
	if (*at == 'e' || *at == 'E') {
		at++;
		if (*at == '+' || *at == '-')
			at++;
		after = strspn(at, "0123456789");
		if (!after)
			return -EINVAL;
		at += after;
	}
	if (*at)
		return -EINVAL;
	pthread_once(&once, make_locale);
	*value = strtod_l(text, &end, c_locale);
	return *end || !isfinite(*value) ? -EINVAL : 0;
}

/* ---- lists of tokens --------------------------------------------------------------- */

/* Blank-separated tokens; at least one, or NULL with *@count 0. */
const char **si_split(struct reader *reader, const xmlNode *node, const char *text, size_t *count)
{
	struct vector tokens = { .size = sizeof(const char *) };
	const char *at = text + strspn(text, " \t\r\n");

	while (*at && !reader->arena->failed && reader->tokens < TOKENS_MAX) {
		size_t n = strcspn(at, " \t\r\n");
		const char **token = vector_add(&tokens, reader->arena);

		reader->tokens++;
		if (token)
			*token = arena_string_n(reader->arena, at, n);
		at += n;
		at += strspn(at, " \t\r\n");
	}
	if (*at)
		reader_refuse(reader, node, "there are more than %d entries in lists", TOKENS_MAX);
	*count = tokens.count;
	return vector_end(&tokens, reader->arena);
}

/* Tokens of a child, a single one repeated @n times; NULL where there is no such child. */
const char **si_tokens(struct reader *reader, const xmlNode *node, const char *child, size_t n)
{
	const xmlNode *list = xml_child(node, SI_NAMESPACE, child);
	const char **found, **repeated;
	size_t count;

	if (!list)
		return NULL;
	found = si_split(reader, list, reader_string(reader, list), &count);
	if (count == n)
		return found;
	if (count != 1) {
		reader_refuse(reader, list, "%zu entries stand beside %zu values", count, n);
		return NULL;
	}
	repeated = arena_alloc(reader->arena, n * sizeof(*repeated));
	for (size_t i = 0; repeated && i < n; i++)
		repeated[i] = found[0];
	return repeated;
}

/* The same as numbers within limits. */
static const double *numbers(struct reader *reader, const xmlNode *node, const char *child,
			     size_t n, double min, double max)
{
	const char **text = si_tokens(reader, node, child, n);
	double *values = text ? arena_alloc(reader->arena, n * sizeof(*values)) : NULL;

	for (size_t i = 0; values && i < n; i++) {
		if (i && text[i] == text[i - 1]) {
			values[i] = values[i - 1];
			continue;
		}
		if (certificate_number(text[i], &values[i]) < 0 || values[i] < min ||
		    values[i] > max) {
			reader_refuse(reader, xml_child(node, SI_NAMESPACE, child),
				      "'%.40s' cannot be its value", text[i]);
			return NULL;
		}
	}
	return values;
}

const double *si_need(struct reader *reader, const xmlNode *node, const char *child, size_t n,
		      double min, double max)
{
	const double *values = numbers(reader, node, child, n, min, max);

	if (!values)
		reader_refuse(reader, node, "si:%s is missing", child);
	return values;
}

/* ---- uncertainty ------------------------------------------------------------------- */

/* "name" + suffix; the names are short. */
struct named {
	char text[64];
};

static struct named with(const char *name, const char *suffix)
{
	struct named result;

	snprintf(result.text, sizeof(result.text), "%s%s", name, suffix);
	return result;
}

static void probability(struct reader *reader, const xmlNode *node, const char *suffix, size_t n,
			struct sense_certificate_quantity *q)
{
	q->p = si_need(reader, node, with("coverageProbability", suffix).text, n, 0, 1);
}

static void standard(struct reader *reader, const xmlNode *node, const char *value,
		     const char *suffix, size_t n, struct sense_certificate_quantity *q)
{
	double *k = arena_alloc(reader->arena, n * sizeof(*k));

	q->uncertainty = si_need(reader, node, with(value, suffix).text, n, 0, HUGE_VAL);
	for (size_t i = 0; k && i < n; i++)
		k[i] = 1;
	q->k = k;
}

static void expanded(struct reader *reader, const xmlNode *node, const char *value,
		     const char *suffix, size_t n, struct sense_certificate_quantity *q)
{
	q->uncertainty_form = SENSE_UNCERTAINTY_EXPANDED;
	q->uncertainty = si_need(reader, node, with(value, suffix).text, n, 0, HUGE_VAL);
	q->k = si_need(reader, node, with("coverageFactor", suffix).text, n, 1e-6, 1e6);
	probability(reader, node, suffix, n, q);
}

static void interval(struct reader *reader, const xmlNode *node, const char *value,
		     const char *suffix, size_t n, struct sense_certificate_quantity *q)
{
	const char *min = "intervalMin", *max = "intervalMax";

	/* A draft of D-SI 2 called them so. */
	if (xml_child(node, SI_NAMESPACE, with("intervalMinMU", suffix).text)) {
		min = "intervalMinMU";
		max = "intervalMaxMU";
	}
	standard(reader, node, value, suffix, n, q);
	q->uncertainty_form = SENSE_UNCERTAINTY_INTERVAL;
	q->interval_min = si_need(reader, node, with(min, suffix).text, n, -HUGE_VAL, HUGE_VAL);
	q->interval_max = si_need(reader, node, with(max, suffix).text, n, -HUGE_VAL, HUGE_VAL);
	for (size_t i = 0; q->interval_min && q->interval_max && i < n; i++)
		if (q->interval_min[i] > q->interval_max[i])
			reader_refuse(reader, node, "the interval ends before it begins");
	probability(reader, node, suffix, n, q);
}

/* What of an uncertainty element the forms above do not read. */
static void distribution(struct reader *reader, const xmlNode *node, const char *suffix, size_t n,
			 struct sense_certificate_quantity *q)
{
	const char *const known = "uncertainty coverageFactor coverageProbability distribution "
				  "standardUnc intervalMin intervalMax intervalMinMU intervalMaxMU "
				  "valueStandardMU valueExpandedMU uncertaintyXMLList "
				  "coverageFactorXMLList coverageProbabilityXMLList "
				  "distributionXMLList standardUncXMLList intervalMinXMLList "
				  "intervalMaxXMLList intervalMinMUXMLList intervalMaxMUXMLList "
				  "valueStandardMUXMLList valueExpandedMUXMLList";

	if (*suffix) {
		q->distribution = si_tokens(reader, node, with("distribution", suffix).text, n);
	} else {
		const char *text = reader_child_string(reader, node, "distribution");
		const char **one = *text ? arena_alloc(reader->arena, sizeof(*one)) : NULL;

		if (one)
			*one = text;
		q->distribution = one;
	}
	reader_known(reader, node, known);
}

/* The forms as they stand below @node; 1 where one did. */
static int uncertainty_below(struct reader *reader, const xmlNode *node, const char *suffix,
			     size_t n, struct sense_certificate_quantity *q)
{
	const xmlNode *at;

	if ((at = xml_child(node, SI_NAMESPACE, with("expandedUnc", suffix).text))) {
		expanded(reader, at, "uncertainty", suffix, n, q);
	} else if ((at = xml_child(node, SI_NAMESPACE, with("coverageInterval", suffix).text))) {
		interval(reader, at, "standardUnc", suffix, n, q);
	} else if ((at = xml_child(node, SI_NAMESPACE, with("standardMU", suffix).text))) {
		q->uncertainty_form = SENSE_UNCERTAINTY_STANDARD;
		standard(reader, at, "valueStandardMU", suffix, n, q);
	} else if ((at = xml_child(node, SI_NAMESPACE, with("expandedMU", suffix).text))) {
		expanded(reader, at, "valueExpandedMU", suffix, n, q);
	} else if ((at = xml_child(node, SI_NAMESPACE, with("coverageIntervalMU", suffix).text))) {
		/* In lists, D-SI 2.2 gives this name the older element's content. */
		int old = xml_child(at, SI_NAMESPACE, with("standardUnc", suffix).text) != NULL;

		interval(reader, at, old ? "standardUnc" : "valueStandardMU", suffix, n, q);
	} else {
		return 0;
	}
	distribution(reader, at, suffix, n, q);
	return 1;
}

static void uncertainty(struct reader *reader, const xmlNode *node, const char *suffix, size_t n,
			struct sense_certificate_quantity *q)
{
	/* The misspelling is the schema's own, in realInListType. */
	static const char *const around[] = { "measurementUncertaintyUnivariate",
					      "measurementUncertaintyUnivaraite" };

	if (uncertainty_below(reader, node, suffix, n, q))
		return;
	for (int i = 0; i < 2; i++) {
		const xmlNode *at = xml_child(node, SI_NAMESPACE, with(around[i], suffix).text);

		if (!at)
			continue;
		if (!uncertainty_below(reader, at, suffix, n, q))
			reader_note(reader, at, "an uncertainty of unknown form was left aside");
		return;
	}
}

/* ---- si:real, si:constant, si:realListXMLList -------------------------------------- */

static const char *const *one(struct reader *reader, const char *text)
{
	const char **array = arena_alloc(reader->arena, sizeof(*array));

	if (array)
		*array = text;
	return array;
}

static void significant(struct reader *reader, const xmlNode *node, const char *child, size_t n,
			struct sense_certificate_quantity *q)
{
	const double *digits = numbers(reader, node, child, n, -400, 400);
	int *rounded = digits ? arena_alloc(reader->arena, n * sizeof(*rounded)) : NULL;

	for (size_t i = 0; rounded && i < n; i++)
		rounded[i] = isnan(digits[i]) ? 0 : (int)lrint(digits[i]);
	q->significant_digits = rounded;
}

static int room(struct reader *reader, const xmlNode *node, size_t n)
{
	reader->values += n;
	if (reader->values <= VALUES_MAX)
		return 1;
	reader_refuse(reader, node, "there are more than %d values", VALUES_MAX);
	return 0;
}

struct sense_certificate_quantity *si_new_quantity(struct reader *reader,
						   const struct sense_certificate_quantity *like)
{
	struct sense_certificate_quantity *q = arena_alloc(reader->arena, sizeof(*q));

	if (q)
		*q = *like;
	return q;
}

/* @unit: of the list around it, NULL where it must have its own. */
static struct sense_certificate_quantity *read_real(struct reader *reader, const xmlNode *node,
						    const char *unit,
						    const struct sense_certificate_quantity *like)
{
	struct sense_certificate_quantity *q = si_new_quantity(reader, like);
	const char *own, *text;

	if (!q || !room(reader, node, 1))
		return NULL;
	q->count = 1;
	q->values = si_need(reader, node, "value", 1, -HUGE_VAL, HUGE_VAL);
	q->digits = one(reader, reader_child_string(reader, node, "value"));
	own = reader_child_string(reader, node, "unit");
	if (!*own && unit)
		own = unit;
	if (!*own)
		reader_refuse(reader, node, "the value has no unit");
	q->unit = own;
	q->units = one(reader, own);
	q->label = reader_child_string(reader, node, "label");
	if (*q->label)
		q->labels = one(reader, q->label);
	text = reader_child_string(reader, node, "dateTime");
	if (*text)
		q->times = one(reader, text);
	significant(reader, node, "significantDigit", 1, q);
	uncertainty(reader, node, "", 1, q);
	return q;
}

static struct sense_certificate_quantity *
read_constant(struct reader *reader, const xmlNode *node,
	      const struct sense_certificate_quantity *like)
{
	struct sense_certificate_quantity *q = read_real(reader, node, NULL, like);
	const char *child = xml_child(node, SI_NAMESPACE, "valueStandardMU") ? "valueStandardMU" :
									       "uncertainty";
	const char *shape = reader_child_string(reader, node, "distribution");

	if (!q)
		return NULL;
	q->form = SENSE_QUANTITY_CONSTANT;
	if (*shape)
		q->distribution = one(reader, shape);
	if (xml_child(node, SI_NAMESPACE, child)) {
		q->uncertainty_form = SENSE_UNCERTAINTY_STANDARD;
		standard(reader, node, child, "", 1, q);
	}
	reader_known(reader, node,
		     "label quantityTypeQUDT value unit significantDigit dateTime valueStandardMU "
		     "uncertainty distribution");
	return q;
}

static struct sense_certificate_quantity *
read_xml_list(struct reader *reader, const xmlNode *node,
	      const struct sense_certificate_quantity *like)
{
	struct sense_certificate_quantity *q = si_new_quantity(reader, like);
	const xmlNode *values = xml_child(node, SI_NAMESPACE, "valueXMLList");
	size_t n = 0;

	if (!q)
		return NULL;
	q->form = SENSE_QUANTITY_LIST;
	if (values)
		q->digits = si_split(reader, values, reader_string(reader, values), &n);
	if (!n) {
		reader_refuse(reader, node, "the list has no values");
		return NULL;
	}
	if (!room(reader, node, n))
		return NULL;
	q->count = (unsigned int)n;
	q->values = si_need(reader, node, "valueXMLList", n, -HUGE_VAL, HUGE_VAL);
	q->units = si_tokens(reader, node, "unitXMLList", n);
	if (!q->units) {
		reader_refuse(reader, node, "the values have no unit");
		return NULL;
	}
	q->unit = q->units[0];
	for (size_t i = 1; i < n; i++)
		if (strcmp(q->units[i], q->unit) != 0) {
			q->unit = "";
			break;
		}
	q->labels = si_tokens(reader, node, "labelXMLList", n);
	q->label = "";
	if (q->labels) {
		q->label = q->labels[0];
		for (size_t i = 1; i < n; i++)
			if (strcmp(q->labels[i], q->label) != 0) {
				q->label = "";
				break;
			}
	}
	q->times = si_tokens(reader, node, "dateTimeXMLList", n);
	significant(reader, node, "significantDigitXMLList", n, q);
	uncertainty(reader, node, "XMLList", n, q);
	return q;
}

static void leave_regions(struct reader *reader, const xmlNode *node)
{
	static const char *const regions[] = { "ellipsoidalRegion", "rectangularRegion",
					       "ellipsoidalRegionXMLList",
					       "rectangularRegionXMLList",
					       "measurementUncertaintyMultivariateXMLList" };

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		const xmlNode *at = xml_child(node, SI_NAMESPACE, regions[i]);

		if (at)
			reader_note(
				reader, at,
				"a multivariate uncertainty (covariance region) was left aside; "
				"the values are read without correlations");
	}
}

/* ---- lists of si:real -------------------------------------------------------------- */

/* Join quantities of one value each; expanded is the common form where forms differ. */
static struct sense_certificate_quantity *
join(struct reader *reader, const struct sense_certificate_quantity *const *parts, size_t n,
     const struct sense_certificate_quantity *like)
{
	struct sense_certificate_quantity *q = si_new_quantity(reader, like);
	struct arena *arena = reader->arena;
	double *values = arena_alloc(arena, n * sizeof(double)),
	       *u = arena_alloc(arena, n * sizeof(double)),
	       *k = arena_alloc(arena, n * sizeof(double)),
	       *p = arena_alloc(arena, n * sizeof(double)),
	       *lo = arena_alloc(arena, n * sizeof(double)),
	       *hi = arena_alloc(arena, n * sizeof(double));
	const char **digits = arena_alloc(arena, n * sizeof(char *)),
		   **units = arena_alloc(arena, n * sizeof(char *)),
		   **labels = arena_alloc(arena, n * sizeof(char *)),
		   **times = arena_alloc(arena, n * sizeof(char *)),
		   **shapes = arena_alloc(arena, n * sizeof(char *));
	int *significance = arena_alloc(arena, n * sizeof(int));
	int any_label = 0, any_time = 0, any_shape = 0, any_digit = 0, forms = 0;

	if (arena->failed || !q)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct sense_certificate_quantity *part = parts[i];
		enum sense_uncertainty_form form = part->uncertainty_form;

		values[i] = part->values ? part->values[0] : NAN;
		digits[i] = part->digits[0];
		units[i] = part->units[0];
		labels[i] = part->labels ? part->labels[0] : "";
		times[i] = part->times ? part->times[0] : "";
		shapes[i] = part->distribution ? part->distribution[0] : "";
		significance[i] = part->significant_digits ? part->significant_digits[0] : 0;
		u[i] = part->uncertainty ? part->uncertainty[0] : NAN;
		k[i] = part->k ? part->k[0] : NAN;
		p[i] = part->p ? part->p[0] : NAN;
		lo[i] = part->interval_min ? part->interval_min[0] : NAN;
		hi[i] = part->interval_max ? part->interval_max[0] : NAN;
		any_label |= part->labels != NULL;
		any_time |= part->times != NULL;
		any_shape |= part->distribution != NULL;
		any_digit |= part->significant_digits != NULL;
		forms |= 1 << form;
		if (strcmp(units[i], units[0]) != 0)
			q->unit = "";
	}
	q->form = SENSE_QUANTITY_LIST;
	q->count = (unsigned int)n;
	q->values = values;
	q->digits = digits;
	q->units = units;
	q->unit = q->unit ? q->unit : units[0];
	q->labels = any_label ? labels : NULL;
	q->label = "";
	q->times = any_time ? times : NULL;
	q->significant_digits = any_digit ? significance : NULL;
	q->distribution = any_shape ? shapes : NULL;
	if (forms != 1 << SENSE_UNCERTAINTY_NONE) {
		q->uncertainty = u;
		q->k = k;
		q->uncertainty_form =
			forms & 1 << SENSE_UNCERTAINTY_INTERVAL ? SENSE_UNCERTAINTY_INTERVAL :
			forms & 1 << SENSE_UNCERTAINTY_EXPANDED ? SENSE_UNCERTAINTY_EXPANDED :
								  SENSE_UNCERTAINTY_STANDARD;
		q->p = q->uncertainty_form == SENSE_UNCERTAINTY_STANDARD ? NULL : p;
		if (q->uncertainty_form == SENSE_UNCERTAINTY_INTERVAL) {
			q->interval_min = lo;
			q->interval_max = hi;
		}
	}
	return q;
}

/* si:realList, and an si:list of D-SI 1 that holds si:real: with what holds for all of them. */
static struct sense_certificate_quantity *
read_real_list(struct reader *reader, const xmlNode *node,
	       const struct sense_certificate_quantity *like)
{
	static const char *const common_names[] = { "listUnivariateUnc",
						    "listMeasurementUncertaintyUnivariate" };
	struct vector parts = { .size = sizeof(struct sense_certificate_quantity *) };
	const struct sense_certificate_quantity **array;
	struct sense_certificate_quantity common = { 0 }, *q;
	const char *unit = reader_child_string(reader, node, "listUnit");
	const char *time = reader_child_string(reader, node, "dateTime");
	const char *label = reader_child_string(reader, node, "label");
	const xmlNode *at;
	size_t n;

	for (int i = 0; i < 2; i++)
		if ((at = xml_child(node, SI_NAMESPACE, common_names[i])))
			uncertainty_below(reader, at, "", 1, &common);
	significant(reader, node, "listsignificantDigit", 1, &common);
	for (at = xml_child(node, SI_NAMESPACE, "real"); at && !reader->error; at = xml_next(at)) {
		struct sense_certificate_quantity *part = read_real(reader, at, unit, like);
		const struct sense_certificate_quantity **slot = vector_add(&parts, reader->arena);

		reader_known(reader, at,
			     "label quantityTypeQUDT value unit significantDigit dateTime "
			     "measurementUncertaintyUnivariate measurementUncertaintyUnivaraite "
			     "expandedUnc coverageInterval");
		if (!part || !slot)
			break;
		*slot = part;
		if (part->uncertainty_form == SENSE_UNCERTAINTY_NONE &&
		    common.uncertainty_form != SENSE_UNCERTAINTY_NONE) {
			part->uncertainty_form = common.uncertainty_form;
			part->uncertainty = common.uncertainty;
			part->k = common.k;
			part->p = common.p;
			part->interval_min = common.interval_min;
			part->interval_max = common.interval_max;
			part->distribution = common.distribution;
		}
		if (!part->significant_digits)
			part->significant_digits = common.significant_digits;
		if (!part->times && *time)
			part->times = one(reader, time);
	}
	leave_regions(reader, node);
	n = parts.count;
	array = vector_end(&parts, reader->arena);
	if (reader->error || reader->arena->failed)
		return NULL;
	if (!n) {
		reader_refuse(reader, node, "the list has no values");
		return NULL;
	}
	q = join(reader, array, n, like);
	if (q && *label)
		q->label = label;
	return q;
}

/* ---- si:* as they stand in a quantity ---------------------------------------------- */

void si_add(struct reader *reader, struct vector *quantities,
	    const struct sense_certificate_quantity *q)
{
	const struct sense_certificate_quantity **slot = q ? vector_add(quantities, reader->arena) :
							     NULL;

	if (slot)
		*slot = q;
}

static void leave_complex(struct reader *reader, const xmlNode *node,
			  const struct sense_certificate_quantity *like, struct vector *quantities)
{
	struct sense_certificate_quantity *q = si_new_quantity(reader, like);
	const char *unit = reader_child_string(reader, node, "unit");

	reader_note(reader, node, "a complex quantity was left aside");
	if (!q)
		return;
	q->form = SENSE_QUANTITY_COMPLEX;
	q->unit = *unit ? unit : reader_child_string(reader, node, "unitXMLList");
	q->label = reader_child_string(reader, node, "label");
	si_add(reader, quantities, q);
}

static void read_list(struct reader *reader, const xmlNode *node,
		      const struct sense_certificate_quantity *like, struct vector *quantities)
{
	struct sense_certificate_quantity part = *like;

	if (xml_child(node, SI_NAMESPACE, "real")) {
		si_add(reader, quantities, read_real_list(reader, node, like));
		reader_known(reader, node,
			     "label dateTime listUnit listUnivariateUnc real ellipsoidalRegion "
			     "rectangularRegion");
		return;
	}
	if (xml_child(node, SI_NAMESPACE, "complex")) {
		leave_complex(reader, node, like, quantities);
		return;
	}
	for (const xmlNode *at = xml_first_element(node); at && !reader->error;
	     at = xml_next_element(at)) {
		if (xml_is(at, SI_NAMESPACE, "label") || xml_is(at, SI_NAMESPACE, "dateTime")) {
			reader_note(reader, at, "the %s of a list of lists was left aside",
				    at->name);
			continue;
		}
		si_read(reader, at, &part, quantities);
		part.part++;
	}
}

void si_read(struct reader *reader, const xmlNode *node,
	     const struct sense_certificate_quantity *like, struct vector *quantities)
{
	if (xml_is(node, SI_NAMESPACE, "real")) {
		si_add(reader, quantities, read_real(reader, node, NULL, like));
		reader_known(reader, node,
			     "label quantityTypeQUDT value unit significantDigit dateTime "
			     "measurementUncertaintyUnivariate measurementUncertaintyUnivaraite "
			     "expandedUnc coverageInterval");
	} else if (xml_is(node, SI_NAMESPACE, "constant")) {
		si_add(reader, quantities, read_constant(reader, node, like));
	} else if (xml_is(node, SI_NAMESPACE, "realListXMLList")) {
		si_add(reader, quantities, read_xml_list(reader, node, like));
		leave_regions(reader, node);
		reader_known(reader, node,
			     "labelXMLList quantityTypeQUDTXMLList valueXMLList unitXMLList "
			     "significantDigitXMLList dateTimeXMLList "
			     "measurementUncertaintyUnivariateXMLList expandedUncXMLList "
			     "coverageIntervalXMLList measurementUncertaintyMultivariateXMLList "
			     "ellipsoidalRegionXMLList rectangularRegionXMLList");
	} else if (xml_is(node, SI_NAMESPACE, "realList")) {
		si_add(reader, quantities, read_real_list(reader, node, like));
		reader_known(reader, node,
			     "label dateTime listQuantityTypeQUDT listUnit listsignificantDigit "
			     "listMeasurementUncertaintyUnivariate listUnivariateUnc real "
			     "ellipsoidalRegion rectangularRegion");
	} else if (xml_is(node, SI_NAMESPACE, "list")) {
		read_list(reader, node, like, quantities);
	} else if (xml_is(node, SI_NAMESPACE, "hybrid")) {
		for (const xmlNode *at = xml_first_element(node); at && !reader->error;
		     at = xml_next_element(at))
			si_read(reader, at, like, quantities);
	} else if (xml_is(node, SI_NAMESPACE, "complex") ||
		   xml_is(node, SI_NAMESPACE, "complexList") ||
		   xml_is(node, SI_NAMESPACE, "complexListXMLList")) {
		leave_complex(reader, node, like, quantities);
	} else {
		reader_note(reader, node, "it is not known and was left aside");
	}
}
