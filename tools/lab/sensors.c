// SPDX-License-Identifier: GPL-2.0-or-later
#include "sensors.h"

#include <math.h>
#include <stddef.h>

#include "sense-card.h"

#define SIGNED		SENSE_CARD_CHANNEL_SIGNED
#define ADC24(kind, unit, num, den, group, noise)	\
	kind, unit, 0, 24, SIGNED, num, den, 0, 1, -(1 << 23), (1 << 23) - 1, group, noise

/*
 * Group 0 is the converter of the bath, group 1 the housekeeping, group 2 the air analysers, group 3
 * the plant around. 1/25000 ohm per count is 0.1 mK of a Pt100; 3.6 mK of noise are 1.4 mohm.
 */
const struct lab_channel lab_channels[LAB_CHANNELS_FULL] = {
	{ "bath-rtd", ADC24(SENSE_CARD_KIND_RTD, SENSE_CARD_UNIT_OHM, 1, 25000, 0, 1.4e-3) },
	{ "check-rtd", ADC24(SENSE_CARD_KIND_RTD, SENSE_CARD_UNIT_OHM, 1, 25000, 0, 0.7e-3) },
	{ "ambient", SENSE_CARD_KIND_AMBIENT_TEMP, SENSE_CARD_UNIT_DEGREE_CELSIUS, 0, 16, SIGNED,
	  1, 200, 0, 1, -8000, 17000, 1, 0.02 },
	{ "board", SENSE_CARD_KIND_BOARD_TEMP, SENSE_CARD_UNIT_DEGREE_CELSIUS, 0, 12, SIGNED,
	  1, 16, 0, 1, -640, 2000, 1, 0.03 },
	/* The transfer function of a common digital humidity sensor: -6 % + 125 % raw / 65536. */
	{ "humidity", SENSE_CARD_KIND_HUMIDITY, SENSE_CARD_UNIT_ONE, 0, 16, 0,
	  125, 6553600, -393216, 125, 3146, 55574, 2, 2e-4 },
	{ "pressure", SENSE_CARD_KIND_PRESSURE, SENSE_CARD_UNIT_PASCAL, 0, 24, 0,
	  1, 64, 0, 1, 30000 * 64, 110000 * 64, 2, 0.6 },
	{ "co2", SENSE_CARD_KIND_CO2, SENSE_CARD_UNIT_ONE, 0, 16, 0,
	  1, 5000000, 0, 1, 0, 50000, 2, 3e-6 },
	{ "pm2p5", SENSE_CARD_KIND_PM, SENSE_CARD_UNIT_KG_PER_M3, SENSE_CARD_MOD_PM2P5, 16, 0,
	  1, 10000000000, 0, 1, 0, 10000, 2, 4e-10 },
	/* the larger card */
	{ "pm1", SENSE_CARD_KIND_PM, SENSE_CARD_UNIT_KG_PER_M3, SENSE_CARD_MOD_PM1, 16, 0,
	  1, 10000000000, 0, 1, 0, 10000, 2, 3e-10 },
	{ "pm4", SENSE_CARD_KIND_PM, SENSE_CARD_UNIT_KG_PER_M3, SENSE_CARD_MOD_PM4, 16, 0,
	  1, 10000000000, 0, 1, 0, 10000, 2, 6e-10 },
	{ "pm10", SENSE_CARD_KIND_PM, SENSE_CARD_UNIT_KG_PER_M3, SENSE_CARD_MOD_PM10, 16, 0,
	  1, 10000000000, 0, 1, 0, 10000, 2, 9e-10 },
	{ "voc", SENSE_CARD_KIND_VOC, SENSE_CARD_UNIT_ONE, 0, 16, 0,
	  1, 1000000000, 0, 1, 0, 60000, 2, 1e-9 },
	{ "sink-ntc", ADC24(SENSE_CARD_KIND_THERMISTOR, SENSE_CARD_UNIT_OHM, 1, 50, 0, 0.3) },
	{ "wall-tc", ADC24(SENSE_CARD_KIND_THERMOCOUPLE, SENSE_CARD_UNIT_VOLT, 1, 100000000, 0,
			   1e-6) },
	{ "cold-junction", SENSE_CARD_KIND_COLD_JUNCTION, SENSE_CARD_UNIT_DEGREE_CELSIUS, 0, 16,
	  SIGNED, 1, 128, 0, 1, -5120, 16000, 0, 0.01 },
	{ "supply-flow", ADC24(SENSE_CARD_KIND_CURRENT_LOOP, SENSE_CARD_UNIT_AMPERE, 1, 250000000,
			       3, 1e-6) },
	{ "tank-level", ADC24(SENSE_CARD_KIND_CURRENT_LOOP, SENSE_CARD_UNIT_AMPERE, 1, 250000000,
			      3, 1e-6) },
	{ "tank-weight", ADC24(SENSE_CARD_KIND_BRIDGE, SENSE_CARD_UNIT_VOLT_PER_VOLT,
			       1, 2000000000, 3, 2e-8) },
	{ "drive-voltage", ADC24(SENSE_CARD_KIND_HEATER_VOLTAGE, SENSE_CARD_UNIT_VOLT, 1, 250000,
				 0, 2e-4) },
	{ "drive-current", ADC24(SENSE_CARD_KIND_HEATER_CURRENT, SENSE_CARD_UNIT_AMPERE, 1, 1000000,
				 0, 1e-4) },
};

