/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop.h - Ctrl-C and friends ask for an end; the loop that runs comes to one.
 */
#ifndef SENSE_STOP_H
#define SENSE_STOP_H

/* Catch SIGINT, SIGTERM and SIGHUP from now on; a second one ends the hard way. */
void stop_catch(void);
/* Name of the signal that asked, or NULL. */
const char *stop_asked(void);

#endif
