// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/document.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/dimension.h"
#include "calibrate/number.h"

int sense_document_open(struct sense_document *y, const char *name, const char *text, size_t length)
{
	yaml_parser_t parser;
	yaml_document_t second;
	int error = 0;

	*y = (struct sense_document){ .name = name };
	if (length > SENSE_BUDGET_MAX_BYTES)
		return sense_fail(E2BIG, name, "split the budget",
				  "the budget is longer than %d bytes", SENSE_BUDGET_MAX_BYTES);
	if (!yaml_parser_initialize(&parser))
		return sense_fail(ENOMEM, name, NULL, "there is no memory to read YAML");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (!yaml_parser_load(&parser, &y->document)) {
		snprintf(y->where, sizeof(y->where), "%s:%zu", name, parser.problem_mark.line + 1);
		error = sense_fail(EINVAL, y->where,
				   "look at the indentation, colons and quotes up to that line",
				   "this is no YAML: %s%s%s", parser.problem ? parser.problem : "",
				   parser.context ? " " : "", parser.context ? parser.context : "");
		yaml_parser_delete(&parser);
		return error;
	}
	if (!yaml_parser_load(&parser, &second))
		yaml_document_initialize(&second, NULL, NULL, NULL, 1, 1);
	if (yaml_document_get_root_node(&second))
		error = sense_document_fail(y, yaml_document_get_root_node(&second),
					    "put each budget in its own file",
					    "a second document begins");
	yaml_document_delete(&second);
	yaml_parser_delete(&parser);
	if (!error && (!sense_document_top(y) || sense_document_top(y)->type != YAML_MAPPING_NODE))
		error = sense_fail(EINVAL, name, "begin with 'equation: y = ...'",
				   "a budget is a mapping of keys, this is none");
	if (error)
		yaml_document_delete(&y->document);
	return error;
}

void sense_document_close(struct sense_document *y)
{
	yaml_document_delete(&y->document);
}

yaml_node_t *sense_document_top(struct sense_document *y)
{
	return yaml_document_get_root_node(&y->document);
}

const char *sense_document_where(struct sense_document *y, const yaml_node_t *node)
{
	snprintf(y->where, sizeof(y->where), "%s:%zu", y->name,
		 node ? node->start_mark.line + 1 : 1);
	return y->where;
}

int sense_document_fail(struct sense_document *y, const yaml_node_t *node, const char *remedy,
			const char *format, ...)
{
	char sentence[480];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return sense_fail(EINVAL, sense_document_where(y, node), remedy, "%s", sentence);
}

const char *sense_document_text(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE)
		return NULL;
	/* A NUL inside would hide the rest of the text. */
	if (strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
		return NULL;
	return (const char *)node->data.scalar.value;
}

unsigned int sense_document_count(const yaml_node_t *node)
{
	if (node->type == YAML_MAPPING_NODE)
		return (unsigned int)(node->data.mapping.pairs.top -
				      node->data.mapping.pairs.start);
	if (node->type == YAML_SEQUENCE_NODE)
		return (unsigned int)(node->data.sequence.items.top -
				      node->data.sequence.items.start);
	return 0;
}

const char *sense_document_key(struct sense_document *y, const yaml_node_t *mapping, unsigned int i,
			       yaml_node_t **value)
{
	yaml_node_pair_t *pair = mapping->data.mapping.pairs.start + i;

	*value = yaml_document_get_node(&y->document, pair->value);
	return sense_document_text(yaml_document_get_node(&y->document, pair->key));
}

yaml_node_t *sense_document_item(struct sense_document *y, const yaml_node_t *sequence,
				 unsigned int i)
{
	return yaml_document_get_node(&y->document, sequence->data.sequence.items.start[i]);
}

yaml_node_t *sense_document_get(struct sense_document *y, const yaml_node_t *mapping,
				const char *key)
{
	for (unsigned int i = 0;
	     mapping->type == YAML_MAPPING_NODE && i < sense_document_count(mapping); i++) {
		yaml_node_t *value;
		const char *text = sense_document_key(y, mapping, i, &value);

		if (text && strcmp(text, key) == 0)
			return value;
	}
	return NULL;
}

static bool among(const char *known, const char *key)
{
	size_t length = strlen(key);

	for (const char *p = known; length && (p = strstr(p, key)); p += length)
		if ((p == known || p[-1] == ' ') && (p[length] == ' ' || !p[length]))
			return true;
	return false;
}

