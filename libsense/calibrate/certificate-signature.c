// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Enveloped XML signatures of a DCC's root: XML-DSig (W3C, second edition) and XAdES (ETSI EN 319
 * 132-1). xmlsec checks digests and signature; everything here is about *what* was signed and *by
 * which key*, where signature wrapping and key substitution live: the shape of a signature is held
 * against a short list of what is allowed before xmlsec sees it, and the key is handed to xmlsec, so
 * that nothing in the document chooses one.
 */
#include "calibrate/certificate-model.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <xmlsec/xmlsec.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "base/error.h"
#include "calibrate/certificate-trust.h"

#define XADES_NAMESPACE "http://uri.etsi.org/01903/v1.3.2#"
#define SIGNED_PROPERTIES_TYPE "http://uri.etsi.org/01903#SignedProperties"
#define CERTIFICATES_MAX 16
/* The XPath transform that some signers use costs more than linear time; enough for any DCC. */
#define XPATH_ELEMENTS_MAX 20000

struct sense_certificate_signature {
	int present, valid, trusted;
	char reason[600], form[16], signer[256], issuer[256], time[64];
	const char *algorithm;
};

/* One ds:Signature under examination. */
struct examination {
	xmlDoc *doc;
	xmlNode *root, *signature, *info, *properties, *qualifying, *key_info;
	int references, document_covered, properties_covered, key_info_covered;
	STACK_OF(X509) *certificates; /* that came along */
	X509 *signer;
	int64_t claimed;
	struct sense_certificate_signature *out;
};

static int fail(struct examination *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A reason why the signature is not valid; always -1. */
static int fail(struct examination *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->out->reason, sizeof(e->out->reason), format, args);
	va_end(args);
	return -1;
}

/* ---- xmlsec --------------------------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

static void silent(const char *file, int line, const char *func, const char *object,
		   const char *subject, int reason, const char *message)
{
	/* What xmlsec would print is said by this file's own sentences. */
}

static void silent_xml(void *context, xmlErrorPtr error)
{
}

static void start(void)
{
	certificate_xml_start();
	if (xmlSecInit() < 0)
		return;
	started = xmlSecOpenSSLInit() >= 0;
	/* Last: either of the two sets a callback of its own. */
	xmlSecErrorsSetCallback(silent);
}

/* ---- algorithms ------------------------------------------------------------------------------------- */

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define ENC "http://www.w3.org/2001/04/xmlenc#"

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
static void short_algorithm(const xmlNode *node, char *text, size_t size)
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

static const EVP_MD *digest_of(const xmlNode *method)
{
	for (size_t i = 0; method && i < sizeof(digest_methods) / sizeof(digest_methods[0]); i++)
		if (attribute_is(method, "Algorithm", digest_methods[i].uri))
			return digest_methods[i].digest();
	return NULL;
}

/* ---- base64, strictly: a loose reader would accept changed bytes --------------------------------------- */

static unsigned char *decode(const xmlNode *node, size_t *length)
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

/* ---- shape ------------------------------------------------------------------------------------------------ */

/* Nothing but blanks, comments and the elements named (blanks between) may stand in @node. */
static int only(struct examination *e, const xmlNode *node, const char *space, const char *names)
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
		return fail(e, "the signature holds something that does not belong into its %s",
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

	if (list && only(e, list, DSIG_NAMESPACE, "Transform") < 0)
		return -1;
	for (at = list ? xml_first_element(list) : NULL; at; at = xml_next_element(at)) {
		int left_out = attribute_is(at, "Algorithm",
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
			short_algorithm(at, name, sizeof(name));
			return fail(e, "the signature transforms what it signs by %s, which could "
				       "leave parts out", name);
		}
	}
	if (whole && !enveloped)
		return fail(e, "the signature does not say that it leaves itself out");
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
	if (only(e, reference, DSIG_NAMESPACE, "Transforms DigestMethod DigestValue") < 0) {
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
		r = fail(e, "the signature signs '%.60s', which is neither the whole document nor "
			    "its own properties", uri ? (char *)uri : "");
	}
	xmlFree(uri);
	if (r == 0)
		r = check_transforms(e, reference, whole);
	if (r < 0)
		return r;
	if (!digest_of(method)) {
		short_algorithm(method ? method : reference, name, sizeof(name));
		return fail(e, "the signature's digest is %s, which is weak or unknown", name);
	}
	digest = decode(value, &n);
	free(digest);
	if (!digest || n != (size_t)EVP_MD_get_size(digest_of(method)))
		return fail(e, "a digest of the signature is damaged");
	return 0;
}

