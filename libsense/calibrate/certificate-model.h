/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-model.h - the inside of a certificate, and of the reader that fills it.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_MODEL_H
#define SENSE_CALIBRATE_CERTIFICATE_MODEL_H

#include <sense/certificate.h>

#include "calibrate/arena.h"
#include "calibrate/certificate-xml.h"

struct sense_text {
	unsigned int count;
	const struct text_entry {
		const char *language;
		const char *content;
	} *entries;
};

struct sense_certificate {
	int refs;
	struct arena arena;
	const char *name;
	char sha256[65];
	char *data; /* the file as it was, for verification */
	size_t size;

	const char *schema_version, *identifier, *country;
	const char *begin, *end, *receipt, *issue, *location;
	const char *change, *replaced, *laboratory_code;
	const char *valid_until;
	struct sense_contact laboratory, customer;

	const char **languages;
	struct sense_identification *identifications;
	struct sense_person *persons;
	struct sense_certificate_item *items;
	const struct sense_certificate_remark **statements;
	struct sense_certificate_table *tables;
	struct sense_certificate_result *results;
	struct sense_certificate_condition *conditions;
	struct sense_certificate_method *methods;
	struct sense_certificate_software *software;
	struct sense_certificate_equipment *equipment;
	struct sense_certificate_reference *references;
	struct sense_certificate_file *files;
	const char **notes;
	unsigned int language_count, identification_count, person_count, item_count,
		statement_count, table_count, result_count, condition_count, method_count,
		software_count,
		equipment_count, reference_count, file_count, note_count;
};

/* Everything that is collected while the tree is walked. */
struct reader {
	struct sense_certificate *certificate;
	struct arena *arena;
	const char *name;
	int error; /* -errno of the first failure; the walk ends soon after */
	int result; /* index of the result being read, -1 outside */
	int table; /* number of the innermost dcc:list, -1 outside */
	unsigned int groups;
	size_t values, tokens; /* numbers read, and words of lists split, so far */
	struct vector items, tables, results, conditions, methods, software, equipment, references,
		files, notes;
};

/* certificate-text.c */

/* Note what is left aside at @node. */
void reader_note(struct reader *reader, const xmlNode *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Refuse the document because of @node; the first failure stays. */
void reader_refuse(struct reader *reader, const xmlNode *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Note every child element whose local name is not among @names (blanks between). */
void reader_known(struct reader *reader, const xmlNode *node, const char *names);

/* Text of a node, or of a child by name in the node's own namespace; "" where there is none. */
const char *reader_string(struct reader *reader, const xmlNode *node);
const char *reader_child_string(struct reader *reader, const xmlNode *node, const char *child);
const char *reader_attribute(struct reader *reader, const xmlNode *node, const char *name);
/* Texts of all children of that name, "; " between. */
const char *reader_joined(struct reader *reader, const xmlNode *node, const char *child);
/* A textType or richContentType; NULL for none. Files in it join the certificate's. */
const struct sense_text *reader_text(struct reader *reader, const xmlNode *node);
const struct sense_text *reader_child_text(struct reader *reader, const xmlNode *node,
					   const char *child);
const char *const *reader_tokens(struct reader *reader, const xmlNode *node, const char *attribute,
				 unsigned int *count);
void reader_contact(struct reader *reader, const xmlNode *node, struct sense_contact *contact);

/* @serial: "" where there is none; NULL where nobody asks. */
struct sense_identification *reader_identifications(struct reader *reader, const xmlNode *node,
						    unsigned int *count, const char **serial);
void reader_file(struct reader *reader, const xmlNode *node);
/* A hashType, and those linked from it; its index, -1 where @node is NULL. */
int reader_reference(struct reader *reader, const xmlNode *node, const char *relation);

/* certificate-quantity.c */

/* All quantities below a dcc:data (or a quantity list), lists flattened; remarks of lists too. */
void reader_data(struct reader *reader, const xmlNode *data, struct vector *quantities,
		 struct vector *remarks);
/* One dcc:quantity, dcc:itemQuantity ...; a hybrid adds several. */
void reader_quantity(struct reader *reader, const xmlNode *node, struct vector *quantities);

/* certificate-read.c */
int certificate_read(struct sense_certificate *certificate, xmlDoc *doc);
/* usedMethods, usedSoftware, measuringEquipments, influenceConditions of any element. */
void reader_surroundings(struct reader *reader, const xmlNode *node);
void reader_remarks(struct reader *reader, const xmlNode *list, const char *child,
		    struct vector *remarks);

#endif
