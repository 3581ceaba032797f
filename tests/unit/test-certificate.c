// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates: what is read of all versions and forms, what is refused, what is found in them. */
#include "unit.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include <sense/certificate.h>
#include <sense/error.h>

#define FIXTURES "tests/fixtures/dcc/"

static struct sense_certificate *load(const char *name)
{
	struct sense_certificate *c = sense_certificate_load(name);

	if (!c)
		printf("%s\n", sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

/* First quantity of a refType, in results, conditions or statements. */
static const struct sense_certificate_quantity *find(const struct sense_certificate *c,
						     const char *type)
{
	for (unsigned int i = 0; i < sense_certificate_get_result_count(c); i++) {
		const struct sense_certificate_result *r = sense_certificate_get_result(c, i);

		for (unsigned int j = 0; j < r->quantity_count; j++)
			if (sense_quantity_is(r->quantities[j], type))
				return r->quantities[j];
	}
	CU_FAIL_FATAL("there is no quantity of this type");
	return NULL;
}

static int has_note(const struct sense_certificate *c, const char *what)
{
	const char *note;

	for (unsigned int i = 0; (note = sense_certificate_get_note(c, i)); i++)
		if (strstr(note, what))
			return 1;
	return 0;
}

/* ---- reading ----------------------------------------------------------------------- */

static void reads_2_4(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-2.4.xml");
	const struct sense_certificate_item *item = sense_certificate_get_item(c, 0);
	const struct sense_certificate_quantity *q;
	const struct sense_certificate_condition *condition;
	double value;

	CU_ASSERT_STRING_EQUAL(sense_certificate_get_schema_version(c), "2.4.0");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_unique_identifier(c), "TEST-24-0001");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_receipt_date(c), "2020-02-20");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_language(c, 0), "nl");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_language(c, 1), "en");
	CU_ASSERT_PTR_NULL(sense_certificate_get_language(c, 2));
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_laboratory_code(c), "K 000");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_laboratory(c)->address, "Delft, NL");
	CU_ASSERT_STRING_EQUAL(sense_text_get(sense_certificate_get_customer(c)->name, NULL),
			       "Recycling Voorbeeld");
	CU_ASSERT_STRING_EQUAL(sense_text_get(item->name, "nl"), "Weegbrug");
	CU_ASSERT_STRING_EQUAL(sense_text_get(item->name, "fr"), "Weighing cell");
	CU_ASSERT_STRING_EQUAL(item->serial, "LC-77");
	CU_ASSERT_STRING_EQUAL(sense_text_get(item->identifications[0].name, NULL), "serial");
	CU_ASSERT_EQUAL(sense_certificate_get_person(c, 0)->main_signer, 1);
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_file(c, 0)->name, "paper.txt");
	CU_ASSERT_EQUAL(sense_certificate_get_file(c, 0)->size, 3);

	/* One year from a leap day is the last of February. */
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_valid_until(c), "2021-02-28");

	/* The list's unit and uncertainty hold where a value has none of its own. */
	q = find(c, "basic_referenceValue");
	CU_ASSERT_EQUAL_FATAL(q->count, 3);
	CU_ASSERT_STRING_EQUAL(q->unit, "");
	CU_ASSERT_STRING_EQUAL(q->units[1], "\\kilogram");
	CU_ASSERT_STRING_EQUAL(q->units[2], "\\tonne");
	CU_ASSERT_STRING_EQUAL(q->labels[1], "half");
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_EXPANDED);
	CU_ASSERT_EQUAL(q->uncertainty[0], 0.02);
	CU_ASSERT_EQUAL(q->k[0], 2);
	CU_ASSERT_EQUAL(q->k[2], 2.5);
	CU_ASSERT_EQUAL(q->p[2], 0.99);
	CU_ASSERT_EQUAL(sense_quantity_get_value(q, 2, "\\kilogram", &value), 0);
	CU_ASSERT_EQUAL(value, 1000);
	CU_ASSERT_EQUAL(sense_quantity_get_standard_uncertainty(q, 2, "\\gram", &value), 0);
	CU_ASSERT_DOUBLE_EQUAL(value, 40, 1e-9);

	condition = sense_certificate_get_condition(c, 0);
	CU_ASSERT_STRING_EQUAL(condition->status, "beforeAdjustment");
	q = condition->quantities[0];
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_INTERVAL);
	CU_ASSERT_EQUAL(q->uncertainty[0], 0.2);
	CU_ASSERT_EQUAL(q->interval_min[0], 20.1);
	CU_ASSERT_STRING_EQUAL(q->distribution[0], "rectangular");
	CU_ASSERT_TRUE(has_note(c, "dcc:calibrationLocations"));
	sense_certificate_unref(c);
}

