// SPDX-License-Identifier: LGPL-2.1-or-later
/* One entry of a calibration log as one line of JSON, in both directions. */
#include "calibrate/calibration-log-model.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SCHEMA_VERSION 1

static const char *const kinds[] = { "as-found", "as-left", "adjustment", "check" };

const char *sense_log_kind_get_name(enum sense_log_kind kind)
{
	return (unsigned int)kind < 4 ? kinds[kind] : "";
}

void sense_log_entry_init(struct sense_log_entry *entry)
{
	*entry = (struct sense_log_entry){
		.item = "",
		.serial = "",
		.author = "",
		.unit = "",
		.input_unit = "",
		.sensor_sha256 = "",
		.reference = "",
		.reference_serial = "",
		.certificate = "",
		.certificate_sha256 = "",
		.record = "",
		.record_sha256 = "",
		.valid_until = "",
		.remark = "",
		.equation = "",
		.previous = "",
		.digest = "",
		.chi2 = NAN,
	};
}

/* ---- the keys ---------------------------------------------------------------------- */

struct text_key {
	const char *key;
	size_t offset;
};

#define TEXT(key, member)                                     \
	{                                                     \
		key, offsetof(struct sense_log_entry, member) \
	}

/* In the order in which they are written. */
static const struct text_key texts[] = {
	TEXT("item", item),
	TEXT("serial", serial),
	TEXT("author", author),
	TEXT("unit", unit),
	TEXT("input_unit", input_unit),
	TEXT("sensor_sha256", sensor_sha256),
	TEXT("valid_until", valid_until),
	TEXT("remark", remark),
};

static const struct text_key reference_texts[] = {
	TEXT("name", reference),
	TEXT("serial", reference_serial),
	TEXT("certificate", certificate),
	TEXT("sha256", certificate_sha256),
};

static const struct text_key record_texts[] = {
	TEXT("identifier", record),
	TEXT("sha256", record_sha256),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char **text_of(const struct sense_log_entry *entry, const struct text_key *key)
{
	return (const char **)((char *)(uintptr_t)entry + key->offset);
}

struct number_key {
	const char *key;
	size_t offset;
	int optional;
};

#define NUMBER(member, optional)                                            \
	{                                                                   \
#member, offsetof(struct sense_log_point, member), optional \
	}

static const struct number_key numbers[] = {
	NUMBER(nominal, 0),   NUMBER(reference, 0),   NUMBER(u_reference, 0), NUMBER(u_common, 0),
	NUMBER(indicated, 0), NUMBER(u_indicated, 0), NUMBER(input, 1),	      NUMBER(u_input, 1),
};

static double *number_of(const struct sense_log_point *point, const struct number_key *key)
{
	return (double *)((char *)(uintptr_t)point + key->offset);
}

/* ---- what an entry must have ------------------------------------------------------- */

static int is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int check_digest(const char *where, const char *key, const char *text, int code)
{
	if (!*text || is_sha256(text))
		return 0;
	return sense_fail(code, where, "write 64 hexadecimal digits in lower case",
			  "%s is no SHA-256", key);
}

static int check_points(const char *where, const struct sense_log_entry *e, int code)
{
	if (e->point_count > SENSE_LOG_POINTS_MAX)
		return sense_fail(code, where, "split it into several entries",
				  "an entry has %u points, and at most %d are allowed",
				  e->point_count, SENSE_LOG_POINTS_MAX);
	for (unsigned int i = 0; i < e->point_count; i++) {
		const struct sense_log_point *p = &e->points[i];

		for (size_t k = 0; k < COUNT(numbers); k++) {
			double value = *number_of(p, &numbers[k]);

			if (!isfinite(value) && !(numbers[k].optional && isnan(value)))
				return sense_fail(code, where, "give every point all its numbers",
						  "point %u has no %s", i + 1, numbers[k].key);
		}
		if (p->u_reference < 0 || p->u_indicated < 0 || p->u_common < 0 || p->u_input < 0)
			return sense_fail(code, where, "an uncertainty is 0 or more",
					  "point %u has an uncertainty below 0", i + 1);
		if (p->u_common > p->u_reference)
			return sense_fail(code, where, "u_common is a part of u_reference",
					  "point %u has a common part larger than the whole",
					  i + 1);
	}
	return 0;
}

int log_entry_check(const char *where, const struct sense_log_entry *e, int code)
{
	/* The first four are required. */
	for (size_t i = 0; i < 4; i++)
		if (!**text_of(e, &texts[i]))
			return sense_fail(code, where, "an entry has item, serial, author and unit",
					  "an entry has no %s", texts[i].key);
	if (*e->valid_until) {
		int32_t day;

		if (sense_day_parse(e->valid_until, &day))
			return sense_fail(code, where, "a date is written 2026-01-31",
					  "valid_until is '%.40s', which is no date",
					  e->valid_until);
	}
	if (!e->point_count && e->kind != SENSE_LOG_ADJUSTMENT)
		return sense_fail(code, where, "only an adjustment may have no points",
				  "an entry of kind %s has no points",
				  sense_log_kind_get_name(e->kind));
	if (check_digest(where, "sensor_sha256", e->sensor_sha256, code) ||
	    check_digest(where, "the reference's sha256", e->certificate_sha256, code) ||
	    check_digest(where, "the record's sha256", e->record_sha256, code) ||
	    check_points(where, e, code))
		return -code;
	return 0;
}

/* ---- reading ----------------------------------------------------------------------- */

struct line {
	const char *where;
	struct arena *arena;
};

/* Every key of an object must be among @known, words with blanks around each. */
static int check_keys(const struct line *l, json_t *object, const char *known, const char *what)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		char word[40];

		snprintf(word, sizeof(word), " %.36s ", key);
		if (strlen(key) > 36 || strchr(key, ' ') || !strstr(known, word))
			return sense_fail(EBADMSG, l->where,
					  "Documentation/calibration-log.md lists the keys",
					  "%s has a key '%.36s' that is not known", what, key);
	}
	return 0;
}

