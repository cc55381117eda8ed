/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ld --wrap makes of two functions: calls go to __wrap_, and __real_ is
 * the C library's.
 */
#ifndef VMM_TESTS_WRAP_H
#define VMM_TESTS_WRAP_H

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

#endif
