// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A verification record in DCC 3.3.0 / D-SI 2.2.1 syntax. Elements stand in the order of the schema
 * (https://ptb.de/dcc/v3.3.0/dcc.xsd), which is not part of this project.
 */
#include "calibrate/verification-model.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <sense/version.h>

#include "calibrate/certificate-file.h"
#include "calibrate/certificate-xml.h"

/* Shortest text that reads back as the same number; what D-SI's patterns take. */
static const char *number(double value, char text[40])
{
	double back;

	if (!isfinite(value))
		return "NaN";
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, 40, "%.*g", precision, value);
		for (char *comma = strchr(text, ','); comma; comma = NULL)
			*comma = '.'; /* a locale's */
		if (certificate_number(text, &back) == 0 && back == value)
			break;
	}
	return text;
}

/* Coverage factor and probability have patterns without exponent. */
static const char *plain(double value, char text[40])
{
	size_t n;

	if (!isfinite(value))
		return "NaN";
	snprintf(text, 40, "%.6f", value);
	for (char *comma = strchr(text, ','); comma; comma = NULL)
		*comma = '.';
	n = strlen(text);
	while (n && text[n - 1] == '0')
		text[--n] = 0;
	if (n && text[n - 1] == '.')
		text[--n] = 0;
	return text;
}

static void open_(xmlTextWriter *w, const char *name)
{
	xmlTextWriterStartElement(w, (const xmlChar *)name);
}

static void close_(xmlTextWriter *w)
{
	xmlTextWriterEndElement(w);
}

static void attribute(xmlTextWriter *w, const char *name, const char *value)
{
	if (*value)
		xmlTextWriterWriteAttribute(w, (const xmlChar *)name, (const xmlChar *)value);
}

static void leaf(xmlTextWriter *w, const char *name, const char *value)
{
	if (*value)
		xmlTextWriterWriteElement(w, (const xmlChar *)name, (const xmlChar *)value);
}

/* A textType with one content. */
static void words(xmlTextWriter *w, const char *name, const char *language, const char *text)
{
	open_(w, name);
	open_(w, "dcc:content");
	attribute(w, "lang", language);
	xmlTextWriterWriteString(w, (const xmlChar *)text);
	close_(w);
	close_(w);
}

static void location(xmlTextWriter *w, const struct sense_verification *r)
{
	open_(w, "dcc:location");
	leaf(w, "dcc:city", r->city);
	leaf(w, "dcc:countryCode", r->country);
	close_(w);
}

static void identification(xmlTextWriter *w, const char *serial)
{
	open_(w, "dcc:identifications");
	open_(w, "dcc:identification");
	leaf(w, "dcc:issuer", "manufacturer");
	leaf(w, "dcc:value", serial);
	words(w, "dcc:name", "en", "Serial no.");
	close_(w);
	close_(w);
}

static void statement(xmlTextWriter *w, const char *ref_type, const char *norm, const char *text,
		      const char *date)
{
	open_(w, "dcc:statement");
	attribute(w, "refType", ref_type);
	leaf(w, "dcc:norm", norm);
	words(w, "dcc:declaration", "en", text);
	leaf(w, "dcc:date", date);
	close_(w);
}

