/* A small test program: one line a check, the number of failures as its result. */
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "table.h"
#include "text.h"

static int failures;

static void check(int passed, const char *name)
{
    printf("%s %s\n", passed ? "\033[32mok\033[0m    " : "\033[31mFAILED\033[0m", name);
    failures += !passed;
}

static FILE *stream_of(const char *text)
{
    FILE *stream = tmpfile();

    if (stream) {
        fputs(text, stream);
        rewind(stream);
    }
    return stream;
}

static void test_words(void)
{
    char word[LONGEST_WORD + 1];
    FILE *stream = stream_of("  One, TWO;\nthree3four ");

    check(next_word(stream, word) == 3 && !strcmp(word, "one"), "words come in lower case");
    check(next_word(stream, word) == 3 && !strcmp(word, "two"), "punctuation parts words");
    check(next_word(stream, word) == 5 && !strcmp(word, "three"), "digits part words");
    check(next_word(stream, word) == 4 && !strcmp(word, "four"), "the last word is found");
    check(next_word(stream, word) == 0, "the end is told");
    fclose(stream);
}

static void test_long_word(void)
{
    char word[LONGEST_WORD + 1];
    char text[200];
    FILE *stream;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    stream = stream_of(text);
    check(next_word(stream, word) == LONGEST_WORD, "a long word is cut, not overrun");
    fclose(stream);
}

static void test_table(void)
{
    struct table table;
    char name[8];
    int whole = 1;

    table_init(&table);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 500; i++) {
            snprintf(name, sizeof name, "w%d", i);
            table_add(&table, name);
        }
    }
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "w%d", i);
        whole = whole && table_count(&table, name) == 3;
    }
    check(whole, "counts survive the growth of the table");
    check(table.used == 500, "every word is kept once");
    check(table_count(&table, "never") == 0, "an unknown word counts nothing");
    table_free(&table);
}

int main(void)
{
    test_words();
    test_long_word();
    test_table();
    printf("%s: %d failed\n", failures ? "FAILED" : "All tests passed", failures);
    return failures != 0;
}
