// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Numbers for a fit: calibration points, range and coefficients, found by refType.
 * Source of the refTypes: PTB, "Good Practice DCC" (basic_*, gp_*), version 1.2.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/certificate-model.h"

typedef const struct sense_certificate_quantity *quantity;

static int has(const char *const *tokens, unsigned int count, const char *token)
{
	for (unsigned int i = 0; i < count; i++)
		if (strcmp(tokens[i], token) == 0)
			return 1;
	return 0;
}

int sense_quantity_is(quantity q, const char *ref_type)
{
	return has(q->ref_types, q->ref_type_count, ref_type);
}

/* ---- one value in a unit ----------------------------------------------------------- */

static int units_of(quantity q, unsigned int index, const char *unit, struct sense_unit *from,
		    struct sense_unit *to)
{
	int r;

	if (index >= q->count)
		return sense_fail(ERANGE, q->label, NULL, "there are only %u values", q->count);
	r = sense_unit_parse(q->units[index], from);
	if (r < 0)
		return r;
	return sense_unit_parse(unit ? unit : q->units[index], to);
}

int sense_quantity_get_value(quantity q, unsigned int index, const char *unit, double *value)
{
	struct sense_unit from, to;
	int r;

	if (index < q->count && (!unit || strcmp(unit, q->units[index]) == 0)) {
		*value = q->values[index];
		return 0;
	}
	r = units_of(q, index, unit, &from, &to);
	return r < 0 ? r : sense_unit_convert(&from, &to, q->values[index], value);
}

/* As written: an absolute temperature's difference in °C is one in K. */
static int difference(quantity q, unsigned int index, const char *unit, double value,
		      double *result)
{
	struct sense_unit from, to;
	int r;

	if (index < q->count && (!unit || strcmp(unit, q->units[index]) == 0)) {
		*result = value;
		return 0;
	}
	r = units_of(q, index, unit, &from, &to);
	return r < 0 ? r : sense_unit_convert_difference(&from, &to, value, result);
}

int sense_quantity_get_standard_uncertainty(quantity q, unsigned int index, const char *unit,
					    double *u)
{
	double standard;

	if (index >= q->count)
		return sense_fail(ERANGE, q->label, NULL, "there are only %u values", q->count);
	if (!q->uncertainty || isnan(q->uncertainty[index]))
		return sense_fail(ENODATA, q->label, NULL, "the value has no uncertainty");
	standard = q->uncertainty[index];
	if (q->uncertainty_form == SENSE_UNCERTAINTY_EXPANDED)
		standard /= q->k[index];
	return difference(q, index, unit, standard, u);
}

/* ---- columns ----------------------------------------------------------------------- */

enum { REFERENCE, MEASURED, ERROR, COLUMNS };
static const char *const column_types[COLUMNS] = { "basic_referenceValue", "basic_measuredValue",
						   "basic_measurementError" };
static const char *const column_names[COLUMNS] = { "reference value", "measured value",
						   "measurement error" };

/* A table: columns of one or more quantities each, their values in document order. */
struct cell {
	quantity q;
	unsigned int index;
};
struct column {
	struct cell *cells;
	size_t count;
};

/* The list a quantity belongs to as a column; rows of single values belong to the list around. */
static int table_of(const struct sense_certificate *c, quantity q)
{
	int table = q->table;

	if (table >= 0 && q->count == 1 && c->tables[table].parent >= 0)
		table = c->tables[table].parent;
	return table;
}

/* How well a quantity fits a unit: 0 not, 1 by conversion, 2 as it is, 3 by its very name. */
static int fits(quantity q, const char *unit, int is_difference)
{
	struct sense_unit from, to;

	if (!q->count)
		return 0;
	if (!unit || strcmp(q->units[0], unit) == 0)
		return 3;
	if (sense_unit_parse(q->units[0], &from) < 0 || sense_unit_parse(unit, &to) < 0 ||
	    !sense_unit_same_dimension(&from, &to))
		return 0;
	return from.factor == to.factor && (is_difference || from.offset == to.offset) ? 2 : 1;
}

