/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate.h - what `sense certificate` shows, as JSON and for people.
 */
#ifndef SENSE_TOOL_CERTIFICATE_H
#define SENSE_TOOL_CERTIFICATE_H

#include <jansson.h>
#include <stdio.h>

#include <sense/certificate.h>

/* New references; NULL strings and NaN become null. */
json_t *certificate_json(const struct sense_certificate *certificate,
			 const struct sense_certificate_signature *signature, const char *language);
json_t *certificate_signature_json(const struct sense_certificate_signature *signature);

/* @language: NULL prefers English. */
void certificate_print(const struct sense_certificate *certificate,
		       const struct sense_certificate_signature *signature, const char *language,
		       FILE *file);

/* One line that no certificate can use to paint the terminal; a static buffer, four in turn. */
const char *certificate_clean(const char *text);

#endif
