// SPDX-License-Identifier: GPL-2.0-or-later
#include "bath.h"

#include <math.h>
#include <string.h>

#define KELVIN	273.15

/*
 * Fitted to recordings of a real bath where the data allow (readings every 21 s or slower, 38 h,
 * free-run error 0.072 K rms), chosen where they do not.
 */
const struct lab_bath_parameters lab_bath_nominal = {
	.c_air = 3000.0,		/* chosen: not identifiable from 21 s samples */
	.c_wall = 7543.0,		/* fitted, relative to alpha; includes what stands inside */
	.c_sink = 1472.0,		/* chosen: the data say almost nothing */
	.g_air_wall = 17.96,		/* chosen: needs fast data */
	.g_wall_ambient = 0.3928,	/* fitted; only its sum with g_air_ambient is well known */
	.g_air_ambient = 0.7053,	/* fitted; the split is weak */
	.g_sink = 7.851,		/* chosen */
	.g_door = 36.0,			/* chosen: 10 s open give 0.66 K at 30/24 degC */
	.p0 = 18.68,			/* fitted: 12.4 K lift at zero current */
	.alpha = 0.05,			/* chosen: fixes the scale of every W and J; 127 couples */
	.resistance = 2.463,		/* fitted: curvature of the steady current */
	.k = 0.4458,			/* chosen */
	.delay = 4.5,			/* chosen: not identifiable */
	.lag = 7.0,			/* chosen: not identifiable */
	.current_min = -5.0,		/* chosen */
	.current_max = 2.0,		/* chosen */
	.slew = 1.0,			/* chosen */
	.sensor_noise = 0.0036,		/* fitted, at one sample a second */
	.sensor_drift = 0.001,		/* chosen: 1 mK rms after an hour */
	.sensor_quantum = 0.0001,	/* chosen */
	.ambient_noise = 0.02,		/* chosen; the real one shows 5 to 7 mK */
	.ambient_wander = 0.08,		/* fitted: 85 mK rms in an hour */
};

/* ---- random numbers ---------------------------------------------------------------- */

static uint64_t rotate(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

void lab_random_seed(uint64_t state[4], uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
		state[i] = z ^ (z >> 31);
	}
}

uint64_t lab_random_next(uint64_t state[4])
{
	uint64_t result = rotate(state[1] * 5, 7) * 9;
	uint64_t t = state[1] << 17;

	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= t;
	state[3] = rotate(state[3], 45);
	return result;
}

static double uniform(uint64_t state[4])
{
	return (double)(lab_random_next(state) >> 11) * 0x1p-53;
}

double lab_random_normal(uint64_t state[4])
{
	double u, v, s;

	do {
		u = 2 * uniform(state) - 1;
		v = 2 * uniform(state) - 1;
		s = u * u + v * v;
	} while (s >= 1 || s == 0);
	return u * sqrt(-2 * log(s) / s);
}

/* ---- parameters ---------------------------------------------------------------------- */

struct lab_bath_parameters lab_bath_scale(const struct lab_bath_parameters *nominal,
					  const struct lab_bath_factors *factors)
{
	struct lab_bath_parameters p = *nominal;

	p.c_air *= factors->c;
	p.c_wall *= factors->c;
	p.c_sink *= factors->c;
	p.g_air_wall *= factors->g;
	p.g_wall_ambient *= factors->g;
	p.g_air_ambient *= factors->g;
	p.g_sink *= factors->g;
	p.alpha *= factors->alpha;
	p.resistance *= factors->resistance;
	p.k *= factors->k;
	p.delay *= factors->delay;
	p.lag *= factors->lag;
	p.p0 *= factors->p0;
	return p;
}

/* Heat left over in the air, W, when air is held and sink and wall have settled at current. */
static double surplus(const struct lab_bath_parameters *p, double air, double ambient,
		      double current, double *module)
{
	/* Sink: G_sink (Tamb - Ts) - alpha I (Ts + 273.15) + R I^2 / 2 + K (Ta - Ts) = 0 */
	double joule = p->resistance * current * current / 2;
	double sink = (p->g_sink * ambient - p->alpha * current * KELVIN + joule + p->k * air) /
		      (p->g_sink + p->k + p->alpha * current);
	double wall = (p->g_air_wall * air + p->g_wall_ambient * ambient) /
		      (p->g_air_wall + p->g_wall_ambient);
	double heat = p->alpha * current * (air + KELVIN) + joule + p->k * (sink - air);

	if (module)
		*module = heat;
	return heat + p->p0 + p->g_air_wall * (wall - air) + p->g_air_ambient * (ambient - air);
}