static void reads_3_1(void)
{
	static const double pascal[] = { 1000, 2000, 3500, 400, 50000 };
	struct sense_certificate *c = load(FIXTURES "dcc-3.1.xml");
	const struct sense_certificate_quantity *q = find(c, "basic_referenceValue");
	const struct sense_certificate_result *r;
	double value;

	CU_ASSERT_EQUAL_FATAL(q->count, 5);
	for (unsigned int i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(sense_quantity_get_value(q, i, "\\pascal", &value), 0);
		CU_ASSERT_DOUBLE_EQUAL(value, pascal[i], 1e-9);
	}
	CU_ASSERT_STRING_EQUAL(q->digits[3], "+4.");
	q = find(c, "basic_measurementError");
	CU_ASSERT_TRUE(sense_quantity_is(q, "tst_other"));
	CU_ASSERT_EQUAL(q->ref_type_count, 2);
	CU_ASSERT_TRUE(isnan(q->values[4]));
	CU_ASSERT_STRING_EQUAL(q->times[4], "2025-03-03T10:04:00Z");
	CU_ASSERT_STRING_EQUAL(q->labels[2], "c");
	CU_ASSERT_EQUAL(q->p[4], 0.95); /* stated once */
	CU_ASSERT_EQUAL(q->interval_max[1], -16);
	CU_ASSERT_STRING_EQUAL(q->conformity[2], "fail");
	q = find(c, "tst_constant");
	CU_ASSERT_EQUAL(q->form, SENSE_QUANTITY_CONSTANT);
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_STANDARD);
	CU_ASSERT_EQUAL(q->uncertainty[0], 0.01);
	q = find(c, "tst_relative");
	CU_ASSERT_EQUAL(q->relative_uncertainty[0], 0.5);
	CU_ASSERT_STRING_EQUAL(q->relative_unit, "\\percent");
	r = sense_certificate_get_result(c, 1);
	CU_ASSERT_EQUAL_FATAL(r->quantity_count, 5); /* a hybrid is two */
	CU_ASSERT_EQUAL(r->quantities[1]->group, r->quantities[2]->group);
	CU_ASSERT_EQUAL(r->quantities[1]->uncertainty_form, SENSE_UNCERTAINTY_NONE);
	CU_ASSERT_EQUAL(r->quantities[2]->uncertainty[0], 10);
	CU_ASSERT_EQUAL(r->quantities[4]->form, SENSE_QUANTITY_TEXT);
	CU_ASSERT_STRING_EQUAL(sense_text_get(r->quantities[4]->text, NULL),
			       "Words among the results.");
	CU_ASSERT_PTR_NULL(sense_certificate_get_note(c, 0));
	sense_certificate_unref(c);
}

