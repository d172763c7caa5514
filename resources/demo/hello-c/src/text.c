#include "text.h"

#include <ctype.h>

size_t next_word(FILE *stream, char word[LONGEST_WORD + 1])
{
    size_t length = 0;
    int c;

    while ((c = getc(stream)) != EOF) {
        if (isalpha(c)) {
            if (length < LONGEST_WORD)
                word[length++] = (char)tolower(c);
        } else if (length > 0) {
            break;
        }
    }
    word[length] = '\0';
    return length;
}