static int check_info(struct examination *e)
{
	const xmlNode *canonical = xml_child(e->info, DSIG_NAMESPACE, "CanonicalizationMethod");
	const xmlNode *method = xml_child(e->info, DSIG_NAMESPACE, "SignatureMethod");
	char name[80];

	if (only(e, e->info, DSIG_NAMESPACE, "CanonicalizationMethod SignatureMethod Reference") < 0)
		return -1;
	if (!canonical || !is_canonical(canonical) || xml_next(canonical))
		return fail(e, "the signature is canonicalised in an unknown way");
	if (!method || xml_next(method))
		return fail(e, "the signature does not say how it was made");
	for (size_t i = 0; i < sizeof(signature_methods) / sizeof(signature_methods[0]); i++)
		if (attribute_is(method, "Algorithm", signature_methods[i].uri))
			e->out->algorithm = signature_methods[i].name;
	if (!e->out->algorithm || xml_first_element(method)) {
		short_algorithm(method, name, sizeof(name));
		return fail(e, "the signature is made by %s, which is weak or not known here", name);
	}
	for (const xmlNode *at = xml_child(e->info, DSIG_NAMESPACE, "Reference"); at;
	     at = xml_next(at)) {
		if (e->references >= 4)
			return fail(e, "the signature signs more things than a DCC has");
		if (check_reference(e, at) < 0)
			return -1;
	}
	if (e->document_covered != 1)
		return fail(e, "the signature does not cover the whole document");
	if (e->properties && e->properties_covered != 1)
		return fail(e, "the properties of the signature (time, certificate) are not signed");
	return 0;
}

/* Where everything stands; no element twice. */
static int check_shape(struct examination *e)
{
	xmlNode *value = xml_child(e->signature, DSIG_NAMESPACE, "SignatureValue");
	unsigned char *bytes;
	xmlChar *target;
	size_t n;
	int r;

	e->info = xml_child(e->signature, DSIG_NAMESPACE, "SignedInfo");
	e->key_info = xml_child(e->signature, DSIG_NAMESPACE, "KeyInfo");
	if (only(e, e->signature, DSIG_NAMESPACE, "SignedInfo SignatureValue KeyInfo Object") < 0)
		return -1;
	if (!e->info || !value || xml_next(e->info) || xml_next(value) ||
	    xml_first_element(e->signature) != e->info ||
	    (e->key_info && xml_next(e->key_info)))
		return fail(e, "the signature is not built as a signature is");
	bytes = decode(value, &n);
	free(bytes);
	if (!bytes)
		return fail(e, "the value of the signature is damaged");
	if (value->properties && (value->properties->next || !xmlHasProp(value, (const xmlChar *)"Id")))
		return fail(e, "the value of the signature has an attribute that does not belong there");
	for (xmlNode *object = xml_child(e->signature, DSIG_NAMESPACE, "Object"); object;
	     object = xml_next(object)) {
		xmlNode *qualifying = xml_child(object, XADES_NAMESPACE, "QualifyingProperties");

		if (only(e, object, XADES_NAMESPACE, "QualifyingProperties") < 0)
			return -1;
		if (!qualifying)
			continue;
		if (e->qualifying || xml_next(qualifying))
			return fail(e, "the signature has properties twice");
		e->qualifying = qualifying;
	}
	if (!e->qualifying)
		return 0;
	if (only(e, e->qualifying, XADES_NAMESPACE, "SignedProperties UnsignedProperties") < 0)
		return -1;
	e->properties = xml_child(e->qualifying, XADES_NAMESPACE, "SignedProperties");
	if (!e->properties || xml_next(e->properties))
		return fail(e, "the signature has no signed properties, or has them twice");
	target = xmlGetNoNsProp(e->qualifying, (const xmlChar *)"Target");
	r = target && target[0] == '#' && attribute_is(e->signature, "Id", (char *)target + 1);
	xmlFree(target);
	return r ? 0 : fail(e, "the signature's properties are those of another signature");
}

/* ---- the signer ------------------------------------------------------------------------------------------ */

