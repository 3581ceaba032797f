// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Enveloped XML signatures of a DCC's root: XML-DSig (W3C, second edition) and XAdES (ETSI EN 319
 * 132-1). xmlsec checks digests and signature; everything here is about *what* was signed and *by
 * which key*, where signature wrapping and key substitution live: the shape of a signature is held
 * against a short list of what is allowed before xmlsec sees it, and the key is handed to xmlsec,
 * so that nothing in the document chooses one.
 */
#include "calibrate/certificate-signature.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
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

#define CERTIFICATES_MAX 16

/* ---- xmlsec ------------------------------------------------------------------------ */

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

/* ---- the signer -------------------------------------------------------------------- */

static int collect_certificates(struct examination *e)
{
	const xmlNode *data;

	if (!e->key_info)
		return 0;
	if (signature_only(e, e->key_info, DSIG_NAMESPACE, "X509Data KeyValue KeyName") < 0)
		return -1;
	for (data = xml_child(e->key_info, DSIG_NAMESPACE, "X509Data"); data;
	     data = xml_next(data)) {
		if (signature_only(
			    e, data, DSIG_NAMESPACE,
			    "X509Certificate X509IssuerSerial X509SubjectName X509SKI X509CRL") < 0)
			return -1;
		for (const xmlNode *at = xml_child(data, DSIG_NAMESPACE, "X509Certificate"); at;
		     at = xml_next(at)) {
			size_t n = 0;
			unsigned char *der = signature_decode(at, &n);
			const unsigned char *cursor = der;
			X509 *x = der ? d2i_X509(NULL, &cursor, (long)n) : NULL;
			int whole = x && cursor == der + n;

			free(der);
			if (!whole || sk_X509_num(e->certificates) >= CERTIFICATES_MAX ||
			    !sk_X509_push(e->certificates, x)) {
				X509_free(x);
				return signature_fail(
					e,
					"a certificate that came with the signature is "
					"damaged, or there are more than %d",
					CERTIFICATES_MAX);
			}
		}
	}
	return 0;
}

/* The one whose digest the signed properties state. */
static X509 *by_digest(STACK_OF(X509) * stack, const EVP_MD *md, const unsigned char *digest,
		       size_t n)
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

static int named_signer(struct examination *e, const xmlNode *named, STACK_OF(X509) * anchors)
{
	const xmlNode *cert = xml_child(named, XADES_NAMESPACE, "Cert");
	const xmlNode *hash = xml_child(cert, XADES_NAMESPACE, "CertDigest");
	const xmlNode *method = xml_child(hash, DSIG_NAMESPACE, "DigestMethod");
	const EVP_MD *md = signature_digest(method);
	unsigned char *digest;
	char name[80];
	size_t n = 0;

	if (!md) {
		signature_algorithm(method ? method : named, name, sizeof(name));
		return signature_fail(
			e, "the signature names its certificate by %s, which is weak or unknown",
			name);
	}
	digest = signature_decode(xml_child(hash, DSIG_NAMESPACE, "DigestValue"), &n);
	if (digest)
		e->signer = by_digest(e->certificates, md, digest, n);
	/* One that is carried has to be the one named, or it was tampered with. */
	if (digest && !e->signer && sk_X509_num(e->certificates) == 0)
		e->signer = by_digest(anchors, md, digest, n);
	free(digest);
	return e->signer ?
		       0 :
		       signature_fail(e,
				      "the certificate that the signature names is not the one it "
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
			issuer = j != i && X509_check_issued(x, sk_X509_value(e->certificates,
									      j)) == X509_V_OK;
		if (issuer)
			continue;
		if (e->signer)
			return signature_fail(
				e, "the signature carries several certificates that could be "
				   "its signer's");
		e->signer = x;
	}
	return e->signer ?
		       0 :
		       signature_fail(e,
				      "the signature names no certificate, only a key or nothing");
}

static int find_signer(struct examination *e, STACK_OF(X509) * anchors)
{
	const xmlNode *signature = e->properties ? xml_child(e->properties, XADES_NAMESPACE,
							     "SignedSignatureProperties") :
						   NULL;
	const xmlNode *named = xml_child(signature, XADES_NAMESPACE, "SigningCertificateV2");
	EVP_PKEY *key;
	int r;

	if (!named)
		named = xml_child(signature, XADES_NAMESPACE, "SigningCertificate");
	if (named)
		r = named_signer(e, named, anchors);
	else if (e->properties && !e->key_info_covered)
		r = signature_fail(
			e, "the signature does not sign which certificate it was made with");
	else
		r = unnamed_signer(e);
	if (r < 0)
		return r;
	certificate_name(X509_get_subject_name(e->signer), e->out->signer, sizeof(e->out->signer));
	certificate_name(X509_get_issuer_name(e->signer), e->out->issuer, sizeof(e->out->issuer));
	key = X509_get0_pubkey(e->signer);
	if (!certificate_key_is_strong(key, e->out->reason, sizeof(e->out->reason)))
		return -1;
	if (EVP_PKEY_get_base_id(key) != e->key_type)
		return signature_fail(e, "the signer's key is not one for %s", e->out->algorithm);
	return 0;
}

/* xs:dateTime to seconds of UTC; without a zone it is taken as UTC. */
static int parse_time(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	int n = 0, hours, minutes;
	const char *at;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 6 ||
	    !n || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
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
							     "SignedSignatureProperties") :
						   NULL;
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
	return r < 0 ? signature_fail(e, "the signing time is no time") : 0;
}

/* ---- digests and signature, by xmlsec ---------------------------------------------- */

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
	return good ? 0 :
		      signature_fail(
			      e,
			      "the document was changed after it was signed, or the signature "
			      "is not by the key of %s",
			      e->out->signer);
}

static void examine(struct examination *e, const struct sense_certificate_trust *trust)
{
	struct sense_certificate_signature *out = e->out;
	size_t n;

	out->present = 1;
	if (signature_check_shape(e) < 0)
		return;
	snprintf(out->form, sizeof(out->form), "%s", e->properties ? "XAdES" : "XML-DSig");
	if (signature_check_info(e) < 0 || find_time(e) < 0 || collect_certificates(e) < 0 ||
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

/* ---- the document ------------------------------------------------------------------ */

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
	return a->trusted * 4 + a->valid * 2 + a->present >
	       b->trusted * 4 + b->valid * 2 + b->present;
}

static void judge_document(const char *name, xmlDoc *doc,
			   const struct sense_certificate_trust *trust,
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
		snprintf(
			out->reason, sizeof(out->reason),
			"the signature in %.200s does not stand at the root, so it is of something "
			"else",
			name);
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
	if (certificate_xml_parse(certificate->name, certificate->data, certificate->size, &doc) <
	    0) {
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