static int read_texts(const struct line *l, json_t *object, const struct text_key *keys,
		      size_t count, struct sense_log_entry *entry)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_get(object, keys[i].key);

		if (!value)
			continue;
		if (!json_is_string(value))
			return sense_fail(EBADMSG, l->where, "write it in quotes",
					  "'%s' is no text", keys[i].key);
		*text_of(entry, &keys[i]) = arena_string(l->arena, json_string_value(value));
	}
	return 0;
}

static int read_number(const struct line *l, json_t *object, const char *key, int optional,
		       double *number)
{
	json_t *value = json_object_get(object, key);

	*number = NAN;
	if (json_is_number(value))
		*number = json_number_value(value);
	else if (value || !optional)
		return sense_fail(EBADMSG, l->where, "write a decimal number",
				  value ? "'%s' is no number" : "a point has no '%s'", key);
	return 0;
}

static int read_points(const struct line *l, json_t *array, struct sense_log_entry *entry)
{
	size_t count = json_array_size(array);
	struct sense_log_point *points;

	if (!json_is_array(array) || count > SENSE_LOG_POINTS_MAX)
		return sense_fail(EBADMSG, l->where, "write a list of at most 1000 points",
				  "'points' is no list, or too long a one");
	points = arena_alloc(l->arena, (count + 1) * sizeof(*points));
	for (size_t i = 0; points && i < count; i++) {
		json_t *object = json_array_get(array, i);

		if (!json_is_object(object))
			return sense_fail(EBADMSG, l->where, "write a point in braces",
					  "point %zu is no object", i + 1);
		if (check_keys(l, object,
			       " nominal reference u_reference u_common indicated u_indicated input "
			       "u_input ",
			       "a point"))
			return -EBADMSG;
		for (size_t k = 0; k < COUNT(numbers); k++)
			if (read_number(l, object, numbers[k].key, numbers[k].optional,
					number_of(&points[i], &numbers[k])))
				return -EBADMSG;
	}
	entry->points = points;
	entry->point_count = (unsigned int)count;
	return 0;
}