static int gather(const struct sense_certificate *c, int result, int table, int which,
		  const char *unit, struct column *column)
{
	const struct sense_certificate_result *r = &c->results[result];
	size_t space = 0;
	int wrong = 0;

	column->cells = NULL;
	column->count = 0;
	for (unsigned int i = 0; i < r->quantity_count; i++)
		if (sense_quantity_is(r->quantities[i], column_types[which]))
			space += r->quantities[i]->count;
	if (!space)
		return 0;
	column->cells = calloc(space, sizeof(*column->cells));
	if (!column->cells)
		return sense_fail(ENOMEM, c->name, NULL, "no memory for calibration points");
	for (unsigned int i = 0; i < r->quantity_count;) {
		quantity best = NULL;
		unsigned int group = r->quantities[i]->group;
		int best_fit = 0, ours = 0;

		for (; i < r->quantity_count && r->quantities[i]->group == group; i++) {
			quantity q = r->quantities[i];
			int fit;

			if (!sense_quantity_is(q, column_types[which]) || table_of(c, q) != table)
				continue;
			ours = 1;
			fit = fits(q, unit, which == ERROR);
			if (fit > best_fit) {
				best = q;
				best_fit = fit;
			}
		}
		if (ours && !best)
			wrong = 1;
		for (unsigned int j = 0; best && j < best->count; j++)
			column->cells[column->count++] = (struct cell){ best, j };
	}
	if (wrong)
		return sense_fail(EDOM, c->name, "ask for a unit of the same quantity",
				  "no %s in %s can be expressed in %s", column_names[which],
				  c->name, unit);
	return 0;
}

/* ---- points ------------------------------------------------------------------------ */

/* Which tables of a result have what; @seen has an entry per table and one before for none. */
static void survey(const struct sense_certificate *c, const struct sense_certificate_result *r,
		   unsigned char *seen)
{
	memset(seen, 0, c->table_count + 1);
	for (unsigned int i = 0; i < r->quantity_count; i++)
		for (int which = 0; which < COLUMNS; which++)
			if (r->quantities[i]->count &&
			    sense_quantity_is(r->quantities[i], column_types[which]))
				seen[table_of(c, r->quantities[i]) + 1] |= 1 << which;
}

static int find_table(const struct sense_certificate *c, int wanted, int *result, int *table)
{
	unsigned char *seen = malloc(c->table_count + 1);
	char list[300] = "";
	size_t n = 0;
	int found = 0;

	if (!seen)
		return sense_fail(ENOMEM, c->name, NULL, "no memory for calibration points");
	for (unsigned int i = 0; i < c->result_count; i++) {
		if (wanted >= 0 && i != (unsigned int)wanted)
			continue;
		survey(c, &c->results[i], seen);
		for (unsigned int t = 0; t <= c->table_count; t++) {
			if (!(seen[t] & 1 << REFERENCE) || seen[t] == 1 << REFERENCE)
				continue;
			found++;
			*result = (int)i;
			*table = (int)t - 1;
			if (n < sizeof(list))
				n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%u '%.60s'",
						      n ? ", " : "", i,
						      sense_text_get(c->results[i].name, NULL));
		}
	}
	free(seen);
	if (!found)
		return sense_fail(ENODATA, c->name,
				  "see 'sense certificate show' for the refTypes it has",
				  "%s has no table with basic_referenceValue and "
				  "basic_measuredValue or basic_measurementError",
				  c->name);
	if (found > 1)
		return sense_fail(EINVAL, c->name, "say which result by its index",
				  "%s has %d tables of calibration points: %s", c->name, found,
				  list);
	return 0;
}

