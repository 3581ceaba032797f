// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/certificate-xml.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "base/error.h"

#define ASK "ask the laboratory for the certificate as a plain UTF-8 XML file"

static pthread_once_t once = PTHREAD_ONCE_INIT;

void certificate_xml_start(void)
{
	pthread_once(&once, xmlInitParser);
}

/* ---- before the parser sees it ---------------------------------------------------------
 *
 * Limits are counted on the bytes, ahead of the parser: libxml2 compares the attributes of an
 * element pairwise, and lifts its own limits once large text nodes are allowed.
 */

static const char *find(const char *at, const char *end, const char *what)
{
	return memmem(at, (size_t)(end - at), what, strlen(what));
}

/* Past the '>' that ends a tag; NULL where there is none or it has too many attributes. */
static const char *skip_tag(const char *at, const char *end, int *empty, unsigned int *attributes)
{
	char quote = 0;

	*attributes = 0;
	for (; at < end; at++) {
		if (quote) {
			if (*at == quote)
				quote = 0;
		} else if (*at == '"' || *at == '\'') {
			quote = *at;
		} else if (*at == '=') {
			if (++*attributes > CERTIFICATE_ATTRIBUTES_MAX)
				return NULL;
		} else if (*at == '>') {
			*empty = at[-1] == '/';
			return at + 1;
		}
	}
	return NULL;
}

static int check_encoding(const char *name, const char *data, const char *end)
{
	const char *declaration, *encoding;
	size_t n;

	if (data < end && *data != '<')
		return sense_fail(EBADMSG, name, ASK, "%s does not begin as a UTF-8 XML file does",
				  name);
	if (memchr(data, 0, (size_t)(end - data)))
		return sense_fail(EBADMSG, name, ASK, "%s has NUL bytes, so it is no UTF-8 XML",
				  name);
	if (end - data < 6 || memcmp(data, "<?xml", 5) != 0)
		return 0;
	declaration = find(data, end, "?>");
	encoding = declaration ? find(data, declaration, "encoding") : NULL;
	if (!encoding)
		return 0;
	encoding += strlen("encoding");
	encoding += strspn(encoding, " \t\r\n=\"'");
	n = strcspn(encoding, "\"'");
	if (!(n == 5 && strncasecmp(encoding, "utf-8", 5) == 0) &&
	    !(n == 8 && strncasecmp(encoding, "us-ascii", 8) == 0))
		return sense_fail(EBADMSG, name, ASK, "%s is in the encoding %.*s, not UTF-8", name,
				  (int)(n < 20 ? n : 20), encoding);
	return 0;
}

static int check_bytes(const char *name, const char *data, size_t size)
{
	const char *at = data, *end = data + size;
	unsigned int depth = 0, elements = 0, attributes = 0;
	int r = check_encoding(name, data, end);

	if (r < 0)
		return r;
	while (at && at < end) {
		int empty = 0;

		at = memchr(at, '<', (size_t)(end - at));
		if (!at)
			break;
		if (end - at >= 4 && memcmp(at, "<!--", 4) == 0) {
			at = find(at + 4, end, "-->");
		} else if (end - at >= 9 && memcmp(at, "<![CDATA[", 9) == 0) {
			at = find(at + 9, end, "]]>");
		} else if (end - at >= 2 && at[1] == '?') {
			at = find(at + 2, end, "?>");
		} else if (end - at >= 2 && at[1] == '!') {
			return sense_fail(
				EPERM, name, ASK,
				"%s has a document type declaration, which no certificate "
				"needs and attackers do",
				name);
		} else if (end - at >= 2 && at[1] == '/') {
			depth -= depth > 0;
			at++;
		} else {
			const char *next = skip_tag(at + 1, end, &empty, &attributes);

			if (attributes > CERTIFICATE_ATTRIBUTES_MAX)
				return sense_fail(EPERM, name, ASK,
						  "%s has an element with more than %d attributes",
						  name, CERTIFICATE_ATTRIBUTES_MAX);
			if (!empty && ++depth > CERTIFICATE_DEPTH_MAX)
				return sense_fail(EPERM, name, ASK,
						  "%s has elements nested deeper than %d", name,
						  CERTIFICATE_DEPTH_MAX);
			if (++elements > CERTIFICATE_ELEMENTS_MAX)
				return sense_fail(EFBIG, name, ASK, "%s has more than %d elements",
						  name, CERTIFICATE_ELEMENTS_MAX);
			at = next;
		}
	}
	return 0;
}

