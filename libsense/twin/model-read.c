// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int wrong(const char *name, const char *what, const char *word)
{
	return sense_fail(EBADMSG, name, "take a file that sense identify wrote", "%s: %s '%s'", name,
			  what, word);
}

static int read_names(const json_t *structure, const char *key, char (*names)[TWIN_NAME], int most,
		      int *count, const char *name)
{
	const json_t *all = json_object_get(structure, key), *one;
	size_t i;

	if (!json_is_array(all) || json_array_size(all) > (size_t)most)
		return wrong(name, "the model's names are missing under", key);
	json_array_foreach((json_t *)all, i, one) {
		const char *text = json_string_value(one);

		if (!text || strlen(text) >= TWIN_NAME)
			return wrong(name, "a name is no text under", key);
		snprintf(names[i], TWIN_NAME, "%s", text);
	}
	*count = (int)json_array_size(all);
	return 0;
}

static int read_structure(struct sense_model *m, const json_t *root, const char *name)
{
	struct twin_structure *s = &m->structure;
	const json_t *from = json_object_get(root, "structure"), *curved;
	const char *kind = json_string_value(json_object_get(from, "kind"));
	char input[TWIN_MAX_INPUTS][TWIN_NAME], output[TWIN_MAX_OUTPUTS][TWIN_NAME];
	int inputs, outputs, code;
	unsigned int bits = 0;

	if (read_names(from, "inputs", input, TWIN_MAX_INPUTS, &inputs, name) ||
	    read_names(from, "outputs", output, TWIN_MAX_OUTPUTS, &outputs, name))
		return -EBADMSG;
	if (outputs < 1)
		return wrong(name, "the model has no output under", "outputs");
	if (kind && strcmp(kind, "innovations") == 0) {
		json_int_t order = json_integer_value(json_object_get(from, "order"));
		json_t *one;
		size_t i;

		curved = json_object_get(from, "curved");
		json_array_foreach((json_t *)curved, i, one)
			for (int j = 0; j < inputs; j++)
				if (json_is_string(one) &&
				    strcmp(input[j], json_string_value(one)) == 0)
					bits |= 1u << j;
		code = twin_structure_innovations(s, order < 0 || order > 99 ? 99 : (int)order, inputs,
						  outputs, bits);
	} else if (kind && strcmp(kind, "greybox") == 0) {
		s->inputs = inputs;
		s->outputs = outputs;
		memcpy(s->input, input, sizeof(input));
		memcpy(s->output, output, sizeof(output));
		m->network = json_incref(json_object_get(from, "network"));
		code = model_network(s, m->network, name);
	} else {
		return wrong(name, "there is no structure of kind", kind ? kind : "");
	}
	memcpy(s->input, input, sizeof(input));
	memcpy(s->output, output, sizeof(output));
	return code;
}

static int read_parameters(struct sense_model *m, const json_t *root, const char *name)
{
	json_t *all = json_object_get(root, "parameters"), *one, *matrix, *of;
	size_t i;

	if (json_array_size(all) != (size_t)m->structure.parameters)
		return wrong(name, "the structure has other parameters than under", "parameters");
	json_array_foreach(all, i, one) {
		struct twin_parameter *p = &m->structure.parameter[i];
		const char *word = json_string_value(json_object_get(one, "name"));
		const json_t *value = json_object_get(one, "value");

		if (!word || strcmp(word, p->name) || !json_is_number(value))
			return wrong(name, "the structure has no such parameter in this place:",
				     word ? word : "");
		m->theta[i] = json_number_value(value);
		p->fitted = json_is_true(json_object_get(one, "fitted"));
		p->lower = json_number_value(json_object_get(one, "lower"));
		p->upper = json_number_value(json_object_get(one, "upper"));
		snprintf(p->unit, sizeof(p->unit), "%s",
			 json_is_string(json_object_get(one, "unit")) ?
				 json_string_value(json_object_get(one, "unit")) : "");
		if (p->fitted)
			m->which[m->free++] = (int)i;
	}
	of = json_object_get(json_object_get(root, "covariance"), "of");
	matrix = json_object_get(json_object_get(root, "covariance"), "matrix");
	if (json_array_size(matrix) != (size_t)m->free || json_array_size(of) != (size_t)m->free)
		return wrong(name, "the matrix is not of the fitted parameters under", "covariance");
	for (int k = 0; k < m->free; k++) {
		json_t *row = json_array_get(matrix, (size_t)k);
		const char *word = json_string_value(json_array_get(of, (size_t)k));

		if (!word || strcmp(word, m->structure.parameter[m->which[k]].name) ||
		    json_array_size(row) != (size_t)m->free)
			return wrong(name, "rows are not those of the fitted parameters under",
				     "covariance");
		for (int j = 0; j < m->free; j++)
			m->covariance[k * m->free + j] =
				json_is_number(json_array_get(row, (size_t)j)) ?
					json_number_value(json_array_get(row, (size_t)j)) : NAN;
	}
	for (int k = 0; k < m->free; k++)
		for (int j = 0; j < k; j++)
			if (m->covariance[k * m->free + j] != m->covariance[j * m->free + k])
				return wrong(name, "the matrix is not symmetric under", "covariance");
	return 0;
}

