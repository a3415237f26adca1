/* Searching text: a plain search, and Horspool's with a table. */
#include <stdio.h>
#include <string.h>

#define SIZE (1 << 20)

static char text[SIZE + 1];

static int count_plain(const char *s, size_t n, const char *word)
{
    size_t m = strlen(word);
    int count = 0;
    for (size_t i = 0; i + m <= n; i++) {
        size_t j = 0;
        while (j < m && s[i + j] == word[j]) {
            j++;
        }
        count += j == m;
    }
    return count;
}

static int count_horspool(const char *s, size_t n, const char *word)
{
    size_t skip[256], m = strlen(word);
    int count = 0;
    for (int i = 0; i < 256; i++) {
        skip[i] = m;
    }
    for (size_t i = 0; i + 1 < m; i++) {
        skip[(unsigned char)word[i]] = m - 1 - i;
    }
    for (size_t i = 0; i + m <= n; i += skip[(unsigned char)s[i + m - 1]]) {
        count += memcmp(s + i, word, m) == 0;
    }
    return count;
}

static int count_words(const char *s)
{
    int words = 0, inside = 0;
    for (; *s; s++) {
        int letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
        words += letter && !inside;
        inside = letter;
    }
    return words;
}

int main(void)
{
    static const char *const words[] = {"the", "quick", "brown", "needle", "over", "lazy", "needles", "dog"};
    unsigned random = 7;
    size_t used = 0;
    while (used + 10 < SIZE) {
        random = random * 1103515245 + 12345;
        const char *word = words[random >> 16 & 7];
        memcpy(text + used, word, strlen(word));
        used += strlen(word);
        text[used++] = ' ';
    }
    long total = 0;
    for (int round = 0; round < 80; round++) {
        total += count_plain(text, used, "needle") + count_horspool(text, used, "lazy dog the") + count_words(text);
        text[round * 100] ^= 1;
    }
    printf("%ld\n", total);
    return 0;
}
