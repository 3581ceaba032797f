// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What does a signature cover? Its shape is held against a short list of what is allowed, before
 * xmlsec sees it: signature wrapping lives on what else a reference or transform can say. Source:
 * XML-DSig (W3C, second edition), XAdES (ETSI EN 319 132-1).
 */
#include "calibrate/certificate-signature.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNED_PROPERTIES_TYPE "http://uri.etsi.org/01903#SignedProperties"
/* The XPath transform that some signers use costs more than linear time; enough for any DCC. */
#define XPATH_ELEMENTS_MAX 10000

int signature_fail(struct examination *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->out->reason, sizeof(e->out->reason), format, args);
	va_end(args);
	return -1;
}

/* ---- algorithms -------------------------------------------------------------------- */

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define ENC  "http://www.w3.org/2001/04/xmlenc#"

static const struct {
	const char *uri, *name;
	int key;
} signature_methods[] = {
	{ MORE "ecdsa-sha256", "ecdsa-sha256", EVP_PKEY_EC },
	{ MORE "ecdsa-sha384", "ecdsa-sha384", EVP_PKEY_EC },
	{ MORE "ecdsa-sha512", "ecdsa-sha512", EVP_PKEY_EC },
	{ MORE "rsa-sha256", "rsa-sha256", EVP_PKEY_RSA },
	{ MORE "rsa-sha384", "rsa-sha384", EVP_PKEY_RSA },
	{ MORE "rsa-sha512", "rsa-sha512", EVP_PKEY_RSA },
};

static const struct {
	const char *uri;
	const EVP_MD *(*digest)(void);
} digest_methods[] = {
	{ ENC "sha256", EVP_sha256 },
	{ MORE "sha384", EVP_sha384 },
	{ ENC "sha512", EVP_sha512 },
};

static const char *const canonical_methods[] = {
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
	"http://www.w3.org/2006/12/xml-c14n11",
	"http://www.w3.org/2006/12/xml-c14n11#WithComments",
	"http://www.w3.org/2001/10/xml-exc-c14n#",
	"http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
};

static int attribute_is(const xmlNode *node, const char *name, const char *value)
{
	xmlChar *text = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
	int same = text && strcmp((char *)text, value) == 0;

	xmlFree(text);
	return same;
}

/* The part of an algorithm's URI that a person knows, for a sentence. */
void signature_algorithm(const xmlNode *node, char *text, size_t size)
{
	xmlChar *uri = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)"Algorithm");
	const char *cut = uri ? strrchr((char *)uri, '#') : NULL;

	if (uri && (!cut || !cut[1]))
		cut = strrchr((char *)uri, '/');
	snprintf(text, size, "%.60s", cut && cut[1] ? cut + 1 : uri ? (char *)uri : "nothing");
	xmlFree(uri);
}

static int is_canonical(const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(canonical_methods) / sizeof(canonical_methods[0]); i++)
		if (attribute_is(node, "Algorithm", canonical_methods[i]))
			return 1;
	return 0;
}

const EVP_MD *signature_digest(const xmlNode *method)
{
	for (size_t i = 0; method && i < sizeof(digest_methods) / sizeof(digest_methods[0]); i++)
		if (attribute_is(method, "Algorithm", digest_methods[i].uri))
			return digest_methods[i].digest();
	return NULL;
}

/* ---- base64, strictly: a loose reader would accept changed bytes ------------------- */

unsigned char *signature_decode(const xmlNode *node, size_t *length)
{
	char *text = node && !xml_first_element(node) ? xml_text(node) : NULL, *again = NULL;
	unsigned char *bytes = NULL;
	size_t n = 0, padding = 0;
	int r = -1;

	if (!text)
		return NULL;
	for (const char *at = text; *at; at++)
		if (!strchr(" \t\r\n", *at))
			text[n++] = *at;
	text[n] = 0;
	while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
		padding++;
	if (n && n % 4 == 0) {
		bytes = malloc(n / 4 * 3 + 1);
		again = malloc(n + 4);
	}
	if (bytes && again)
		r = EVP_DecodeBlock(bytes, (unsigned char *)text, (int)n);
	if (r > 0) {
		*length = (size_t)r - padding;
		EVP_EncodeBlock((unsigned char *)again, bytes, (int)*length);
	}
	if (r <= 0 || strcmp(text, again) != 0) {
		free(bytes);
		bytes = NULL;
	}
	free(text);
	free(again);
	return bytes;
}

/* ---- shape ------------------------------------------------------------------------- */

/* Nothing but blanks, comments and the elements named (blanks between) may stand in @node. */
int signature_only(struct examination *e, const xmlNode *node, const char *space, const char *names)
{
	for (const xmlNode *at = node->children; at; at = at->next) {
		if (at->type == XML_COMMENT_NODE)
			continue;
		if (at->type == XML_TEXT_NODE && xmlIsBlankNode((xmlNode *)at))
			continue;
		if (at->type == XML_ELEMENT_NODE && at->ns &&
		    strcmp((const char *)at->ns->href, space) == 0) {
			char padded[400], name[80];

			snprintf(padded, sizeof(padded), " %s ", names);
			snprintf(name, sizeof(name), " %.60s ", (const char *)at->name);
			if (strstr(padded, name))
				continue;
		}
		return signature_fail(
			e, "the signature holds something that does not belong into its %s",
			(const char *)node->name);
	}
	return 0;
}

