/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef STUB_TESTS_STUB_STRING_H
#define STUB_TESTS_STUB_STRING_H

/* The functions of lib/string.c under other names, beside those of the C library */
#define memcpy	stub_memcpy
#define memmove	stub_memmove
#define memset	stub_memset
#define memcmp	stub_memcmp
#define memchr	stub_memchr
#define strlen	stub_strlen
#define strnlen	stub_strnlen
#define strcmp	stub_strcmp
#define strncmp	stub_strncmp
#define strchr	stub_strchr
#define strrchr	stub_strrchr

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

#endif
