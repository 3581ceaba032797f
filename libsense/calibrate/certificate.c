// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/certificate.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/error.h"
#include "calibrate/certificate-file.h"
#include "calibrate/certificate-model.h"

/* ---- files ------------------------------------------------------------------------- */

int certificate_read_file(const char *path, char **data, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	struct stat status;
	size_t done = 0;
	ssize_t n = 1;

	*data = NULL;
	if (fd < 0)
		return sense_fail(errno, path, "see that the file is there and may be read",
				  "%s cannot be opened: %s", path, strerror(errno));
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		close(fd);
		return sense_fail(EISDIR, path, "name a file in it", "%s is a directory", path);
	}
	/* Not st_size: a pipe has none, and a file may grow. */
	while (n > 0) {
		char *more = realloc(*data, done + 65536 + 1);

		if (!more) {
			errno = ENOMEM;
			n = -1;
			break;
		}
		*data = more;
		n = read(fd, *data + done, 65536);
		if (n > 0)
			done += (size_t)n;
		if (n < 0 && errno == EINTR)
			n = 1;
		if (done > CERTIFICATE_SIZE_MAX) {
			close(fd);
			free(*data);
			*data = NULL;
			return sense_fail(EFBIG, path, "a certificate has a few hundred kB",
					  "%s is larger than 32 MiB", path);
		}
	}
	error = errno;
	close(fd);
	if (n < 0) {
		free(*data);
		*data = NULL;
		return sense_fail(error, path, "see that the file can be read",
				  "%s cannot be read: %s", path, strerror(error));
	}
	(*data)[done] = 0;
	*size = done;
	return 0;
}

void certificate_hex(const unsigned char *bytes, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* ---- life -------------------------------------------------------------------------- */

/* Takes @data over. */
static struct sense_certificate *make(const char *name, char *data, size_t size)
{
	struct sense_certificate *c = calloc(1, sizeof(*c));
	unsigned char digest[32];
	xmlDoc *doc = NULL;
	int r;

	if (!c) {
		free(data);
		return sense_fail_null(ENOMEM, name, NULL, "no memory to read %s", name);
	}
	c->refs = 1;
	c->data = data;
	c->size = size;
	c->name = arena_string(&c->arena, name);
	c->schema_version = c->identifier = c->country = c->begin = c->end = c->receipt = "";
	c->issue = c->location = c->change = c->replaced = c->laboratory_code = "";
	c->valid_until = "";
	if (EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL) != 1) {
		sense_certificate_unref(c);
		return sense_fail_null(ENOMEM, name, NULL, "the hash of %s cannot be made", name);
	}
	certificate_hex(digest, sizeof(digest), c->sha256);
	r = certificate_xml_parse(c->name, data, size, &doc);
	if (r == 0)
		r = certificate_read(c, doc);
	xmlFreeDoc(doc);
	if (r == 0)
		r = certificate_find_valid_until(c);
	if (r < 0) {
		sense_certificate_unref(c);
		return NULL;
	}
	return c;
}

struct sense_certificate *sense_certificate_load(const char *path)
{
	char *data;
	size_t size;

	if (certificate_read_file(path, &data, &size) < 0)
		return NULL;
	return make(path, data, size);
}

struct sense_certificate *sense_certificate_parse(const char *name, const void *data, size_t size)
{
	char *copy;

	if (size > CERTIFICATE_SIZE_MAX)
		return sense_fail_null(EFBIG, name, "a certificate has a few hundred kB",
				       "%s is larger than 32 MiB", name);
	copy = malloc(size + 1);
	if (!copy)
		return sense_fail_null(ENOMEM, name, NULL, "no memory to read %s", name);
	memcpy(copy, data, size);
	copy[size] = 0;
	return make(name, copy, size);
}

struct sense_certificate *sense_certificate_ref(struct sense_certificate *certificate)
{
	__atomic_add_fetch(&certificate->refs, 1, __ATOMIC_RELAXED);
	return certificate;
}