static int collect_certificates(struct examination *e)
{
	const xmlNode *data;

	if (!e->key_info)
		return 0;
	if (only(e, e->key_info, DSIG_NAMESPACE, "X509Data KeyValue KeyName") < 0)
		return -1;
	for (data = xml_child(e->key_info, DSIG_NAMESPACE, "X509Data"); data; data = xml_next(data)) {
		if (only(e, data, DSIG_NAMESPACE,
			 "X509Certificate X509IssuerSerial X509SubjectName X509SKI X509CRL") < 0)
			return -1;
		for (const xmlNode *at = xml_child(data, DSIG_NAMESPACE, "X509Certificate"); at;
		     at = xml_next(at)) {
			size_t n = 0;
			unsigned char *der = decode(at, &n);
			const unsigned char *cursor = der;
			X509 *x = der ? d2i_X509(NULL, &cursor, (long)n) : NULL;
			int whole = x && cursor == der + n;

			free(der);
			if (!whole || sk_X509_num(e->certificates) >= CERTIFICATES_MAX ||
			    !sk_X509_push(e->certificates, x)) {
				X509_free(x);
				return fail(e, "a certificate that came with the signature is "
					       "damaged, or there are more than %d",
					    CERTIFICATES_MAX);
			}
		}
	}
	return 0;
}

/* The one whose digest the signed properties state. */
static X509 *by_digest(STACK_OF(X509) *stack, const EVP_MD *md, const unsigned char *digest, size_t n)
{
	for (int i = 0; stack && i < sk_X509_num(stack); i++) {
		unsigned char own[EVP_MAX_MD_SIZE];
		unsigned int length = 0;

		if (X509_digest(sk_X509_value(stack, i), md, own, &length) == 1 && length == n &&
		    memcmp(own, digest, n) == 0)
			return sk_X509_value(stack, i);
	}
	return NULL;
}

static int named_signer(struct examination *e, const xmlNode *named, STACK_OF(X509) *anchors)
{
	const xmlNode *cert = xml_child(named, XADES_NAMESPACE, "Cert");
	const xmlNode *hash = xml_child(cert, XADES_NAMESPACE, "CertDigest");
	const xmlNode *method = xml_child(hash, DSIG_NAMESPACE, "DigestMethod");
	const EVP_MD *md = digest_of(method);
	unsigned char *digest;
	char name[80];
	size_t n = 0;

	if (!md) {
		short_algorithm(method ? method : named, name, sizeof(name));
		return fail(e, "the signature names its certificate by %s, which is weak or unknown",
			    name);
	}
	digest = decode(xml_child(hash, DSIG_NAMESPACE, "DigestValue"), &n);
	if (digest)
		e->signer = by_digest(e->certificates, md, digest, n);
	/* One that is carried has to be the one named, or it was tampered with. */
	if (digest && !e->signer && sk_X509_num(e->certificates) == 0)
		e->signer = by_digest(anchors, md, digest, n);
	free(digest);
	return e->signer ? 0 : fail(e, "the certificate that the signature names is not the one it "
				       "carries");
}

/* Without a name, the one that issued none of the others. */
static int unnamed_signer(struct examination *e)
{
	int n = sk_X509_num(e->certificates);

	for (int i = 0; i < n; i++) {
		X509 *x = sk_X509_value(e->certificates, i);
		int issuer = 0;

		for (int j = 0; j < n && !issuer; j++)
			issuer = j != i &&
				 X509_check_issued(x, sk_X509_value(e->certificates, j)) == X509_V_OK;
		if (issuer)
			continue;
		if (e->signer)
			return fail(e, "the signature carries several certificates that could be "
				       "its signer's");
		e->signer = x;
	}
	return e->signer ? 0 : fail(e, "the signature names no certificate, only a key or nothing");
}

static int find_signer(struct examination *e, STACK_OF(X509) *anchors)
{
	const xmlNode *signature = e->properties ? xml_child(e->properties, XADES_NAMESPACE,
							     "SignedSignatureProperties") : NULL;
	const xmlNode *named = xml_child(signature, XADES_NAMESPACE, "SigningCertificateV2");
	EVP_PKEY *key;
	int r, wanted = 0;

	if (!named)
		named = xml_child(signature, XADES_NAMESPACE, "SigningCertificate");
	if (named)
		r = named_signer(e, named, anchors);
	else if (e->properties && !e->key_info_covered)
		r = fail(e, "the signature does not sign which certificate it was made with");
	else
		r = unnamed_signer(e);
	if (r < 0)
		return r;
	certificate_name(X509_get_subject_name(e->signer), e->out->signer, sizeof(e->out->signer));
	certificate_name(X509_get_issuer_name(e->signer), e->out->issuer, sizeof(e->out->issuer));
	key = X509_get0_pubkey(e->signer);
	if (!certificate_key_is_strong(key, e->out->reason, sizeof(e->out->reason)))
		return -1;
	for (size_t i = 0; i < sizeof(signature_methods) / sizeof(signature_methods[0]); i++)
		if (e->out->algorithm == signature_methods[i].name)
			wanted = signature_methods[i].key;
	if (EVP_PKEY_get_base_id(key) != wanted)
		return fail(e, "the signer's key is not one for %s", e->out->algorithm);
	return 0;
}

