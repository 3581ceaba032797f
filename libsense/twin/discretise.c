// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "twin/system.h"

/* With |F h| <= 1/2 the next term is below 1e-20 of the first. */
#define TERMS 18

/* c = a b, n x n times n x m. */
static void multiply(const double *a, const double *b, int n, int m, double *c)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++) {
			double sum = 0;

			for (int k = 0; k < n; k++)
				sum += a[i * n + k] * b[k * m + j];
			c[i * m + j] = sum;
		}
}

/* c = a b', both n x n. */
static void multiply_transposed(const double *a, const double *b, int n, double *c)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;

			for (int k = 0; k < n; k++)
				sum += a[i * n + k] * b[j * n + k];
			c[i * n + j] = sum;
		}
}

static double norm(const double *a, int n)
{
	double most = 0;

	for (int i = 0; i < n; i++) {
		double sum = 0;

		for (int j = 0; j < n; j++)
			sum += fabs(a[i * n + j]);
		most = fmax(most, sum);
	}
	return most;
}

/*
 * The series over a short step h. q obeys dq/dt = F q + q F' + Q, so its Taylor terms are
 * T(k+1) = (F T(k) + T(k) F') h / (k + 1), T(1) = Q h.
 */
static void series(const struct twin_system *s, double h, double *phi, double *gamma, double *q)
{
	double term[TWIN_MAX_STATES * TWIN_MAX_STATES], next[TWIN_MAX_STATES * TWIN_MAX_STATES];
	double mixed[TWIN_MAX_STATES * TWIN_MAX_COLUMNS];
	int n = s->states, m = s->columns;

	memset(phi, 0, (size_t)n * n * sizeof(*phi));
	for (int i = 0; i < n; i++)
		phi[i * n + i] = 1;
	memcpy(term, phi, (size_t)n * n * sizeof(*term));
	if (gamma)
		for (int i = 0; i < n * m; i++)
			gamma[i] = s->b[i] * h;
	for (int k = 1; k <= TERMS; k++) {
		multiply(s->f, term, n, n, next);
		for (int i = 0; i < n * n; i++) {
			term[i] = next[i] * (h / k);
			phi[i] += term[i];
		}
		if (!gamma)
			continue;
		multiply(term, s->b, n, m, mixed);
		for (int i = 0; i < n * m; i++)
			gamma[i] += mixed[i] * (h / (k + 1));
	}
	if (!q)
		return;
	for (int i = 0; i < n * n; i++)
		q[i] = term[i] = s->q[i] * h;
	for (int k = 1; k <= 2 * TERMS; k++) {
		multiply(s->f, term, n, n, next);
		for (int i = 0; i < n; i++)
			for (int j = 0; j < n; j++)
				term[i * n + j] =
					(next[i * n + j] + next[j * n + i]) * (h / (k + 1));
		for (int i = 0; i < n * n; i++)
			q[i] += term[i];
	}
}

void twin_discretise(const struct twin_system *s, double t_s, double *phi, double *gamma, double *q)
{
	double a[TWIN_MAX_STATES * TWIN_MAX_STATES], b[TWIN_MAX_STATES * TWIN_MAX_STATES];
	double g[TWIN_MAX_STATES * TWIN_MAX_COLUMNS];
	int n = s->states, m = s->columns, doublings = 0;
	double h = t_s;

	for (double size = norm(s->f, n) * t_s; size > 0.5 && doublings < 1000; size /= 2) {
		h /= 2;
		doublings++;
	}
	series(s, h, phi, gamma, q);
	while (doublings--) {
		if (q) {
			multiply(phi, q, n, n, a);
			multiply_transposed(a, phi, n, b);
			for (int i = 0; i < n * n; i++)
				q[i] += b[i];
		}
		if (gamma) {
			multiply(phi, gamma, n, m, g);
			for (int i = 0; i < n * m; i++)
				gamma[i] += g[i];
		}
		multiply(phi, phi, n, n, a);
		memcpy(phi, a, (size_t)n * n * sizeof(*phi));
	}
}

int twin_interval_set(const struct twin_system *s, double t_s, double fraction_s,
		      struct twin_interval *interval)
{
	double rest[TWIN_MAX_STATES * TWIN_MAX_STATES], gamma[TWIN_MAX_STATES * TWIN_MAX_COLUMNS];
	int n = s->states, m = s->columns;

	if (!(t_s > 0) || !isfinite(t_s))
		return sense_fail(EDOM, "interval", "times must rise from row to row",
				  "an interval of %g s is none", t_s);
	if (fraction_s < 0 || fraction_s > t_s)
		return sense_fail(EDOM, "delay", "give the model a period above its delay, or a "
				  "constant one",
				  "the delay's part of %g s is not within an interval of %g s",
				  fraction_s, t_s);
	twin_discretise(s, t_s, interval->phi, interval->late, interval->q);
	memset(interval->early, 0, sizeof(interval->early));
	if (!(fraction_s > 0))
		return 0;
	if (t_s - fraction_s > 0) {
		twin_discretise(s, t_s - fraction_s, rest, interval->late, NULL);
	} else {
		memset(rest, 0, sizeof(rest));
		memset(interval->late, 0, sizeof(interval->late));
		for (int i = 0; i < n; i++)
			rest[i * n + i] = 1;
	}
	{
		double phi[TWIN_MAX_STATES * TWIN_MAX_STATES];

		twin_discretise(s, fraction_s, phi, gamma, NULL);
	}
	multiply(rest, gamma, n, m, interval->early);
	return 0;
}
