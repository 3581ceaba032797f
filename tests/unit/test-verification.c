// SPDX-License-Identifier: GPL-2.0-or-later
/* Verification records: written, read back, and never mistaken for a certificate. */
#include "unit.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/verification.h>

static const struct sense_calibration_point points[] = {
	{ .reference = 0.01,
	  .reference_u = 0.002,
	  .measured = 100.0129,
	  .error = NAN,
	  .expanded = 0.004,
	  .k = 2,
	  .p = 0.95,
	  .u = 0.002 },
	{ .reference = 50,
	  .reference_u = 0.002,
	  .measured = 119.4091,
	  .error = NAN,
	  .expanded = 0.0044,
	  .k = 2.05,
	  .p = 0.9545,
	  .u = 0.0044 / 2.05 },
	{ .reference = 0.1 + 0.2,
	  .reference_u = 0.002,
	  .measured = 1e-9,
	  .error = NAN,
	  .expanded = 0.005,
	  .k = 2,
	  .p = 0.95,
	  .u = 0.0025 },
};

static struct sense_verification *record(void)
{
	struct sense_verification *r = sense_verification_new("VR-1 & <2>");

	CU_ASSERT_EQUAL(
		sense_verification_set_item(r, "Pt100", "Example Sensors", "ES-1", "PT-4711"), 0);
	CU_ASSERT_EQUAL(
		sense_verification_set_operator(r, "Labor Übung", "C. Prüferin", "Wien", "AT"), 0);
	CU_ASSERT_EQUAL(sense_verification_set_dates(r, "2026-01-30", "2026-01-31"), 0);
	return r;
}

static struct sense_certificate *read_back(const struct sense_verification *r)
{
	struct sense_certificate *c;
	char *text;
	size_t size;

	if (sense_verification_get_text(r, &text, &size) < 0) {
		printf("%s\n", sense_error_last()->sentence);
		CU_FAIL_FATAL("no text");
	}
	c = sense_certificate_parse("record", text, size);
	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

static void writes_all_of_it(void)
{
	struct sense_verification *r = record();
	struct sense_calibration_point *back;
	const struct sense_certificate_condition *condition;
	struct sense_certificate *c;
	double value, u;

	CU_ASSERT_EQUAL(sense_verification_set_next_date(r, "2027-01-31"), 0);
	CU_ASSERT_EQUAL(sense_verification_add_method(r, "Comparison in a bath", "DKD-R 5-1"), 0);
	CU_ASSERT_EQUAL(sense_verification_add_equipment(r, "Reference", "REF-1",
							 "tests/fixtures/dcc/dcc-3.1.xml"),
			0);
	CU_ASSERT_EQUAL(sense_verification_add_condition(r, "basic_temperature", "air", 23.1, 0.2,
							 "\\degreecelsius"),
			0);
	CU_ASSERT_EQUAL(sense_verification_set_points(r, points, 3, "\\degreecelsius", "\\ohm"), 0);
	CU_ASSERT_EQUAL(sense_verification_add_coefficient(r, "R0", 100.009, 0.002, "\\ohm"), 0);
	CU_ASSERT_EQUAL(sense_verification_add_remark(r, "as found < as left"), 0);
	c = read_back(r);
	CU_ASSERT_EQUAL(sense_certificate_is_verification(c), 1);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(sense_text_get(sense_certificate_get_statement(c, 0)->declaration, NULL),
		       "not a calibration certificate"));
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_unique_identifier(c), "VR-1 & <2>");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_schema_version(c), "3.3.0");
	CU_ASSERT_STRING_EQUAL(sense_certificate_get_valid_until(c), "2027-01-31");
	CU_ASSERT_EQUAL(sense_certificate_find_item(c, "Example Sensors", "PT-4711"), 0);
	CU_ASSERT_EQUAL_FATAL(sense_certificate_get_points(c, -1, NULL, NULL, &back), 3);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(back[i].reference, points[i].reference);
		CU_ASSERT_EQUAL(back[i].reference_u, points[i].reference_u);
		CU_ASSERT_EQUAL(back[i].measured, points[i].measured);
		CU_ASSERT_EQUAL(back[i].k, points[i].k);
		CU_ASSERT_EQUAL(back[i].p, points[i].p);
		CU_ASSERT_DOUBLE_EQUAL(back[i].expanded, points[i].expanded, 1e-15);
	}
	free(back);
	condition = sense_certificate_get_condition(c, 0);
	CU_ASSERT_EQUAL(condition->quantities[0]->values[0], 23.1);
	CU_ASSERT_EQUAL(condition->quantities[0]->uncertainty[0], 0.2);
	CU_ASSERT_EQUAL(sense_certificate_get_coefficient(c, "R0", "\\ohm", &value, &u), 0);
	CU_ASSERT_EQUAL(value, 100.009);
	CU_ASSERT_EQUAL(u, 0.002);
	CU_ASSERT_EQUAL(sense_certificate_check_reference(sense_certificate_get_reference(c, 0),
							  "tests/fixtures/dcc/dcc-3.1.xml"),
			0);
	sense_certificate_unref(c);
	sense_verification_free(r);
	c = sense_certificate_load("tests/fixtures/dcc/dcc-3.3.xml");
	CU_ASSERT_EQUAL(sense_certificate_is_verification(c), 0);
	sense_certificate_unref(c);
}

