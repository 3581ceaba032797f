// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Quantities and lists of them. Source: DCC schema 2.4.0 to 3.3.0 (https://ptb.de/dcc).
 */
#include "calibrate/certificate-si.h"

#include <math.h>
#include <string.h>

/* ---- dcc:quantity ------------------------------------------------------------------ */

static void relative(struct reader *reader, const xmlNode *node,
		     struct sense_certificate_quantity *q)
{
	const xmlNode *at = xml_child(node, DCC_NAMESPACE, "relativeUncertainty");
	const xmlNode *list = at ? xml_child(at, DCC_NAMESPACE, "relativeUncertaintyXmlList") :
				   NULL;
	const xmlNode *single = at ? xml_child(at, DCC_NAMESPACE, "relativeUncertaintySingle") :
				     NULL;
	const char **units;

	if (!at || !q->count)
		return;
	if (!list && !single) {
		reader_note(reader, at, "a relative uncertainty of unknown form was left aside");
		return;
	}
	q->relative_uncertainty = si_need(reader, list ? list : single,
					  list ? "valueXMLList" : "value", q->count, 0, HUGE_VAL);
	units = si_tokens(reader, list ? list : single, list ? "unitXMLList" : "unit", q->count);
	q->relative_unit = units ? units[0] : "\\one";
	if (list)
		reader_known(reader, list, "valueXMLList unitXMLList");
	else
		reader_known(reader, single, "value unit");
}

/* The first statement of conformity about it, one entry per value where it can be so. */
static void conformity(struct reader *reader, const xmlNode *node,
		       struct sense_certificate_quantity *q)
{
	for (unsigned int i = 0; i < q->remark_count; i++) {
		const char **found, **repeated;
		size_t n;

		if (!*q->remarks[i]->conformity)
			continue;
		found = si_split(reader, node, q->remarks[i]->conformity, &n);
		if (n == q->count) {
			q->conformity = found;
		} else if (n == 1) {
			repeated = arena_alloc(reader->arena, q->count * sizeof(*repeated));
			for (unsigned int j = 0; repeated && j < q->count; j++)
				repeated[j] = found[0];
			q->conformity = repeated;
		}
		return;
	}
}

void reader_quantity(struct reader *reader, const xmlNode *node, struct vector *quantities)
{
	struct sense_certificate_quantity like = { .label = "",
						   .symbol = "",
						   .unit = NULL,
						   .relative_unit = "",
						   .table = reader->table,
						   .result = reader->result,
						   .group = reader->groups++ };
	struct vector remarks = { .size = sizeof(struct sense_certificate_remark *) };
	size_t first = quantities->count;
	const xmlNode *words;

	like.name = reader_child_text(reader, node, "name");
	like.description = reader_child_text(reader, node, "description");
	for (unsigned int i = 0; like.description && i < like.description->count; i++)
		if (strcmp(like.description->entries[i].language, "x-latex") == 0) {
			like.symbol = like.description->entries[i].content;
			break;
		}
	like.id = reader_attribute(reader, node, "id");
	like.ref_types = reader_tokens(reader, node, "refType", &like.ref_type_count);
	reader_remarks(reader, xml_child(node, DCC_NAMESPACE, "measurementMetaData"), "metaData",
		       &remarks);
	like.remark_count = (unsigned int)remarks.count;
	like.remarks = vector_end(&remarks, reader->arena);

	for (const xmlNode *at = xml_first_element(node); at && !reader->error;
	     at = xml_next_element(at))
		if (at->ns && strcmp((const char *)at->ns->href, SI_NAMESPACE) == 0)
			si_read(reader, at, &like, quantities);
	words = xml_child(node, DCC_NAMESPACE, "noQuantity");
	if (!words)
		words = xml_child(node, DCC_NAMESPACE, "charsXMLList");
	if (words) {
		struct sense_certificate_quantity *q = si_new_quantity(reader, &like);

		if (q) {
			q->form = SENSE_QUANTITY_TEXT;
			q->text = reader_text(reader, words);
			si_add(reader, quantities, q);
		}
	}
	for (size_t i = first; i < quantities->count && !reader->error; i++) {
		struct sense_certificate_quantity *q =
			((struct sense_certificate_quantity **)quantities->data)[i];

		if (!q->unit)
			q->unit = "";
		relative(reader, node, q);
		if (q->count)
			conformity(reader, node, q);
	}
	if (quantities->count == first && !reader->error)
		reader_note(reader, node, "a quantity without a value was left aside");
	reader_surroundings(reader, node);
	reader_known(reader, node,
		     "name description noQuantity charsXMLList real list hybrid complex constant "
		     "realListXMLList complexListXMLList realList complexList relativeUncertainty "
		     "usedMethods usedSoftware measuringEquipments influenceConditions "
		     "measurementMetaData");
}

