// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A verification record in DCC 3.3.0 / D-SI 2.2.1 syntax. Elements stand in the order of the schema
 * (https://ptb.de/dcc/v3.3.0/dcc.xsd), which is not part of this project.
 */
#include <sense/verification.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/xmlwriter.h>

#include <sense/unit.h>
#include <sense/version.h>

#include "base/error.h"
#include "calibrate/arena.h"
#include "calibrate/certificate-file.h"
#include "calibrate/certificate-xml.h"

#define POINTS_MAX 10000

struct condition {
	const char *ref_type, *name, *unit;
	double value, u;
};

struct equipment {
	const char *name, *serial, *identifier, *sha256;
};

struct method {
	const char *name, *norm;
};

struct coefficient {
	const char *name, *unit;
	double value, u;
};

struct sense_verification {
	struct arena arena;
	const char *identifier, *item, *manufacturer, *model, *serial;
	const char *firm, *person, *city, *country, *begin, *end, *next;
	const char *reference_unit, *measured_unit;
	struct sense_calibration_point *points;
	unsigned int point_count;
	struct vector conditions, equipment, methods, coefficients, remarks;
};

struct sense_verification *sense_verification_new(const char *identifier)
{
	struct sense_verification *r = calloc(1, sizeof(*r));

	if (!r)
		return sense_fail_null(ENOMEM, identifier, NULL, "no memory for a record");
	r->conditions.size = sizeof(struct condition);
	r->equipment.size = sizeof(struct equipment);
	r->methods.size = sizeof(struct method);
	r->coefficients.size = sizeof(struct coefficient);
	r->remarks.size = sizeof(const char *);
	r->identifier = arena_string(&r->arena, identifier);
	return r;
}

void sense_verification_free(struct sense_verification *r)
{
	if (!r)
		return;
	free(r->conditions.data);
	free(r->equipment.data);
	free(r->methods.data);
	free(r->coefficients.data);
	free(r->remarks.data);
	arena_free(&r->arena);
	free(r);
}

static int done(const struct sense_verification *r)
{
	if (!r->arena.failed)
		return 0;
	return sense_fail(ENOMEM, r->identifier, NULL, "no memory for the record %s", r->identifier);
}

static int check_unit(const char *unit)
{
	struct sense_unit parsed;

	return sense_unit_parse(unit, &parsed);
}

int sense_verification_set_item(struct sense_verification *r, const char *name,
				const char *manufacturer, const char *model, const char *serial)
{
	r->item = arena_string(&r->arena, name);
	r->manufacturer = arena_string(&r->arena, manufacturer);
	r->model = arena_string(&r->arena, model);
	r->serial = arena_string(&r->arena, serial);
	return done(r);
}

int sense_verification_set_operator(struct sense_verification *r, const char *firm,
				    const char *person, const char *city, const char *country)
{
	if (strlen(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
	    country[1] > 'Z')
		return sense_fail(EINVAL, country, "write DE, AT, NL, ...",
				  "'%.20s' is no country code of ISO 3166-1", country);
	r->firm = arena_string(&r->arena, firm);
	r->person = arena_string(&r->arena, person);
	r->city = arena_string(&r->arena, city);
	r->country = arena_string(&r->arena, country);
	return done(r);
}

static int check_date(const char *date)
{
	if (!certificate_is_date(date))
		return sense_fail(EINVAL, date, "a date is written 2026-01-31", "'%.40s' is no date",
				  date);
	return 0;
}

int sense_verification_set_dates(struct sense_verification *r, const char *begin, const char *end)
{
	int code = check_date(begin);

	if (code == 0)
		code = check_date(end);
	if (code < 0)
		return code;
	if (strcmp(begin, end) > 0)
		return sense_fail(EINVAL, begin, "give the first day first", "%s is after %s", begin,
				  end);
	r->begin = arena_string(&r->arena, begin);
	r->end = arena_string(&r->arena, end);
	return done(r);
}

int sense_verification_set_next_date(struct sense_verification *r, const char *date)
{
	int code = check_date(date);

	if (code < 0)
		return code;
	r->next = arena_string(&r->arena, date);
	return done(r);
}

int sense_verification_add_method(struct sense_verification *r, const char *name, const char *norm)
{
	struct method *m = vector_add(&r->methods, &r->arena);

	if (m) {
		m->name = arena_string(&r->arena, name);
		m->norm = arena_string(&r->arena, norm);
	}
	return done(r);
}

int sense_verification_add_equipment(struct sense_verification *r, const char *name,
				     const char *serial, const char *certificate)
{
	struct sense_certificate *c = NULL;
	struct equipment *e;

	if (certificate) {
		c = sense_certificate_load(certificate);
		if (!c)
			return -sense_error_last()->code;
	}
	e = vector_add(&r->equipment, &r->arena);
	if (e) {
		e->name = arena_string(&r->arena, name);
		e->serial = arena_string(&r->arena, serial);
		e->identifier = c ? arena_string(&r->arena,
						 sense_certificate_get_unique_identifier(c)) : "";
		e->sha256 = c ? arena_string(&r->arena, sense_certificate_get_sha256(c)) : "";
	}
	sense_certificate_unref(c);
	return done(r);
}

int sense_verification_add_condition(struct sense_verification *r, const char *ref_type,
				     const char *name, double value, double u, const char *unit)
{
	int code = check_unit(unit);
	struct condition *c;

	if (code < 0)
		return code;
	if (!isfinite(value))
		return sense_fail(EINVAL, name, NULL, "the condition '%s' has no value", name);
	c = vector_add(&r->conditions, &r->arena);
	if (c) {
		c->ref_type = arena_string(&r->arena, ref_type);
		c->name = arena_string(&r->arena, name);
		c->unit = arena_string(&r->arena, unit);
		c->value = value;
		c->u = u;
	}
	return done(r);
}

int sense_verification_add_coefficient(struct sense_verification *r, const char *name, double value,
				       double u, const char *unit)
{
	int code = check_unit(unit);
	struct coefficient *c;

	if (code < 0)
		return code;
	if (!isfinite(value))
		return sense_fail(EINVAL, name, NULL, "the coefficient '%s' has no value", name);
	c = vector_add(&r->coefficients, &r->arena);
	if (c) {
		c->name = arena_string(&r->arena, name);
		c->unit = arena_string(&r->arena, unit);
		c->value = value;
		c->u = u;
	}
	return done(r);
}

int sense_verification_add_remark(struct sense_verification *r, const char *text)
{
	const char **slot = vector_add(&r->remarks, &r->arena);

	if (slot)
		*slot = arena_string(&r->arena, text);
	return done(r);
}

int sense_verification_set_points(struct sense_verification *r,
				  const struct sense_calibration_point *points, unsigned int count,
				  const char *reference_unit, const char *measured_unit)
{
	int code = check_unit(reference_unit);

	if (code == 0)
		code = check_unit(measured_unit);
	if (code < 0)
		return code;
	if (!count || count > POINTS_MAX)
		return sense_fail(EINVAL, r->identifier, "record between 1 and 10000 points",
				  "a record of %u points cannot be written", count);
	for (unsigned int i = 0; i < count; i++) {
		const struct sense_calibration_point *p = &points[i];

		if (!isfinite(p->reference) || !isfinite(p->measured))
			return sense_fail(EINVAL, r->identifier, "leave the point out or measure it again",
					  "point %u has no reference or no measured value", i);
		/* D-SI kValueType: from 1 on. */
		if (isfinite(p->k) && !(p->k >= 1 && p->k <= 100))
			return sense_fail(EINVAL, r->identifier, "state U for a k of 1 or more",
					  "the coverage factor %g of point %u cannot be said in a DCC",
					  p->k, i);
		if ((isfinite(p->expanded) && p->expanded < 0) || (isfinite(p->u) && p->u < 0) ||
		    (isfinite(p->p) && !(p->p >= 0 && p->p <= 1)))
			return sense_fail(EINVAL, r->identifier, "see how it was computed",
					  "the uncertainty of point %u is negative or its probability "
					  "is none", i);
	}
	r->points = arena_alloc(&r->arena, count * sizeof(*points));
	if (r->points)
		memcpy(r->points, points, count * sizeof(*points));
	r->point_count = r->points ? count : 0;
	r->reference_unit = arena_string(&r->arena, reference_unit);
	r->measured_unit = arena_string(&r->arena, measured_unit);
	return done(r);
}

/* ---- writing ------------------------------------------------------------------------------------ */

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

	/* The schema has no other place for who did it; the statement below says what they are not. */
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
		  "calibration certificate and was not issued by an accredited laboratory.", "");
	if (r->next)
		statement(w, "basic_recalibration", "", "To be verified or calibrated again by:",
			  r->next);
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
	return *(const double *)((const char *)p + offset);
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

static void document(xmlTextWriter *w, const struct sense_verification *r)
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

/* What is written must be what the reader makes of it. */
static int read_back(const struct sense_verification *r, const char *text, size_t size)
{
	struct sense_certificate *c = sense_certificate_parse(r->identifier, text, size);
	struct sense_calibration_point *points = NULL;
	int n = -1, good;

	if (!c)
		return -sense_error_last()->code;
	n = sense_certificate_get_points(c, -1, r->reference_unit, r->measured_unit, &points);
	good = n == (int)r->point_count && !sense_certificate_get_note(c, 0);
	for (int i = 0; good && i < n; i++)
		good = points[i].reference == r->points[i].reference &&
		       points[i].measured == r->points[i].measured;
	free(points);
	sense_certificate_unref(c);
	if (!good)
		return sense_fail(EINVAL, r->identifier, "see that no text holds control characters",
				  "the record %s cannot be read back as it was meant", r->identifier);
	return 0;
}

int sense_verification_get_text(const struct sense_verification *r, char **text, size_t *size)
{
	xmlBuffer *buffer;
	xmlTextWriter *writer;
	const char *missing = !*r->identifier		 ? "its identifier" :
			      !r->item || !*r->item	 ? "the item" :
			      !*r->serial		 ? "the item's serial number" :
			      !r->firm || !*r->firm	 ? "who did it" :
			      !*r->person || !*r->city	 ? "the person or the place" :
			      !r->begin			 ? "the days it was done on" :
			      !r->point_count		 ? "the points" :
							   NULL;
	int code = -ENOMEM;

	*text = NULL;
	if (missing)
		return sense_fail(EINVAL, r->identifier, "set it before writing",
				  "the record %s lacks %s", r->identifier, missing);
	certificate_xml_start();
	buffer = xmlBufferCreate();
	writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (writer) {
		document(writer, r);
		xmlFreeTextWriter(writer);
		*size = (size_t)xmlBufferLength(buffer);
		*text = strndup((const char *)xmlBufferContent(buffer), *size);
	}
	if (buffer)
		xmlBufferFree(buffer);
	if (!*text)
		return sense_fail(ENOMEM, r->identifier, NULL, "no memory to write %s", r->identifier);
	code = read_back(r, *text, *size);
	if (code < 0) {
		free(*text);
		*text = NULL;
	}
	return code;
}

int sense_verification_write(const struct sense_verification *r, const char *path)
{
	size_t size, written = 0;
	char *text;
	int fd, code = sense_verification_get_text(r, &text, &size);

	if (code < 0)
		return code;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		code = sense_fail(errno, path, "name a new file in a directory you may write to",
				  "%s cannot be created: %s", path, strerror(errno));
		free(text);
		return code;
	}
	while (written < size) {
		ssize_t n = write(fd, text + written, size - written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		written += (size_t)n;
	}
	if (written < size || fsync(fd) < 0) {
		code = sense_fail(errno, path, "see that there is room on the disk",
				  "%s cannot be written: %s", path, strerror(errno));
		unlink(path);
	}
	close(fd);
	free(text);
	return code;
}

int sense_certificate_is_verification(const struct sense_certificate *c)
{
	const struct sense_certificate_remark *s;

	for (unsigned int i = 0; (s = sense_certificate_get_statement(c, i)); i++)
		for (unsigned int j = 0; j < s->ref_type_count; j++)
			if (strcmp(s->ref_types[j], SENSE_VERIFICATION_REF_TYPE) == 0)
				return 1;
	return 0;
}