static int read_fit(const struct line *l, json_t *fit, struct sense_log_entry *e)
{
	json_t *list = json_object_get(fit, "coefficients");
	json_t *matrix = json_object_get(fit, "covariance");
	json_t *equation = json_object_get(fit, "equation");
	json_t *freedom = json_object_get(fit, "degrees_of_freedom");
	size_t count = json_array_size(list);
	size_t i;
	json_t *item;

	if (check_keys(l, fit, " equation coefficients covariance chi2 degrees_of_freedom ",
		       "a fit"))
		return -EBADMSG;
	if (!json_is_object(fit) || !json_is_string(equation) || count < 1 ||
	    count > SENSE_LOG_COEFFICIENTS_MAX ||
	    (matrix && json_array_size(matrix) != count * count) ||
	    (freedom && (!json_is_integer(freedom) || json_integer_value(freedom) < 0 ||
			 json_integer_value(freedom) > SENSE_LOG_POINTS_MAX)))
		return sense_fail(EBADMSG, l->where, "Documentation/calibration-log.md shows a fit",
				  "'fit' lacks its equation or coefficients, or its covariance or "
				  "degrees of freedom do not match them");
	e->equation = arena_string(l->arena, json_string_value(equation));
	e->coefficient_count = (unsigned int)count;
	json_array_foreach(list, i, item)
	{
		struct sense_log_coefficient *c = &e->coefficients[i];
		json_t *name = json_object_get(item, "name");

		if (check_keys(l, item, " name value u ", "a coefficient"))
			return -EBADMSG;
		if (!json_is_string(name) || json_string_length(name) >= sizeof(c->name))
			return sense_fail(EBADMSG, l->where, "give it a name of at most 31 bytes",
					  "coefficient %zu has no name, or too long a one", i + 1);
		snprintf(c->name, sizeof(c->name), "%s", json_string_value(name));
		if (read_number(l, item, "value", 0, &c->value) ||
		    read_number(l, item, "u", 1, &c->u))
			return -EBADMSG;
	}
	json_array_foreach(matrix, i, item)
	{
		if (!json_is_number(item))
			return sense_fail(EBADMSG, l->where, "write numbers",
					  "the covariance has an element that is none");
		e->covariance[i] = json_number_value(item);
	}
	e->degrees_of_freedom = (unsigned int)json_integer_value(freedom);
	return read_number(l, fit, "chi2", 1, &e->chi2);
}

static int read_kind(const struct line *l, json_t *top, struct sense_log_entry *e)
{
	const char *kind = json_string_value(json_object_get(top, "kind"));

	for (unsigned int i = 0; kind && i < COUNT(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0) {
			e->kind = (enum sense_log_kind)i;
			return 0;
		}
	return sense_fail(EBADMSG, l->where, "as-found, as-left, adjustment or check",
			  "there is no kind of entry '%.40s'", kind ? kind : "");
}

static int read_top(const struct line *l, json_t *top, struct sense_log_entry *e)
{
	json_t *version = json_object_get(top, "schema_version");
	const char *date = json_string_value(json_object_get(top, "date"));
	const char *previous = json_string_value(json_object_get(top, "previous"));
	json_t *reference = json_object_get(top, "reference");
	json_t *record = json_object_get(top, "record"), *part;

	if (!json_is_object(top) || json_integer_value(version) != SCHEMA_VERSION)
		return sense_fail(EBADMSG, l->where, "see that the file is a calibration log",
				  "the line is no entry of schema version %d", SCHEMA_VERSION);
	if (check_keys(l, top,
		       " schema_version date kind item serial author unit input_unit "
		       "sensor_sha256 valid_until remark reference record points fit previous ",
		       "an entry"))
		return -EBADMSG;
	if (!date || sense_day_parse(date, &e->day))
		return sense_fail(EBADMSG, l->where, "a date is written 2026-01-31",
				  "an entry has the date '%.40s'", date ? date : "");
	if (!previous || !is_sha256(previous))
		return sense_fail(EBADMSG, l->where, "take the file from a copy that is whole",
				  "an entry does not name the digest of the one before");
	e->previous = arena_string(l->arena, previous);
	if (read_kind(l, top, e) || read_texts(l, top, texts, COUNT(texts), e))
		return -EBADMSG;
	if (reference &&
	    (!json_is_object(reference) ||
	     check_keys(l, reference, " name serial certificate sha256 ", "a reference") ||
	     read_texts(l, reference, reference_texts, COUNT(reference_texts), e)))
		return json_is_object(reference) ?
			       -EBADMSG :
			       sense_fail(EBADMSG, l->where, "write it in braces",
					  "'reference' is no object");
	if (record &&
	    (!json_is_object(record) || check_keys(l, record, " identifier sha256 ", "a record") ||
	     read_texts(l, record, record_texts, COUNT(record_texts), e)))
		return json_is_object(record) ? -EBADMSG :
						sense_fail(EBADMSG, l->where, "write it in braces",
							   "'record' is no object");
	part = json_object_get(top, "points");
	if (part && read_points(l, part, e))
		return -EBADMSG;
	part = json_object_get(top, "fit");
	if (part && read_fit(l, part, e))
		return -EBADMSG;
	return log_entry_check(l->where, e, EBADMSG);
}

int log_line_read(const char *where, const char *text, size_t length, struct arena *arena,
		  struct sense_log_entry *entry)
{
	struct line line = { where, arena };
	json_error_t error;
	json_t *top;
	int result;

	sense_log_entry_init(entry);
	if (length > LOG_LINE_MAX)
		return sense_fail(EBADMSG, where, "see that the file is a calibration log",
				  "the line has over a million bytes");
	top = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!top)
		return sense_fail(EBADMSG, where, "take the file from a copy that is whole",
				  "the line is no JSON: %.120s", error.text);
	result = read_top(&line, top, entry);
	json_decref(top);
	return result;
}

