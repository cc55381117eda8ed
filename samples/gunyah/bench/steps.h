/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the steps of VM_START take, from the driver's trace points.
 */
#ifndef BENCH_STEPS_H
#define BENCH_STEPS_H

#define STEPS_MAX		32
#define STEPS_NAME_LEN		40

/**
 * struct steps - what was seen of each step, in order of appearance
 * @count: used entries
 * @each: the steps
 * @each.name: the driver's name of the step
 * @each.times: how often it was seen
 * @each.total_ns: time it took, together
 */
struct steps {
	unsigned int count;
	struct {
		char name[STEPS_NAME_LEN];
		unsigned int times;
		double total_ns;
	} each[STEPS_MAX];
};

/* Both end the program if the kernel has no such trace points. */
void steps_record(void);
void steps_evaluate(struct steps *steps);

#endif