static void administration(xmlTextWriter *w, const struct sense_verification *r)
{
	open_(w, "dcc:administrativeData");
	open_(w, "dcc:dccSoftware");
	open_(w, "dcc:software");
	words(w, "dcc:name", "", "libsense");
	leaf(w, "dcc:release", SENSE_VERSION);
	leaf(w, "dcc:type", "library");
	close_(w);
	close_(w);

	open_(w, "dcc:coreData");
	leaf(w, "dcc:countryCodeISO3166_1", r->country);
	leaf(w, "dcc:usedLangCodeISO639_1", "en");
	leaf(w, "dcc:mandatoryLangCodeISO639_1", "en");
	leaf(w, "dcc:uniqueIdentifier", r->identifier);
	leaf(w, "dcc:beginPerformanceDate", r->begin);
	leaf(w, "dcc:endPerformanceDate", r->end);
	leaf(w, "dcc:performanceLocation", "other");
	close_(w);

	open_(w, "dcc:items");
	open_(w, "dcc:item");
	words(w, "dcc:name", "", r->item);
	if (*r->manufacturer) {
		open_(w, "dcc:manufacturer");
		words(w, "dcc:name", "", r->manufacturer);
		close_(w);
	}
	leaf(w, "dcc:model", r->model);
	identification(w, r->serial);
	close_(w);
	close_(w);

	/* No other place says who did it; the statement below says what they are not. */
	open_(w, "dcc:calibrationLaboratory");
	open_(w, "dcc:contact");
	words(w, "dcc:name", "", r->firm);
	location(w, r);
	close_(w);
	close_(w);
	open_(w, "dcc:respPersons");
	open_(w, "dcc:respPerson");
	open_(w, "dcc:person");
	words(w, "dcc:name", "", r->person);
	close_(w);
	leaf(w, "dcc:mainSigner", "true");
	close_(w);
	close_(w);
	open_(w, "dcc:customer");
	words(w, "dcc:name", "", r->firm);
	location(w, r);
	close_(w);

	open_(w, "dcc:statements");
	statement(w, SENSE_VERIFICATION_REF_TYPE, "ISO/IEC 17025",
		  "This is a verification record of a comparison with a reference. It is not a "
		  "calibration certificate and was not issued by an accredited laboratory.",
		  "");
	if (r->next)
		statement(w, "basic_recalibration", "",
			  "To be verified or calibrated again by:", r->next);
	for (size_t i = 0; i < r->remarks.count; i++)
		statement(w, "", "", ((const char **)r->remarks.data)[i], "");
	close_(w);
	close_(w);
}

/* One value; u NaN leaves the uncertainty out. */
static void real(xmlTextWriter *w, const char *label, double value, double u, const char *unit)
{
	char text[40];

	open_(w, "si:real");
	leaf(w, "si:label", label);
	leaf(w, "si:value", number(value, text));
	leaf(w, "si:unit", unit);
	if (isfinite(u)) {
		open_(w, "si:measurementUncertaintyUnivariate");
		open_(w, "si:standardMU");
		leaf(w, "si:valueStandardMU", number(u, text));
		close_(w);
		close_(w);
	}
	close_(w);
}

static double field(const struct sense_calibration_point *p, size_t offset)
{
	double value;

	memcpy(&value, (const char *)p + offset, sizeof(value));
	return value;
}

static void list(xmlTextWriter *w, const struct sense_verification *r, const char *name,
		 size_t offset, const char *(*format)(double, char[40]))
{
	char text[40];

	open_(w, name);
	for (unsigned int i = 0; i < r->point_count; i++)
		xmlTextWriterWriteFormatString(w, "%s%s", i ? " " : "",
					       format(field(&r->points[i], offset), text));
	close_(w);
}

static int any(const struct sense_verification *r, size_t offset)
{
	for (unsigned int i = 0; i < r->point_count; i++)
		if (isfinite(field(&r->points[i], offset)))
			return 1;
	return 0;
}

#define POINT(member) offsetof(struct sense_calibration_point, member)

enum stated { NOTHING, REFERENCE_U, POINT_U };

static void column(xmlTextWriter *w, const struct sense_verification *r, const char *ref_type,
		   const char *title, size_t offset, const char *unit, enum stated stated)
{
	int expanded = stated == POINT_U && any(r, POINT(expanded)) && any(r, POINT(k));
	size_t standard = stated == REFERENCE_U ? POINT(reference_u) : POINT(u);

	open_(w, "dcc:quantity");
	attribute(w, "refType", ref_type);
	words(w, "dcc:name", "en", title);
	open_(w, "si:realListXMLList");
	list(w, r, "si:valueXMLList", offset, number);
	leaf(w, "si:unitXMLList", unit);
	if (expanded || (stated != NOTHING && any(r, standard))) {
		open_(w, "si:measurementUncertaintyUnivariateXMLList");
		if (expanded) {
			open_(w, "si:expandedMUXMLList");
			list(w, r, "si:valueExpandedMUXMLList", POINT(expanded), number);
			list(w, r, "si:coverageFactorXMLList", POINT(k), plain);
			list(w, r, "si:coverageProbabilityXMLList", POINT(p), plain);
		} else {
			open_(w, "si:standardMUXMLList");
			list(w, r, "si:valueStandardMUXMLList", standard, number);
		}
		close_(w);
		close_(w);
	}
	close_(w);
	close_(w);
}

