// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t asked;

static void on_signal(int number)
{
	asked = number;
}

void stop_catch(void)
{
	/* No SA_RESTART: waiting ends. SA_RESETHAND: the second one is the system's. */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

const char *stop_asked(void)
{
	return asked ? sigabbrev_np(asked) : NULL;
}
