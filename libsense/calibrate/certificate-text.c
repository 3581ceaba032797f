// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The small parts of a DCC that stand everywhere: texts, contacts, identifications, files,
 * references; and notes of what is left aside.
 */
#include "calibrate/certificate-model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- notes and refusals ------------------------------------------------------------ */

static void place(const xmlNode *node, char *text, size_t size)
{
	const char *prefix = node->ns && node->ns->prefix ? (const char *)node->ns->prefix : "";

	snprintf(text, size, "line %ld, %.20s%s%.60s", xmlGetLineNo(node), prefix,
		 *prefix ? ":" : "", (const char *)node->name);
}

void reader_note(struct reader *reader, const xmlNode *node, const char *format, ...)
{
	char text[400], where[120];
	const char **note;
	va_list args;
	size_t n;

	if (reader->notes.count >= 10000)
		return;
	place(node, where, sizeof(where));
	n = (size_t)snprintf(text, sizeof(text), "%s: ", where);
	if (reader->notes.count == 9999) {
		snprintf(text + n, sizeof(text) - n,
			 "what was left aside from here on is not listed");
	} else {
		va_start(args, format);
		vsnprintf(text + n, sizeof(text) - n, format, args);
		va_end(args);
	}
	note = vector_add(&reader->notes, reader->arena);
	if (note)
		*note = arena_string(reader->arena, text);
}

void reader_refuse(struct reader *reader, const xmlNode *node, const char *format, ...)
{
	char text[300], where[120];
	va_list args;

	if (reader->error)
		return;
	place(node, where, sizeof(where));
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reader->error =
		sense_fail(EBADMSG, reader->name,
			   "ask the laboratory for a certificate that is valid by the schema",
			   "%s, %s: %s", reader->name, where, text);
}

void reader_known(struct reader *reader, const xmlNode *node, const char *names)
{
	for (const xmlNode *at = xml_first_element(node); at; at = xml_next_element(at)) {
		const char *name = (const char *)at->name;
		size_t n = strlen(name);
		int found = 0;

		for (const char *hit = strstr(names, name); hit && !found;
		     hit = strstr(hit + 1, name))
			found = (hit == names || hit[-1] == ' ') && (!hit[n] || hit[n] == ' ');
		if (!found)
			reader_note(reader, at, "it was left aside");
	}
}

/* ---- strings and texts ------------------------------------------------------------- */

const char *reader_string(struct reader *reader, const xmlNode *node)
{
	const char *result = "";
	char *text;

	if (!node)
		return "";
	text = xml_text(node);
	if (!text)
		reader->arena->failed = 1;
	else
		result = arena_string(reader->arena, text);
	free(text);
	if (xml_first_element(node))
		reader_note(reader, xml_first_element(node),
			    "it stands where only text may and was left aside");
	return result;
}

const char *reader_child_string(struct reader *reader, const xmlNode *node, const char *child)
{
	const xmlNode *at = node ? xml_child(node, (const char *)node->ns->href, child) : NULL;

	if (at && xml_next(at) && !reader->error &&
	    strcmp((const char *)at->ns->href, SI_NAMESPACE) == 0)
		reader_refuse(reader, xml_next(at), "it is given twice");
	return reader_string(reader, at);
}

const char *reader_attribute(struct reader *reader, const xmlNode *node, const char *name)
{
	xmlChar *text = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
	const char *result = arena_string(reader->arena, (const char *)text);

	xmlFree(text);
	return result;
}

const char *reader_joined(struct reader *reader, const xmlNode *node, const char *child)
{
	struct vector parts = { .size = sizeof(const char *) };
	const char *const *array;
	size_t n = 0, count, at = 0;
	char *all;

	for (const xmlNode *c = xml_child(node, DCC_NAMESPACE, child); c; c = xml_next(c)) {
		const char **part = vector_add(&parts, reader->arena);

		if (!part)
			break;
		*part = reader_string(reader, c);
		n += strlen(*part) + 2;
	}
	count = parts.count;
	array = vector_end(&parts, reader->arena);
	if (!array)
		return "";
	if (count == 1)
		return array[0];
	all = arena_alloc(reader->arena, n + 1);
	for (size_t i = 0; all && i < count; i++)
		at += (size_t)snprintf(all + at, n + 1 - at, "%s%s", i ? "; " : "", array[i]);
	return all ? all : "";
}

