/* Words in a stream of characters. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdio.h>

enum { LONGEST_WORD = 63 };

/* Reads the next word in lower case; returns its length, 0 at the end. */
size_t next_word(FILE *stream, char word[LONGEST_WORD + 1]);

#endif