static void reads_3_2(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.2.xml");
	const struct sense_certificate_quantity *q;
	const struct sense_certificate_result *r;
	double u;

	q = find(c, "tst_standard");
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_STANDARD);
	CU_ASSERT_EQUAL(q->uncertainty[0], 0.01);
	CU_ASSERT_EQUAL(q->k[0], 1);
	CU_ASSERT_PTR_NULL(q->p);
	CU_ASSERT_EQUAL(q->significant_digits[0], -2);
	q = find(c, "tst_expanded");
	CU_ASSERT_EQUAL(sense_quantity_get_standard_uncertainty(q, 0, "\\milli\\volt", &u), 0);
	CU_ASSERT_DOUBLE_EQUAL(u, 10, 1e-12);
	q = find(c, "tst_interval");
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_INTERVAL);
	CU_ASSERT_EQUAL(q->interval_max[0], 1.53);
	q = find(c, "tst_complex");
	CU_ASSERT_EQUAL(q->form, SENSE_QUANTITY_COMPLEX);
	CU_ASSERT_EQUAL(q->count, 0);
	CU_ASSERT_TRUE(has_note(c, "si:complex: a complex quantity was left aside"));
	CU_ASSERT_TRUE(has_note(c, "multivariate uncertainty"));
	q = find(c, "tst_chars");
	CU_ASSERT_STRING_EQUAL(sense_text_get(q->text, NULL), "red green blue");

	/* A list of lists: one quantity per list, in order. */
	r = sense_certificate_get_result(c, 0);
	q = r->quantities[r->quantity_count - 2];
	CU_ASSERT_TRUE(sense_quantity_is(q, "tst_matrix"));
	CU_ASSERT_EQUAL(q->part, 0);
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_EXPANDED);
	CU_ASSERT_EQUAL(q->k[0], 1); /* stated as standard uncertainty for the list */
	CU_ASSERT_EQUAL(q->k[1], 2);
	CU_ASSERT_EQUAL(q->uncertainty[1], 0.4);
	q = r->quantities[r->quantity_count - 1];
	CU_ASSERT_EQUAL(q->part, 1);
	CU_ASSERT_EQUAL(q->count, 3);
	sense_certificate_unref(c);
}

static void reads_3_3(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml");
	const struct sense_certificate_item *item = sense_certificate_get_item(c, 1);
	const struct sense_certificate_quantity *q;

	CU_ASSERT_STRING_EQUAL(sense_certificate_get_issue_date(c), "2025-04-01");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_change(c), "amended");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_replaced(c), "TEST-33-0003");
	CU_ASSERT_EQUAL(sense_certificate_get_item_count(c), 2);
	CU_ASSERT_EQUAL(item->parent, 0);
	CU_ASSERT_STRING_EQUAL(item->serial, "TX-2");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_method(c, 1)->norm, "IEC 60751:2022");
	CU_ASSERT_EQUAL(sense_certificate_get_equipment(c, 1)->reference, 1);
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_equipment(c, 0)->serial, "REF-1");
	q = find(c, "tst_intervals");
	CU_ASSERT_EQUAL(q->uncertainty_form, SENSE_UNCERTAINTY_INTERVAL);
	CU_ASSERT_EQUAL(q->interval_min[2], 2.8);
	CU_ASSERT_PTR_NULL(sense_certificate_get_note(c, 0));
	sense_certificate_unref(c);
}