int sense_document_check_keys(struct sense_document *y, const yaml_node_t *mapping,
			      const char *known, const char *what)
{
	char remedy[384];

	if (mapping->type != YAML_MAPPING_NODE)
		return sense_document_fail(y, mapping,
					   "write key: value pairs, or { key: value, ... }",
					   "%s is no mapping", what);
	for (unsigned int i = 0; i < sense_document_count(mapping); i++) {
		yaml_node_t *value, *again;
		const char *key = sense_document_key(y, mapping, i, &value);
		yaml_node_t *at = yaml_document_get_node(&y->document,
							 mapping->data.mapping.pairs.start[i].key);

		if (!key)
			return sense_document_fail(y, at, "a key is a word",
						   "a key of %s is no text", what);
		again = sense_document_get(y, mapping, key);
		for (unsigned int j = 0; j < i; j++)
			if (sense_document_key(y, mapping, j, &again) &&
			    strcmp(sense_document_key(y, mapping, j, &again), key) == 0)
				return sense_document_fail(
					y, at, "keep one of them",
					"the key '%.60s' of %s stands there twice", key, what);
		if (known && (strchr(key, ' ') || !among(known, key))) {
			snprintf(remedy, sizeof(remedy), "the keys there are: %s", known);
			return sense_document_fail(y, at, remedy, "%s has no key '%.60s'", what,
						   key);
		}
	}
	return 0;
}

static bool is_celsius(const char *unit)
{
	return strcmp(unit, "degC") == 0 || strcmp(unit, "Cel") == 0 ||
	       strcmp(unit, "\xc2\xb0\x43") == 0;
}

/* The factor from one unit's text to another's, or 0 when they do not fit. */
static double factor(const char *from, const char *to, bool offset)
{
	struct sense_dimension a = sense_dimension_parse(from), b = sense_dimension_parse(to);

	if (strcmp(from, to) == 0)
		return 1;
	if (!a.known || !b.known || !sense_dimension_alike(&a, &b))
		return 0;
	if (offset && is_celsius(from) != is_celsius(to) && b.power[4] == 12)
		return 0;
	return a.scale / b.scale;
}

int sense_document_number(struct sense_document *y, const yaml_node_t *node, const char *what,
			  const char *unit, bool offset, double *value)
{
	const char *text = sense_document_text(node);
	size_t n = text ? sense_number_read(text, value) : 0;
	double by;

	if (n == 0)
		return sense_document_fail(y, node, "write numbers as 1.5 or 1.5e-6",
					   "%s is no number%s%.40s%s", what, text ? ": '" : "",
					   text ? text : "", text ? "'" : "");
	while (text[n] == ' ')
		n++;
	if (text[n]) {
		by = factor(text + n, unit, offset);
		if (by == 0)
			return sense_document_fail(
				y, node,
				unit[0] ? "give it in the unit of the input" :
					  "give the input a unit that it can be converted to",
				"units do not fit: %s is in %.40s, the input in %s", what, text + n,
				unit[0] ? unit : "none");
		*value *= by;
	}
	if (!isfinite(*value))
		return sense_document_fail(y, node, "use a smaller number", "%s is too large",
					   what);
	return 0;
}

int sense_document_plain(struct sense_document *y, const yaml_node_t *node, const char *what,
			 double *value)
{
	return sense_document_number(y, node, what, "", false, value);
}

int sense_document_numbers(struct sense_document *y, const yaml_node_t *node, const char *what,
			   const char *unit, unsigned int least, double **values,
			   unsigned int *count)
{
	*values = NULL;
	if (!node || node->type != YAML_SEQUENCE_NODE)
		return sense_document_fail(y, node, "write [1.01, 1.02, ...]", "%s is no list",
					   what);
	*count = sense_document_count(node);
	if (*count < least)
		return sense_document_fail(y, node, "give more values",
					   "%s has %u values, fewer than %u", what, *count, least);
	*values = malloc((*count + 1) * sizeof(**values));
	if (!*values)
		return sense_fail(ENOMEM, y->name, NULL, "there is no memory for %s", what);
	for (unsigned int i = 0; i < *count; i++) {
		int error = sense_document_number(y, sense_document_item(y, node, i), what, unit,
						  true, &(*values)[i]);

		if (error) {
			free(*values);
			*values = NULL;
			return error;
		}
	}
	return 0;
}