/* Elements that carry this identifier under any usual name of the attribute. */
static unsigned int identified(const xmlNode *node, const char *id)
{
	unsigned int n = 0;

	for (; node; node = xml_next_element(node)) {
		for (const xmlAttr *a = node->properties; a; a = a->next) {
			xmlChar *value;

			if (xmlStrcasecmp(a->name, (const xmlChar *)"id") != 0)
				continue;
			value = xmlNodeListGetString(node->doc, a->children, 1);
			n += value && strcmp((char *)value, id) == 0;
			xmlFree(value);
		}
		/* The depth of a document is limited before it is parsed. */
		n += identified(xml_first_element(node), id);
	}
	return n;
}

/* "#id" that is the Id of @target, of no other element, and is registered so for xmlsec. */
static int points_at(struct examination *e, const char *uri, xmlNode *target)
{
	xmlAttr *attribute = target ? xmlHasProp(target, (const xmlChar *)"Id") : NULL;
	xmlChar *id;
	int yes;

	if (!attribute || uri[0] != '#')
		return 0;
	id = xmlNodeListGetString(e->doc, attribute->children, 1);
	yes = id && strcmp((char *)id, uri + 1) == 0 && identified(e->root, (char *)id) == 1 &&
	      (xmlGetID(e->doc, id) == attribute || xmlAddID(NULL, e->doc, id, attribute));
	xmlFree(id);
	return yes;
}

static unsigned long count_elements(const xmlNode *node)
{
	unsigned long n = 0;

	for (; node; node = xml_next_element(node))
		n += 1 + count_elements(xml_first_element(node));
	return n;
}

/* The one XPath filter in use for enveloped signatures: all but signatures. */
static int is_usual_xpath(struct examination *e, const xmlNode *transform)
{
	const xmlNode *path = xml_child(transform, DSIG_NAMESPACE, "XPath");
	char *text = path ? xml_text(path) : NULL;
	xmlNs *ds = path ? xmlSearchNs(e->doc, (xmlNode *)path, (const xmlChar *)"ds") : NULL;
	int usual = text && ds && strcmp(text, "not(ancestor-or-self::ds:Signature)") == 0 &&
		    strcmp((const char *)ds->href, DSIG_NAMESPACE) == 0 &&
		    !xml_next_element(path) && xml_first_element(transform) == path;

	free(text);
	return usual && count_elements(e->root) <= XPATH_ELEMENTS_MAX;
}

/* @whole: of the reference to the document, which leaves the signature itself out. */
static int check_transforms(struct examination *e, const xmlNode *reference, int whole)
{
	const xmlNode *list = xml_child(reference, DSIG_NAMESPACE, "Transforms"), *at;
	int enveloped = 0, canonical = 0;
	char name[80];

	if (list && signature_only(e, list, DSIG_NAMESPACE, "Transform") < 0)
		return -1;
	for (at = list ? xml_first_element(list) : NULL; at; at = xml_next_element(at)) {
		int left_out =
			attribute_is(at, "Algorithm",
				     "http://www.w3.org/2000/09/xmldsig#enveloped-signature") &&
			!xml_first_element(at);

		if (!left_out &&
		    attribute_is(at, "Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116"))
			left_out = is_usual_xpath(e, at);
		if (whole && left_out && !canonical) {
			enveloped++;
		} else if (is_canonical(at) && !canonical) {
			canonical = 1;
		} else {
			signature_algorithm(at, name, sizeof(name));
			return signature_fail(
				e,
				"the signature transforms what it signs by %s, which could "
				"leave parts out",
				name);
		}
	}
	if (whole && !enveloped)
		return signature_fail(e, "the signature does not say that it leaves itself out");
	return 0;
}

static int check_reference(struct examination *e, const xmlNode *reference)
{
	xmlChar *uri = xmlGetNoNsProp((xmlNode *)reference, (const xmlChar *)"URI");
	const xmlNode *method = xml_child(reference, DSIG_NAMESPACE, "DigestMethod");
	const xmlNode *value = xml_child(reference, DSIG_NAMESPACE, "DigestValue");
	unsigned char *digest;
	char name[80];
	size_t n = 0;
	int r = 0, whole = 0;

	e->references++;
	if (signature_only(e, reference, DSIG_NAMESPACE, "Transforms DigestMethod DigestValue") <
	    0) {
		r = -1;
	} else if (uri && !*uri) {
		whole = 1;
		e->document_covered++;
	} else if (uri && attribute_is(reference, "Type", SIGNED_PROPERTIES_TYPE) &&
		   points_at(e, (char *)uri, e->properties)) {
		e->properties_covered++;
	} else if (uri && points_at(e, (char *)uri, e->key_info)) {
		e->key_info_covered++;
	} else {
		r = signature_fail(
			e,
			"the signature signs '%.60s', which is neither the whole document nor "
			"its own properties",
			uri ? (char *)uri : "");
	}
	xmlFree(uri);
	if (r == 0)
		r = check_transforms(e, reference, whole);
	if (r < 0)
		return r;
	if (!signature_digest(method)) {
		signature_algorithm(method ? method : reference, name, sizeof(name));
		return signature_fail(e, "the signature's digest is %s, which is weak or unknown",
				      name);
	}
	digest = signature_decode(value, &n);
	free(digest);
	if (!digest || n != (size_t)EVP_MD_get_size(signature_digest(method)))
		return signature_fail(e, "a digest of the signature is damaged");
	return 0;
}

