/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * yaml.h - a YAML text as libyaml's tree, read by tables of keys. Whatever is
 * wrong becomes a finding with its line; reading goes on, so that one check
 * finds everything.
 *
 * libyaml rather than libcyaml: libcyaml stops at the first error, and tells
 * its line in a log message only.
 */
#ifndef SENSE_PIPELINE_YAML_H
#define SENSE_PIPELINE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include <sense/config.h>

typedef void (*sense_yaml_report)(void *context, const struct sense_config_finding *finding);

struct sense_yaml {
	yaml_document_t document;
	bool loaded;
	unsigned int findings;
	sense_yaml_report report;
	void *context;
};

/* One finding. @key may be NULL. */
void sense_yaml_find(struct sense_yaml *yaml, unsigned int line, const char *key,
		     const char *remedy, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Load one document. Refused, each as a finding: more than 1 MiB, aliases and
 * anchors (a small file could unfold into a huge one), tags, a depth over 8, a
 * second document. The root, or NULL.
 */
yaml_node_t *sense_yaml_load(struct sense_yaml *yaml, const char *text, size_t length);
void sense_yaml_unload(struct sense_yaml *yaml);

unsigned int sense_yaml_line(const yaml_node_t *node);

enum sense_yaml_type {
	SENSE_YAML_TEXT,	/* char[size] */
	SENSE_YAML_NUMBER,	/* double, min to max */
	SENSE_YAML_COUNT,	/* uint32_t, min to max */
	SENSE_YAML_BYTES,	/* uint64_t, "64MiB", min to max */
	SENSE_YAML_FLAG,	/* bool */
	SENSE_YAML_CHOICE,	/* uint32_t, index into the choices */
	SENSE_YAML_CUSTOM	/* read() does it */
};

struct sense_yaml_key {
	const char *name;
	enum sense_yaml_type type;
	bool required;
	size_t offset;		/* of the member in the target */
	size_t size;		/* of a text's array */
	double min, max;
	const char *const *choices;	/* ends with NULL */
	const char *example;	/* how it is written right: the remedy */
	/* CUSTOM: read @node into @target, the whole struct. */
	void (*read)(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target);
};

/* Read a mapping by a table that ends with a NULL name. @where: what it is, for sentences. */
void sense_yaml_read(struct sense_yaml *yaml, const char *where, yaml_node_t *node,
		     const struct sense_yaml_key *keys, void *target);

/* Call @read for each item of a sequence of at most @max items. */
void sense_yaml_each(struct sense_yaml *yaml, const char *key, yaml_node_t *node, unsigned int max,
		     void (*read)(struct sense_yaml *yaml, const char *key, yaml_node_t *node,
				  void *target), void *target);

/* A scalar as text of less than @size bytes; a finding and false where it is not. */
bool sense_yaml_text(struct sense_yaml *yaml, const char *key, yaml_node_t *node, char *to,
		     size_t size, const char *example);

/* The name nearest to @text, or NULL when none is near. @names ends with NULL. */
const char *sense_yaml_nearest(const char *text, const char *const *names);

#endif
