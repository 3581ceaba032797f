/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-file.h - what the files of certificate handling share besides the model.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_FILE_H
#define SENSE_CALIBRATE_CERTIFICATE_FILE_H

#include <stddef.h>

struct sense_certificate;

/* A whole file of at most CERTIFICATE_SIZE_MAX; 0 with *@data to be freed, NUL after it. */
int certificate_read_file(const char *path, char **data, size_t *size);
/* Lower case, @hex of 2 @n + 1. */
void certificate_hex(const unsigned char *bytes, size_t n, char *hex);

/* Whether a text is an xs:date. */
int certificate_is_date(const char *text);
/* A D-SI number, the whole of @text; 0 or -EINVAL. Knows no locale. */
int certificate_number(const char *text, double *value);

/* Sets valid_until from the statements; 0 or -EBADMSG (a date that is none). */
int certificate_find_valid_until(struct sense_certificate *certificate);

#endif
