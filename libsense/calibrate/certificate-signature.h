/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-signature.h - one ds:Signature under examination.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_SIGNATURE_H
#define SENSE_CALIBRATE_CERTIFICATE_SIGNATURE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "calibrate/certificate-model.h"

#define XADES_NAMESPACE "http://uri.etsi.org/01903/v1.3.2#"

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
	int key_type; /* that the algorithm calls for */
	int64_t claimed;
	struct sense_certificate_signature *out;
};

/* A reason why the signature is not valid; always -1. */
int signature_fail(struct examination *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Where everything stands, no element twice; then what is signed and how. 0, or -1 with the reason.
 * After the two, the reference to the document covers all of it, and those that xmlsec will follow
 * lead nowhere else.
 */
int signature_check_shape(struct examination *e);
int signature_check_info(struct examination *e);

/* Nothing but blanks, comments and the elements named (blanks between) may stand in @node. */
int signature_only(struct examination *e, const xmlNode *node, const char *space,
		   const char *names);
/* Base64 in its one canonical spelling; malloc()ed, NULL for anything else. */
unsigned char *signature_decode(const xmlNode *node, size_t *length);
/* The digest that a ds:DigestMethod names, NULL for a weak or unknown one. */
const EVP_MD *signature_digest(const xmlNode *method);
/* The part of an algorithm's URI that a person knows, for a sentence. */
void signature_algorithm(const xmlNode *node, char *text, size_t size);

#endif