/* PTB's own examples are not part of the project: $SENSE_SHARED or ../shared has them. */
static void reads_ptb(void)
{
	static const char *const names[] = { "dcc_gp_temperatur_resistance_v12.xml",
					     "dcc_gp_temperature_typical_v12.xml",
					     "dcc_gp_temperature_typical_v12_v3.2.0_signed.xml" };
	const char *shared = getenv("SENSE_SHARED");
	struct sense_calibration_point *points;
	struct sense_rtd rtd;

	for (unsigned int i = 0; i < 3; i++) {
		struct sense_certificate *c;
		char path[512];

		snprintf(path, sizeof(path), "%s/data/dcc/%s", shared ? shared : "../shared",
			 names[i]);
		if (access(path, R_OK) != 0) {
			printf("\n    without %s: it is not there\n", path);
			continue;
		}
		c = load(path);
		CU_ASSERT_PTR_NULL(sense_certificate_get_note(c, 0)); /* read completely */
		CU_ASSERT_STRING_EQUAL(sense_certificate_get_valid_until(c), "1959-10-22");
		if (i == 0) {
			CU_ASSERT_EQUAL_FATAL(sense_certificate_get_points(c, -1, "\\degreecelsius",
									   "\\ohm", &points),
					      9);
			CU_ASSERT_EQUAL(points[6].reference, 60.000);
			CU_ASSERT_EQUAL(points[6].measured, 123.2880);
			CU_ASSERT_EQUAL(points[6].expanded, 0.0048);
			CU_ASSERT_EQUAL(points[6].k, 2);
			CU_ASSERT_EQUAL(sense_certificate_get_rtd(c, &rtd), 0);
			CU_ASSERT_EQUAL(rtd.r0_ohm, 100.0225);
			CU_ASSERT_EQUAL(rtd.b, -6.469e-7);
		} else {
			CU_ASSERT_EQUAL_FATAL(sense_certificate_get_points(c, -1, "\\degreecelsius",
									   "\\degreecelsius",
									   &points),
					      5);
			CU_ASSERT_EQUAL(points[4].reference, 320.004);
			CU_ASSERT_EQUAL(points[4].measured, 319.92);
			CU_ASSERT_EQUAL(points[4].error, -0.084);
			CU_ASSERT_EQUAL(points[4].expanded, 0.061);
		}
		free(points);
		sense_certificate_unref(c);
	}
}

/* ---- numbers for a fit ------------------------------------------------------------- */

