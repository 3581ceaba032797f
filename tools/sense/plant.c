// SPDX-License-Identifier: GPL-2.0-or-later
#include "plant.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lab/bath.h"
#include "command.h"
#include "say.h"

struct plant {
	pid_t pid;		/* 0: the bath */
	FILE *in, *out;
	unsigned long line;
	struct lab_bath bath;
	double duration, period;
};

static struct plant *plant_new(void)
{
	struct plant *plant = calloc(1, sizeof(*plant));

	if (!plant)
		say_fail(EXIT_ENVIRONMENT, NULL, "no memory for a plant");
	return plant;
}

struct plant *plant_run(const char *command)
{
	struct plant *plant = plant_new();
	int to[2], from[2];

	if (!plant)
		return NULL;
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) {
		say_fail(EXIT_ENVIRONMENT, NULL, "no pipe to the plant: %s", strerror(errno));
		free(plant);
		return NULL;
	}
	plant->pid = fork();
	if (plant->pid < 0) {
		say_fail(EXIT_ENVIRONMENT, NULL, "cannot start the plant: %s", strerror(errno));
		free(plant);
		return NULL;
	}
	if (plant->pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	plant->in = fdopen(from[0], "r");
	plant->out = fdopen(to[1], "w");
	return plant;
}

struct plant *plant_bath(double start, double duration, double period, uint64_t seed)
{
	struct plant *plant = plant_new();

	if (!plant)
		return NULL;
	lab_bath_init(&plant->bath, &lab_bath_nominal, start, 24, seed);
	plant->duration = duration;
	plant->period = period;
	return plant;
}

static int read_line(struct plant *plant, struct plant_reading *r)
{
	double *field[] = { &r->time, &r->measured, &r->truth, &r->ambient };
	char text[256], *at = text, *end;

	if (!fgets(text, sizeof(text), plant->in))
		return 0;
	plant->line++;
	for (unsigned int i = 0; i < 4; i++, at = end) {
		*field[i] = strtod(at, &end);
		if (end == at)
			return -say_fail(EXIT_ENVIRONMENT,
					 "a plant prints t, y_measured, y_true and ambient",
					 "line %lu of the plant has %u numbers, not four",
					 plant->line, i);
	}
	if (at[strspn(at, " \t\r\n")])
		return -say_fail(EXIT_ENVIRONMENT, "a plant prints t, y_measured, y_true and ambient",
				 "line %lu of the plant has more than four numbers", plant->line);
	return 1;
}

int plant_read(struct plant *plant, struct plant_reading *r)
{
	if (plant->pid)
		return read_line(plant, r);
	if (plant->bath.time + plant->period > plant->duration * (1 + 1e-9))
		return 0;
	lab_bath_run(&plant->bath, plant->period);
	/* What no controller can know, the drift of its own sensor, is part of the judged truth. */
	*r = (struct plant_reading){ plant->bath.time, lab_bath_measure(&plant->bath),
				     plant->bath.air + plant->bath.drift,
				     lab_bath_measure_ambient(&plant->bath) };
	return 1;
}

int plant_write(struct plant *plant, double current)
{
	if (!plant->pid)
		return lab_bath_set_current(&plant->bath, current);
	fprintf(plant->out, "%.9g\n", current);
	/* A plant that has ended no longer listens; reading it then says so. */
	fflush(plant->out);
	return 0;
}

int plant_close(struct plant *plant)
{
	int status = 0;

	if (plant->pid) {
		fclose(plant->out);
		fclose(plant->in);
		if (waitpid(plant->pid, &status, 0) < 0)
			status = -1;
	}
	free(plant);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
