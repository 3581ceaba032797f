// SPDX-License-Identifier: LGPL-2.1-or-later
/* A grey-box network from its description: nodes, links, a Peltier element, readouts. */
#include "twin/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct reader {
	struct twin_structure *s;
	const json_t *network;
	const char *name;
	int code;
};

static int wrong(struct reader *r, const char *what, const char *word)
{
	if (!r->code)
		r->code = sense_fail(EBADMSG, r->name,
				     "Documentation/twin.md describes a network's keys",
				     "%s: %s '%s'", r->name, what, word ? word : "");
	return -1;
}

static int find_parameter(struct reader *r, const char *name)
{
	for (int i = 0; name && i < r->s->parameters; i++)
		if (strcmp(r->s->parameter[i].name, name) == 0)
			return i;
	return wrong(r, "there is no parameter", name);
}

/* The parameter that @key of @object names; -1 where the key is not there and need not be. */
static int parameter(struct reader *r, const json_t *object, const char *key, int needed)
{
	const json_t *v = json_object_get(object, key);

	if (!v && !needed)
		return -1;
	if (!json_is_string(v))
		return wrong(r, "a parameter's name is missing under", key);
	return find_parameter(r, json_string_value(v));
}

static int node(struct reader *r, const char *name)
{
	for (int i = 0; name && i < r->s->nodes; i++)
		if (strcmp(r->s->node[i].name, name) == 0)
			return i;
	return wrong(r, "there is no node", name);
}

static int input(struct reader *r, const char *name)
{
	for (int i = 0; name && i < r->s->inputs; i++)
		if (strcmp(r->s->input[i], name) == 0)
			return i;
	return wrong(r, "there is no input", name);
}

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static double number(const json_t *object, const char *key, double otherwise)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : otherwise;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct twin_parameter *)a)->name,
		      ((const struct twin_parameter *)b)->name);
}

static void read_parameters(struct reader *r)
{
	json_t *all = json_object_get(r->network, "parameters"), *one;
	const char *name;

	if (!json_is_object(all)) {
		wrong(r, "an object is missing under", "parameters");
		return;
	}
	json_object_foreach(all, name, one) {
		struct twin_parameter *p = &r->s->parameter[r->s->parameters];
		double value = number(one, "value", NAN), prior = number(one, "prior", INFINITY);

		if (r->s->parameters == TWIN_MAX_PARAMETERS || strlen(name) >= TWIN_NAME) {
			wrong(r, "there is no room for parameter", name);
			return;
		}
		*p = (struct twin_parameter){ .value = value, .prior = value, .prior_sd = prior };
		snprintf(p->name, sizeof(p->name), "%s", name);
		snprintf(p->unit, sizeof(p->unit), "%s", text(one, "unit") ? text(one, "unit") : "");
		p->fitted = json_is_true(json_object_get(one, "fitted"));
		p->positive = !json_is_false(json_object_get(one, "positive"));
		p->lower = number(one, "lower", p->positive ? fabs(value) * 1e-4 : -1e9);
		p->upper = number(one, "upper", p->positive ? fabs(value) * 1e4 : 1e9);
		if (!isfinite(value) || (p->positive && !(value > 0)) || !(prior > 0) ||
		    !(p->lower <= value && value <= p->upper) || (p->positive && !(p->lower > 0))) {
			wrong(r, "value, bounds or prior make no sense in parameter", name);
			return;
		}
		r->s->parameters++;
	}
	/* Keys of an object have no order: the same network gives the same parameters. */
	qsort(r->s->parameter, (size_t)r->s->parameters, sizeof(r->s->parameter[0]), by_name);
}

