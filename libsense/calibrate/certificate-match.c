// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is a certificate for this item, in force on this day, and what it refers to?
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/error.h"
#include "calibrate/certificate-file.h"
#include "calibrate/certificate-model.h"

/* ---- item -------------------------------------------------------------------------- */

static int same(const char *a, const char *b)
{
	size_t n, m;

	a += strspn(a, " \t\r\n");
	b += strspn(b, " \t\r\n");
	n = strlen(a);
	m = strlen(b);
	while (n && strchr(" \t\r\n", a[n - 1]))
		n--;
	while (m && strchr(" \t\r\n", b[m - 1]))
		m--;
	return n == m && memcmp(a, b, n) == 0;
}

static int made_by(const struct sense_certificate_item *item, const char *manufacturer)
{
	const struct sense_text *name = item->manufacturer.name;

	for (unsigned int i = 0; i < sense_text_get_count(name); i++)
		if (strcasecmp(sense_text_get_content(name, i), manufacturer) == 0)
			return 1;
	return 0;
}

/* "A" of X, "B" of Y: what the certificate is for instead. */
static void list_items(const struct sense_certificate *c, char *text, size_t size)
{
	size_t n = 0;

	text[0] = 0;
	for (unsigned int i = 0; i < c->item_count && n < size; i++) {
		const struct sense_certificate_item *item = &c->items[i];
		const char *made = sense_text_get(item->manufacturer.name, NULL);

		n += (size_t)snprintf(text + n, size - n, "%s'%.60s'%s%.60s", i ? ", " : "",
				      *item->serial ? item->serial :
						      sense_text_get(item->name, NULL),
				      *made ? " of " : "", made);
	}
}

int sense_certificate_find_item(const struct sense_certificate *c, const char *manufacturer,
				const char *serial)
{
	char items[300];
	int found = -1;

	if (!serial && c->item_count > 1)
		return sense_fail(EINVAL, c->name, "say which by its serial number",
				  "%s is for %u items", c->name, c->item_count);
	for (unsigned int i = 0; i < c->item_count; i++) {
		const struct sense_certificate_item *item = &c->items[i];
		int hit = !serial;

		for (unsigned int j = 0; !hit && j < item->identification_count; j++)
			hit = same(item->identifications[j].value, serial);
		if (!hit || (manufacturer && !made_by(item, manufacturer)))
			continue;
		found = (int)i;
		break;
	}
	if (found >= 0)
		return found;
	list_items(c, items, sizeof(items));
	return sense_fail(ENOENT, c->name,
			  "take the certificate of this sensor, or correct the serial",
			  "%s is a certificate for %s, not for '%.60s'%s%.60s", c->name, items,
			  serial ? serial : "", manufacturer ? " of " : "",
			  manufacturer ? manufacturer : "");
}

/* ---- dates ------------------------------------------------------------------------- */

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		return 29;
	return days[month - 1];
}

/* xs:date; a time zone after it is left out of account, a certificate is not judged by the hour. */
static int parse_date(const char *text, int *year, int *month, int *day)
{
	char rest[8] = "";

	if (sscanf(text, "%4d-%2d-%2d%7s", year, month, day, rest) < 3 || strlen(text) < 10 ||
	    text[4] != '-' || text[7] != '-' || *year < 1900 || *month < 1 || *month > 12 ||
	    *day < 1 || *day > month_days(*year, *month))
		return -EINVAL;
	return rest[0] && rest[0] != 'Z' && rest[0] != '+' && rest[0] != '-' ? -EINVAL : 0;
}

int certificate_is_date(const char *text)
{
	int year, month, day;

	return parse_date(text, &year, &month, &day) == 0;
}

/* ISO 8601 duration of whole years, months, weeks and days. */
static int parse_period(const char *text, int *months, int *days)
{
	const char *at = text;

	*months = *days = 0;
	if (*at++ != 'P' || !*at)
		return -EINVAL;
	while (*at && *at != 'T') {
		char *end;
		long n = strtol(at, &end, 10);

		if (end == at || n < 0 || n > 100000)
			return -EINVAL;
		if (*end == 'Y')
			*months += (int)n * 12;
		else if (*end == 'M')
			*months += (int)n;
		else if (*end == 'W')
			*days += (int)n * 7;
		else if (*end == 'D')
			*days += (int)n;
		else
			return -EINVAL;
		at = end + 1;
	}
	return 0;
}

static void add_period(int *year, int *month, int *day, int months, int days)
{
	int total = *year * 12 + *month - 1 + months;

	*year = total / 12;
	*month = total % 12 + 1;
	if (*day > month_days(*year, *month))
		*day = month_days(*year, *month);
	for (*day += days; *day > month_days(*year, *month);) {
		*day -= month_days(*year, *month);
		if (++*month > 12) {
			*month = 1;
			++*year;
		}
	}
}

static int speaks_of_end(const struct sense_certificate *c,
			 const struct sense_certificate_remark *s)
{
	for (unsigned int i = 0; i < s->ref_type_count; i++)
		if (strstr(s->ref_types[i], "recalibration") ||
		    strstr(s->ref_types[i], "Recalibration") ||
		    strcmp(s->ref_types[i], "basic_validity") == 0 ||
		    strcmp(s->ref_types[i], "basic_validUntil") == 0)
			return 1;
	/* DCC 2 knows no refType here: a date or period in a statement is about validity. */
	return s->ref_type_count == 0 && c->schema_version[0] == '2';
}

static int bad_date(const struct sense_certificate *c, const char *what, const char *text)
{
	return sense_fail(EBADMSG, c->name,
			  "ask the laboratory for a certificate that is valid by the schema",
			  "%s states '%.40s' as %s", c->name, text, what);
}