void sense_certificate_unref(struct sense_certificate *certificate)
{
	if (!certificate || __atomic_sub_fetch(&certificate->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	arena_free(&certificate->arena);
	free(certificate->data);
	free(certificate);
}

/* ---- texts ------------------------------------------------------------------------- */

static const char *in_language(const struct sense_text *text, const char *language)
{
	for (unsigned int i = 0; i < text->count; i++)
		if (strcmp(text->entries[i].language, language) == 0)
			return text->entries[i].content;
	return NULL;
}

const char *sense_text_get(const struct sense_text *text, const char *language)
{
	const char *found = NULL;

	if (!text || !text->count)
		return "";
	if (language)
		found = in_language(text, language);
	if (!found)
		found = in_language(text, "en");
	if (!found)
		found = in_language(text, "");
	return found ? found : text->entries[0].content;
}

unsigned int sense_text_get_count(const struct sense_text *text)
{
	return text ? text->count : 0;
}

const char *sense_text_get_language(const struct sense_text *text, unsigned int index)
{
	return text && index < text->count ? text->entries[index].language : NULL;
}

const char *sense_text_get_content(const struct sense_text *text, unsigned int index)
{
	return text && index < text->count ? text->entries[index].content : NULL;
}

/* ---- getters ----------------------------------------------------------------------- */

#define STRING(name, field)                                                         \
	const char *sense_certificate_get_##name(const struct sense_certificate *c) \
	{                                                                           \
		return c->field;                                                    \
	}
#define ENTRY(type, name, array, number)                                                         \
	type sense_certificate_get_##name(const struct sense_certificate *c, unsigned int index) \
	{                                                                                        \
		return index < c->number ? &c->array[index] : NULL;                              \
	}
#define POINTER(type, name, array, number)                                                       \
	type sense_certificate_get_##name(const struct sense_certificate *c, unsigned int index) \
	{                                                                                        \
		return index < c->number ? c->array[index] : NULL;                               \
	}
#define COUNT(name, number)                                                                  \
	unsigned int sense_certificate_get_##name##_count(const struct sense_certificate *c) \
	{                                                                                    \
		return c->number;                                                            \
	}

STRING(name, name)
STRING(sha256, sha256)
STRING(schema_version, schema_version)
STRING(unique_identifier, identifier)
STRING(country, country)
STRING(begin_date, begin)
STRING(end_date, end)
STRING(receipt_date, receipt)
STRING(issue_date, issue)
STRING(location, location)
STRING(change, change)
STRING(replaced, replaced)
STRING(laboratory_code, laboratory_code)
STRING(valid_until, valid_until)
POINTER(const char *, language, languages, language_count)
POINTER(const char *, note, notes, note_count)
POINTER(const struct sense_certificate_remark *, statement, statements, statement_count)
ENTRY(const struct sense_identification *, identification, identifications, identification_count)
ENTRY(const struct sense_person *, person, persons, person_count)
ENTRY(const struct sense_certificate_item *, item, items, item_count)
ENTRY(const struct sense_certificate_table *, table, tables, table_count)
ENTRY(const struct sense_certificate_result *, result, results, result_count)
ENTRY(const struct sense_certificate_condition *, condition, conditions, condition_count)
ENTRY(const struct sense_certificate_method *, method, methods, method_count)
ENTRY(const struct sense_certificate_software *, software, software, software_count)
ENTRY(const struct sense_certificate_equipment *, equipment, equipment, equipment_count)
ENTRY(const struct sense_certificate_reference *, reference, references, reference_count)
ENTRY(const struct sense_certificate_file *, file, files, file_count)
COUNT(item, item_count)
COUNT(statement, statement_count)
COUNT(result, result_count)
COUNT(reference, reference_count)

const struct sense_contact *sense_certificate_get_laboratory(const struct sense_certificate *c)
{
	return &c->laboratory;
}

const struct sense_contact *sense_certificate_get_customer(const struct sense_certificate *c)
{
	return &c->customer;
}