/* IEC 60751:2022, clause 4: resistance of a Pt100 at t, degC. */
static double pt100(double t)
{
	double r = 1 + 3.9083e-3 * t - 5.775e-7 * t * t;

	if (t < 0)
		r += -4.183e-12 * (t - 100) * t * t * t;
	return 100 * r;
}

/* A 10 kohm thermistor, B 3950 K at 25 degC. */
static double thermistor(double t)
{
	return 10000 * exp(3950 * (1 / (t + 273.15) - 1 / 298.15));
}

/* Type T, volts against 0 degC, 0 to 400 degC: NIST Monograph 175 (ITS-90), in the range we meet. */
static double type_t(double t)
{
	static const double c[] = { 0, 3.8748106364e-2, 3.3292227880e-5, 2.0618243404e-7,
				    -2.1882256846e-9, 1.0996880928e-11, -3.0815758772e-14,
				    4.5479135290e-17, -2.7512901673e-20 };
	double mv = 0;

	for (int i = 8; i >= 0; i--)
		mv = mv * t + c[i];
	return mv * 1e-3;
}

static double loop(double share)
{
	return 4e-3 + 16e-3 * share;
}

void lab_sensors_init(struct lab_sensors *sensors, const struct lab_bath_parameters *bath,
		      double start, double ambient, uint64_t seed)
{
	lab_bath_init(&sensors->bath, bath, start, ambient, seed);
	lab_air_init(&sensors->air, &lab_air_nominal, 1, seed + 1);
	sensors->board = ambient + 8;
	sensors->check_offset = 0.004;
	sensors->check = start;
}

void lab_sensors_run(struct lab_sensors *sensors, double current, double seconds)
{
	struct lab_bath *bath = &sensors->bath;

	lab_bath_set_current(bath, current);
	lab_bath_run(bath, seconds);
	lab_air_run(&sensors->air, seconds);
	/* The check standard in its sheath: 20 s; the board: five minutes behind the ambient. */
	sensors->check += (bath->air - sensors->check) * (1 - exp(-seconds / 20));
	sensors->board += (bath->ambient + 8 - sensors->board) * (1 - exp(-seconds / 300));
}

static double value(const struct lab_sensors *sensors, unsigned int channel)
{
	const struct lab_bath *bath = &sensors->bath;
	const struct lab_air *air = &sensors->air;

	switch (channel) {
	case 0: return pt100(bath->sensor + bath->drift);
	case 1: return pt100(sensors->check + sensors->check_offset);
	case 2: return bath->ambient;
	case 3: return sensors->board;
	case 4: return lab_air_humidity(air, bath->ambient);
	case 5: return air->pressure;
	case 6: return air->content[LAB_AIR_CO2];
	case 7: return air->content[LAB_AIR_PM2P5];
	case 8: return air->content[LAB_AIR_PM1];
	case 9: return air->content[LAB_AIR_PM4];
	case 10: return air->content[LAB_AIR_PM10];
	case 11: return air->content[LAB_AIR_VOC];
	case 12: return thermistor(bath->sink);
	case 13: return type_t(bath->wall) - type_t(sensors->board - 2);
	case 14: return sensors->board - 2;
	case 15: return loop(air->p.ventilation / 0.1);		/* 0 to 0.1 m3/s */
	case 16: return loop(air->tank / 10);			/* 0 to 10 kg of water */
	case 17: return (air->tank + 1.2) / 50 * 2e-3;		/* 2 mV/V at 50 kg; tank 1.2 kg */
	case 18: return lab_bath_voltage(bath);
	case 19: return bath->current;
	}
	return NAN;
}

double lab_sensors_counts(const struct lab_sensors *sensors, unsigned int channel)
{
	const struct lab_channel *c = &lab_channels[channel];

	return value(sensors, channel) * (double)c->scale_den / (double)c->scale_num -
	       (double)c->offset_num / (double)c->offset_den;
}
