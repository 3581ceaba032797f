// SPDX-License-Identifier: LGPL-2.1-or-later
/* SHA-256 (FIPS 180-4) by OpenSSL, written as "sha256:" and hexadecimal digits. */
#include "twin/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

struct twin_digest {
	EVP_MD_CTX *context;
	int failed;
};

struct twin_digest *twin_digest_new(void)
{
	struct twin_digest *d = calloc(1, sizeof(*d));

	if (d)
		d->context = EVP_MD_CTX_new();
	if (d && (!d->context || EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) != 1))
		d->failed = 1;
	return d;
}

void twin_digest_add(struct twin_digest *d, const void *data, size_t size)
{
	if (d && !d->failed && EVP_DigestUpdate(d->context, data, size) != 1)
		d->failed = 1;
}

int twin_digest_end(struct twin_digest *d, char *text)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int failed = !d || d->failed || EVP_DigestFinal_ex(d->context, sum, &size) != 1;

	if (d)
		EVP_MD_CTX_free(d->context);
	free(d);
	if (failed)
		return sense_fail(ENOMEM, "sha256", NULL, "the digest could not be computed");
	text += sprintf(text, "sha256:");
	for (unsigned int i = 0; i < size; i++)
		text += sprintf(text, "%02x", sum[i]);
	return 0;
}