static int read_range(const json_t *limits, const char *word, double *low, double *high,
		      const char *name)
{
	const json_t *range = json_object_get(limits, word);

	if (json_array_size(range) != 2 || !json_is_number(json_array_get(range, 0)) ||
	    !json_is_number(json_array_get(range, 1)))
		return wrong(name, "limits of validity are missing for", word);
	*low = json_number_value(json_array_get(range, 0));
	*high = json_number_value(json_array_get(range, 1));
	return 0;
}

static int read_rest(struct sense_model *m, const json_t *root, const char *name)
{
	const json_t *limits = json_object_get(root, "limits");
	json_t **part[] = { &m->training, &m->identification, &m->validation };
	const char *key[] = { "training", "identification", "validation" };
	int code = 0;

	for (int i = 0; !code && i < m->structure.inputs; i++)
		code = read_range(json_object_get(limits, "inputs"), m->structure.input[i],
				  &m->input_low[i], &m->input_high[i], name);
	for (int i = 0; !code && i < m->structure.outputs; i++)
		code = read_range(json_object_get(limits, "outputs"), m->structure.output[i],
				  &m->output_low[i], &m->output_high[i], name);
	m->period_s = json_number_value(json_object_get(limits, "period_s"));
	if (!code && !(m->period_s > 0))
		code = wrong(name, "no period above 0 s under", "limits");
	for (int i = 0; !code && i < 3; i++) {
		*part[i] = json_incref(json_object_get(root, key[i]));
		if (!json_is_object(*part[i]))
			code = wrong(name, "an object is missing under", key[i]);
	}
	return code;
}

static int read_model(struct sense_model *m, const json_t *root, const char *name)
{
	const char *format = json_string_value(json_object_get(root, "format"));
	const char *digest = json_string_value(json_object_get(root, "digest"));
	int code;

	if (!format || strncmp(format, "sense-model/", 12))
		return sense_fail(EBADMSG, name, "take a file that sense identify wrote",
				  "%s is no model", name);
	if (strcmp(format, SENSE_MODEL_FORMAT))
		return sense_fail(EPROTO, name, "take a version of this software that reads it",
				  "%s is of format %s, not " SENSE_MODEL_FORMAT, name, format);
	code = read_structure(m, root, name);
	if (!code)
		code = read_parameters(m, root, name);
	if (!code)
		code = read_rest(m, root, name);
	if (!code)
		code = model_finish(m, name);
	if (!code && (!digest || strcmp(digest, m->digest)))
		code = sense_fail(EBADMSG, name, "take the file as it was written",
				  "%s was changed since it was written: its digest is not that of its content",
				  name);
	return code;
}

static struct sense_model *from_json(json_t *root, const json_error_t *error, const char *name)
{
	struct sense_model *m;

	if (!root)
		return sense_fail_null(EBADMSG, name, "take a file that sense identify wrote",
				       "%s: line %d, column %d: %s", name, error->line, error->column,
				       error->text);
	m = calloc(1, sizeof(*m));
	if (!m)
		sense_fail(ENOMEM, name, NULL, "no memory for a model");
	if (m && read_model(m, root, name)) {
		sense_model_free(m);
		m = NULL;
	}
	json_decref(root);
	return m;
}

struct sense_model *sense_model_parse(const char *text, const char *name)
{
	json_error_t error;

	return from_json(json_loads(text, JSON_REJECT_DUPLICATES, &error), &error, name);
}

struct sense_model *sense_model_load(const char *path)
{
	json_error_t error;
	struct sense_model *m;
	FILE *file = fopen(path, "re");

	if (!file)
		return sense_fail_null(errno, path, "look at its name and permissions",
				       "%s cannot be opened: %s", path, strerror(errno));
	m = from_json(json_loadf(file, JSON_REJECT_DUPLICATES, &error), &error, path);
	fclose(file);
	return m;
}
