// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/model.h"

#include <errno.h>
#include <fcntl.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define DIGITS (JSON_SORT_KEYS | JSON_REAL_PRECISION(17))

void sense_model_free(struct sense_model *m)
{
	if (!m)
		return;
	json_decref(m->network);
	json_decref(m->training);
	json_decref(m->identification);
	json_decref(m->validation);
	free(m);
}

/* ---- checks ---------------------------------------------------------------------------- */

/* Levels and ramps of a disturbance integrate, so 0 is allowed; growth is not. */
static int check_stable(const struct sense_model *m, const char *name)
{
	double a[TWIN_MAX_STATES * TWIN_MAX_STATES], re[TWIN_MAX_STATES], im[TWIN_MAX_STATES];
	int n = m->system.states;

	for (int i = 0; i < n * n; i++)
		if (!isfinite(m->system.f[i]))
			return sense_fail(EDOM, name, "identify it again",
					  "%s: the model's matrix is not finite", name);
	memcpy(a, m->system.f, sizeof(a));
	if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a, n, re, im, NULL, 1, NULL, 1))
		return sense_fail(EDOM, name, NULL, "%s: the model's eigenvalues were not found", name);
	for (int i = 0; i < n; i++)
		if (re[i] > 1e-9)
			return sense_fail(EDOM, name, "identify it again, on data that settle",
					  "%s: the model is unstable, one mode grows by e in %.3g s", name,
					  1 / re[i]);
	return 0;
}

static int check_covariance(const struct sense_model *m, const char *name)
{
	double a[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];
	int n = m->free;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double d = m->covariance[i * n + i] * m->covariance[j * n + j];

			if (!(d > 0) || !isfinite(m->covariance[i * n + j]))
				goto singular;
			a[i * n + j] = m->covariance[i * n + j] / sqrt(d);
		}
	if (n && LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'U', n, a, n))
		goto singular;
	return 0;
singular:
	return sense_fail(EDOM, name, "identify it again with fewer parameters or more data",
			  "%s: the covariance of the model's parameters is not positive definite", name);
}

int model_finish(struct sense_model *m, const char *name)
{
	struct twin_digest *digest;
	json_t *content;
	char *text;
	int code;

	for (int i = 0; i < m->structure.parameters; i++) {
		const struct twin_parameter *p = &m->structure.parameter[i];

		if (!(m->theta[i] >= p->lower && m->theta[i] <= p->upper))
			return sense_fail(EDOM, name, "identify it again",
					  "%s: parameter %s is %g, outside %g to %g", name, p->name,
					  m->theta[i], p->lower, p->upper);
	}
	code = twin_structure_build(&m->structure, m->theta, &m->system);
	if (!code)
		code = check_stable(m, name);
	if (!code)
		code = check_covariance(m, name);
	for (int o = 0; !code && o < m->structure.outputs; o++)
		if (!(m->system.r[o] > 0))
			code = sense_fail(EDOM, name, "give its readout a noise",
					  "%s: output %s is said to have no readout noise", name,
					  m->structure.output[o]);
	if (code)
		return code;
	content = model_content(m);
	text = content ? json_dumps(content, JSON_COMPACT | DIGITS) : NULL;
	digest = twin_digest_new();
	if (text)
		twin_digest_add(digest, text, strlen(text));
	code = twin_digest_end(digest, m->digest);
	if (!text)
		code = sense_fail(ENOMEM, name, NULL, "%s: no memory for its text", name);
	free(text);
	json_decref(content);
	return code;
}

/* ---- writing --------------------------------------------------------------------------- */

static double standard(const struct sense_model *m, int parameter)
{
	for (int i = 0; i < m->free; i++)
		if (m->which[i] == parameter) {
			double sd = sqrt(m->covariance[i * m->free + i]);

			/* First order: u(theta) = theta u(ln theta). */
			return m->structure.parameter[parameter].positive ? m->theta[parameter] * sd :
									    sd;
		}
	return 0;
}

