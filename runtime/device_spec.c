/*
 * device_spec.c - see device_spec.h.
 */
#include "device_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices.h"

void device_spec_init(struct device_spec *spec, const struct virtio_class *class)
{
    memset(spec, 0, sizeof *spec);
    spec->class = class;
    spec->n_queues = class->default_queues > 0 ? class->default_queues : 1;
}

static int set_queues(struct device_spec *spec, const char *value)
{
    char *end;
    unsigned long n;

    if (value == NULL)
        return -EINVAL;
    n = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || n == 0 || n > spec->class->max_queues)
        return -ERANGE;
    spec->n_queues = (uint16_t)n;
    return 0;
}

int device_spec_set(struct device_spec *spec, const char *name, const char *value)
{
    const struct virtio_option *option = spec->class->options;

    for (unsigned i = 0; option[i].name != NULL; i++) {
        if (strcmp(option[i].name, name) != 0)
            continue;
        if ((value != NULL) != (option[i].metavar != NULL))
            return -EINVAL;
        spec->values.values[i] = value != NULL ? value : "";
        return 0;
    }
    if (strcmp(name, "packed") == 0) {
        spec->packed = true;
        return value != NULL ? -EINVAL : 0;
    }
    return strcmp(name, "queues") == 0 ? set_queues(spec, value) : -ENOENT;
}

bool device_spec_is_switch(const struct device_spec *spec, const char *name)
{
    for (const struct virtio_option *o = spec->class->options; o->name != NULL; o++) {
        if (strcmp(o->name, name) == 0)
            return o->metavar == NULL;
    }
    return strcmp(name, "packed") == 0;
}

const struct virtio_option *device_spec_missing(const struct device_spec *spec)
{
    const struct virtio_option *option = spec->class->options;

    for (unsigned i = 0; option[i].name != NULL; i++) {
        if (option[i].required && spec->values.values[i] == NULL)
            return &option[i];
    }
    return NULL;
}

/* Cuts the text up to the next single comma off *rest, with double commas made one; NULL: no more. */
static char *next_part(char **rest)
{
    char *part = *rest, *to = part;

    if (part == NULL)
        return NULL;
    for (char *from = part;; from++) {
        if (*from == ',' && from[1] == ',') {
            from++;
        } else if (*from == ',' || *from == '\0') {
            *rest = *from == ',' ? from + 1 : NULL;
            *to = '\0';
            return part;
        }
        *to++ = *from;
    }
}

static int set_part(struct device_spec *spec, char *name, struct virtio_error *error)
{
    char *value = strchr(name, '=');
    const char *class = spec->class->name;

    if (value != NULL)
        *value++ = '\0';
    switch (device_spec_set(spec, name, value)) {
    case 0:
        return 0;
    case -ERANGE:
        return virtio_fail(error, -EINVAL, "a %s has 1 to %u queues, not '%s'", class,
                           spec->class->max_queues, value);
    case -EINVAL:
        return virtio_fail(error, -EINVAL, "option '%s' of a %s takes %s value", name, class,
                           value != NULL ? "no" : "a");
    default:
        return virtio_fail(error, -EINVAL, "a %s has no option '%s'", class, name);
    }
}

int device_spec_parse(struct device_spec *spec, const char *text, struct virtio_error *error)
{
    char *rest, *part, *copy = strdup(text);
    const struct virtio_class *class;
    const struct virtio_option *missing;

    memset(spec, 0, sizeof *spec);
    if (copy == NULL)
        return virtio_fail(error, -ENOMEM, "no memory for '%s'", text);
    rest = copy;
    part = next_part(&rest);
    class = device_class(part);
    if (class != NULL)
        device_spec_init(spec, class);
    spec->text = copy;
    if (class == NULL && strcmp(part, "help") == 0) {
        device_spec_print_classes(stdout);
        return 1;
    }
    if (class == NULL)
        return virtio_fail(error, -EINVAL, "there is no device '%s'", part);
    while ((part = next_part(&rest)) != NULL) {
        if (strcmp(part, "help") == 0) {
            device_spec_print_options(stdout, class, "", '=');
            return 1;
        }
        if (set_part(spec, part, error) < 0)
            return -EINVAL;
    }
    missing = device_spec_missing(spec);
    if (missing != NULL)
        return virtio_fail(error, -EINVAL, "a %s needs the option '%s=%s'", class->name,
                           missing->name, missing->metavar);
    return 0;
}

struct virtio_device *device_spec_make(const struct device_spec *spec, const char *name,
                                       AioContext *ctx, struct guestmem *memory,
                                       struct virtio_error *error)
{
    struct virtio_device *dev = virtio_device_new(spec->class, name, ctx, memory, spec->n_queues,
                                                  &spec->values, error);

    if (dev != NULL && spec->packed)
        virtio_offer_packed(dev);
    return dev;
}

void device_spec_free(struct device_spec *spec)
{
    free(spec->text);
    spec->text = NULL;
}

void device_spec_print_classes(FILE *out)
{
    for (unsigned i = 0; device_classes[i] != NULL; i++)
        fprintf(out, "  %-10s %s\n", device_classes[i]->name, device_classes[i]->summary);
}

static void print_option(FILE *out, const char *prefix, char separator, const char *name,
                         const char *metavar)
{
    char left[60];

    if (metavar != NULL)
        snprintf(left, sizeof left, "%s%s%c%s", prefix, name, separator, metavar);
    else
        snprintf(left, sizeof left, "%s%s", prefix, name);
    fprintf(out, "  %-18s ", left);
}

void device_spec_print_options(FILE *out, const struct virtio_class *class, const char *prefix,
                               char separator)
{
    print_option(out, prefix, separator, "queues", "N");
    fprintf(out, "queues, 1 to %u (default %u)\n", class->max_queues,
            class->default_queues > 0 ? class->default_queues : 1);
    print_option(out, prefix, separator, "packed", NULL);
    fprintf(out, "offer packed rings too\n");
    for (const struct virtio_option *o = class->options; o->name != NULL; o++) {
        print_option(out, prefix, separator, o->name, o->metavar);
        fprintf(out, "%s%s\n", o->help, o->required ? " (required)" : "");
    }
}