int signature_check_info(struct examination *e)
{
	const xmlNode *canonical = xml_child(e->info, DSIG_NAMESPACE, "CanonicalizationMethod");
	const xmlNode *method = xml_child(e->info, DSIG_NAMESPACE, "SignatureMethod");
	char name[80];

	if (signature_only(e, e->info, DSIG_NAMESPACE,
			   "CanonicalizationMethod SignatureMethod Reference") < 0)
		return -1;
	if (!canonical || !is_canonical(canonical) || xml_next(canonical))
		return signature_fail(e, "the signature is canonicalised in an unknown way");
	if (!method || xml_next(method))
		return signature_fail(e, "the signature does not say how it was made");
	for (size_t i = 0; i < sizeof(signature_methods) / sizeof(signature_methods[0]); i++)
		if (attribute_is(method, "Algorithm", signature_methods[i].uri)) {
			e->out->algorithm = signature_methods[i].name;
			e->key_type = signature_methods[i].key;
		}
	if (!e->out->algorithm || xml_first_element(method)) {
		signature_algorithm(method, name, sizeof(name));
		return signature_fail(
			e, "the signature is made by %s, which is weak or not known here", name);
	}
	for (const xmlNode *at = xml_child(e->info, DSIG_NAMESPACE, "Reference"); at;
	     at = xml_next(at)) {
		if (e->references >= 4)
			return signature_fail(e, "the signature signs more things than a DCC has");
		if (check_reference(e, at) < 0)
			return -1;
	}
	if (e->document_covered != 1)
		return signature_fail(e, "the signature does not cover the whole document");
	if (e->properties && e->properties_covered != 1)
		return signature_fail(
			e, "the properties of the signature (time, certificate) are not signed");
	return 0;
}

/* Where everything stands; no element twice. */
int signature_check_shape(struct examination *e)
{
	xmlNode *value = xml_child(e->signature, DSIG_NAMESPACE, "SignatureValue");
	unsigned char *bytes;
	xmlChar *target;
	size_t n;
	int r;

	e->info = xml_child(e->signature, DSIG_NAMESPACE, "SignedInfo");
	e->key_info = xml_child(e->signature, DSIG_NAMESPACE, "KeyInfo");
	if (signature_only(e, e->signature, DSIG_NAMESPACE,
			   "SignedInfo SignatureValue KeyInfo Object") < 0)
		return -1;
	if (!e->info || !value || xml_next(e->info) || xml_next(value) ||
	    xml_first_element(e->signature) != e->info || (e->key_info && xml_next(e->key_info)))
		return signature_fail(e, "the signature is not built as a signature is");
	bytes = signature_decode(value, &n);
	free(bytes);
	if (!bytes)
		return signature_fail(e, "the value of the signature is damaged");
	if (value->properties &&
	    (value->properties->next || !xmlHasProp(value, (const xmlChar *)"Id")))
		return signature_fail(
			e,
			"the value of the signature has an attribute that does not belong there");
	for (xmlNode *object = xml_child(e->signature, DSIG_NAMESPACE, "Object"); object;
	     object = xml_next(object)) {
		xmlNode *qualifying = xml_child(object, XADES_NAMESPACE, "QualifyingProperties");

		if (signature_only(e, object, XADES_NAMESPACE, "QualifyingProperties") < 0)
			return -1;
		if (!qualifying)
			continue;
		if (e->qualifying || xml_next(qualifying))
			return signature_fail(e, "the signature has properties twice");
		e->qualifying = qualifying;
	}
	if (!e->qualifying)
		return 0;
	if (signature_only(e, e->qualifying, XADES_NAMESPACE,
			   "SignedProperties UnsignedProperties") < 0)
		return -1;
	e->properties = xml_child(e->qualifying, XADES_NAMESPACE, "SignedProperties");
	if (!e->properties || xml_next(e->properties))
		return signature_fail(e,
				      "the signature has no signed properties, or has them twice");
	target = xmlGetNoNsProp(e->qualifying, (const xmlChar *)"Target");
	r = target && target[0] == '#' && attribute_is(e->signature, "Id", (char *)target + 1);
	xmlFree(target);
	return r ? 0 :
		   signature_fail(e, "the signature's properties are those of another signature");
}