static json_t *range(double low, double high)
{
	return json_pack("[ff]", low, high);
}

json_t *model_content(const struct sense_model *m)
{
	const struct twin_structure *s = &m->structure;
	json_t *inputs = json_array(), *outputs = json_array(), *parameters = json_array();
	json_t *names = json_array(), *matrix = json_array(), *curved = json_array();
	json_t *input_limits = json_object(), *output_limits = json_object(), *structure;

	for (int i = 0; i < s->inputs; i++) {
		json_array_append_new(inputs, json_string(s->input[i]));
		if (s->curved >> i & 1)
			json_array_append_new(curved, json_string(s->input[i]));
		json_object_set_new(input_limits, s->input[i],
				    range(m->input_low[i], m->input_high[i]));
	}
	for (int i = 0; i < s->outputs; i++) {
		json_array_append_new(outputs, json_string(s->output[i]));
		json_object_set_new(output_limits, s->output[i],
				    range(m->output_low[i], m->output_high[i]));
	}
	for (int i = 0; i < s->parameters; i++) {
		const struct twin_parameter *p = &s->parameter[i];

		json_array_append_new(parameters,
				      json_pack("{s:s,s:s,s:f,s:f,s:f,s:f,s:b,s:b}", "name", p->name,
						"unit", p->unit, "value", m->theta[i],
						"standard_uncertainty", standard(m, i), "lower",
						p->lower, "upper", p->upper, "fitted", (int)p->fitted,
						"logarithmic", (int)p->positive));
	}
	for (int i = 0; i < m->free; i++) {
		json_t *row = json_array();

		json_array_append_new(names, json_string(s->parameter[m->which[i]].name));
		for (int j = 0; j < m->free; j++)
			json_array_append_new(row, json_real(m->covariance[i * m->free + j]));
		json_array_append_new(matrix, row);
	}
	structure = s->kind == TWIN_INNOVATIONS ?
			    json_pack("{s:s,s:i,s:o}", "kind", "innovations", "order", s->order, "curved",
				      curved) :
			    json_pack("{s:s,s:O}", "kind", "greybox", "network", m->network);
	if (s->kind == TWIN_GREYBOX)
		json_decref(curved);
	json_object_set_new(structure, "inputs", inputs);
	json_object_set_new(structure, "outputs", outputs);
	return json_pack("{s:s,s:o,s:o,s:{s:o,s:o},s:O,s:O,s:O,s:{s:o,s:o,s:f}}", "format",
			 SENSE_MODEL_FORMAT, "structure", structure, "parameters", parameters,
			 "covariance", "of", names, "matrix", matrix, "training", m->training,
			 "identification", m->identification, "validation", m->validation, "limits",
			 "inputs", input_limits, "outputs", output_limits, "period_s", m->period_s);
}

char *sense_model_to_json(const struct sense_model *m)
{
	json_t *content = model_content(m);
	char *text = NULL;

	if (content && !json_object_set_new(content, "digest", json_string(m->digest)))
		text = json_dumps(content, JSON_INDENT(1) | DIGITS);
	json_decref(content);
	if (!text)
		sense_fail(ENOMEM, "model", NULL, "no memory for a model's text");
	return text;
}

int sense_model_save(const struct sense_model *m, const char *path)
{
	char *text = sense_model_to_json(m), *draft = NULL;
	int code = 0, file = -1;

	if (!text || asprintf(&draft, "%s.XXXXXX", path) < 0) {
		free(text);
		return -ENOMEM;
	}
	file = mkostemp(draft, O_CLOEXEC);
	if (file < 0) {
		code = sense_fail(errno, path, "look at its directory", "%s cannot be written: %s", path,
				  strerror(errno));
	} else {
		size_t size = strlen(text), done = 0;

		text[size++] = '\n'; /* in place of its end: the length is known */
		while (done < size) {
			ssize_t n = write(file, text + done, size - done);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				break;
			done += (size_t)n;
		}
		if (done < size || fchmod(file, 0644) || fsync(file) || rename(draft, path)) {
			code = sense_fail(errno, path, "look at its disk and directory",
					  "%s cannot be written: %s", path, strerror(errno));
			unlink(draft);
		}
		close(file);
	}
	free(draft);
	free(text);
	return code;
}