static int uncertainty_at(const struct cell *cell, const char *unit, double *u, double *k,
			  double *p)
{
	quantity q = cell->q;
	int r;

	*u = *k = *p = NAN;
	if (!q->uncertainty || isnan(q->uncertainty[cell->index]))
		return 0;
	r = sense_quantity_get_standard_uncertainty(q, cell->index, unit, u);
	if (r < 0)
		return r;
	*k = q->k ? q->k[cell->index] : 1;
	*p = q->p && q->uncertainty_form == SENSE_UNCERTAINTY_EXPANDED ? q->p[cell->index] : NAN;
	return 0;
}

/* @comparable: both units are of one dimension, so an error can be added to the reference. */
static int fill(const struct column *columns, const char *reference_unit, const char *measured_unit,
		int comparable, struct sense_calibration_point *point, size_t i)
{
	const struct cell *reference = &columns[REFERENCE].cells[i];
	const struct cell *measured = columns[MEASURED].count ? &columns[MEASURED].cells[i] : NULL;
	const struct cell *error = columns[ERROR].count ? &columns[ERROR].cells[i] : NULL;
	double k, p, in_measured;
	int r;

	*point = (struct sense_calibration_point){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	r = sense_quantity_get_value(reference->q, reference->index, reference_unit,
				     &point->reference);
	if (r == 0)
		r = uncertainty_at(reference, reference_unit, &point->reference_u, &k, &p);
	if (r == 0 && measured)
		r = sense_quantity_get_value(measured->q, measured->index, measured_unit,
					     &point->measured);
	if (r == 0 && error)
		r = difference(error->q, error->index, measured_unit,
			       error->q->values[error->index], &point->error);
	if (r == 0 && comparable && !(measured && error)) {
		r = sense_quantity_get_value(reference->q, reference->index, measured_unit,
					     &in_measured);
		if (r == 0 && !measured)
			point->measured = in_measured + point->error;
		if (r == 0 && !error)
			point->error = point->measured - in_measured;
	}
	if (r == 0 && error)
		r = uncertainty_at(error, measured_unit, &point->u, &point->k, &point->p);
	if (r == 0 && measured && isnan(point->u))
		r = uncertainty_at(measured, measured_unit, &point->u, &point->k, &point->p);
	point->expanded = point->u * point->k;
	return r;
}

int sense_certificate_get_points(const struct sense_certificate *c, int result,
				 const char *reference_unit, const char *measured_unit,
				 struct sense_calibration_point **points)
{
	struct column columns[COLUMNS] = { 0 };
	struct sense_unit a, b;
	int r, table = -1, comparable;
	size_t n = 0;

	*points = NULL;
	if (result >= (int)c->result_count)
		return sense_fail(ENODATA, c->name, NULL, "%s has only %u results", c->name,
				  c->result_count);
	r = find_table(c, result, &result, &table);
	if (r == 0)
		r = gather(c, result, table, REFERENCE, reference_unit, &columns[REFERENCE]);
	if (r == 0)
		r = gather(c, result, table, MEASURED, measured_unit, &columns[MEASURED]);
	if (r == 0)
		r = gather(c, result, table, ERROR, measured_unit, &columns[ERROR]);
	n = columns[REFERENCE].count;
	for (int i = MEASURED; r == 0 && i < COLUMNS; i++)
		if (columns[i].count && columns[i].count != n)
			r = sense_fail(EBADMSG, c->name, "ask the laboratory what belongs to what",
				       "%s has %zu reference values beside %zu of the %s", c->name,
				       n, columns[i].count, column_names[i]);
	if (r == 0) {
		/* Without a wish, the units are those of the first row. */
		if (!reference_unit)
			reference_unit = columns[REFERENCE].cells[0].q->units[0];
		if (!measured_unit)
			measured_unit = columns[MEASURED].count ?
						columns[MEASURED].cells[0].q->units[0] :
						columns[ERROR].cells[0].q->units[0];
		r = sense_unit_parse(reference_unit, &a);
		if (r == 0)
			r = sense_unit_parse(measured_unit, &b);
	}
	if (r == 0) {
		comparable = sense_unit_same_dimension(&a, &b);
		*points = calloc(n, sizeof(**points));
		if (!*points)
			r = sense_fail(ENOMEM, c->name, NULL, "no memory for calibration points");
		for (size_t i = 0; r == 0 && i < n; i++)
			r = fill(columns, reference_unit, measured_unit, comparable, *points + i,
				 i);
	}
	for (int i = 0; i < COLUMNS; i++)
		free(columns[i].cells);
	if (r < 0) {
		free(*points);
		*points = NULL;
		return r;
	}
	return (int)n;
}

/* ---- every quantity there is ------------------------------------------------------- */

/* Calls @visit for quantities of statements and results; stops when it returns non-zero. */
static int each(const struct sense_certificate *c, int (*visit)(void *context, quantity q),
		void *context)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < c->statement_count; i++)
		for (unsigned int j = 0; !r && j < c->statements[i]->quantity_count; j++)
			r = visit(context, c->statements[i]->quantities[j]);
	for (unsigned int i = 0; !r && i < c->result_count; i++) {
		const struct sense_certificate_result *result = &c->results[i];

		for (unsigned int j = 0; !r && j < result->quantity_count; j++) {
			quantity q = result->quantities[j];

			r = visit(context, q);
			for (unsigned int k = 0; !r && k < q->remark_count; k++)
				for (unsigned int l = 0; !r && l < q->remarks[k]->quantity_count;
				     l++)
					r = visit(context, q->remarks[k]->quantities[l]);
		}
		for (unsigned int j = 0; !r && j < result->remark_count; j++)
			for (unsigned int k = 0; !r && k < result->remarks[j]->quantity_count; k++)
				r = visit(context, result->remarks[j]->quantities[k]);
	}
	return r;
}