static void finds_points(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml");
	struct sense_calibration_point *points;

	/* Of the hybrid the Celsius list is taken as it is; milliohm becomes ohm. */
	CU_ASSERT_EQUAL_FATAL(
		sense_certificate_get_points(c, -1, "\\degreecelsius", "\\ohm", &points), 3);
	CU_ASSERT_EQUAL(points[1].reference, 50.00);
	CU_ASSERT_EQUAL(points[1].reference_u, 0.002);
	CU_ASSERT_DOUBLE_EQUAL(points[1].measured, 119.4091, 1e-12);
	CU_ASSERT_TRUE(isnan(points[1].error)); /* an error of ohm against degrees there is not */
	CU_ASSERT_DOUBLE_EQUAL(points[1].expanded, 0.0044, 1e-15);
	CU_ASSERT_EQUAL(points[1].k, 2);
	CU_ASSERT_EQUAL(points[1].p, 0.95);
	CU_ASSERT_DOUBLE_EQUAL(points[1].u, 0.0022, 1e-15);
	free(points);
	CU_ASSERT_EQUAL(sense_certificate_get_points(c, -1, "\\degreecelsius", "\\volt", &points),
			-EDOM);
	CU_ASSERT_PTR_NULL(points);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "measured value"));
	CU_ASSERT_EQUAL(sense_certificate_get_points(c, 1, NULL, NULL, &points), -ENODATA);
	CU_ASSERT_EQUAL(sense_certificate_get_points(c, 7, NULL, NULL, &points), -ENODATA);
	sense_certificate_unref(c);

	c = load(FIXTURES "dcc-3.2.xml"); /* rows of single values */
	CU_ASSERT_EQUAL_FATAL(
		sense_certificate_get_points(c, -1, "\\percent", "\\percent", &points), 2);
	CU_ASSERT_EQUAL(points[1].reference, 75.3);
	CU_ASSERT_DOUBLE_EQUAL(points[1].measured, 74.9, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(points[1].error, -0.4, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(points[1].expanded, 1.0, 1e-12);
	free(points);
	sense_certificate_unref(c);

	c = load(FIXTURES "dcc-3.1.xml"); /* error alone: the measured value is their sum */
	CU_ASSERT_EQUAL_FATAL(sense_certificate_get_points(c, -1, "\\pascal", "\\pascal", &points),
			      5);
	CU_ASSERT_DOUBLE_EQUAL(points[1].measured, 1980, 1e-9);
	CU_ASSERT_EQUAL(points[1].u, 2);
	CU_ASSERT_EQUAL(points[1].k, 1);
	free(points);
	sense_certificate_unref(c);
}

static void finds_coefficients(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml");
	struct sense_rtd rtd;
	double value, u, min, max;

	CU_ASSERT_EQUAL(sense_certificate_get_coefficient(c, "R0", "\\milli\\ohm", &value, &u), 0);
	CU_ASSERT_DOUBLE_EQUAL(value, 100009, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(u, 2, 1e-12);
	CU_ASSERT_EQUAL(sense_certificate_get_coefficient(c, "B", NULL, &value, &u), 0);
	CU_ASSERT_TRUE(isnan(u));
	CU_ASSERT_EQUAL(sense_certificate_get_coefficient(c, "A", "\\ohm", &value, NULL), -EDOM);
	CU_ASSERT_EQUAL(sense_certificate_get_coefficient(c, "D", NULL, &value, NULL), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "R_{0}, A, B, C, r2"));
	CU_ASSERT_EQUAL(sense_certificate_get_rtd(c, &rtd), 0);
	CU_ASSERT_DOUBLE_EQUAL(rtd.a, 3.9083e-3, 1e-18);
	CU_ASSERT_EQUAL(rtd.c, -4.183e-12);
	CU_ASSERT_EQUAL(sense_certificate_get_range(c, "\\degreecelsius", &min, &max), 0);
	CU_ASSERT_DOUBLE_EQUAL(min, 0, 0);
	CU_ASSERT_DOUBLE_EQUAL(max, 100, 1e-10);
	CU_ASSERT_EQUAL(sense_certificate_get_range(c, "\\ohm", &min, &max), -EDOM);
	sense_certificate_unref(c);
	c = load(FIXTURES "dcc-2.4.xml");
	CU_ASSERT_EQUAL(sense_certificate_get_rtd(c, &rtd), -ENOENT);
	CU_ASSERT_EQUAL(sense_certificate_get_range(c, "\\kilogram", &min, &max), -ENODATA);
	sense_certificate_unref(c);
}

/* ---- matching ---------------------------------------------------------------------- */

static void matches_items(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml");

	CU_ASSERT_EQUAL(sense_certificate_find_item(c, NULL, "PT-4711"), 0);
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, NULL, " INV-9 "), 0);
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, "example transmitters", "TX-2"), 1);
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, "Example Sensors", "TX-2"), -ENOENT);
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, NULL, "PT-4712"), -ENOENT);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, FIXTURES
			       "dcc-3.3.xml is a certificate for 'PT-4711' of Example "
			       "Sensors, 'TX-2' of Example Transmitters, not for 'PT-4712'");
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, NULL, "PT-471"), -ENOENT);
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, NULL, NULL), -EINVAL);
	sense_certificate_unref(c);
}

static void knows_its_time(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml");

	/* A month after the last of March is the last of April. */
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_valid_until(c), "2025-04-30");
	CU_ASSERT_EQUAL(sense_certificate_check_date(c, "2025-04-30"), 0);
	CU_ASSERT_EQUAL(sense_certificate_check_date(c, "2025-05-01"), -EKEYEXPIRED);
	CU_ASSERT_EQUAL(sense_certificate_check_date(c, "2025-03-02"), -EAGAIN);
	CU_ASSERT_EQUAL(sense_certificate_check_date(c, "2025-02-29"), -EINVAL);
	CU_ASSERT_EQUAL(sense_certificate_check_date(c, "soon"), -EINVAL);
	sense_certificate_unref(c);
}

