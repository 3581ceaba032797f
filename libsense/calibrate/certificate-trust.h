/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-trust.h - from a signer's X.509 certificate to an anchor.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_TRUST_H
#define SENSE_CALIBRATE_CERTIFICATE_TRUST_H

#include <stdint.h>

#include <openssl/x509.h>

#include <sense/certificate.h>

/*
 * Is @signer to be trusted? 1 or 0, with @reason (one sentence, no full stop) either way.
 * @others: certificates that came with the signature, NULL for none
 * @claimed: signing time the signer claims, INT64_MIN for none
 */
int certificate_trust_judge(const struct sense_certificate_trust *trust, X509 *signer,
			    STACK_OF(X509) *others, int64_t claimed, char *reason, size_t size);

/* Anchors, for a signature that carries no certificate; borrowed, may be NULL. */
STACK_OF(X509) *certificate_trust_anchors(const struct sense_certificate_trust *trust);

/* "CN=...,O=..." of a name, RFC 2253, UTF-8, cut to fit. */
void certificate_name(const X509_NAME *name, char *text, size_t size);

/* 1 where the key is RSA of 2048 bits or more, or EC of 256 or more; else 0 with a reason. */
int certificate_key_is_strong(EVP_PKEY *key, char *reason, size_t size);

#endif