/* ---- range ------------------------------------------------------------------------- */

struct range {
	const char *unit;
	double min, max;
	int error;
};

static int widen(void *context, quantity q)
{
	struct range *range = context;
	int low = sense_quantity_is(q, "basic_validityRangeMin");
	double value;

	if (!q->count || (!low && !sense_quantity_is(q, "basic_validityRangeMax")))
		return 0;
	if (sense_quantity_get_value(q, 0, range->unit, &value) < 0) {
		/* Of a hybrid's units, one that fits is enough. */
		range->error = -EDOM;
		return 0;
	}
	/* Several statements all hold: the narrowest range does. */
	if (low && !(range->min >= value))
		range->min = value;
	if (!low && !(range->max <= value))
		range->max = value;
	return 0;
}

int sense_certificate_get_range(const struct sense_certificate *c, const char *unit, double *min,
				double *max)
{
	struct range range = { unit, NAN, NAN, 0 };

	each(c, widen, &range);
	if (isnan(range.min) || isnan(range.max)) {
		if (range.error)
			return sense_fail(EDOM, c->name, "ask for a unit of the same quantity",
					  "the range of %s cannot be expressed in %s", c->name,
					  unit);
		return sense_fail(ENODATA, c->name, "take the first and last calibration point",
				  "%s does not say for which range it was calibrated", c->name);
	}
	*min = range.min;
	*max = range.max;
	return 0;
}

/* ---- coefficients ------------------------------------------------------------------ */

/* "R_{0}", "$R_0$" and "R 0" are "R0". */
static void simplify(const char *text, char *name, size_t size)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++)
		if (!strchr(" \t\r\n_{}$\\", *text))
			name[n++] = *text;
	name[n] = 0;
}

static int named(quantity q, const char *name)
{
	char plain[80];

	simplify(q->label, plain, sizeof(plain));
	if (strcmp(plain, name) == 0)
		return 1;
	simplify(q->symbol, plain, sizeof(plain));
	if (strcmp(plain, name) == 0)
		return 1;
	for (unsigned int i = 0; i < sense_text_get_count(q->name); i++) {
		simplify(sense_text_get_content(q->name, i), plain, sizeof(plain));
		if (strcmp(plain, name) == 0)
			return 1;
	}
	return 0;
}

