// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/yaml.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (1u << 20)
#define MAX_DEPTH 8
#define MAX_KEYS 32
#define MAX_NAME 32
/* A file that is wrong everywhere is wrong: more findings than this help nobody. */
#define MAX_FINDINGS 200

void sense_yaml_find(struct sense_yaml *yaml, unsigned int line, const char *key,
		     const char *remedy, const char *format, ...)
{
	char sentence[512];
	const struct sense_config_finding finding = { line, key ? key : "", sentence, remedy };
	va_list args;

	if (++yaml->findings > MAX_FINDINGS)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	yaml->report(yaml->context, &finding);
}

unsigned int sense_yaml_line(const yaml_node_t *node)
{
	return (unsigned int)node->start_mark.line + 1;
}

/* ---- loading ------------------------------------------------------------ */

static void syntax(struct sense_yaml *yaml, const yaml_parser_t *parser, const char *text,
		   size_t length)
{
	unsigned int line = (unsigned int)parser->problem_mark.line + 1;
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	const char *remedy = "see that lists and keys are indented alike, with spaces, and that "
			     "quotes and brackets are closed";

	if (parser->error == YAML_READER_ERROR) {
		/* The reader knows only the offset. */
		line = 1;
		for (size_t i = 0; i < parser->problem_offset && i < length; i++)
			line += text[i] == '\n';
		sense_yaml_find(yaml, line, NULL, "save the file as UTF-8 text",
				"this is no UTF-8 text: %s", problem);
		return;
	}
	if (strstr(problem, "cannot start any token"))
		remedy = "indent with spaces, never with tabs, and put quotes around text with "
			 "special characters";
	sense_yaml_find(yaml, line, NULL, remedy, "this is no YAML: %s%s%s", problem,
			parser->context ? ", " : "", parser->context ? parser->context : "");
}

/* What a configuration has no use for and an attacker has. NULL: fine. */
static const char *refused(const yaml_event_t *event, unsigned int *depth, unsigned int *documents)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases (*name) are not accepted";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		++*depth;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		++*depth;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		--*depth;
		break;
	case YAML_DOCUMENT_START_EVENT:
		++*documents;
		break;
	default:
		break;
	}
	if (anchor)
		return "anchors (&name) are not accepted";
	if (tag)
		return "tags (!name) are not accepted";
	if (*depth > MAX_DEPTH)
		return "this is nested too deep";
	if (*documents > 1)
		return "a configuration is one document";
	return NULL;
}

static bool acceptable(struct sense_yaml *yaml, const char *text, size_t length)
{
	unsigned int depth = 0, documents = 0;
	yaml_parser_t parser;
	yaml_event_t event;
	bool good = true, end = false;

	if (length > MAX_BYTES) {
		sense_yaml_find(yaml, 1, NULL, "give the path of a sense configuration",
				"the file has %zu bytes and a configuration at most %u", length,
				MAX_BYTES);
		return false;
	}
	if (!yaml_parser_initialize(&parser))
		return false;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	while (good && !end) {
		const char *why;

		if (!yaml_parser_parse(&parser, &event)) {
			syntax(yaml, &parser, text, length);
			good = false;
			break;
		}
		why = refused(&event, &depth, &documents);
		if (why) {
			sense_yaml_find(yaml, (unsigned int)event.start_mark.line + 1, NULL,
					"write it out where it is needed", "%s", why);
			good = false;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return good;
}

yaml_node_t *sense_yaml_load(struct sense_yaml *yaml, const char *text, size_t length)
{
	yaml_parser_t parser;
	yaml_node_t *root = NULL;

	if (!acceptable(yaml, text, length) || !yaml_parser_initialize(&parser))
		return NULL;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (yaml_parser_load(&parser, &yaml->document)) {
		yaml->loaded = true;
		root = yaml_document_get_root_node(&yaml->document);
	}
	yaml_parser_delete(&parser);
	if (!root)
		sense_yaml_find(yaml, 1, NULL, "begin with the line \"version: 1\"",
				"the file is empty");
	return root;
}

void sense_yaml_unload(struct sense_yaml *yaml)
{
	if (yaml->loaded)
		yaml_document_delete(&yaml->document);
	yaml->loaded = false;
}

/* ---- scalars ------------------------------------------------------------ */

static const char *kind_of(const yaml_node_t *node)
{
	return node->type == YAML_MAPPING_NODE ? "a mapping" :
	       node->type == YAML_SEQUENCE_NODE ? "a list" :
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? "a word" : "quoted text";
}

static const char *scalar(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

bool sense_yaml_text(struct sense_yaml *yaml, const char *key, yaml_node_t *node, char *to,
		     size_t size, const char *example)
{
	const char *text = scalar(node);

	if (!text || !*text || strlen(text) != node->data.scalar.length) {
		sense_yaml_find(yaml, sense_yaml_line(node), key, example,
				"%s must be text and is %s", key,
				text ? (*text ? "text with a zero byte" : "empty") : kind_of(node));
		return false;
	}
	if (strlen(text) >= size) {
		sense_yaml_find(yaml, sense_yaml_line(node), key, example,
				"%s is %zu bytes long and at most %zu are accepted", key,
				strlen(text), size - 1);
		return false;
	}
	memcpy(to, text, strlen(text) + 1);
	return true;
}

/* strtod() in the C locale, whatever the program's is. *@end is set as by strtod(). */
static double to_number(const char *text, char **end)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double value;

	if (!c) {
		*end = (char *)text;
		return NAN;
	}
	value = strtod_l(text, end, c);
	freelocale(c);
	return value;
}

static bool read_number(struct sense_yaml *yaml, const struct sense_yaml_key *key,
			yaml_node_t *node, bool whole, double *value)
{
	const char *text = scalar(node);
	char *end = NULL;

	if (text && *text && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		*value = to_number(text, &end);
	if (!end || end == text || *end || !isfinite(*value) || strpbrk(text, "xXpP")) {
		sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
				text ? "%s must be a number and is \"%.60s\"" :
				"%s must be a number and is %.60s", key->name,
				text ? text : kind_of(node));
		return false;
	}
	if (whole && *value != floor(*value)) {
		sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
				"%s must be a whole number and is %s", key->name, text);
		return false;
	}
	if (*value < key->min || *value > key->max) {
		sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
				"%s is %s and must be %g to %g", key->name, text, key->min,
				key->max);
		return false;
	}
	return true;
}

