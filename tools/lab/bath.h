/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bath.h - a thermoelectric air bath: a chamber of air inside a wall, cooled or heated by a
 * Peltier module whose other side is a heat sink in the ambient air.
 *
 * Three heat balances (T in kelvin difference or degC, current I in A, negative cools):
 *
 *   C_air  dTa/dt = G_aw (Tw - Ta) + (G_air_amb + G_door d) (Tamb - Ta) + P0 + Qc
 *   C_wall dTw/dt = G_aw (Ta - Tw) + G_wall_amb (Tamb - Tw)
 *   C_sink dTs/dt = G_sink (Tamb - Ts) + Qh
 *
 * with the heat that the module delivers to the air, Qc, and to the sink, Qh, from the standard
 * model of a thermoelectric module (Goldsmid, Introduction to Thermoelectricity, ch. 1):
 *
 *   Qc =  alpha I (Ta + 273.15) + R I^2 / 2 + K (Ts - Ta)
 *   Qh = -alpha I (Ts + 273.15) + R I^2 / 2 + K (Ta - Ts)
 *
 * The sum Qc + Qh is the electric power, R I^2 + alpha I (Ta - Ts). The current acts after a pure
 * delay and a slew limit; the sensor follows the air with a first-order lag. Plain computation:
 * no clock, no input or output, and the same seed gives the same run.
 */
#ifndef LAB_BATH_H
#define LAB_BATH_H

#include <stdbool.h>
#include <stdint.h>

struct lab_bath_parameters {
	double c_air, c_wall, c_sink;			/* J/K */
	double g_air_wall, g_wall_ambient, g_air_ambient, g_sink, g_door;	/* W/K */
	double p0;			/* W, heat load inside, in the air node */
	double alpha;			/* V/K */
	double resistance;		/* ohm */
	double k;			/* W/K */
	double delay, lag;		/* s */
	double current_min, current_max;	/* A */
	double slew;			/* A/s */
	double sensor_noise;		/* K, white, per sample */
	double sensor_drift;		/* K/sqrt(h), random walk */
	double sensor_quantum;		/* K */
	double ambient_noise;		/* K, white, per sample */
	double ambient_wander;		/* K/sqrt(h), random walk */
};

/* Factors for lab_bath_scale(): 1 leaves a parameter as it is. */
struct lab_bath_factors {
	double c, g, alpha, resistance, k, delay, lag, p0;
};

/* Everything that differs from one bath to another of the same build. */
extern const struct lab_bath_parameters lab_bath_nominal;

/* Parameters multiplied as the nominal file's scaling rule says; door, limits and noise stay. */
struct lab_bath_parameters lab_bath_scale(const struct lab_bath_parameters *nominal,
					  const struct lab_bath_factors *factors);
/*
 * Whether a bath can hold a steady air temperature at an ambient (both degC): with a current not
 * below -4.5 A, and with no more than 80 % of the strongest cooling it could give there.
 */
bool lab_bath_can_hold(const struct lab_bath_parameters *p, double air, double ambient);
/* A plant drawn within +-range (0.3: 30 %) that holds 18 degC at 24 and 25 degC at 29. */
struct lab_bath_parameters lab_bath_draw(const struct lab_bath_parameters *nominal, double range,
					 uint64_t seed);

/* Step of the integration, s. test-bath shows that a quarter of it changes nothing that shows. */
#define LAB_BATH_STEP		0.05
#define LAB_BATH_DELAY_MAX	512	/* steps */

struct lab_bath {
	struct lab_bath_parameters p;
	double step;			/* s; LAB_BATH_STEP unless a test changes it before use */
	double time;			/* s since start */
	double air, wall, sink;		/* degC */
	double sensor;			/* degC, the lagged temperature, without noise and drift */
	double drift;			/* K, the sensor's */
	double ambient;			/* degC, where it is now */
	double wander;			/* K, its random walk, part of ambient */
	double ambient_base, ambient_target, ambient_tau;
	double request;			/* A, what the controller asked for */
	double current;			/* A, after limits and slew */
	double acting;			/* A, current a delay ago: what the module feels */
	double door_left;		/* s the door stays open */
	bool wandering;			/* random walks on (default) */
	double pending;			/* s not yet integrated */
	double line[LAB_BATH_DELAY_MAX];	/* the delay line */
	unsigned int line_at;
	uint64_t random[4];		/* of the plant */
	uint64_t noise[4];		/* of the sensors: readings do not disturb the plant */
};

/* A bath in balance with nothing: every node at start, ambient constant but for its wander. */
void lab_bath_init(struct lab_bath *bath, const struct lab_bath_parameters *p, double start,
		   double ambient, uint64_t seed);
/* The current asked for, A; NAN is refused (the old one stays) and -1 returned. */
int lab_bath_set_current(struct lab_bath *bath, double current);
/* Advance by seconds; what does not fill a step waits for the next call. */
void lab_bath_run(struct lab_bath *bath, double seconds);
/* Ambient temperature from outside, degC: for replaying a recording. */
void lab_bath_set_ambient(struct lab_bath *bath, double ambient);
/* The ambient moves by step, K, with time constant tau, s (0: at once). */
void lab_bath_step_ambient(struct lab_bath *bath, double step, double tau);
void lab_bath_open_door(struct lab_bath *bath, double seconds);

/* One reading of the bath sensor and of the ambient sensor: noise, drift, quantum. degC. */
double lab_bath_measure(struct lab_bath *bath);
double lab_bath_measure_ambient(struct lab_bath *bath);
/* Voltage at the module's terminals, V: R I + alpha (Ta - Ts). */
double lab_bath_voltage(const struct lab_bath *bath);
/* Current that holds air steady at an ambient, A, and 0; or -1 when no current does. */
int lab_bath_steady_current(const struct lab_bath_parameters *p, double air, double ambient,
			    double *current);

/* The generator is xoshiro256** seeded by splitmix64 (Blackman and Vigna, 2018). */
void lab_random_seed(uint64_t state[4], uint64_t seed);
uint64_t lab_random_next(uint64_t state[4]);
/* One normal deviate (polar method), from a state of its own. */
double lab_random_normal(uint64_t state[4]);

#endif