static void writes_errors_and_standard_uncertainty(void)
{
	struct sense_calibration_point p[2] = { { 20, NAN, 20.5, 0.5, NAN, NAN, NAN, 0.01 },
						{ 30, NAN, 30.25, 0.25, NAN, NAN, NAN, 0.02 } },
				       *back;
	struct sense_verification *r = record();
	struct sense_certificate *c;

	CU_ASSERT_EQUAL(
		sense_verification_set_points(r, p, 2, "\\degreecelsius", "\\degreecelsius"), 0);
	c = read_back(r);
	CU_ASSERT_EQUAL_FATAL(sense_certificate_get_points(c, -1, NULL, NULL, &back), 2);
	CU_ASSERT_EQUAL(back[1].error, 0.25);
	CU_ASSERT_EQUAL(back[1].u, 0.02);
	CU_ASSERT_EQUAL(back[1].k, 1);
	CU_ASSERT_TRUE(isnan(back[1].reference_u));
	free(back);
	sense_certificate_unref(c);
	sense_verification_free(r);
}

static void does_not_overwrite(void)
{
	struct sense_verification *r = record();
	char path[] = "build/tests/record-XXXXXX";

	CU_ASSERT_EQUAL(sense_verification_set_points(r, points, 3, "\\degreecelsius", "\\ohm"), 0);
	close(mkstemp(path));
	CU_ASSERT_EQUAL(sense_verification_write(r, path), -EEXIST);
	unlink(path);
	CU_ASSERT_EQUAL(sense_verification_write(r, path), 0);
	CU_ASSERT_EQUAL(sense_verification_write(r, path), -EEXIST);
	unlink(path);
	CU_ASSERT_EQUAL(sense_verification_write(r, "build/none/record.xml"), -ENOENT);
	sense_verification_free(r);
}

static void refuses(void)
{
	struct sense_verification *r = sense_verification_new("VR-2");
	struct sense_calibration_point p = points[0];
	size_t size;
	char *text;

	CU_ASSERT_EQUAL(sense_verification_get_text(r, &text, &size), -EINVAL);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence, "the record VR-2 lacks the item");
	CU_ASSERT_EQUAL(sense_verification_set_operator(r, "x", "y", "z", "Austria"), -EINVAL);
	CU_ASSERT_EQUAL(sense_verification_set_dates(r, "2026-02-30", "2026-03-01"), -EINVAL);
	CU_ASSERT_EQUAL(sense_verification_set_dates(r, "2026-03-02", "2026-03-01"), -EINVAL);
	CU_ASSERT_EQUAL(sense_verification_set_points(r, &p, 1, "degC", "\\ohm"), -EINVAL);
	CU_ASSERT_EQUAL(sense_verification_set_points(r, &p, 0, "\\kelvin", "\\ohm"), -EINVAL);
	p.k = 0.5;
	CU_ASSERT_EQUAL(sense_verification_set_points(r, &p, 1, "\\kelvin", "\\ohm"), -EINVAL);
	p.k = 2;
	p.measured = NAN;
	CU_ASSERT_EQUAL(sense_verification_set_points(r, &p, 1, "\\kelvin", "\\ohm"), -EINVAL);
	CU_ASSERT_EQUAL(sense_verification_add_equipment(r, "x", "y", "none.xml"), -ENOENT);
	sense_verification_free(r);
	r = record();
	CU_ASSERT_EQUAL(sense_verification_set_points(r, points, 3, "\\degreecelsius", "\\ohm"), 0);
	CU_ASSERT_EQUAL(sense_verification_add_remark(r, "a control \x01 character"), 0);
	CU_ASSERT_EQUAL(sense_verification_get_text(r, &text, &size), -EBADMSG);
	sense_verification_free(r);
}

UNIT_TESTS = { UNIT(writes_all_of_it), UNIT(writes_errors_and_standard_uncertainty),
	       UNIT(does_not_overwrite), UNIT(refuses), UNIT_END };
UNIT_MAIN("verification")