static void read_bytes(struct sense_yaml *yaml, const struct sense_yaml_key *key,
		       yaml_node_t *node, uint64_t *to)
{
	static const struct {
		const char *name;
		double factor;
	} units[] = { { "", 1 }, { "B", 1 }, { "kB", 1e3 }, { "MB", 1e6 }, { "GB", 1e9 },
		      { "KiB", 1024 }, { "MiB", 1048576 }, { "GiB", 1073741824 } };
	const char *text = scalar(node);
	char *end = NULL;
	double value = text ? to_number(text, &end) : 0;

	if (!text || end == text || !(value >= 0)) {
		sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
				"%s must be a size and is %.60s", key->name,
				text && *text ? text : kind_of(node));
		return;
	}
	end += strspn(end, " ");
	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name))
			continue;
		value *= units[i].factor;
		if (value < key->min || value > key->max)
			break;
		*to = (uint64_t)value;
		return;
	}
	sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
			"%s is \"%.60s\", no size between %g and %g bytes", key->name, text,
			key->min, key->max);
}

static void read_flag(struct sense_yaml *yaml, const struct sense_yaml_key *key,
		      yaml_node_t *node, bool *to)
{
	const char *text = scalar(node);

	if (text && !strcmp(text, "true"))
		*to = true;
	else if (text && !strcmp(text, "false"))
		*to = false;
	else
		sense_yaml_find(yaml, sense_yaml_line(node), key->name, "write true or false",
				"%s must be true or false and is %.60s", key->name,
				text && *text ? text : kind_of(node));
}

static void read_choice(struct sense_yaml *yaml, const struct sense_yaml_key *key,
			yaml_node_t *node, uint32_t *to)
{
	const char *text = scalar(node);

	for (uint32_t i = 0; text && key->choices[i]; i++)
		if (!strcmp(text, key->choices[i])) {
			*to = i;
			return;
		}
	sense_yaml_find(yaml, sense_yaml_line(node), key->name, key->example,
			"%s cannot be %.60s", key->name, text && *text ? text : kind_of(node));
}

static void read_value(struct sense_yaml *yaml, const struct sense_yaml_key *key,
		       yaml_node_t *node, void *target)
{
	void *to = (char *)target + key->offset;
	double number;

	switch (key->type) {
	case SENSE_YAML_TEXT:
		sense_yaml_text(yaml, key->name, node, to, key->size, key->example);
		break;
	case SENSE_YAML_NUMBER:
		if (read_number(yaml, key, node, false, &number))
			*(double *)to = number;
		break;
	case SENSE_YAML_COUNT:
		if (read_number(yaml, key, node, true, &number))
			*(uint32_t *)to = (uint32_t)number;
		break;
	case SENSE_YAML_BYTES:
		read_bytes(yaml, key, node, to);
		break;
	case SENSE_YAML_FLAG:
		read_flag(yaml, key, node, to);
		break;
	case SENSE_YAML_CHOICE:
		read_choice(yaml, key, node, to);
		break;
	case SENSE_YAML_CUSTOM:
		key->read(yaml, key->name, node, target);
		break;
	}
}