int lab_bath_steady_current(const struct lab_bath_parameters *p, double air, double ambient,
			    double *current)
{
	double step = 0.01, low, high;

	/* Surplus grows with current on the useful branch: walk down from full heating. */
	high = p->current_max;
	if (surplus(p, air, ambient, high, NULL) < 0)
		return -1;
	for (low = high - step; low >= p->current_min - step / 2; low -= step) {
		if (surplus(p, air, ambient, low, NULL) <= 0) {
			for (int i = 0; i < 60; i++) {
				double middle = (low + high) / 2;

				if (surplus(p, air, ambient, middle, NULL) <= 0)
					low = middle;
				else
					high = middle;
			}
			*current = (low + high) / 2;
			return 0;
		}
		high = low;
	}
	return -1;
}

bool lab_bath_can_hold(const struct lab_bath_parameters *p, double air, double ambient)
{
	double current, strongest = 0, heat, used;

	if (lab_bath_steady_current(p, air, ambient, &current) || current < -4.5)
		return false;
	for (double i = 0; i >= p->current_min; i -= 0.01) {
		surplus(p, air, ambient, i, &heat);
		strongest = fmin(strongest, heat);
	}
	surplus(p, air, ambient, current, &used);
	return used >= 0.8 * strongest;
}

struct lab_bath_parameters lab_bath_draw(const struct lab_bath_parameters *nominal, double range,
					 uint64_t seed)
{
	uint64_t state[4];

	lab_random_seed(state, seed);
	for (int tries = 0; tries < 1000; tries++) {
		double f[8];
		struct lab_bath_factors factors;
		struct lab_bath_parameters p;

		for (int i = 0; i < 8; i++)
			f[i] = 1 + range * (2 * uniform(state) - 1);
		factors = (struct lab_bath_factors){ f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7] };
		p = lab_bath_scale(nominal, &factors);
		if (lab_bath_can_hold(&p, 18, 24) && lab_bath_can_hold(&p, 25, 29))
			return p;
	}
	return *nominal;
}

/* ---- the bath ------------------------------------------------------------------------ */

static double normal(struct lab_bath *bath)
{
	return lab_random_normal(bath->random);
}

void lab_bath_init(struct lab_bath *bath, const struct lab_bath_parameters *p, double start,
		   double ambient, uint64_t seed)
{
	memset(bath, 0, sizeof(*bath));
	bath->p = *p;
	bath->step = LAB_BATH_STEP;
	bath->air = bath->wall = bath->sensor = start;
	bath->sink = bath->ambient = bath->ambient_base = bath->ambient_target = ambient;
	bath->wandering = true;
	lab_random_seed(bath->random, seed);
	lab_random_seed(bath->noise, ~seed);
}

int lab_bath_set_current(struct lab_bath *bath, double current)
{
	if (isnan(current))
		return -1;
	bath->request = fmin(fmax(current, bath->p.current_min), bath->p.current_max);
	return 0;
}

void lab_bath_set_ambient(struct lab_bath *bath, double ambient)
{
	bath->ambient_base = bath->ambient_target = ambient;
	bath->ambient = ambient + bath->wander;
}

void lab_bath_step_ambient(struct lab_bath *bath, double step, double tau)
{
	bath->ambient_target += step;
	bath->ambient_tau = tau;
}

void lab_bath_open_door(struct lab_bath *bath, double seconds)
{
	bath->door_left = seconds;
}

struct slope {
	double air, wall, sink, sensor;
};

static struct slope slope(const struct lab_bath *bath, double air, double wall, double sink,
			  double sensor, double current, double door)
{
	const struct lab_bath_parameters *p = &bath->p;
	double joule = p->resistance * current * current / 2;
	double through = p->k * (sink - air);
	double cold = p->alpha * current * (air + KELVIN) + joule + through;
	double hot = -p->alpha * current * (sink + KELVIN) + joule - through;

	return (struct slope){
		(p->g_air_wall * (wall - air) +
		 (p->g_air_ambient + p->g_door * door) * (bath->ambient - air) + p->p0 + cold) /
			p->c_air,
		(p->g_air_wall * (air - wall) + p->g_wall_ambient * (bath->ambient - wall)) /
			p->c_wall,
		(p->g_sink * (bath->ambient - sink) + hot) / p->c_sink,
		p->lag > 0 ? (air - sensor) / p->lag : 0,
	};
}