static int is_coefficient(const struct sense_certificate *c, quantity q)
{
	static const char *const type = "gp_coefficients";

	if (q->count != 1 || q->result < 0)
		return 0;
	if (sense_quantity_is(q, type) ||
	    has(c->results[q->result].ref_types, c->results[q->result].ref_type_count, type))
		return 1;
	for (int t = q->table; t >= 0; t = c->tables[t].parent)
		if (has(c->tables[t].ref_types, c->tables[t].ref_type_count, type))
			return 1;
	return 0;
}

int sense_certificate_get_coefficient(const struct sense_certificate *c, const char *name,
				      const char *unit, double *value, double *u)
{
	char list[300] = "", wanted[80];
	quantity found = NULL;
	size_t n = 0;
	int r, wrong = 0;

	simplify(name, wanted, sizeof(wanted));
	for (unsigned int i = 0; i < c->result_count; i++)
		for (unsigned int j = 0; j < c->results[i].quantity_count; j++) {
			quantity q = c->results[i].quantities[j];
			const char *label;

			if (!is_coefficient(c, q))
				continue;
			label = *q->label  ? q->label :
				*q->symbol ? q->symbol :
					     sense_text_get(q->name, NULL);
			if (n < sizeof(list))
				n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%.40s",
						      n ? ", " : "", label);
			if (!named(q, wanted))
				continue;
			if (!fits(q, unit, 0)) {
				wrong = 1;
				continue;
			}
			if (found && found->group != q->group && found->values[0] != q->values[0])
				return sense_fail(EINVAL, c->name,
						  "ask the laboratory which of them is meant",
						  "%s gives the coefficient %s twice, %s and %s",
						  c->name, name, found->digits[0], q->digits[0]);
			if (!found || fits(q, unit, 0) > fits(found, unit, 0))
				found = q;
		}
	if (!found && wrong)
		return sense_fail(EDOM, c->name, "see that the equation is the certificate's",
				  "the coefficient %s of %s is not in a unit that %s can express",
				  name, c->name, unit);
	if (!found)
		return sense_fail(ENOENT, c->name,
				  n ? "see that the equation is the certificate's" :
				      "take its calibration points and fit them",
				  n ? "%s has no coefficient %s, but %s" :
				      "%s has no coefficient %s, nor any other%s",
				  c->name, name, list);
	r = sense_quantity_get_value(found, 0, unit, value);
	if (r == 0 && u) {
		*u = NAN;
		if (found->uncertainty)
			r = sense_quantity_get_standard_uncertainty(found, 0, unit, u);
	}
	return r;
}

int sense_certificate_get_rtd(const struct sense_certificate *c, struct sense_rtd *rtd)
{
	struct sense_rtd read = { 0 };
	int r;

	r = sense_certificate_get_coefficient(c, "R0", "\\ohm", &read.r0_ohm, NULL);
	if (r == 0)
		r = sense_certificate_get_coefficient(c, "A", "\\kelvin\\tothe{-1}", &read.a, NULL);
	if (r == 0)
		r = sense_certificate_get_coefficient(c, "B", "\\kelvin\\tothe{-2}", &read.b, NULL);
	if (r < 0)
		return r;
	for (unsigned int i = 0; r == 0 && i < c->result_count; i++)
		for (unsigned int j = 0; j < c->results[i].quantity_count; j++)
			if (is_coefficient(c, c->results[i].quantities[j]) &&
			    named(c->results[i].quantities[j], "C")) {
				r = sense_certificate_get_coefficient(c, "C", "\\kelvin\\tothe{-4}",
								      &read.c, NULL);
				break;
			}
	if (r < 0)
		return r;
	*rtd = read;
	return 0;
}
