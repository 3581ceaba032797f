// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Trust: RFC 5280 path validation by OpenSSL, and revocation by lists that the user supplies.
 *
 * OpenSSL judges a revocation list by the same moment as the path. Here the path is judged at the
 * signing time and the list by what it is: a list made after the signature says more, not less.
 */
#include "calibrate/certificate-trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "calibrate/certificate-file.h"

#define FUTURE_S 300 /* clocks differ by so much at most */

struct sense_certificate_trust {
	STACK_OF(X509) * anchors;
	STACK_OF(X509_CRL) * crls;
	int64_t time;
	int has_time;
};

struct sense_certificate_trust *sense_certificate_trust_new(void)
{
	struct sense_certificate_trust *trust = calloc(1, sizeof(*trust));

	if (trust) {
		trust->anchors = sk_X509_new_null();
		trust->crls = sk_X509_CRL_new_null();
	}
	if (!trust || !trust->anchors || !trust->crls) {
		sense_certificate_trust_free(trust);
		return sense_fail_null(ENOMEM, NULL, NULL, "no memory for trust anchors");
	}
	return trust;
}

void sense_certificate_trust_free(struct sense_certificate_trust *trust)
{
	if (!trust)
		return;
	sk_X509_pop_free(trust->anchors, X509_free);
	sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
	free(trust);
}

void sense_certificate_trust_set_time(struct sense_certificate_trust *trust, int64_t utc_s)
{
	trust->time = utc_s;
	trust->has_time = 1;
}

STACK_OF(X509) * certificate_trust_anchors(const struct sense_certificate_trust *trust)
{
	return trust ? trust->anchors : NULL;
}

static int no_password(char *buffer, int size, int writing, void *context)
{
	return 0;
}

/* Every object of one kind in a PEM file; counts both what fits and what does not parse. */
static int add_pem(const char *path, const char *what, int (*add)(void *context, BIO *bio),
		   void *context)
{
	char *data;
	size_t size;
	BIO *bio;
	int r, n = 0;

	r = certificate_read_file(path, &data, &size);
	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(data, (int)size);
	while (bio && (r = add(context, bio)) == 1)
		n++;
	BIO_free(bio);
	free(data);
	if (!bio || r < 0) {
		ERR_clear_error();
		return sense_fail(ENOMEM, path, NULL, "no memory to read %s", path);
	}
	/* The end of a file is an error of its own kind; another one is damage in the middle. */
	if (n > 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		n = 0;
	ERR_clear_error();
	if (!n)
		return sense_fail(EBADMSG, path, "give a file of PEM blocks, '-----BEGIN ...'",
				  "%s is no PEM file of %s, or is damaged", path, what);
	return n;
}

static int add_anchor(void *context, BIO *bio)
{
	struct sense_certificate_trust *trust = context;
	X509 *x = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL);

	if (!x)
		return 0;
	if (!sk_X509_push(trust->anchors, x)) {
		X509_free(x);
		return -ENOMEM;
	}
	return 1;
}

static int add_crl(void *context, BIO *bio)
{
	struct sense_certificate_trust *trust = context;
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL);

	if (!crl)
		return 0;
	if (!sk_X509_CRL_push(trust->crls, crl)) {
		X509_CRL_free(crl);
		return -ENOMEM;
	}
	return 1;
}

int sense_certificate_trust_add_anchors(struct sense_certificate_trust *trust, const char *path)
{
	return add_pem(path, "certificates", add_anchor, trust);
}

int sense_certificate_trust_add_crls(struct sense_certificate_trust *trust, const char *path)
{
	return add_pem(path, "revocation lists", add_crl, trust);
}

/* ---- names and keys ---------------------------------------------------------------- */

