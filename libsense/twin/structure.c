// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/structure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/*
 * Innovations form. Thermal systems have real, decaying modes, so the modes are first-order lags
 * in parallel, each driven by every input. What the inputs do not explain is a level per output
 * that walks with a ramp that walks: an integrated disturbance, whose two intensities and the
 * readout's noise say what the Kalman gain says in the classical innovations form, for any
 * interval between samples.
 *
 *	dx_i = (-x_i + sum_j gain_ij u_j) / tau_i dt
 *	dd = s dt + walk dw,  ds = -s / ramp_memory dt + ramp dw,  y = sum_i x_i + d + e
 */
static int add(struct twin_structure *s, const char *name, const char *unit, double value,
	       double lower, double upper, int positive)
{
	struct twin_parameter *p = &s->parameter[s->parameters];

	*p = (struct twin_parameter){ .value = value, .lower = lower, .upper = upper,
				      .prior_sd = INFINITY, .prior = value,
				      .positive = positive != 0, .fitted = 1 };
	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(p->unit, sizeof(p->unit), "%s", unit);
	return s->parameters++;
}

int twin_structure_innovations(struct twin_structure *s, int order, int inputs, int outputs,
			       unsigned int curved)
{
	char name[TWIN_NAME];

	memset(s, 0, sizeof(*s));
	if (order < 0 || inputs < 0 || inputs > TWIN_MAX_INPUTS || outputs < 1 ||
	    outputs > TWIN_MAX_OUTPUTS || order + 2 * outputs > TWIN_MAX_STATES ||
	    order * (1 + inputs + outputs) + inputs + 4 * outputs > TWIN_MAX_PARAMETERS)
		return sense_fail(EINVAL, "structure", "take fewer inputs, outputs or a lower order",
				  "innovations form of order %d with %d inputs and %d outputs is "
				  "not within what a model can hold",
				  order, inputs, outputs);
	s->kind = TWIN_INNOVATIONS;
	s->order = order;
	s->inputs = inputs;
	s->outputs = outputs;
	for (int i = 0; i < order; i++) {
		snprintf(name, sizeof(name), "tau_%d", i + 1);
		add(s, name, "s", 60 * pow(8, i), 2, 1e6, 1);
		for (int j = 0; j < inputs; j++) {
			snprintf(name, sizeof(name), "gain_%d_%d", i + 1, j + 1);
			add(s, name, "K/unit", 0, -1e6, 1e6, 0);
		}
		for (int o = 1; o < outputs; o++) {
			snprintf(name, sizeof(name), "loading_%d_%d", i + 1, o + 1);
			add(s, name, "1", 1, -1e3, 1e3, 0);
		}
	}
	s->curved = order ? curved : 0;
	for (int j = 0; j < inputs; j++)
		if (s->curved >> j & 1) {
			snprintf(name, sizeof(name), "curvature_%d", j + 1);
			add(s, name, "1/unit", 0, -10, 10, 0);
		}
	for (int o = 0; o < outputs; o++) {
		snprintf(name, sizeof(name), "walk_%d", o + 1);
		add(s, name, "K/sqrt(s)", 5e-4, 1e-9, 10, 1);
		snprintf(name, sizeof(name), "ramp_%d", o + 1);
		add(s, name, "K/s/sqrt(s)", 2e-6, 1e-13, 1, 1);
		snprintf(name, sizeof(name), "ramp_memory_%d", o + 1);
		add(s, name, "s", 3000, 20, 1e7, 1);
		snprintf(name, sizeof(name), "readout_noise_%d", o + 1);
		add(s, name, "K", 3e-3, 1e-7, 10, 1);
	}
	return 0;
}

static int build_innovations(const struct twin_structure *s, const double *theta,
			     struct twin_system *system)
{
	int n = s->order + 2 * s->outputs, m = s->inputs, at = 0;

	system->states = n;
	system->columns = m;
	for (int i = 0; i < s->order; i++) {
		double tau = theta[at++];

		system->f[i * n + i] = -1 / tau;
		system->c[i] = 1;
		system->start_variance[i] = 0;
		for (int j = 0; j < m; j++) {
			double gain = theta[at++];

			system->b[i * m + j] = gain / tau;
			system->start_input[i * m + j] = gain;
			system->start_variance[i] += gain * gain;
			for (int o = 0; o < s->outputs; o++)
				system->start_input[(s->order + 2 * o) * m + j] -= gain;
		}
		system->start_variance[i] += 1e-2;
		for (int o = 1; o < s->outputs; o++)
			system->c[o * n + i] = theta[at++];
	}
	for (int j = 0; j < m; j++)
		if (s->curved >> j & 1)
			system->curvature[j] = theta[at++];
	for (int o = 0; o < s->outputs; o++) {
		int level = s->order + 2 * o, slope = level + 1;
		double walk = theta[at++], ramp = theta[at++], memory = theta[at++],
		       readout = theta[at++];

		system->f[level * n + slope] = 1;
		system->f[slope * n + slope] = -1 / memory;
		system->q[level * n + level] = walk * walk;
		system->q[slope * n + slope] = ramp * ramp;
		system->c[o * n + level] = 1;
		system->r[o] = readout * readout;
		system->start_output[level * s->outputs + o] = 1;
		system->start_variance[level] = 100;
		system->start_variance[slope] = 1e-4;
	}
	return 0;
}