/* ---- the parser -------------------------------------------------------------------- */

static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
			   const xmlChar *system)
{
	xmlStopParser(context);
}

static void quiet(void *context, xmlErrorPtr error)
{
	/* The context keeps the last error; nothing belongs on a library's standard error. */
}

int certificate_xml_parse(const char *name, const char *data, size_t size, xmlDoc **doc)
{
	static const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				   XML_PARSE_HUGE;
	xmlParserCtxt *context;
	xmlDoc *result;
	int r, complete;

	*doc = NULL;
	certificate_xml_start();
	if (size == 0)
		return sense_fail(EBADMSG, name, ASK, "%s is empty", name);
	if (size > CERTIFICATE_SIZE_MAX)
		return sense_fail(EFBIG, name, ASK, "%s is larger than 32 MiB", name);
	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		size -= 3;
	}
	r = check_bytes(name, data, size);
	if (r < 0)
		return r;
	context = xmlNewParserCtxt();
	if (!context)
		return sense_fail(ENOMEM, name, NULL, "no memory to parse %s", name);
	context->sax->internalSubset = refuse_doctype;
	context->sax->externalSubset = refuse_doctype;
	context->sax->serror = quiet;
	result = xmlCtxtReadMemory(context, data, (int)size, NULL, NULL, options);
	complete = context->wellFormed && result;
	if (!complete) {
		const xmlError *error = xmlCtxtGetLastError(context);
		char text[160] = "it is not well formed";
		int line = error ? error->line : 0;

		if (error && error->message) {
			size_t n = strcspn(error->message, "\n");

			if (n >= sizeof(text))
				n = sizeof(text) - 1;
			memcpy(text, error->message, n);
			text[n] = 0;
		}
		xmlFreeDoc(result);
		xmlFreeParserCtxt(context);
		return sense_fail(EBADMSG, name, ASK, "%s is no XML, line %d: %s", name, line,
				  text);
	}
	xmlFreeParserCtxt(context);
	if (result->intSubset || result->extSubset) {
		xmlFreeDoc(result);
		return sense_fail(EPERM, name, ASK, "%s has a document type declaration", name);
	}
	*doc = result;
	return 0;
}

/* ---- the tree ---------------------------------------------------------------------- */

int xml_is(const xmlNode *node, const char *space, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       strcmp((const char *)node->name, name) == 0 &&
	       strcmp((const char *)node->ns->href, space) == 0;
}

xmlNode *xml_child(const xmlNode *node, const char *space, const char *name)
{
	for (xmlNode *child = node ? node->children : NULL; child; child = child->next)
		if (xml_is(child, space, name))
			return child;
	return NULL;
}

xmlNode *xml_next(const xmlNode *node)
{
	for (xmlNode *next = node->next; next; next = next->next)
		if (xml_is(next, (const char *)node->ns->href, (const char *)node->name))
			return next;
	return NULL;
}

xmlNode *xml_first_element(const xmlNode *node)
{
	xmlNode *child = node ? node->children : NULL;

	while (child && child->type != XML_ELEMENT_NODE)
		child = child->next;
	return child;
}

xmlNode *xml_next_element(const xmlNode *node)
{
	xmlNode *next = node->next;

	while (next && next->type != XML_ELEMENT_NODE)
		next = next->next;
	return next;
}

char *xml_text(const xmlNode *node)
{
	size_t length = 0, start = 0;
	char *text;

	for (const xmlNode *child = node->children; child; child = child->next)
		if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
		    child->content)
			length += strlen((const char *)child->content);
	text = malloc(length + 1);
	if (!text)
		return NULL;
	length = 0;
	for (const xmlNode *child = node->children; child; child = child->next)
		if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) &&
		    child->content) {
			size_t n = strlen((const char *)child->content);

			memcpy(text + length, child->content, n);
			length += n;
		}
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	text[length] = 0;
	start = strspn(text, " \t\r\n");
	memmove(text, text + start, length - start + 1);
	return text;
}
