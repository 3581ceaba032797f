// SPDX-License-Identifier: GPL-2.0-or-later
/* A budget file from anywhere: read it, and evaluate what can be read; few trials only. */
#include <stddef.h>

#include <sense/budget.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct sense_budget *budget;
	struct sense_budget_result *result;

	if (size > 20000)
		return 0;
	budget = sense_budget_parse("fuzz", (const char *)data, size);
	if (!budget)
		return 0;
	if (sense_budget_set_trials(budget, size & 1 ? 0 : 200))
		__builtin_trap();
	sense_budget_set_threads(budget, 1);
	result = sense_budget_evaluate(budget);
	sense_budget_result_free(result);
	sense_budget_free(budget);
	return 0;
}