int certificate_find_valid_until(struct sense_certificate *c)
{
	char earliest[40] = "", text[40];
	int y, m, d, months, days;

	if (*c->begin && parse_date(c->begin, &y, &m, &d) < 0)
		return bad_date(c, "the begin of the calibration", c->begin);
	if (*c->end && parse_date(c->end, &y, &m, &d) < 0)
		return bad_date(c, "the end of the calibration", c->end);
	for (unsigned int i = 0; i < c->statement_count; i++) {
		const struct sense_certificate_remark *s = c->statements[i];

		if (!speaks_of_end(c, s))
			continue;
		if (*s->date) {
			if (parse_date(s->date, &y, &m, &d) < 0)
				return bad_date(c, "the date of recalibration", s->date);
			snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m, d);
			if (!earliest[0] || strcmp(text, earliest) < 0)
				memcpy(earliest, text, sizeof(earliest));
		}
		if (*s->period && *c->end) {
			parse_date(c->end, &y, &m, &d);
			if (parse_period(s->period, &months, &days) < 0)
				return bad_date(c, "the period until recalibration", s->period);
			add_period(&y, &m, &d, months, days);
			snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m, d);
			if (!earliest[0] || strcmp(text, earliest) < 0)
				memcpy(earliest, text, sizeof(earliest));
		}
	}
	c->valid_until = arena_string(&c->arena, earliest);
	return 0;
}

int sense_certificate_check_date(const struct sense_certificate *c, const char *date)
{
	int y, m, d;

	if (parse_date(date, &y, &m, &d) < 0)
		return sense_fail(EINVAL, date, "a date is written 2026-01-31",
				  "'%.40s' is no date", date);
	for (unsigned int i = 0; i < c->statement_count; i++)
		if (c->statements[i]->valid == 0)
			return sense_fail(EBADMSG, c->name, "ask the laboratory for a valid one",
					  "a statement of %s says that it is not valid", c->name);
	if (*c->begin && strncmp(date, c->begin, 10) < 0)
		return sense_fail(EAGAIN, c->name, "take the certificate that was in force then",
				  "%s is of a calibration on %.10s, after %.10s", c->name, c->begin,
				  date);
	if (*c->valid_until && strncmp(date, c->valid_until, 10) > 0)
		return sense_fail(EKEYEXPIRED, c->name, "have the item calibrated again",
				  "%s was to be relied on until %s, not on %.10s", c->name,
				  c->valid_until, date);
	return 0;
}

/* ---- references -------------------------------------------------------------------- */

/* "SHA-256", "sha256", "http://www.w3.org/2001/04/xmlenc#sha256" -> "sha256". */
static void plain(const char *procedure, char *name, size_t size)
{
	const char *at = strrchr(procedure, '#');
	size_t n = 0;

	for (at = at ? at + 1 : procedure; *at && n + 1 < size; at++)
		if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9'))
			name[n++] = *at;
		else if (*at >= 'A' && *at <= 'Z')
			name[n++] = (char)(*at - 'A' + 'a');
	name[n] = 0;
}

static const char *algorithm(const char *name)
{
	static const struct {
		const char *plain, *openssl;
	} known[] = { { "sha256", "SHA256" },	 { "sha384", "SHA384" },
		      { "sha512", "SHA512" },	 { "sha512256", "SHA512-256" },
		      { "sha3256", "SHA3-256" }, { "sha3384", "SHA3-384" },
		      { "sha3512", "SHA3-512" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].plain) == 0)
			return known[i].openssl;
	return NULL;
}

/* As hexadecimal digits or as base64, blanks apart. */
static int equals(const char *value, const unsigned char *digest, unsigned int n)
{
	char hex[2 * EVP_MAX_MD_SIZE + 1], base64[2 * EVP_MAX_MD_SIZE], packed[2 * EVP_MAX_MD_SIZE];
	size_t length = 0;

	for (const char *at = value; *at && length + 1 < sizeof(packed); at++)
		if (!strchr(" \t\r\n:", *at))
			packed[length++] = *at;
	packed[length] = 0;
	certificate_hex(digest, n, hex);
	EVP_EncodeBlock((unsigned char *)base64, digest, (int)n);
	return strcasecmp(packed, hex) == 0 || strcmp(packed, base64) == 0;
}

int sense_certificate_check_reference(const struct sense_certificate_reference *reference,
				      const char *path)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	const char *name;
	char procedure[40], *data;
	size_t size;
	int r;

	plain(reference->procedure, procedure, sizeof(procedure));
	if (strcmp(procedure, "analogue") == 0 || strcmp(procedure, "analog") == 0)
		return sense_fail(ENODATA, reference->identifier, "compare it by hand",
				  "the reference to '%.80s' is to paper, without a hash",
				  reference->identifier);
	name = algorithm(procedure);
	if (!name)
		return sense_fail(
			ENOTSUP, reference->identifier,
			"ask the laboratory for a reference by SHA-256 or SHA-512",
			"the reference to '%.80s' is by '%.30s', which proves nothing here",
			reference->identifier, reference->procedure);
	r = certificate_read_file(path, &data, &size);
	if (r < 0)
		return r;
	r = EVP_Digest(data, size, digest, &n, EVP_get_digestbyname(name), NULL);
	free(data);
	if (r != 1)
		return sense_fail(ENOTSUP, name, NULL, "the crypto library has no %s", name);
	if (!equals(reference->value, digest, n))
		return sense_fail(EBADMSG, path, "ask the laboratory for the file that was meant",
				  "%s is not the file that the reference to '%.80s' was made for: "
				  "its %s differs",
				  path, reference->identifier, name);
	return 0;
}