static void follows_references(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.3.xml"), *old;
	const struct sense_certificate_reference *r = sense_certificate_get_reference(c, 0);

	CU_ASSERT_EQUAL(sense_certificate_get_reference_count(c), 3);
	CU_ASSERT_STRING_EQUAL(r->relation, "equipment");
	CU_ASSERT_EQUAL(sense_certificate_check_reference(r, FIXTURES "dcc-3.1.xml"), 0);
	CU_ASSERT_EQUAL(sense_certificate_check_reference(r, FIXTURES "dcc-3.2.xml"), -EBADMSG);
	CU_ASSERT_EQUAL(sense_certificate_check_reference(r, FIXTURES "none.xml"), -ENOENT);
	r = sense_certificate_get_reference(c, 1); /* SHA-512 in base64 */
	CU_ASSERT_EQUAL(sense_certificate_check_reference(r, FIXTURES "dcc-2.4.xml"), 0);
	r = sense_certificate_get_reference(c, 2); /* MD5 */
	CU_ASSERT_EQUAL(sense_certificate_check_reference(r, FIXTURES "dcc-2.4.xml"), -ENOTSUP);
	sense_certificate_unref(c);

	old = load(FIXTURES "dcc-2.4.xml");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_reference(old, 0)->relation, "previous");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_reference(old, 0)->identifier, "TEST-24-0000");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_reference(old, 1)->relation, "linked");
	CU_ASSERT_EQUAL(sense_certificate_check_reference(sense_certificate_get_reference(old, 1),
							  FIXTURES "dcc-2.4.xml"),
			-ENODATA);
	sense_certificate_unref(old);
}

/* ---- refusals ---------------------------------------------------------------------- */

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = malloc(1 << 20);

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	*size = fread(data, 1, (1 << 20) - 1, file);
	data[*size] = 0;
	fclose(file);
	return data;
}

/* The fixture with one string changed to another; -errno of parsing it, 0 where it parses. */
static int changed(const char *from, const char *to)
{
	size_t size, n;
	char *data = slurp(FIXTURES "dcc-3.3.xml", &size), *at = strstr(data, from), *other;
	struct sense_certificate *c;

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	n = strlen(from);
	other = malloc(size + strlen(to) + 1);
	memcpy(other, data, (size_t)(at - data));
	strcpy(other + (at - data), to);
	strcat(other, at + n);
	c = sense_certificate_parse("changed", other, strlen(other));
	free(data);
	free(other);
	sense_certificate_unref(c);
	return c ? 0 : -sense_error_last()->code;
}

