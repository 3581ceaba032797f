// SPDX-License-Identifier: GPL-2.0-or-later
/* A certificate from anywhere: read it, look at everything in it, and look for its signature. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sense/certificate.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static volatile size_t touched;

static void touch(const char *text)
{
	touched += strlen(text);
}

static void touch_quantity(const struct sense_certificate_quantity *q)
{
	double value;

	touch(q->label);
	touch(q->unit);
	touch(sense_text_get(q->name, "de"));
	touch(sense_text_get(q->text, NULL));
	for (unsigned int i = 0; i < q->count; i++) {
		touch(q->digits[i]);
		touch(q->units[i]);
		if (q->conformity)
			touch(q->conformity[i]);
		sense_quantity_get_value(q, i, "\\kelvin", &value);
		sense_quantity_get_standard_uncertainty(q, i, NULL, &value);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct sense_certificate *c = sense_certificate_parse("fuzz", data, size);
	struct sense_certificate_signature *s;
	struct sense_calibration_point *points;
	const struct sense_certificate_result *r;
	struct sense_rtd rtd;
	double min, max;

	if (!c)
		return 0;
	for (unsigned int i = 0; (r = sense_certificate_get_result(c, i)); i++) {
		for (unsigned int j = 0; j < r->quantity_count; j++)
			touch_quantity(r->quantities[j]);
		if (sense_certificate_get_points(c, (int)i, "\\degreecelsius", NULL, &points) > 0)
			free(points);
	}
	sense_certificate_get_rtd(c, &rtd);
	sense_certificate_get_range(c, "\\kelvin", &min, &max);
	sense_certificate_find_item(c, "x", "y");
	sense_certificate_check_date(c, "2026-01-01");
	touch(sense_certificate_get_valid_until(c));
	s = sense_certificate_verify(c, NULL);
	/* Nobody can sign by chance. */
	if (s && sense_certificate_signature_is_trusted(s))
		__builtin_trap();
	sense_certificate_signature_free(s);
	sense_certificate_unref(c);
	return 0;
}