/* ---- mappings and lists ------------------------------------------------- */

/* Levenshtein's distance, of words up to MAX_NAME; longer ones are far. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[MAX_NAME + 1], n = (unsigned int)strlen(b);

	if (strlen(a) > MAX_NAME || n > MAX_NAME)
		return UINT32_MAX;
	for (unsigned int j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned int i = 1; a[i - 1]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (unsigned int j = 1; j <= n; j++) {
			unsigned int best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

const char *sense_yaml_nearest(const char *text, const char *const *names)
{
	const char *nearest = NULL;
	unsigned int least = UINT32_MAX;

	for (; *names; names++) {
		unsigned int d = distance(text, *names);

		/* Near is a third of the letters at most; "rate" for "rate_hz" counts too. */
		if (d < least && (d <= (strlen(*names) + 2) / 3 ||
				  (strlen(text) > 2 && !strncmp(text, *names, strlen(text))))) {
			least = d;
			nearest = *names;
		}
	}
	return nearest;
}

static void unknown(struct sense_yaml *yaml, const char *where, const yaml_node_t *node,
		    const char *name, const struct sense_yaml_key *keys)
{
	const char *names[MAX_KEYS + 1], *nearest;
	char remedy[512];
	unsigned int count = 0;
	size_t used;

	for (; keys[count].name; count++)
		names[count] = keys[count].name;
	names[count] = NULL;
	nearest = sense_yaml_nearest(name, names);
	if (nearest) {
		snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", nearest);
	} else {
		used = (size_t)snprintf(remedy, sizeof(remedy), "the keys there are:");
		for (unsigned int i = 0; i < count; i++)
			used += (size_t)snprintf(remedy + used, sizeof(remedy) - used, "%s %s",
						 i ? "," : "", names[i]);
	}
	sense_yaml_find(yaml, sense_yaml_line(node), name, remedy, "%s has no key \"%.60s\"", where,
			name);
}

void sense_yaml_read(struct sense_yaml *yaml, const char *where, yaml_node_t *node,
		     const struct sense_yaml_key *keys, void *target)
{
	unsigned int seen[MAX_KEYS] = { 0 };	/* the line, 0: not yet */
	yaml_node_pair_t *pair;

	if (node->type != YAML_MAPPING_NODE) {
		sense_yaml_find(yaml, sense_yaml_line(node), where,
				"write \"key: value\" lines, one below the other",
				"%s must be a mapping of keys to values and is %s", where,
				kind_of(node));
		return;
	}
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *name_node = yaml_document_get_node(&yaml->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&yaml->document, pair->value);
		const char *name = scalar(name_node);
		unsigned int i = 0;

		if (!name) {
			sense_yaml_find(yaml, sense_yaml_line(name_node), where,
					"write \"key: value\"", "a key of %s is %s", where,
					kind_of(name_node));
			continue;
		}
		while (keys[i].name && strcmp(keys[i].name, name))
			i++;
		if (!keys[i].name) {
			unknown(yaml, where, name_node, name, keys);
		} else if (seen[i]) {
			sense_yaml_find(yaml, sense_yaml_line(name_node), name, "leave one of them",
					"%s is given twice, first in line %u", name, seen[i]);
		} else {
			seen[i] = sense_yaml_line(name_node);
			read_value(yaml, &keys[i], value, target);
		}
	}
	for (unsigned int i = 0; keys[i].name; i++)
		if (keys[i].required && !seen[i])
			sense_yaml_find(yaml, sense_yaml_line(node), keys[i].name, keys[i].example,
					"%s needs the key %s", where, keys[i].name);
}

void sense_yaml_each(struct sense_yaml *yaml, const char *key, yaml_node_t *node, unsigned int max,
		     void (*read)(struct sense_yaml *yaml, const char *key, yaml_node_t *node,
				  void *target), void *target)
{
	yaml_node_item_t *item;
	unsigned int count = 0;

	if (node->type != YAML_SEQUENCE_NODE) {
		sense_yaml_find(yaml, sense_yaml_line(node), key,
				"begin each item on a line of its own, with \"- \"",
				"%s must be a list and is %s", key, kind_of(node));
		return;
	}
	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		yaml_node_t *child = yaml_document_get_node(&yaml->document, *item);

		if (count++ == max) {
			sense_yaml_find(yaml, sense_yaml_line(child), key, "leave some out",
					"%s has more than %u items", key, max);
			return;
		}
		read(yaml, key, child, target);
	}
}