static int build_greybox(const struct twin_structure *s, const double *theta,
			 struct twin_system *system)
{
	int n = s->nodes, lagged[TWIN_MAX_OUTPUTS], walk = -1, ramp = -1;
	int m = s->inputs + (s->peltier_input >= 0 ? 2 : 0) + 1;

	for (int o = 0; o < s->outputs; o++)
		lagged[o] = s->sensor_lag[o] >= 0 ? n++ : -1;
	if (s->disturbance_node >= 0) {
		walk = n++;
		ramp = n++;
	}
	system->states = n;
	system->columns = m;
	for (int i = 0; i < s->nodes; i++) {
		const struct twin_node *node = &s->node[i];
		double c = theta[node->capacity];
		double noise = node->noise >= 0 ? theta[node->noise] / c : 0;

		system->q[i * n + i] = noise * noise;
		system->start_variance[i] = 1;
		if (node->heat >= 0)
			system->b[i * m + m - 1] = theta[node->heat] / c;
		if (node->start >= 0)
			system->start_offset[i] = theta[node->start];
		else
			system->start_output[i * s->outputs] = 1;
	}
	for (int l = 0; l < s->links; l++) {
		const struct twin_link *link = &s->link[l];
		double g = theta[link->conductance], c = theta[s->node[link->node].capacity];

		system->f[link->node * n + link->node] -= g / c;
		if (link->other >= 0) {
			double d = theta[s->node[link->other].capacity];

			system->f[link->node * n + link->other] += g / c;
			system->f[link->other * n + link->other] -= g / d;
			system->f[link->other * n + link->node] += g / d;
		} else {
			system->b[link->node * m - 1 - link->other] += g / c;
		}
	}
	if (s->peltier_input >= 0) {
		int a = s->peltier_cold, b = s->peltier_hot;
		double c = theta[s->node[a].capacity], d = theta[s->node[b].capacity];
		double g = theta[s->peltier_conductance];

		system->f[a * n + a] -= g / c;
		system->f[a * n + b] += g / c;
		system->f[b * n + b] -= g / d;
		system->f[b * n + a] += g / d;
		system->b[a * m + s->inputs] = 1 / c;
		system->b[b * m + s->inputs + 1] = 1 / d;
		system->peltier_input = s->peltier_input;
		system->cold_state = a;
		system->hot_state = b;
		system->seebeck_v_per_k = theta[s->seebeck];
		system->resistance_ohm = theta[s->resistance];
	}
	if (s->heater_input >= 0)
		system->b[s->heater_node * m + s->heater_input] +=
			theta[s->heater_gain] / theta[s->node[s->heater_node].capacity];
	for (int o = 0; o < s->outputs; o++) {
		double readout = theta[s->readout[o]];

		if (lagged[o] >= 0) {
			double lag = theta[s->sensor_lag[o]];

			system->f[lagged[o] * n + lagged[o]] = -1 / lag;
			system->f[lagged[o] * n + s->sensor_node[o]] = 1 / lag;
			system->start_output[lagged[o] * s->outputs + o] = 1;
			system->start_variance[lagged[o]] = 1;
			system->c[o * n + lagged[o]] = 1;
		} else {
			system->c[o * n + s->sensor_node[o]] = 1;
		}
		system->r[o] = readout * readout;
	}
	if (walk >= 0) {
		double c = theta[s->node[s->disturbance_node].capacity];

		system->f[s->disturbance_node * n + walk] = 1 / c;
		system->f[walk * n + ramp] = 1;
		system->q[walk * n + walk] = theta[s->walk] * theta[s->walk];
		system->q[ramp * n + ramp] = theta[s->ramp] * theta[s->ramp];
		/* Tens of W until the first samples tell. */
		system->start_variance[walk] = 400;
		system->start_variance[ramp] = 1e-4;
	}
	if (s->delay >= 0)
		system->delay_s = theta[s->delay];
	return 0;
}

int twin_structure_build(const struct twin_structure *s, const double *theta,
			 struct twin_system *system)
{
	memset(system, 0, sizeof(*system));
	system->inputs = s->inputs;
	system->outputs = s->outputs;
	system->peltier_input = -1;
	return s->kind == TWIN_INNOVATIONS ? build_innovations(s, theta, system) :
					     build_greybox(s, theta, system);
}