void certificate_name(const X509_NAME *name, char *text, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long n;

	text[0] = 0;
	if (!bio)
		return;
	/* Controls and the like are escaped: the text goes to a terminal. */
	X509_NAME_print_ex(bio, name, 0,
			   (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_ESC_CTRL);
	n = BIO_get_mem_data(bio, &data);
	if (n > 0)
		snprintf(text, size, "%.*s", (int)n, data);
	BIO_free(bio);
}

int certificate_key_is_strong(EVP_PKEY *key, char *reason, size_t size)
{
	int bits = key ? EVP_PKEY_get_bits(key) : 0;
	int type = key ? EVP_PKEY_get_base_id(key) : 0;

	if (type == EVP_PKEY_RSA && bits >= 2048)
		return 1;
	if (type == EVP_PKEY_EC && bits >= 256)
		return 1;
	snprintf(reason, size,
		 type == EVP_PKEY_RSA || type == EVP_PKEY_EC ?
			 "the signer's key has only %d bits" :
			 "the signer's key is neither RSA nor EC (%d bits)",
		 bits);
	return 0;
}

static void day(const ASN1_TIME *when, char *text, size_t size)
{
	struct tm tm;

	if (when && ASN1_TIME_to_tm(when, &tm))
		snprintf(text, size, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday);
	else
		snprintf(text, size, "an unknown day");
}

/* ---- revocation -------------------------------------------------------------------- */

/* Partitioned and indirect lists speak of other certificates than one might think. */
static int scope_fits(X509_CRL *crl, X509 *x)
{
	ISSUING_DIST_POINT *scope;
	int critical = -1, fits = 1;

	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
		X509_EXTENSION *extension = X509_CRL_get_ext(crl, i);

		if (X509_EXTENSION_get_critical(extension) &&
		    OBJ_obj2nid(X509_EXTENSION_get_object(extension)) !=
			    NID_issuing_distribution_point)
			return 0;
	}
	scope = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);
	if (!scope)
		return critical == -1;
	if (scope->indirectCRL > 0 || scope->onlysomereasons || scope->onlyattr > 0)
		fits = 0;
	if (scope->onlyuser > 0 && X509_check_ca(x))
		fits = 0;
	if (scope->onlyCA > 0 && !X509_check_ca(x))
		fits = 0;
	ISSUING_DIST_POINT_free(scope);
	return fits;
}

/* 1 where @x is known not to be revoked. @issuer: NULL where it is not at hand. */
static int not_revoked(const struct sense_certificate_trust *trust, X509 *x, X509 *issuer,
		       time_t when, char *reason, size_t size)
{
	char subject[160], issued[160], text[40];
	int covered = 0, stale = 0;

	certificate_name(X509_get_subject_name(x), subject, sizeof(subject));
	certificate_name(X509_get_issuer_name(x), issued, sizeof(issued));
	for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(trust->crls, i);
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
		X509_REVOKED *entry = NULL;
		time_t now = time(NULL);

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(x)) != 0)
			continue;
		if (X509_CRL_get0_by_cert(crl, &entry, x) == 1) {
			/* Not even a list whose signature cannot be checked is to be ignored. */
			day(X509_REVOKED_get0_revocationDate(entry), text, sizeof(text));
			snprintf(reason, size, "the certificate of %s was revoked on %s", subject,
				 text);
			return 0;
		}
		if (!issuer || X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1 ||
		    !scope_fits(crl, x) || X509_cmp_time(X509_CRL_get0_lastUpdate(crl), &now) > 0)
			continue;
		if (next && X509_cmp_time(next, &when) < 0) {
			stale = 1;
			continue;
		}
		covered = 1;
	}
	if (!covered && issuer)
		snprintf(reason, size,
			 stale ? "the revocation list of %s had run out before the signing time" :
				 "no revocation list of %s is among those given",
			 issued);
	return covered || !issuer;
}

/* ---- the path ---------------------------------------------------------------------- */

/* @moment: "the signing time" or "the time asked for" */
static void explain(X509_STORE_CTX *context, const char *moment, char *reason, size_t size)
{
	int error = X509_STORE_CTX_get_error(context);
	X509 *at = X509_STORE_CTX_get_current_cert(context);
	char subject[160] = "the signer", from[40] = "", to[40] = "";

	if (at) {
		certificate_name(X509_get_subject_name(at), subject, sizeof(subject));
		day(X509_get0_notBefore(at), from, sizeof(from));
		day(X509_get0_notAfter(at), to, sizeof(to));
	}
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		snprintf(reason, size, "the certificate of %s had run out on %s, before %s",
			 subject, to, moment);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		snprintf(reason, size, "the certificate of %s was not in force before %s, after %s",
			 subject, from, moment);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		snprintf(reason, size, "%s does not lead to a trust anchor that was given",
			 subject);
		break;
	default:
		snprintf(reason, size, "the certificate of %s is refused: %s", subject,
			 X509_verify_cert_error_string(error));
	}
}

static int may_sign(X509 *x, char *reason, size_t size)
{
	uint32_t usage = X509_get_key_usage(x); /* all bits where it has no such extension */
	char subject[160];

	if (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))
		return 1;
	certificate_name(X509_get_subject_name(x), subject, sizeof(subject));
	snprintf(reason, size, "the certificate of %s is not for signing", subject);
	return 0;
}