const struct sense_text *reader_text(struct reader *reader, const xmlNode *node)
{
	struct vector entries = { .size = sizeof(struct text_entry) };
	struct sense_text *text;
	const xmlNode *inner;

	if (!node)
		return NULL;
	if (!xml_first_element(node)) {
		struct text_entry *entry = vector_add(&entries, reader->arena);

		if (entry) {
			entry->language = "";
			entry->content = reader_string(reader, node);
		}
	}
	for (const xmlNode *at = xml_first_element(node); at; at = xml_next_element(at)) {
		struct text_entry *entry;
		const char *latex = "x-latex";

		inner = NULL;
		if (xml_is(at, DCC_NAMESPACE, "content")) {
			latex = NULL;
			inner = at;
		} else if (xml_is(at, DCC_NAMESPACE, "name")) {
			/* A rich text's own heading: read as its first contents. */
			for (const xmlNode *c = xml_child(at, DCC_NAMESPACE, "content"); c;
			     c = xml_next(c)) {
				entry = vector_add(&entries, reader->arena);
				if (!entry)
					break;
				entry->language = reader_attribute(reader, c, "lang");
				entry->content = reader_string(reader, c);
			}
			continue;
		} else if (xml_is(at, DCC_NAMESPACE, "formula")) {
			inner = xml_child(at, DCC_NAMESPACE, "latex");
			if (!inner)
				inner = xml_child(at, DCC_NAMESPACE, "siunitx");
		} else if (xml_is(at, DCC_NAMESPACE, "latex") ||
			   xml_is(at, DCC_NAMESPACE, "siunitx")) {
			inner = at;
		} else if (xml_is(at, DCC_NAMESPACE, "file")) {
			reader_file(reader, at);
			continue;
		}
		if (!inner) {
			reader_note(reader, at, "it was left aside");
			continue;
		}
		entry = vector_add(&entries, reader->arena);
		if (!entry)
			break;
		entry->language = latex ? latex : reader_attribute(reader, at, "lang");
		entry->content = reader_string(reader, inner);
	}
	text = arena_alloc(reader->arena, sizeof(*text));
	if (text) {
		text->count = (unsigned int)entries.count;
		text->entries = vector_end(&entries, reader->arena);
		if (!text->entries)
			text->count = 0;
	}
	return text;
}

const struct sense_text *reader_child_text(struct reader *reader, const xmlNode *node,
					   const char *child)
{
	return node ? reader_text(reader, xml_child(node, DCC_NAMESPACE, child)) : NULL;
}

const char *const *reader_tokens(struct reader *reader, const xmlNode *node, const char *attribute,
				 unsigned int *count)
{
	struct vector tokens = { .size = sizeof(const char *) };
	xmlChar *text = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)attribute);
	const char *at = text ? (const char *)text : "";

	for (at += strspn(at, " \t\r\n"); *at;) {
		size_t n = strcspn(at, " \t\r\n");
		const char **token = vector_add(&tokens, reader->arena);

		if (!token)
			break;
		*token = arena_string_n(reader->arena, at, n);
		at += n;
		at += strspn(at, " \t\r\n");
	}
	xmlFree(text);
	*count = (unsigned int)tokens.count;
	return vector_end(&tokens, reader->arena);
}

/* ---- contacts, identifications, files ---------------------------------------------- */

static const char *address(struct reader *reader, const xmlNode *location)
{
	/* In the order a letter has them; "further" is a text of its own. */
	static const char *const parts[] = { "street", "streetNo", "postOfficeBox", "postCode",
					     "city",   "state",	   "countryCode" };
	char line[600] = "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *part = reader_joined(reader, location, parts[i]);
		const char *between = i == 1 || i == 4 ? " " : ", ";

		if (*part && n < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? between : "",
					      part);
	}
	for (const xmlNode *at = xml_child(location, DCC_NAMESPACE, "further"); at;
	     at = xml_next(at)) {
		const char *part = sense_text_get(reader_text(reader, at), NULL);

		if (*part && n < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? ", " : "",
					      part);
	}
	if (n >= sizeof(line))
		reader_note(reader, location, "the address is longer than 600 bytes and was cut");
	reader_known(reader, location,
		     "street streetNo postOfficeBox postCode city state countryCode further");
	return arena_string(reader->arena, line);
}