/* ---- writing ----------------------------------------------------------------------- */

static void put_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, json_string(text));
}

static void put_texts(json_t *object, const struct text_key *keys, size_t count,
		      const struct sense_log_entry *entry)
{
	for (size_t i = 0; i < count; i++)
		put_text(object, keys[i].key, *text_of(entry, &keys[i]));
}

static void put_number(json_t *object, const char *key, double value)
{
	if (isfinite(value))
		json_object_set_new(object, key, json_real(value));
}

static json_t *points_json(const struct sense_log_entry *e)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < e->point_count; i++) {
		json_t *object = json_object();

		for (size_t k = 0; k < COUNT(numbers); k++)
			put_number(object, numbers[k].key, *number_of(&e->points[i], &numbers[k]));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *fit_json(const struct sense_log_entry *e)
{
	json_t *fit = json_object(), *list = json_array(), *matrix = json_array();
	unsigned int n = e->coefficient_count;

	put_text(fit, "equation", e->equation);
	for (unsigned int i = 0; i < n; i++) {
		json_t *c = json_object();

		put_text(c, "name", e->coefficients[i].name);
		put_number(c, "value", e->coefficients[i].value);
		put_number(c, "u", e->coefficients[i].u);
		json_array_append_new(list, c);
	}
	for (unsigned int i = 0; i < n * n; i++)
		json_array_append_new(matrix, json_real(e->covariance[i]));
	json_object_set_new(fit, "coefficients", list);
	json_object_set_new(fit, "covariance", matrix);
	put_number(fit, "chi2", e->chi2);
	json_object_set_new(fit, "degrees_of_freedom", json_integer(e->degrees_of_freedom));
	return fit;
}

int log_line_write(const char *where, const struct sense_log_entry *e, const char *previous,
		   char **line)
{
	json_t *top = json_object(), *part;
	char date[11];
	int result = log_entry_check(where, e, EINVAL);

	*line = NULL;
	if (!result && e->coefficient_count > SENSE_LOG_COEFFICIENTS_MAX)
		result = sense_fail(EINVAL, where, "fit a lower degree",
				    "an entry has more than %d coefficients",
				    SENSE_LOG_COEFFICIENTS_MAX);
	if (result) {
		json_decref(top);
		return result;
	}
	json_object_set_new(top, "schema_version", json_integer(SCHEMA_VERSION));
	put_text(top, "date", sense_day_format(e->day, date));
	put_text(top, "kind", sense_log_kind_get_name(e->kind));
	put_texts(top, texts, COUNT(texts), e);
	part = json_object();
	put_texts(part, reference_texts, COUNT(reference_texts), e);
	if (json_object_size(part))
		json_object_set(top, "reference", part);
	json_decref(part);
	part = json_object();
	put_texts(part, record_texts, COUNT(record_texts), e);
	if (json_object_size(part))
		json_object_set(top, "record", part);
	json_decref(part);
	if (e->point_count)
		json_object_set_new(top, "points", points_json(e));
	if (*e->equation && e->coefficient_count)
		json_object_set_new(top, "fit", fit_json(e));
	put_text(top, "previous", previous);
	/* Fifteen digits give back every decimal number of as many that was read in. */
	*line = json_dumps(top, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(top);
	if (!*line)
		return sense_fail(ENOMEM, where, "see that all names are UTF-8",
				  "the entry cannot be written as JSON");
	return 0;
}