/* Words among the results are results too. */
static void read_words(struct reader *reader, const xmlNode *node, struct vector *quantities)
{
	struct sense_certificate_quantity like = { .form = SENSE_QUANTITY_TEXT,
						   .label = "",
						   .symbol = "",
						   .unit = "",
						   .relative_unit = "",
						   .table = reader->table,
						   .result = reader->result,
						   .group = reader->groups++ };

	like.id = reader_attribute(reader, node, "id");
	like.ref_types = reader_tokens(reader, node, "refType", &like.ref_type_count);
	like.text = reader_text(reader, node);
	si_add(reader, quantities, si_new_quantity(reader, &like));
}

static void read_table(struct reader *reader, const xmlNode *node, struct vector *quantities,
		       struct vector *remarks)
{
	struct sense_certificate_table *table = vector_add(&reader->tables, reader->arena);
	int around = reader->table;
	const char *time;

	if (!table)
		return;
	reader->table = (int)reader->tables.count - 1;
	table->parent = around;
	table->name = reader_child_text(reader, node, "name");
	table->id = reader_attribute(reader, node, "id");
	time = reader_child_string(reader, node, "dateTime");
	table->time = *time ? time : reader_child_string(reader, node, "dateTimeXMLList");
	table->ref_types = reader_tokens(reader, node, "refType", &table->ref_type_count);
	if (xml_child(node, DCC_NAMESPACE, "description"))
		reader_note(reader, xml_child(node, DCC_NAMESPACE, "description"),
			    "the description of a list was left aside");
	reader_data(reader, node, quantities, remarks);
	reader_remarks(reader, xml_child(node, DCC_NAMESPACE, "measurementMetaData"), "metaData",
		       remarks);
	reader_surroundings(reader, node);
	reader->table = around;
}

void reader_data(struct reader *reader, const xmlNode *data, struct vector *quantities,
		 struct vector *remarks)
{
	for (const xmlNode *at = xml_first_element(data); at && !reader->error;
	     at = xml_next_element(at)) {
		if (xml_is(at, DCC_NAMESPACE, "quantity"))
			reader_quantity(reader, at, quantities);
		else if (xml_is(at, DCC_NAMESPACE, "list"))
			read_table(reader, at, quantities, remarks);
		else if (xml_is(at, DCC_NAMESPACE, "byteData"))
			reader_file(reader, at);
		else if (xml_is(at, DCC_NAMESPACE, "text") || xml_is(at, DCC_NAMESPACE, "formula"))
			read_words(reader, at, quantities);
		else if (xml_is(at, DCC_NAMESPACE, "xml"))
			reader_note(reader, at, "XML of another kind was left aside");
		else if (!xml_is(data, DCC_NAMESPACE, "list"))
			reader_note(reader, at, "it is not known and was left aside");
	}
	if (xml_is(data, DCC_NAMESPACE, "list"))
		reader_known(reader, data,
			     "name description dateTime dateTimeXMLList list quantity usedMethods "
			     "usedSoftware measuringEquipments influenceConditions "
			     "measurementMetaData text formula xml byteData");
}