static void refuses_what_is_wrong(void)
{
	CU_ASSERT_EQUAL(changed("TEST-33-0004", "TEST-33-0005"), 0); /* the means work */
	CU_ASSERT_EQUAL(changed("3.3.0", "3.4.0"), -EPROTONOSUPPORT);
	CU_ASSERT_EQUAL(changed("3.3.0", "2.3.0"), -EPROTONOSUPPORT);
	CU_ASSERT_EQUAL(changed("3.3.0", "new"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("119409.1", "119409,1"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("119409.1", "0x1"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("119409.1", "inf"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("119409.1", "1e999"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("4.0 4.4 5.0", "4.0 4.4"), -EBADMSG); /* neither one nor three */
	CU_ASSERT_EQUAL(changed("4.0 4.4 5.0", "4.0 -4.4 5.0"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("XMLList>0.95<", "XMLList>95<"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("0.8 1.8 2.8", "1.8 1.8 2.8"),
			-EBADMSG); /* ends before it begins */
	CU_ASSERT_EQUAL(changed("2025-03-31", "2025-02-31"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("<dcc:period>P1M<", "<dcc:period>1 month<"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("https://ptb.de/dcc", "https://example.org/dcc"), -EBADMSG);
	CU_ASSERT_EQUAL(changed("<si:value>100.009</si:value>",
				"<si:value>100.009</si:value><si:value>101</si:value>"),
			-EBADMSG);
	CU_ASSERT_EQUAL(changed("</dcc:coreData>", ""), -EBADMSG);
	CU_ASSERT_EQUAL(changed("encoding=\"UTF-8\"", "encoding=\"UTF-16\""), -EBADMSG);
	CU_ASSERT_EQUAL(changed("encoding=\"UTF-8\"", "encoding=\"EBCDIC-CP-US\""), -EBADMSG);
	/* A comment does not split a number: what a signature leaves out is not read. */
	CU_ASSERT_EQUAL(changed("119409.1", "1194<!-- -->09.1"), 0);
}

static int parse(const char *text, size_t size)
{
	struct sense_certificate *c = sense_certificate_parse("bomb", text, size);
	int code = sense_error_last()->code;

	sense_certificate_unref(c);
	return c ? 0 : -code;
}

static void refuses_bombs(void)
{
	static const char laughs[] =
		"<?xml version=\"1.0\"?>"
		"<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
		"<x>&b;</x>";
	static const char external[] = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>";
	static const char network[] =
		"<!DOCTYPE x [<!ENTITY % e SYSTEM \"http://127.0.0.1:9/e\"> %e;]><x/>";
	static const char undefined[] = "<x>&e;</x>";
	static const char latin[] = "<?xml version='1.0' encoding='latin1'?><x/>";
	const size_t big = 4 << 20;
	char *text = malloc(big + 64);
	size_t n = 0;

	CU_ASSERT_EQUAL(parse(laughs, strlen(laughs)), -EPERM);
	CU_ASSERT_EQUAL(parse(external, strlen(external)), -EPERM);
	CU_ASSERT_EQUAL(parse(network, strlen(network)), -EPERM);
	CU_ASSERT_EQUAL(parse(undefined, strlen(undefined)), -EBADMSG);
	CU_ASSERT_EQUAL(parse(latin, strlen(latin)), -EBADMSG);
	CU_ASSERT_EQUAL(parse("<x/>", 4), -EBADMSG);
	CU_ASSERT_EQUAL(parse("", 0), -EBADMSG);
	CU_ASSERT_EQUAL(parse("<x\0/>", 5), -EBADMSG);

	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(text + n, "<d>");
	CU_ASSERT_EQUAL(parse(text, n), -EPERM);
	n = (size_t)sprintf(text, "<x");
	for (int i = 0; i < 100000; i++)
		n += (size_t)sprintf(text + n, " a%d=''", i);
	n += (size_t)sprintf(text + n, "/>");
	CU_ASSERT_EQUAL(parse(text, n), -EPERM);
	n = (size_t)sprintf(text, "<x>");
	while (n < big)
		n += (size_t)sprintf(text + n, "<a/>");
	CU_ASSERT_EQUAL(parse(text, n), -EFBIG);
	CU_ASSERT_EQUAL(parse(text, (size_t)33 << 20), -EFBIG); /* refused before it is looked at */
	free(text);
}

static void is_shared_by_count(void)
{
	struct sense_certificate *c = load(FIXTURES "dcc-3.1.xml");

	CU_ASSERT_PTR_EQUAL(sense_certificate_ref(c), c);
	sense_certificate_unref(c);
	CU_ASSERT_EQUAL(strlen(sense_certificate_get_sha256(c)), 64);
	sense_certificate_unref(c);
	sense_certificate_unref(NULL);
	CU_ASSERT_PTR_NULL(sense_certificate_load(FIXTURES));
	CU_ASSERT_EQUAL(sense_error_last()->code, EISDIR);
}

UNIT_TESTS = { UNIT(reads_2_4),
	       UNIT(reads_3_1),
	       UNIT(reads_3_2),
	       UNIT(reads_3_3),
	       UNIT(reads_ptb),
	       UNIT(finds_points),
	       UNIT(finds_coefficients),
	       UNIT(matches_items),
	       UNIT(knows_its_time),
	       UNIT(follows_references),
	       UNIT(refuses_what_is_wrong),
	       UNIT(refuses_bombs),
	       UNIT(is_shared_by_count),
	       UNIT_END };
UNIT_MAIN("certificate")
