// SPDX-License-Identifier: LGPL-2.1-or-later
#include "control/observer.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

#define SLOT	0.1	/* s; a period is cut into whole slots of about this */
#define STEP	0.5	/* s; the longest step of the model. A quarter of it moves nothing by 0.1 mK */

static unsigned int whole(double x)
{
	return (unsigned int)ceil(x - 1e-9);
}

int observer_init(struct observer *o, const struct sense_chamber *p, double period)
{
	double step = fmin(STEP, p->lag / 2);
	int code = sense_chamber_check(p, "controller");

	if (code)
		return code;
	if (!(period >= 0.01 && period <= 60))
		return sense_fail(EINVAL, "controller", "0.01 s to 60 s",
				  "a control period of %g s is none", period);
	memset(o, 0, sizeof(*o));
	o->p = *p;
	o->period = period;
	o->slots = (unsigned int)fmax(1, fmin(64, round(period / SLOT)));
	o->slot = period / o->slots;
	o->steps = whole(period / step);
	o->ahead = p->delay > 0 ? whole(p->delay / step) : 0;
	if ((p->delay + period) / o->slot + 2 > OBSERVER_HISTORY)
		return sense_fail(EINVAL, "controller", "a longer period",
				  "a delay of %g s is too long for a period of %g s", p->delay,
				  period);
	return 0;
}

void observer_start(struct observer *o, double air, double ambient, double current)
{
	o->x.air = o->x.sensor = air;
	o->x.wall = chamber_wall_balance(&o->p, air, ambient);
	o->x.sink = chamber_sink_balance(&o->p, air, ambient, current);
	o->ambient = ambient;
	o->heat = -(chamber_module_heat(&o->p, air, o->x.sink, current) +
		    chamber_passive_heat(&o->p, air, o->x.wall, ambient));
	o->current = current;
	for (unsigned int i = 0; i < OBSERVER_HISTORY; i++)
		o->history[i] = current;
}

double observer_push(struct observer *o, double request)
{
	double move = o->p.slew * o->slot;

	if (request > o->p.current_max)
		request = o->p.current_max;
	else if (!(request >= o->p.current_min))
		request = o->p.current_min;
	for (unsigned int i = 0; i < o->slots; i++) {
		double before = o->current, gap = request - before;

		o->current = gap > move ? before + move : gap < -move ? before - move : request;
		o->head = (o->head + 1) % OBSERVER_HISTORY;
		o->history[o->head] = 0.5 * (before + o->current);
	}
	return o->current;
}

static double at(const struct observer *o, unsigned int age)
{
	return o->history[(o->head + OBSERVER_HISTORY - age) % OBSERVER_HISTORY];
}

/* Mean current between two ages, in slots before now; older > newer >= 0. */
static double mean(const struct observer *o, double older, double newer)
{
	unsigned int last = (unsigned int)older, first;
	double sum;

	if (newer < 0)
		newer = 0;
	first = (unsigned int)newer;
	if (first == last)
		return at(o, first);
	sum = (first + 1 - newer) * at(o, first);
	for (unsigned int i = first + 1; i < last; i++)
		sum += at(o, i);
	if (older > last)
		sum += (older - last) * at(o, last);
	return sum / (older - newer);
}

double observer_advance(struct observer *o, double measured)
{
	double h = o->period / o->steps, back = o->p.delay / o->slot;

	for (unsigned int i = 0; i < o->steps; i++) {
		double current = mean(o, back + (o->steps - i) * h / o->slot,
				      back + (o->steps - i - 1) * h / o->slot);

		chamber_advance(&o->p, &o->x, o->ambient, current, o->heat, h);
	}
	return measured == measured ? measured - o->x.sensor : 0;
}

void observer_correct(struct observer *o, const struct observer_gain *gain, double innovation)
{
	o->x.air += gain->air * innovation;
	o->x.wall += gain->wall * innovation;
	o->x.sensor += gain->sensor * innovation;
	o->heat += gain->heat * innovation;
}

struct chamber_state observer_predict(const struct observer *o)
{
	struct chamber_state x = o->x;

	if (o->ahead) {
		double h = o->p.delay / o->ahead;

		for (unsigned int i = 0; i < o->ahead; i++)
			chamber_advance(&o->p, &x, o->ambient,
					mean(o, (o->ahead - i) * h / o->slot,
					     (o->ahead - i - 1) * h / o->slot),
					o->heat, h);
	}
	return x;
}

/* ---- the gain ------------------------------------------------------------------------ */

#define N 4	/* air, wall, sensor, heat: the sink is too slow and too far to be corrected */

static void multiply(double out[N][N], double a[N][N], double b[N][N])
{
	double r[N][N];

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			r[i][j] = 0;
			for (int k = 0; k < N; k++)
				r[i][j] += a[i][k] * b[k][j];
		}
	memcpy(out, r, sizeof(r));
}

/* exp(A h) by the Taylor series of a 64th, squared six times. */
static void exponential(double out[N][N], double a[N][N], double h)
{
	double term[N][N] = { 0 }, scaled[N][N];

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			scaled[i][j] = a[i][j] * h / 64;
			term[i][j] = out[i][j] = i == j;
		}
	for (int k = 1; k <= 10; k++) {
		multiply(term, term, scaled);
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				term[i][j] /= k;
				out[i][j] += term[i][j];
			}
	}
	for (int k = 0; k < 6; k++)
		multiply(out, out, out);
}

struct observer_gain observer_design(const struct sense_chamber *p, double period, double memory,
				     double heat, double air, double *deviation)
{
	double current = 0, a[N][N] = { 0 }, f[N][N], ft[N][N], v[N][N] = { 0 }, g[N] = { 0 };
	double r = p->sensor_noise * p->sensor_noise, s = r;

	if (sense_chamber_steady(p, 25, 24, &current))
		current = 0;	/* a chamber for other temperatures: the term is small anyway */
	a[0][0] = -(p->g_air_wall + p->g_air_ambient + p->k - p->alpha * current) / p->c_air;
	a[0][1] = p->g_air_wall / p->c_air;
	a[0][3] = 1 / p->c_air;
	a[1][0] = p->g_air_wall / p->c_wall;
	a[1][1] = -(p->g_air_wall + p->g_wall_ambient) / p->c_wall;
	a[2][0] = 1 / p->lag;
	a[2][2] = -1 / p->lag;
	a[3][3] = -1 / memory;
	exponential(f, a, period);
	for (int i = 0; i < N; i++) {
		v[i][i] = 1e-2;
		for (int j = 0; j < N; j++)
			ft[i][j] = f[j][i];
	}
	for (int n = 0; n < 20000; n++) {
		double change = 0;

		multiply(v, f, v);
		multiply(v, v, ft);
		v[0][0] += air * period;
		v[1][1] += 1e-9 * period;
		v[2][2] += 1e-10 * period;
		v[3][3] += heat * period;
		s = v[2][2] + r;
		for (int i = 0; i < N; i++) {
			double next = v[i][2] / s;

			change = fmax(change, fabs(next - g[i]) / (fabs(next) + 1e-9));
			g[i] = next;
		}
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++)
				ft[i][j] = v[i][j] - g[i] * v[2][j];
		memcpy(v, ft, sizeof(v));
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++)
				ft[i][j] = f[j][i];
		if (n > 100 && change < 1e-10)
			break;
	}
	if (deviation)
		*deviation = sqrt(s);
	return (struct observer_gain){ g[0], g[1], g[2], g[3] };
}
