/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config.h - what a configuration says, once it is read and found good.
 */
#ifndef SENSE_PIPELINE_CONFIG_H
#define SENSE_PIPELINE_CONFIG_H

#include <stdbool.h>

#include <sense/config.h>
#include <sense/frame.h>
#include <sense/rtd.h>

#define SENSE_CONFIG_DEVICES 16
#define SENSE_CONFIG_CALIBRATIONS 256

struct sense_config_device {
	char id[96];			/* "any": the only one there is */
	double rate_hz;			/* 0: as it is */
	uint32_t block_scans;		/* 0: the stream's default, as below */
	uint32_t buffer;
	uint32_t buffer_scans;
	uint32_t watermark;
	char channels[SENSE_FRAME_MAX_CHANNELS][64];
	unsigned int channel_count;	/* 0: all */
	unsigned int line;
};

struct sense_config_calibration {
	char device[96];		/* "": the only one configured */
	char channel[64];
	struct sense_rtd rtd;
	char sensor[256];		/* instead, as for sense_sensor_open(); "" for none */
	char auxiliary[64];		/* channel of its cold junction or temperature; "" for none */
	unsigned int line;
};

enum sense_config_real_time {
	SENSE_REAL_TIME_AUTO,		/* where permitted */
	SENSE_REAL_TIME_OFF,
	SENSE_REAL_TIME_REQUIRED	/* or no start */
};

enum sense_config_calibration_policy {
	SENSE_CALIBRATION_FLAG,		/* the value stands, marked */
	SENSE_CALIBRATION_REFUSE	/* no value where it has expired or is missing */
};

struct sense_config_record {
	char path[4096];		/* "": none */
	bool values;
	double commit_interval_s;
	uint64_t reserve_bytes;
};

struct sense_config_pipeline {
	uint32_t ring_frames;
	uint32_t real_time;
	uint32_t calibration_policy;
};

struct sense_config {
	char *name;
	char *text;
	struct sense_config_device devices[SENSE_CONFIG_DEVICES];
	unsigned int device_count;
	struct sense_config_calibration calibrations[SENSE_CONFIG_CALIBRATIONS];
	unsigned int calibration_count;
	struct sense_config_record record;
	struct sense_config_pipeline pipeline;
};

/* Index of the device a calibration is for, or -1. */
int sense_config_find_device(const struct sense_config *config, const char *id);

/* Make it ready for a channel and put it in force, in @second too unless that is NULL. 0 or -errno. */
int sense_config_put_in_force(const struct sense_config_calibration *calibration,
			      struct sense_layout *layout, unsigned int channel,
			      struct sense_calibrator *first, struct sense_calibrator *second);

#endif