/* xs:dateTime to seconds of UTC; without a zone it is taken as UTC. */
static int parse_time(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	int n = 0, hours, minutes;
	const char *at;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 6 || !n ||
	    tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*seconds = (int64_t)timegm(&tm);
	at = text + n;
	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789");
	if (sscanf(at, "%3d:%2d%n", &hours, &minutes, &n) == 2 && !at[n] &&
	    (*at == '+' || *at == '-') && abs(hours) <= 14 && minutes >= 0 && minutes < 60)
		*seconds -= hours * 3600 + (*at == '-' ? -60 : 60) * minutes;
	else if (strcmp(at, "Z") != 0 && *at)
		return -EINVAL;
	return 0;
}

static int find_time(struct examination *e)
{
	const xmlNode *signature = e->properties ? xml_child(e->properties, XADES_NAMESPACE,
							     "SignedSignatureProperties") : NULL;
	const xmlNode *node = xml_child(signature, XADES_NAMESPACE, "SigningTime");
	char *text;
	int r;

	e->claimed = INT64_MIN;
	if (!node)
		return 0;
	text = xml_text(node);
	r = text ? parse_time(text, &e->claimed) : -ENOMEM;
	if (r == 0)
		snprintf(e->out->time, sizeof(e->out->time), "%.60s", text);
	free(text);
	return r < 0 ? fail(e, "the signing time is no time") : 0;
}

/* ---- digests and signature, by xmlsec --------------------------------------------------------------------- */

static int check_crypto(struct examination *e)
{
	xmlSecDSigCtx *context = xmlSecDSigCtxCreate(NULL);
	EVP_PKEY *key = X509_get_pubkey(e->signer);
	xmlSecKeyData *data = key ? xmlSecOpenSSLEvpKeyAdopt(key) : NULL;
	xmlSecKey *own = data ? xmlSecKeyCreate() : NULL;
	int good = 0;

	if (key && !data)
		EVP_PKEY_free(key);
	if (context && own && xmlSecKeySetValue(own, data) == 0) {
		data = NULL; /* now the key's */
		context->signKey = own;
		own = NULL; /* now the context's */
		/* Belt and braces: the shape allows no other URI in the first place. */
		context->enabledReferenceUris = xmlSecTransformUriTypeEmpty |
						xmlSecTransformUriTypeSameDocument;
		context->flags = XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS |
				 XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
		good = xmlSecDSigCtxVerify(context, e->signature) == 0 &&
		       context->status == xmlSecDSigStatusSucceeded &&
		       xmlSecPtrListGetSize(&context->signedInfoReferences) ==
			       (xmlSecSize)e->references;
		for (int i = 0; good && i < e->references; i++) {
			xmlSecDSigReferenceCtx *reference =
				xmlSecPtrListGetItem(&context->signedInfoReferences, (xmlSecSize)i);

			good = reference && reference->status == xmlSecDSigStatusSucceeded;
		}
	}
	if (data)
		xmlSecKeyDataDestroy(data);
	if (own)
		xmlSecKeyDestroy(own);
	if (context)
		xmlSecDSigCtxDestroy(context);
	ERR_clear_error();
	return good ? 0 : fail(e, "the document was changed after it was signed, or the signature "
				  "is not by the key of %s", e->out->signer);
}

static void examine(struct examination *e, const struct sense_certificate_trust *trust)
{
	struct sense_certificate_signature *out = e->out;
	size_t n;

	out->present = 1;
	if (check_shape(e) < 0)
		return;
	snprintf(out->form, sizeof(out->form), "%s", e->properties ? "XAdES" : "XML-DSig");
	if (check_info(e) < 0 || find_time(e) < 0 || collect_certificates(e) < 0 ||
	    find_signer(e, certificate_trust_anchors(trust)) < 0 || check_crypto(e) < 0)
		return;
	out->valid = 1;
	out->trusted = certificate_trust_judge(trust, e->signer, e->certificates, e->claimed,
					       out->reason, sizeof(out->reason));
	n = strlen(out->reason);
	if (xml_child(e->qualifying, XADES_NAMESPACE, "UnsignedProperties"))
		snprintf(out->reason + n, sizeof(out->reason) - n,
			 "; time stamps beside the signature were not evaluated");
}

/* ---- the document --------------------------------------------------------------------------------------------- */

