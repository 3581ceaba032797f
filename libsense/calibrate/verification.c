// SPDX-License-Identifier: LGPL-2.1-or-later
/* A verification record: what goes into it, and how it comes to rest in a file. */
#include "calibrate/verification-model.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sense/unit.h>

#include "base/error.h"
#include "calibrate/certificate-file.h"
#include "calibrate/certificate-xml.h"

#define POINTS_MAX 10000

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
	return sense_fail(ENOMEM, r->identifier, NULL, "no memory for the record %s",
			  r->identifier);
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
		return sense_fail(EINVAL, date, "a date is written 2026-01-31",
				  "'%.40s' is no date", date);
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
		return sense_fail(EINVAL, begin, "give the first day first", "%s is after %s",
				  begin, end);
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
		e->identifier =
			c ? arena_string(&r->arena, sense_certificate_get_unique_identifier(c)) :
			    "";
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
			return sense_fail(EINVAL, r->identifier,
					  "leave the point out or measure it again",
					  "point %u has no reference or no measured value", i);
		/* D-SI kValueType: from 1 on. */
		if (isfinite(p->k) && !(p->k >= 1 && p->k <= 100))
			return sense_fail(
				EINVAL, r->identifier, "state U for a k of 1 or more",
				"the coverage factor %g of point %u cannot be said in a DCC", p->k,
				i);
		if ((isfinite(p->expanded) && p->expanded < 0) || (isfinite(p->u) && p->u < 0) ||
		    (isfinite(p->p) && !(p->p >= 0 && p->p <= 1)))
			return sense_fail(
				EINVAL, r->identifier, "see how it was computed",
				"the uncertainty of point %u is negative or its probability "
				"is none",
				i);
	}
	r->points = arena_alloc(&r->arena, count * sizeof(*points));
	if (r->points)
		memcpy(r->points, points, count * sizeof(*points));
	r->point_count = r->points ? count : 0;
	r->reference_unit = arena_string(&r->arena, reference_unit);
	r->measured_unit = arena_string(&r->arena, measured_unit);
	return done(r);
}

/* ---- out --------------------------------------------------------------------------- */

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
		return sense_fail(EINVAL, r->identifier,
				  "see that no text holds control characters",
				  "the record %s cannot be read back as it was meant",
				  r->identifier);
	return 0;
}

int sense_verification_get_text(const struct sense_verification *r, char **text, size_t *size)
{
	xmlBuffer *buffer;
	xmlTextWriter *writer;
	const char *missing = !*r->identifier	       ? "its identifier" :
			      !r->item || !*r->item    ? "the item" :
			      !*r->serial	       ? "the item's serial number" :
			      !r->firm || !*r->firm    ? "who did it" :
			      !*r->person || !*r->city ? "the person or the place" :
			      !r->begin		       ? "the days it was done on" :
			      !r->point_count	       ? "the points" :
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
		verification_document(writer, r);
		xmlFreeTextWriter(writer);
		*size = (size_t)xmlBufferLength(buffer);
		*text = strndup((const char *)xmlBufferContent(buffer), *size);
	}
	if (buffer)
		xmlBufferFree(buffer);
	if (!*text)
		return sense_fail(ENOMEM, r->identifier, NULL, "no memory to write %s",
				  r->identifier);
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
