// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/filter.h"

#include <math.h>
#include <string.h>

#define KELVIN 273.15

void twin_filter_start(const struct twin_filter *filter, struct twin_state *state, const double *y,
		       const double *u)
{
	const struct twin_system *s = filter->system;
	int n = s->states;

	memset(state, 0, sizeof(*state));
	for (int i = 0; i < n; i++) {
		state->x[i] = s->start_offset[i];
		for (int j = 0; j < s->outputs; j++)
			if (s->start_output[i * s->outputs + j] != 0)
				state->x[i] += s->start_output[i * s->outputs + j] * y[j];
		for (int j = 0; j < s->inputs; j++)
			if (s->start_input[i * s->inputs + j] != 0)
				state->x[i] += s->start_input[i * s->inputs + j] *
					       (u[j] + s->curvature[j] * u[j] * u[j]);
		state->p[i * n + i] = s->start_variance[i];
	}
	for (int i = 0; i < filter->delay + 2; i++)
		for (int j = 0; j < s->inputs; j++)
			state->input[i * s->inputs + j] = u[j];
}

/* Inputs, and behind them the heats of the Peltier element at the faces' present temperatures. */
static void columns(const struct twin_system *s, const double *x, const double *u, double *v)
{
	for (int j = 0; j < s->inputs; j++)
		v[j] = u[j] + s->curvature[j] * u[j] * u[j];
	if (s->peltier_input >= 0) {
		double i = u[s->peltier_input], joule = s->resistance_ohm * i * i / 2;

		v[s->inputs] = s->seebeck_v_per_k * i * (x[s->cold_state] + KELVIN) + joule;
		v[s->inputs + 1] = joule - s->seebeck_v_per_k * i * (x[s->hot_state] + KELVIN);
	}
	if (s->columns > s->inputs)
		v[s->columns - 1] = 1;
}

void twin_filter_predict(const struct twin_filter *filter, struct twin_state *state, int index,
			 const double *u, int covariance)
{
	const struct twin_system *s = filter->system;
	const struct twin_interval *t = &filter->interval[index];
	double x[TWIN_MAX_STATES], half[TWIN_MAX_STATES * TWIN_MAX_STATES];
	double early[TWIN_MAX_COLUMNS], late[TWIN_MAX_COLUMNS];
	int n = s->states, m = s->columns, k = s->inputs;

	for (int i = filter->delay + 1; i > 0; i--)
		for (int j = 0; j < k; j++)
			state->input[i * k + j] = state->input[(i - 1) * k + j];
	for (int j = 0; j < k; j++)
		state->input[j] = u[j];
	columns(s, state->x, &state->input[filter->delay * k], late);
	columns(s, state->x, &state->input[(filter->delay + 1) * k], early);

	for (int i = 0; i < n; i++) {
		double sum = 0;

		for (int j = 0; j < n; j++)
			sum += t->phi[i * n + j] * state->x[j];
		for (int j = 0; j < m; j++)
			sum += t->late[i * m + j] * late[j] + t->early[i * m + j] * early[j];
		x[i] = sum;
	}
	memcpy(state->x, x, (size_t)n * sizeof(*x));
	if (!covariance)
		return;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;

			for (int l = 0; l < n; l++)
				sum += t->phi[i * n + l] * state->p[l * n + j];
			half[i * n + j] = sum;
		}
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++) {
			double sum = t->q[i * n + j];

			for (int l = 0; l < n; l++)
				sum += half[i * n + l] * t->phi[j * n + l];
			state->p[i * n + j] = state->p[j * n + i] = sum;
		}
}

double twin_filter_output(const struct twin_filter *filter, const struct twin_state *state,
			  int output)
{
	const struct twin_system *s = filter->system;
	double sum = 0;

	for (int i = 0; i < s->states; i++)
		sum += s->c[output * s->states + i] * state->x[i];
	return sum;
}

double twin_filter_variance(const struct twin_filter *filter, const struct twin_state *state,
			    int output)
{
	const struct twin_system *s = filter->system;
	const double *c = &s->c[output * s->states];
	double sum = 0;

	for (int i = 0; i < s->states; i++)
		for (int j = 0; j < s->states; j++)
			sum += c[i] * state->p[i * s->states + j] * c[j];
	return sum;
}

void twin_filter_correct(const struct twin_filter *filter, struct twin_state *state,
			 const double *y, double *e, double *s)
{
	const struct twin_system *system = filter->system;
	int n = system->states;

	for (int o = 0; o < system->outputs; o++) {
		const double *c = &system->c[o * n];
		double pc[TWIN_MAX_STATES], variance = system->r[o], innovation;

		if (e)
			e[o] = NAN;
		if (s)
			s[o] = NAN;
		if (isnan(y[o]))
			continue;
		for (int i = 0; i < n; i++) {
			pc[i] = 0;
			for (int j = 0; j < n; j++)
				pc[i] += state->p[i * n + j] * c[j];
			variance += c[i] * pc[i];
		}
		innovation = y[o] - twin_filter_output(filter, state, o);
		if (e)
			e[o] = innovation;
		if (s)
			s[o] = variance;
		for (int i = 0; i < n; i++) {
			double gain = pc[i] / variance;

			state->x[i] += gain * innovation;
			for (int j = 0; j <= i; j++)
				state->p[i * n + j] -= gain * pc[j];
		}
		for (int i = 0; i < n; i++)
			for (int j = 0; j < i; j++)
				state->p[j * n + i] = state->p[i * n + j];
	}
}
