// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/gum.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double sense_gum_covariance(const struct sense_gum *g, const double *c, const double *d)
{
	double sum = 0;

	for (unsigned int i = 0; i < g->n; i++)
		sum += c[i] * d[i] * g->u[i] * g->u[i];
	for (unsigned int k = 0; k < g->correlation_count; k++) {
		const struct sense_correlation *r = &g->correlations[k];

		sum += r->r * g->u[r->a] * g->u[r->b] * (c[r->a] * d[r->b] + c[r->b] * d[r->a]);
	}
	return sum;
}

double sense_gum_dof(const struct sense_gum *g, const double *c, bool *mixed)
{
	double *variance = calloc(2 * (size_t)g->n + 1, sizeof(*variance));
	double *dof = variance ? variance + g->n : NULL;
	double total = 0, sum = 0;

	*mixed = false;
	if (!variance)
		return NAN;
	/* Gather each group in the place of its first member. */
	for (unsigned int i = 0; i < g->n; i++) {
		unsigned int home = g->group[i] < 0 ? i : (unsigned int)g->group[i];
		double part = c[i] * c[i] * g->u[i] * g->u[i];

		variance[home] += part;
		if (part == 0)
			continue;
		if (dof[home] != 0 && dof[home] != g->dof[i])
			*mixed = true;
		if (dof[home] == 0 || g->dof[i] < dof[home])
			dof[home] = g->dof[i];
	}
	for (unsigned int k = 0; k < g->correlation_count; k++) {
		const struct sense_correlation *r = &g->correlations[k];

		if (g->group[r->a] >= 0)
			variance[g->group[r->a]] +=
				2 * r->r * c[r->a] * g->u[r->a] * c[r->b] * g->u[r->b];
	}
	for (unsigned int i = 0; i < g->n; i++)
		total += variance[i];
	for (unsigned int i = 0; i < g->n && total > 0; i++)
		if (dof[i] > 0 && isfinite(dof[i]))
			sum += (variance[i] / total) * (variance[i] / total) / dof[i];
	free(variance);
	return sum > 0 ? 1 / sum : INFINITY;
}

void sense_gum_shares(const struct sense_gum *g, const double *c, double *share)
{
	double total = sense_gum_covariance(g, c, c);

	for (unsigned int i = 0; i < g->n; i++)
		share[i] = total > 0 ? c[i] * c[i] * g->u[i] * g->u[i] / total : 0;
	for (unsigned int k = 0; k < g->correlation_count && total > 0; k++) {
		const struct sense_correlation *r = &g->correlations[k];
		double part = r->r * c[r->a] * g->u[r->a] * c[r->b] * g->u[r->b] / total;

		share[r->a] += part;
		share[r->b] += part;
	}
}

double sense_gum_tolerance(double u, unsigned int digits)
{
	double exponent, limit = pow(10, digits);

	if (!(u > 0) || !isfinite(u))
		return 0;
	exponent = floor(log10(u)) - (digits - 1);
	if (round(u / pow(10, exponent)) >= limit) /* 9.96 is 10 */
		exponent += 1;
	return 0.5 * pow(10, exponent);
}

/*
 * Univariate series along sources and pairs of them give all that the note's formula needs. With
 * c_k the coefficients along e_i: f_i = c1, f_ii = 2 c2, f_iii = 6 c3; along e_i + e_j and
 * e_i - e_j: f_ij = (c2+ - c2-) / 2, f_ijj = c3+ + c3- - 2 c3(i), f_iij = c3+ - c3- - 2 c3(j).
 */
int sense_gum_second_order(const struct sense_expression *e, const double *x, const double *z,
			   unsigned int count, const double *directions, bool cross,
			   unsigned int output_count, const int *outputs, double *u, double *bias)
{
	unsigned int inputs = sense_expression_input_count(e);
	double *v = malloc((size_t)sense_expression_node_count(e) * 4 * sizeof(*v));
	double *single = malloc(((size_t)count * output_count * 3 + 1) * sizeof(*single));
	double *pair = malloc((size_t)output_count * 4 * sizeof(*pair));
	double *line = malloc(((size_t)inputs + 1) * sizeof(*line));
	int error = v && single && pair && line ? 0 : -ENOMEM;

	for (unsigned int o = 0; o < output_count; o++)
		u[o] = bias[o] = 0;
	for (unsigned int i = 0; i < count && !error; i++) {
		error = sense_expression_taylor_solved(e, 3, x, directions + (size_t)i * inputs, z,
						       v);
		for (unsigned int o = 0; o < output_count && !error; o++) {
			const double *c = v + 4 * (size_t)outputs[o];
			double *s = single + ((size_t)i * output_count + o) * 3;

			for (int k = 0; k < 3; k++)
				s[k] = c[k + 1];
			bias[o] += s[1];
			/* f_i^2 + (f_ii / 2)^2 2 + f_i f_iii, the terms i = j */
			u[o] += s[0] * s[0] + 2 * s[1] * s[1] + 6 * s[0] * s[2];
		}
	}
	for (unsigned int i = 0; i < count && cross && !error; i++)
		for (unsigned int j = 0; j < i && !error; j++) {
			for (int sign = 0; sign < 2 && !error; sign++) {
				for (unsigned int k = 0; k < inputs; k++)
					line[k] = directions[(size_t)i * inputs + k] +
						  (sign ? -1 : 1) *
							  directions[(size_t)j * inputs + k];
				error = sense_expression_taylor_solved(e, 3, x, line, z, v);
				for (unsigned int o = 0; o < output_count && !error; o++) {
					pair[4 * o + 2 * sign] = v[4 * (size_t)outputs[o] + 2];
					pair[4 * o + 2 * sign + 1] = v[4 * (size_t)outputs[o] + 3];
				}
			}
			for (unsigned int o = 0; o < output_count && !error; o++) {
				const double *p = pair + 4 * (size_t)o;
				const double *si = single + ((size_t)i * output_count + o) * 3;
				const double *sj = single + ((size_t)j * output_count + o) * 3;
				double fij = (p[0] - p[2]) / 2;
				double fijj = p[1] + p[3] - 2 * si[2];
				double fiij = p[1] - p[3] - 2 * sj[2];

				u[o] += fij * fij + si[0] * fijj + sj[0] * fiij;
			}
		}
	for (unsigned int o = 0; o < output_count; o++)
		u[o] = u[o] >= 0 ? sqrt(u[o]) : NAN;
	free(v);
	free(single);
	free(pair);
	free(line);
	return error;
}