/* Place of the first anchor on the path; OpenSSL goes on beyond it where it can. */
static int anchor_on(const struct sense_certificate_trust *trust, STACK_OF(X509) * path)
{
	int n = sk_X509_num(path);

	for (int i = 0; i < n; i++)
		for (int j = 0; j < sk_X509_num(trust->anchors); j++)
			if (X509_cmp(sk_X509_value(path, i), sk_X509_value(trust->anchors, j)) == 0)
				return i;
	return n - 1;
}

static int judge_path(const struct sense_certificate_trust *trust, X509_STORE_CTX *context,
		      time_t when, char *reason, size_t size)
{
	STACK_OF(X509) * path;
	int n;

	if (X509_verify_cert(context) != 1) {
		explain(context, trust->has_time ? "the time asked for" : "the signing time",
			reason, size);
		return 0;
	}
	path = X509_STORE_CTX_get0_chain(context);
	n = anchor_on(trust, path);
	if (!may_sign(sk_X509_value(path, 0), reason, size))
		return 0;
	if (sk_X509_CRL_num(trust->crls) == 0)
		return 1;
	if (n == 0)
		return not_revoked(trust, sk_X509_value(path, 0), NULL, when, reason, size);
	for (int i = 0; i < n; i++)
		if (!not_revoked(trust, sk_X509_value(path, i), sk_X509_value(path, i + 1), when,
				 reason, size))
			return 0;
	return 1;
}

/* What trust in it stands on. */
static void say_trusted(const struct sense_certificate_trust *trust, X509 *signer, X509 *anchor,
			int64_t claimed, char *reason, size_t size)
{
	char subject[160], root[160], to[40];
	time_t now = time(NULL);
	size_t n;

	certificate_name(X509_get_subject_name(signer), subject, sizeof(subject));
	certificate_name(X509_get_subject_name(anchor), root, sizeof(root));
	if (X509_cmp(signer, anchor) == 0)
		n = (size_t)snprintf(reason, size, "signed by %s, a trust anchor itself", subject);
	else
		n = (size_t)snprintf(reason, size, "signed by %s, under the trust anchor %s",
				     subject, root);
	if (n < size && !trust->has_time && claimed != INT64_MIN &&
	    X509_cmp_time(X509_get0_notAfter(signer), &now) < 0) {
		day(X509_get0_notAfter(signer), to, sizeof(to));
		n += (size_t)snprintf(
			reason + n, size - n,
			"; the signer's certificate ran out on %s, so that the signature "
			"is older rests on the signing time the signer claims",
			to);
	}
	if (n < size && sk_X509_CRL_num(trust->crls) == 0)
		snprintf(reason + n, size - n,
			 "; revocation was not checked, as no list was given");
}

int certificate_trust_judge(const struct sense_certificate_trust *trust, X509 *signer,
			    STACK_OF(X509) * others, int64_t claimed, char *reason, size_t size)
{
	X509_STORE *store;
	X509_STORE_CTX *context;
	X509_VERIFY_PARAM *parameters;
	int64_t now = (int64_t)time(NULL), when;
	int trusted = 0;

	if (!trust || sk_X509_num(trust->anchors) == 0) {
		snprintf(reason, size, "no trust anchor was given");
		return 0;
	}
	if (claimed != INT64_MIN && claimed > now + FUTURE_S) {
		snprintf(reason, size, "the signing time claimed lies in the future");
		return 0;
	}
	when = trust->has_time ? trust->time : claimed != INT64_MIN ? claimed : now;
	snprintf(reason, size, "no memory to judge the signer's certificate");
	store = X509_STORE_new();
	context = X509_STORE_CTX_new();
	if (!store || !context)
		goto out;
	for (int i = 0; i < sk_X509_num(trust->anchors); i++)
		if (X509_STORE_add_cert(store, sk_X509_value(trust->anchors, i)) != 1)
			goto out;
	if (X509_STORE_CTX_init(context, store, signer, others) != 1)
		goto out;
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_time(parameters, (time_t)when);
	X509_VERIFY_PARAM_set_auth_level(parameters, 2); /* 112 bits: no SHA-1, no RSA below 2048 */
	X509_VERIFY_PARAM_set_depth(parameters, 8);
	trusted = judge_path(trust, context, (time_t)when, reason, size);
	if (trusted) {
		STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);

		say_trusted(trust, signer, sk_X509_value(path, anchor_on(trust, path)), claimed,
			    reason, size);
	}
out:
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return trusted;
}
