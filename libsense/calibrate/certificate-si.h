/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-si.h - D-SI elements, for the reader of a DCC's quantities.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_SI_H
#define SENSE_CALIBRATE_CERTIFICATE_SI_H

#include "calibrate/certificate-model.h"

/* A copy of @like in the arena, to be filled; NULL without memory. */
struct sense_certificate_quantity *si_new_quantity(struct reader *reader,
						   const struct sense_certificate_quantity *like);
/* Append to a vector of pointers; @q may be NULL. */
void si_add(struct reader *reader, struct vector *quantities,
	    const struct sense_certificate_quantity *q);

/*
 * The quantities of one si:* element, each beginning as a copy of @like: one, or several of a
 * hybrid or a list of lists.
 */
void si_read(struct reader *reader, const xmlNode *node,
	     const struct sense_certificate_quantity *like, struct vector *quantities);

/* Blank-separated words of @text, which stands at @node. */
const char **si_split(struct reader *reader, const xmlNode *node, const char *text, size_t *count);
/* Words of a child, a single one repeated @n times; NULL where there is no such child. */
const char **si_tokens(struct reader *reader, const xmlNode *node, const char *child, size_t n);
/* The same as numbers within limits; the document is refused where there are none. */
const double *si_need(struct reader *reader, const xmlNode *node, const char *child, size_t n,
		      double min, double max);

#endif
