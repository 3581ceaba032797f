/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SENSE_TWIN_DIGEST_H
#define SENSE_TWIN_DIGEST_H

#include <stddef.h>

#define TWIN_DIGEST 72 /* "sha256:", 64 digits and the end */

struct twin_digest;

struct twin_digest *twin_digest_new(void);
void twin_digest_add(struct twin_digest *digest, const void *data, size_t size);
/* The text; frees the digest. 0 or -errno. */
int twin_digest_end(struct twin_digest *digest, char *text);

#endif