void reader_contact(struct reader *reader, const xmlNode *node, struct sense_contact *contact)
{
	const xmlNode *location = node ? xml_child(node, DCC_NAMESPACE, "location") : NULL;
	const xmlNode *data = node ? xml_child(node, DCC_NAMESPACE, "descriptionData") : NULL;

	*contact = (struct sense_contact){ .address = "", .country = "" };
	contact->name = reader_child_text(reader, node, "name");
	contact->email = reader_child_string(reader, node, "eMail");
	contact->phone = reader_child_string(reader, node, "phone");
	contact->fax = reader_child_string(reader, node, "fax");
	contact->link = reader_child_string(reader, node, "link");
	if (location) {
		contact->address = address(reader, location);
		contact->country = reader_child_string(reader, location, "countryCode");
	}
	if (data)
		reader_file(reader, data);
	if (node)
		reader_known(reader, node, "name eMail phone fax link location descriptionData");
}

struct sense_identification *reader_identifications(struct reader *reader, const xmlNode *node,
						    unsigned int *count, const char **serial)
{
	struct vector found = { .size = sizeof(struct sense_identification) };
	const xmlNode *list = node ? xml_child(node, DCC_NAMESPACE, "identifications") : NULL;
	struct sense_identification *array;

	for (const xmlNode *at = list ? xml_child(list, DCC_NAMESPACE, "identification") : NULL; at;
	     at = xml_next(at)) {
		struct sense_identification *id = vector_add(&found, reader->arena);

		if (!id)
			break;
		id->issuer = reader_child_string(reader, at, "issuer");
		id->value = reader_child_string(reader, at, "value");
		id->name = reader_child_text(reader, at, "name");
		if (!id->name) /* DCC 2 */
			id->name = reader_child_text(reader, at, "description");
		id->ref_type = reader_attribute(reader, at, "refType");
		reader_known(reader, at, "issuer value name description");
	}
	*count = (unsigned int)found.count;
	array = vector_end(&found, reader->arena);
	if (!array)
		*count = 0;
	if (serial) {
		*serial = "";
		/* A serial number by refType, else what the manufacturer gave. */
		for (unsigned int i = 0; i < *count && !**serial; i++)
			if (strstr(array[i].ref_type, "serialNumber"))
				*serial = array[i].value;
		for (unsigned int i = 0; i < *count && !**serial; i++)
			if (strcmp(array[i].issuer, "manufacturer") == 0)
				*serial = array[i].value;
	}
	return array;
}

void reader_file(struct reader *reader, const xmlNode *node)
{
	struct sense_certificate_file *file;
	const xmlNode *data = xml_child(node, DCC_NAMESPACE, "dataBase64");
	uint64_t characters = 0;

	if (!data)
		data = xml_child(node, DCC_NAMESPACE, "data"); /* DCC 2 */
	for (const xmlNode *at = data ? data->children : NULL; at; at = at->next)
		for (const xmlChar *c = at->type == XML_TEXT_NODE ? at->content : NULL; c && *c;
		     c++)
			characters += (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
				      (*c >= '0' && *c <= '9') || *c == '+' || *c == '/';
	file = vector_add(&reader->files, reader->arena);
	if (!file)
		return;
	file->name = reader_child_string(reader, node, "fileName");
	file->mime_type = reader_child_string(reader, node, "mimeType");
	file->size = characters * 3 / 4;
	reader_known(reader, node, "name description fileName mimeType dataBase64 data");
}

/* Index of the reference read, -1 for none. */
int reader_reference(struct reader *reader, const xmlNode *node, const char *relation)
{
	struct sense_certificate_reference *r;
	int index = (int)reader->references.count;
	const xmlNode *linked;

	if (!node)
		return -1;
	r = vector_add(&reader->references, reader->arena);
	if (!r)
		return -1;
	r->relation = relation;
	r->referral = reader_child_text(reader, node, "referral");
	if (!r->referral) /* DCC 2 */
		r->referral = reader_child_text(reader, node, "reference");
	r->identifier = reader_child_string(reader, node, "referralID");
	if (!*r->identifier)
		r->identifier = reader_child_string(reader, node, "referenceID");
	r->procedure = reader_child_string(reader, node, "procedure");
	r->value = reader_child_string(reader, node, "value");
	reader_known(reader, node,
		     "referral reference referralID referenceID procedure value linkedReport");
	linked = xml_child(node, DCC_NAMESPACE, "linkedReport");
	reader_reference(reader, linked, "linked");
	return index;
}