/* The current a delay ago; a delay that is no whole number of steps is interpolated. */
static double delayed(struct lab_bath *bath, double current)
{
	double steps = bath->p.delay / bath->step;
	unsigned int whole = (unsigned int)steps;
	double part = steps - whole;
	double newer, older;

	bath->line[bath->line_at] = current;
	if (whole + 1 >= LAB_BATH_DELAY_MAX) {	/* longer than the line: the longest it can */
		whole = LAB_BATH_DELAY_MAX - 2;
		part = 0;
	}
	newer = bath->line[(bath->line_at + LAB_BATH_DELAY_MAX - whole) % LAB_BATH_DELAY_MAX];
	older = bath->line[(bath->line_at + LAB_BATH_DELAY_MAX - whole - 1) % LAB_BATH_DELAY_MAX];
	bath->line_at = (bath->line_at + 1) % LAB_BATH_DELAY_MAX;
	return newer + part * (older - newer);
}

/* One step by the classical Runge-Kutta method, input and ambient held. */
static void step(struct lab_bath *bath)
{
	double h = bath->step, move = bath->p.slew * h;
	double door = fmin(bath->door_left, h) / h;	/* the share of the step it is open */
	double i, before = bath->current;
	struct slope a, b, c, d;

	if (bath->request > bath->current)
		bath->current = fmin(bath->request, bath->current + move);
	else
		bath->current = fmax(bath->request, bath->current - move);
	/* The step feels the mean of its ramp. */
	i = bath->acting = delayed(bath, (before + bath->current) / 2);
	bath->door_left = fmax(0, bath->door_left - h);

	if (bath->wandering) {
		double root = sqrt(h / 3600);

		bath->wander += bath->p.ambient_wander * root * normal(bath);
		bath->drift += bath->p.sensor_drift * root * normal(bath);
	}
	if (bath->ambient_tau > 0)
		bath->ambient_base += (bath->ambient_target - bath->ambient_base) *
				      (1 - exp(-h / bath->ambient_tau));
	else
		bath->ambient_base = bath->ambient_target;
	bath->ambient = bath->ambient_base + bath->wander;

#define AT(s, f)	bath->air + (s).air * h * (f), bath->wall + (s).wall * h * (f),	\
			bath->sink + (s).sink * h * (f), bath->sensor + (s).sensor * h * (f)
	a = slope(bath, bath->air, bath->wall, bath->sink, bath->sensor, i, door);
	b = slope(bath, AT(a, 0.5), i, door);
	c = slope(bath, AT(b, 0.5), i, door);
	d = slope(bath, AT(c, 1.0), i, door);
#undef AT
	bath->air += h / 6 * (a.air + 2 * b.air + 2 * c.air + d.air);
	bath->wall += h / 6 * (a.wall + 2 * b.wall + 2 * c.wall + d.wall);
	bath->sink += h / 6 * (a.sink + 2 * b.sink + 2 * c.sink + d.sink);
	if (bath->p.lag > 0)
		bath->sensor += h / 6 * (a.sensor + 2 * b.sensor + 2 * c.sensor + d.sensor);
	else
		bath->sensor = bath->air;
	bath->time += h;
}

void lab_bath_run(struct lab_bath *bath, double seconds)
{
	/* The small allowance keeps 20 calls of 0.05 s at 20 steps. */
	bath->pending += seconds;
	while (bath->pending >= bath->step * (1 - 1e-9)) {
		step(bath);
		bath->pending -= bath->step;
	}
}

double lab_bath_measure(struct lab_bath *bath)
{
	double value = bath->sensor + bath->drift + bath->p.sensor_noise * lab_random_normal(bath->noise);

	if (bath->p.sensor_quantum > 0)
		value = round(value / bath->p.sensor_quantum) * bath->p.sensor_quantum;
	return value;
}

double lab_bath_measure_ambient(struct lab_bath *bath)
{
	return bath->ambient + bath->p.ambient_noise * lab_random_normal(bath->noise);
}

double lab_bath_voltage(const struct lab_bath *bath)
{
	return bath->p.resistance * bath->current + bath->p.alpha * (bath->air - bath->sink);
}
