/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document.h - walking a YAML document with the line of every node at hand.
 */
#ifndef SENSE_CALIBRATE_DOCUMENT_H
#define SENSE_CALIBRATE_DOCUMENT_H

#include <stdbool.h>

#include <yaml.h>

#define SENSE_BUDGET_MAX_BYTES (1 << 20)

struct sense_document {
	yaml_document_t document;
	const char *name; /* of the file */
	char where[512]; /* "file:line", see sense_document_where() */
};

/* 0; -EINVAL for what is no YAML, or not one document with a mapping at its top. */
int sense_document_open(struct sense_document *y, const char *name, const char *text,
			size_t length);
void sense_document_close(struct sense_document *y);

yaml_node_t *sense_document_top(struct sense_document *y);
/* "file:line" of a node; good until the next call. */
const char *sense_document_where(struct sense_document *y, const yaml_node_t *node);
/* Note -EINVAL at a node: what's wrong in @format, what to do in @remedy. */
int sense_document_fail(struct sense_document *y, const yaml_node_t *node, const char *remedy,
			const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Value of a key of a mapping, or NULL. */
yaml_node_t *sense_document_get(struct sense_document *y, const yaml_node_t *mapping,
				const char *key);
/*
 * Every key of a mapping must be a plain text, stand there once and be among @known (a text of
 * words; NULL: any). @what: whose keys they are, for the sentence.
 */
int sense_document_check_keys(struct sense_document *y, const yaml_node_t *mapping,
			      const char *known, const char *what);

/* Pairs of a mapping, items of a sequence. */
unsigned int sense_document_count(const yaml_node_t *node);
const char *sense_document_key(struct sense_document *y, const yaml_node_t *mapping, unsigned int i,
			       yaml_node_t **value);
yaml_node_t *sense_document_item(struct sense_document *y, const yaml_node_t *sequence,
				 unsigned int i);

/* Text of a scalar; NULL when the node is none (or NULL). */
const char *sense_document_text(const yaml_node_t *node);

/*
 * A number, finite, perhaps followed by a unit that is converted to @unit (see dimension.h):
 * "25 nm". @offset: the value of a temperature, which K and degC do not share. @what names the
 * key and its owner in the sentence. 0 or -EINVAL.
 */
int sense_document_number(struct sense_document *y, const yaml_node_t *node, const char *what,
			  const char *unit, bool offset, double *value);
/* A number without a unit. */
int sense_document_plain(struct sense_document *y, const yaml_node_t *node, const char *what,
			 double *value);
/* A sequence of numbers: *values owned by the caller (free()). At least @least of them. */
int sense_document_numbers(struct sense_document *y, const yaml_node_t *node, const char *what,
			   const char *unit, unsigned int least, double **values,
			   unsigned int *count);

#endif
