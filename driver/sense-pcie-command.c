// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: fill in the block, ring, wait until the card echoes the sequence
 * number. The wait looks at the register again every few milliseconds, so that
 * a lost event interrupt costs time and nothing else.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "sense-pcie.h"

#define SENSE_LOOK_AGAIN_MS	10
#define SENSE_SPIN_NS		(50 * NSEC_PER_USEC)
#define SENSE_LATCH_SPIN_NS	(2 * NSEC_PER_MSEC)

#define CONTROL(field)	(SENSE_CARD_CONTROL + offsetof(struct sense_card_control, field))
#define STATUS(field)	(SENSE_CARD_STATUS + offsetof(struct sense_card_status, field))

/**
 * sense_gone() - whether the card has left the bus
 * @st: the card
 *
 * A device that is no longer there reads as all ones, which no card's magic is.
 *
 * Return: true once it is gone, and from then on.
 */
bool sense_gone(struct sense_pcie *st)
{
	if (READ_ONCE(st->gone))
		return true;
	if (readl(st->window) != ~0U)
		return false;
	WRITE_ONCE(st->gone, true);
	dev_err(st->dev, "the card does not answer: removed or without power\n");
	return true;
}

static bool sense_command_is_done(struct sense_pcie *st)
{
	return readl(st->window + STATUS(command_done)) == st->command_sequence;
}

static void sense_command_issue(struct sense_pcie *st, u32 command, u64 argument)
{
	lockdep_assert_held(&st->command_lock);
	reinit_completion(&st->command_done);
	writel(command, st->window + CONTROL(command));
	writeq(argument, st->window + CONTROL(argument));
	writel(++st->command_sequence, st->window + CONTROL(command_sequence));
}

static bool sense_command_spin(struct sense_pcie *st, u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	do {
		if (sense_command_is_done(st))
			return true;
		cpu_relax();
	} while (ktime_get_ns() < end);
	return sense_command_is_done(st);
}

static int sense_command_wait(struct sense_pcie *st)
{
	unsigned long end = jiffies + msecs_to_jiffies(st->command_timeout_ms) + 1;

	if (sense_command_spin(st, SENSE_SPIN_NS))
		return 0;
	while (!sense_command_is_done(st)) {
		if (sense_gone(st))
			return -ENODEV;
		if (time_after(jiffies, end)) {
			sense_count(st, SENSE_ERROR_TIMEOUT);
			dev_err_ratelimited(st->dev, "command %u: no answer within %u ms\n",
					    readl(st->window + CONTROL(command)),
					    st->command_timeout_ms);
			return -ETIMEDOUT;
		}
		wait_for_completion_timeout(&st->command_done,
					    msecs_to_jiffies(SENSE_LOOK_AGAIN_MS));
		reinit_completion(&st->command_done);
	}
	return 0;
}

static int sense_command_result(struct sense_pcie *st)
{
	u32 result = readl(st->window + STATUS(command_result));

	if (result == SENSE_CARD_OK)
		return 0;
	if (sense_gone(st))
		return -ENODEV;
	sense_count(st, SENSE_ERROR_COMMAND);
	dev_err_ratelimited(st->dev, "command %u: the card answers with error %u\n",
			    readl(st->window + CONTROL(command)), result);
	switch (result) {
	case SENSE_CARD_E_COMMAND:
		return -EOPNOTSUPP;
	case SENSE_CARD_E_ARGUMENT:
		return -EINVAL;
	case SENSE_CARD_E_STATE:
		return -EBUSY;
	case SENSE_CARD_E_HARDWARE:
		return -EIO;
	default:
		return -EPROTO;
	}
}

static int sense_command_locked(struct sense_pcie *st, u32 command, u64 argument)
{
	int ret;

	if (sense_gone(st))
		return -ENODEV;
	sense_command_issue(st, command, argument);
	st->transport->ring(st, SENSE_CARD_BELL_COMMAND);
	ret = sense_command_wait(st);
	return ret ?: sense_command_result(st);
}

/**
 * sense_command() - have the card do something and wait until it is done
 * @st: the card
 * @command: what
 * @argument: of the command
 *
 * Context: sleeps.
 * Return: 0, -ENODEV when the card is gone, -ETIMEDOUT, or what the card's
 * result stands for.
 */