/* ---- getters ---------------------------------------------------------------------------- */

const char *sense_model_get_digest(const struct sense_model *m)
{
	return m->digest;
}

const char *sense_model_get_structure(const struct sense_model *m)
{
	return m->structure.kind == TWIN_INNOVATIONS ? "innovations" : "greybox";
}

unsigned int sense_model_get_order(const struct sense_model *m)
{
	return (unsigned int)m->structure.order;
}

unsigned int sense_model_get_state_count(const struct sense_model *m)
{
	return (unsigned int)m->system.states;
}

unsigned int sense_model_get_output_count(const struct sense_model *m)
{
	return (unsigned int)m->structure.outputs;
}

unsigned int sense_model_get_input_count(const struct sense_model *m)
{
	return (unsigned int)m->structure.inputs;
}

const char *sense_model_get_output_name(const struct sense_model *m, unsigned int output)
{
	return output < (unsigned int)m->structure.outputs ? m->structure.output[output] : "";
}

const char *sense_model_get_input_name(const struct sense_model *m, unsigned int input)
{
	return input < (unsigned int)m->structure.inputs ? m->structure.input[input] : "";
}

double sense_model_get_readout_noise(const struct sense_model *m, unsigned int output)
{
	return output < (unsigned int)m->structure.outputs ? sqrt(m->system.r[output]) : NAN;
}

double sense_model_get_period_s(const struct sense_model *m)
{
	return m->period_s;
}

double sense_model_get_delay_s(const struct sense_model *m)
{
	return m->system.delay_s;
}

unsigned int sense_model_get_parameter_count(const struct sense_model *m)
{
	return (unsigned int)m->structure.parameters;
}

int sense_model_get_parameter(const struct sense_model *m, unsigned int index,
			      struct sense_model_parameter *p)
{
	const struct twin_parameter *q = &m->structure.parameter[index];

	if (index >= (unsigned int)m->structure.parameters)
		return sense_fail(ENOENT, "model", NULL, "the model has no parameter %u", index);
	*p = (struct sense_model_parameter){ q->name, q->unit, m->theta[index],
					     standard(m, (int)index), q->fitted };
	return 0;
}

int sense_model_find_parameter(const struct sense_model *m, const char *name,
			       struct sense_model_parameter *p)
{
	for (int i = 0; i < m->structure.parameters; i++)
		if (strcmp(m->structure.parameter[i].name, name) == 0)
			return sense_model_get_parameter(m, (unsigned int)i, p);
	return sense_fail(ENOENT, name, NULL, "the model has no parameter %s", name);
}

void sense_model_get_output_limits(const struct sense_model *m, unsigned int output, double *low,
				   double *high)
{
	int there = output < (unsigned int)m->structure.outputs;

	*low = there ? m->output_low[output] : NAN;
	*high = there ? m->output_high[output] : NAN;
}

void sense_model_get_input_limits(const struct sense_model *m, unsigned int input, double *low,
				  double *high)
{
	int there = input < (unsigned int)m->structure.inputs;

	*low = there ? m->input_low[input] : NAN;
	*high = there ? m->input_high[input] : NAN;
}

int sense_model_is_within_limits(const struct sense_model *m, const double *outputs,
				 const double *inputs)
{
	for (int i = 0; outputs && i < m->structure.outputs; i++)
		if (!(outputs[i] >= m->output_low[i] && outputs[i] <= m->output_high[i]))
			return 0;
	for (int i = 0; inputs && i < m->structure.inputs; i++)
		if (!(inputs[i] >= m->input_low[i] && inputs[i] <= m->input_high[i]))
			return 0;
	return 1;
}