static void begin_result(xmlTextWriter *w, const char *ref_type, const char *title)
{
	open_(w, "dcc:result");
	attribute(w, "refType", ref_type);
	words(w, "dcc:name", "en", title);
	open_(w, "dcc:data");
	open_(w, "dcc:list");
}

static void end_result(xmlTextWriter *w)
{
	close_(w);
	close_(w);
	close_(w);
}

static void surroundings(xmlTextWriter *w, const struct sense_verification *r)
{
	if (r->methods.count)
		open_(w, "dcc:usedMethods");
	for (size_t i = 0; i < r->methods.count; i++) {
		const struct method *m = &((struct method *)r->methods.data)[i];

		open_(w, "dcc:usedMethod");
		words(w, "dcc:name", "en", m->name);
		leaf(w, "dcc:norm", m->norm);
		close_(w);
	}
	if (r->methods.count)
		close_(w);
	if (r->equipment.count)
		open_(w, "dcc:measuringEquipments");
	for (size_t i = 0; i < r->equipment.count; i++) {
		const struct equipment *e = &((struct equipment *)r->equipment.data)[i];

		open_(w, "dcc:measuringEquipment");
		attribute(w, "refType", "basic_normalUsed");
		words(w, "dcc:name", "en", e->name);
		if (*e->sha256) {
			open_(w, "dcc:certificate");
			words(w, "dcc:referral", "en", "its certificate");
			leaf(w, "dcc:referralID", e->identifier);
			leaf(w, "dcc:procedure", "SHA-256");
			leaf(w, "dcc:value", e->sha256);
			close_(w);
		}
		if (*e->serial)
			identification(w, e->serial);
		close_(w);
	}
	if (r->equipment.count)
		close_(w);
	if (r->conditions.count)
		open_(w, "dcc:influenceConditions");
	for (size_t i = 0; i < r->conditions.count; i++) {
		const struct condition *c = &((struct condition *)r->conditions.data)[i];

		open_(w, "dcc:influenceCondition");
		attribute(w, "refType", c->ref_type);
		words(w, "dcc:name", "en", c->name);
		open_(w, "dcc:data");
		open_(w, "dcc:quantity");
		real(w, "", c->value, c->u, c->unit);
		close_(w);
		close_(w);
		close_(w);
	}
	if (r->conditions.count)
		close_(w);
}

static void results(xmlTextWriter *w, const struct sense_verification *r)
{
	int with_error = any(r, POINT(error));

	open_(w, "dcc:results");
	begin_result(w, "gp_measuringResult1", "Comparison points");
	column(w, r, "basic_referenceValue", "Reference value", POINT(reference), r->reference_unit,
	       REFERENCE_U);
	column(w, r, "basic_measuredValue", "Measured value", POINT(measured), r->measured_unit,
	       with_error ? NOTHING : POINT_U);
	if (with_error)
		column(w, r, "basic_measurementError", "Measurement error", POINT(error),
		       r->measured_unit, POINT_U);
	end_result(w);
	if (r->coefficients.count)
		begin_result(w, "gp_coefficients", "Coefficients");
	for (size_t i = 0; i < r->coefficients.count; i++) {
		const struct coefficient *c = &((struct coefficient *)r->coefficients.data)[i];

		open_(w, "dcc:quantity");
		real(w, c->name, c->value, c->u, c->unit);
		close_(w);
	}
	if (r->coefficients.count)
		end_result(w);
	close_(w);
}

void verification_document(xmlTextWriter *w, const struct sense_verification *r)
{
	xmlTextWriterSetIndent(w, 1);
	xmlTextWriterSetIndentString(w, (const xmlChar *)"\t");
	xmlTextWriterStartDocument(w, "1.0", "UTF-8", NULL);
	open_(w, "dcc:digitalCalibrationCertificate");
	attribute(w, "xmlns:dcc", DCC_NAMESPACE);
	attribute(w, "xmlns:si", SI_NAMESPACE);
	attribute(w, "schemaVersion", "3.3.0");
	administration(w, r);
	open_(w, "dcc:measurementResults");
	open_(w, "dcc:measurementResult");
	words(w, "dcc:name", "en", "Verification (not an accredited calibration)");
	surroundings(w, r);
	results(w, r);
	close_(w);
	close_(w);
	close_(w);
	xmlTextWriterEndDocument(w);
}
