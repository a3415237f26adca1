/* index and rindex of <strings.h>, which are strchr and strrchr, and imaxabs. */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

static char word[] = "hello world";
char *(*volatile pointer)(const char *, int) = index;

int main(int argc, char **argv)
{
    int o = argc > 100 ? 'x' : 'o';
    char *text = argc > 100 ? argv[0] : word;
    printf("%s %s %s\n", index("hello", 'l'), rindex("hello", 'l'), __builtin_index("hello", 'e'));
    printf("%td %td %td %td\n", index(text, o) - text, rindex(text, o) - text, index(text, 0) - text,
           rindex(text, 0) - text);
    printf("%d %d %s\n", index(text, 'z') == 0, __builtin_rindex(text, 'z') == 0, pointer(text, 'w'));
    printf("%jd %jd\n", imaxabs(-argc), imaxabs(INTMAX_MAX));
    return 0;
}