int sense_command(struct sense_pcie *st, enum sense_card_command command, u64 argument)
{
	int ret;

	mutex_lock(&st->command_lock);
	ret = sense_command_locked(st, command, argument);
	mutex_unlock(&st->command_lock);
	return ret;
}

/**
 * sense_command_start() - start the sample clock into the ring
 * @st: the card, idle
 * @watermark: scans between data interrupts
 *
 * Context: sleeps.
 * Return: as sense_command().
 */
int sense_command_start(struct sense_pcie *st, u32 watermark)
{
	const struct sense_ring *ring = &st->ring;
	int ret;

	mutex_lock(&st->command_lock);
	writeq(ring->scans_dma, st->window + CONTROL(ring_address));
	writeq(ring->index_dma, st->window + CONTROL(index_address));
	writel(ring->entries, st->window + CONTROL(ring_entries));
	writel(ring->stride, st->window + CONTROL(ring_stride));
	writel(watermark, st->window + CONTROL(watermark));
	writel(st->flush_us, st->window + CONTROL(flush_us));
	writel(st->rate, st->window + CONTROL(rate));
	writeq(0, st->window + CONTROL(consumer));
	ret = sense_command_locked(st, SENSE_CARD_CMD_START, 0);
	mutex_unlock(&st->command_lock);
	return ret;
}

/**
 * sense_command_watermark() - change the watermark of a running card
 * @st: the card
 * @watermark: scans between data interrupts
 *
 * Context: sleeps.
 * Return: as sense_command().
 */
int sense_command_watermark(struct sense_pcie *st, u32 watermark)
{
	int ret;

	mutex_lock(&st->command_lock);
	writel(watermark, st->window + CONTROL(watermark));
	writel(st->flush_us, st->window + CONTROL(flush_us));
	ret = sense_command_locked(st, SENSE_CARD_CMD_WATERMARK, 0);
	mutex_unlock(&st->command_lock);
	return ret;
}

/**
 * sense_command_latch() - read the card's counter, bracketed by a host clock
 * @st: the card
 * @id: the host clock
 * @counter: the counter at some instant
 * @before: host clock just before that instant
 * @after: and just after it
 *
 * Context: spins for up to two milliseconds, then sleeps.
 * Return: as sense_command(); -EPROTO when the card latched for another command.
 */
int sense_command_latch(struct sense_pcie *st, clockid_t id, u64 *counter, s64 *before,
			s64 *after)
{
	int ret = 0;

	mutex_lock(&st->command_lock);
	if (sense_gone(st)) {
		ret = -ENODEV;
		goto unlock;
	}
	sense_command_issue(st, SENSE_CARD_CMD_LATCH, 0);
	*before = sense_clock_now(id);
	st->transport->ring(st, SENSE_CARD_BELL_COMMAND);
	if (!sense_command_spin(st, SENSE_LATCH_SPIN_NS))
		ret = sense_command_wait(st);
	*after = sense_clock_now(id);
	ret = ret ?: sense_command_result(st);
	if (ret)
		goto unlock;
	if (readl(st->window + STATUS(latch_sequence)) != st->command_sequence)
		ret = -EPROTO;
	*counter = readq(st->window + STATUS(latch));
unlock:
	mutex_unlock(&st->command_lock);
	return ret;
}

/**
 * sense_command_reset() - take up the sequence of commands where the card has it, and reset it
 * @st: the card, just found or just woken
 *
 * Context: sleeps.
 * Return: as sense_command().
 */
int sense_command_reset(struct sense_pcie *st)
{
	int ret;

	mutex_lock(&st->command_lock);
	st->command_sequence = readl(st->window + STATUS(command_done));
	ret = sense_command_locked(st, SENSE_CARD_CMD_RESET, 0);
	mutex_unlock(&st->command_lock);
	return ret;
}

/**
 * sense_command_init() - prepare for commands
 * @st: the card
 */
void sense_command_init(struct sense_pcie *st)
{
	mutex_init(&st->command_lock);
	init_completion(&st->command_done);
}