static void read_nodes(struct reader *r)
{
	json_t *all = json_object_get(r->network, "nodes"), *one;
	size_t i;

	json_array_foreach(all, i, one) {
		struct twin_node *n = &r->s->node[r->s->nodes];
		const char *name = text(one, "name");

		if (!name || strlen(name) >= TWIN_NAME || r->s->nodes == TWIN_MAX_NODES) {
			wrong(r, "there is no name or no room for node", name);
			return;
		}
		snprintf(n->name, sizeof(n->name), "%s", name);
		n->capacity = parameter(r, one, "capacity", 1);
		n->heat = parameter(r, one, "heat", 0);
		n->noise = parameter(r, one, "noise", 0);
		n->start = parameter(r, one, "start", 0);
		r->s->nodes++;
	}
	if (!r->s->nodes)
		wrong(r, "nodes are missing under", "nodes");
	r->s->order = r->s->nodes;
}

static void read_links(struct reader *r)
{
	json_t *all = json_object_get(r->network, "links"), *one;
	size_t i;

	json_array_foreach(all, i, one) {
		struct twin_link *l = &r->s->link[r->s->links];
		const char *to = text(one, "to");

		if (r->s->links == TWIN_MAX_LINKS) {
			wrong(r, "there is no room for link to", to);
			return;
		}
		l->node = node(r, text(one, "from"));
		if (to && strncmp(to, "input:", 6) == 0)
			l->other = -1 - input(r, to + 6);
		else
			l->other = node(r, to);
		l->conductance = parameter(r, one, "conductance", 1);
		if (!r->code)
			r->s->links++;
	}
}

static void read_heats(struct reader *r)
{
	const json_t *p = json_object_get(r->network, "peltier");
	const json_t *h = json_object_get(r->network, "heater");
	const json_t *d = json_object_get(r->network, "disturbance");

	r->s->peltier_input = r->s->heater_input = r->s->disturbance_node = -1;
	if (p) {
		r->s->peltier_input = input(r, text(p, "input"));
		r->s->peltier_cold = node(r, text(p, "cold"));
		r->s->peltier_hot = node(r, text(p, "hot"));
		r->s->seebeck = parameter(r, p, "seebeck", 1);
		r->s->resistance = parameter(r, p, "resistance", 1);
		r->s->peltier_conductance = parameter(r, p, "conductance", 1);
	}
	if (h) {
		r->s->heater_input = input(r, text(h, "input"));
		r->s->heater_node = node(r, text(h, "node"));
		r->s->heater_gain = parameter(r, h, "gain", 1);
	}
	if (d) {
		r->s->disturbance_node = node(r, text(d, "node"));
		r->s->walk = parameter(r, d, "walk", 1);
		r->s->ramp = parameter(r, d, "ramp", 1);
	}
	r->s->delay = parameter(r, r->network, "delay", 0);
}

static void read_outputs(struct reader *r)
{
	json_t *all = json_object_get(r->network, "outputs"), *one;
	int found[TWIN_MAX_OUTPUTS] = { 0 };
	size_t i;

	json_array_foreach(all, i, one) {
		const char *name = text(one, "name");
		int o = 0;

		while (o < r->s->outputs && name && strcmp(r->s->output[o], name))
			o++;
		if (!name || o == r->s->outputs)
			continue; /* described, but not measured here */
		found[o] = 1;
		r->s->sensor_node[o] = node(r, text(one, "node"));
		r->s->sensor_lag[o] = parameter(r, one, "lag", 0);
		r->s->readout[o] = parameter(r, one, "noise", 1);
	}
	for (int o = 0; o < r->s->outputs; o++)
		if (!found[o])
			wrong(r, "the network does not describe output", r->s->output[o]);
}

int model_network(struct twin_structure *s, const json_t *network, const char *name)
{
	struct reader r = { s, network, name, 0 };
	int states;

	s->kind = TWIN_GREYBOX;
	s->parameters = s->nodes = s->links = 0;
	read_parameters(&r);
	if (!r.code)
		read_nodes(&r);
	if (!r.code)
		read_links(&r);
	if (!r.code)
		read_heats(&r);
	if (!r.code)
		read_outputs(&r);
	states = s->nodes + (s->disturbance_node >= 0 ? 2 : 0);
	for (int o = 0; !r.code && o < s->outputs; o++)
		states += s->sensor_lag[o] >= 0;
	if (!r.code && states > TWIN_MAX_STATES)
		wrong(&r, "there are too many states", "nodes");
	return r.code;
}
