/* Library functions that were never declared have the types that everybody knows (gcc). */
struct node { struct node *next; long value; };

main()
{
    struct node *first = malloc(sizeof *first), *copy = calloc(1, sizeof(struct node));
    char text[40];
    int length = 5;
    first->value = 41;
    first->next = memset(copy, 0, sizeof *copy);
    if (first->next != copy)
        abort();
    copy->value = strlen(strcpy(text, "undeclared")) + floor(2.5) + sqrt(16.0);
    memcpy(text + 10, " but known", length + 6);
    printf("%ld %ld %s %.1f\n", first->value, copy->value, text, fabs(-3));
    free(copy);
    exit(strcmp(text, "undeclared but known"));
}