static const xmlNode *stray(const xmlNode *node, const xmlNode *root)
{
	for (; node; node = xml_next_element(node)) {
		const xmlNode *found;

		if (xml_is(node, DSIG_NAMESPACE, "Signature") && node->parent != root)
			return node;
		/* What stands within a signature of the root is judged with it. */
		if (xml_is(node, DSIG_NAMESPACE, "Signature"))
			continue;
		found = stray(xml_first_element(node), root);
		if (found)
			return found;
	}
	return NULL;
}

/* Best of all signatures at the root: trusted before valid before any. */
static int better(const struct sense_certificate_signature *a,
		  const struct sense_certificate_signature *b)
{
	return a->trusted * 4 + a->valid * 2 + a->present > b->trusted * 4 + b->valid * 2 + b->present;
}

static void judge_document(const char *name, xmlDoc *doc, const struct sense_certificate_trust *trust,
			   struct sense_certificate_signature *out)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	unsigned int count = 0;

	snprintf(out->reason, sizeof(out->reason), "%.200s is not signed", name);
	if (!xml_is(root, DCC_NAMESPACE, "digitalCalibrationCertificate")) {
		snprintf(out->reason, sizeof(out->reason), "%.200s is no DCC", name);
		return;
	}
	for (xmlNode *at = xml_child(root, DSIG_NAMESPACE, "Signature"); at && count < 8;
	     at = xml_next(at), count++) {
		struct sense_certificate_signature one = { .algorithm = NULL };
		struct examination e = { .doc = doc, .root = root, .signature = at, .out = &one };

		e.certificates = sk_X509_new_null();
		if (e.certificates)
			examine(&e, trust);
		sk_X509_pop_free(e.certificates, X509_free);
		if (better(&one, out))
			*out = one;
	}
	if (!count && stray(xml_first_element(root), root)) {
		out->present = 1;
		snprintf(out->reason, sizeof(out->reason),
			 "the signature in %.200s does not stand at the root, so it is of something "
			 "else", name);
	}
	if (!out->algorithm)
		out->algorithm = "";
}

struct sense_certificate_signature *
sense_certificate_verify(const struct sense_certificate *certificate,
			 const struct sense_certificate_trust *trust)
{
	struct sense_certificate_signature *out;
	xmlStructuredErrorFunc handler;
	void *context;
	xmlDoc *doc;

	pthread_once(&once, start);
	if (!started)
		return sense_fail_null(ELIBBAD, "xmlsec", "install libxmlsec1-openssl",
				       "the library for XML signatures does not start");
	out = calloc(1, sizeof(*out));
	if (!out)
		return sense_fail_null(ENOMEM, certificate->name, NULL, "no memory to verify %s",
				       certificate->name);
	/* From the bytes again: verification marks the tree, and a certificate is immutable. */
	if (certificate_xml_parse(certificate->name, certificate->data, certificate->size, &doc) < 0) {
		free(out);
		return NULL;
	}
	/* Of this thread alone: canonicalisation writes to standard error otherwise. */
	handler = xmlStructuredError;
	context = xmlStructuredErrorContext;
	xmlSetStructuredErrorFunc(NULL, silent_xml);
	judge_document(certificate->name, doc, trust, out);
	xmlSetStructuredErrorFunc(context, handler);
	if (!out->algorithm)
		out->algorithm = "";
	xmlFreeDoc(doc);
	return out;
}

void sense_certificate_signature_free(struct sense_certificate_signature *signature)
{
	free(signature);
}

int sense_certificate_signature_is_present(const struct sense_certificate_signature *s)
{
	return s->present;
}

int sense_certificate_signature_is_valid(const struct sense_certificate_signature *s)
{
	return s->valid;
}

int sense_certificate_signature_is_trusted(const struct sense_certificate_signature *s)
{
	return s->trusted;
}

const char *sense_certificate_signature_get_reason(const struct sense_certificate_signature *s)
{
	return s->reason;
}

const char *sense_certificate_signature_get_form(const struct sense_certificate_signature *s)
{
	return s->form;
}

const char *sense_certificate_signature_get_signer(const struct sense_certificate_signature *s)
{
	return s->signer;
}

const char *sense_certificate_signature_get_issuer(const struct sense_certificate_signature *s)
{
	return s->issuer;
}

const char *sense_certificate_signature_get_algorithm(const struct sense_certificate_signature *s)
{
	return s->algorithm;
}

const char *sense_certificate_signature_get_time(const struct sense_certificate_signature *s)
{
	return s->time;
}
