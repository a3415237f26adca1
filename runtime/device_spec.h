/*
 * device_spec.h - a device as a command line asks for it: its class, how many queues, its options.
 *
 * The class names its options, so a new class needs nothing here. As one text a device is
 * CLASS[,NAME=VALUE|,NAME]...; two commas in a row stand for one inside a value. Every class also
 * has the option queues=N and the switch packed.
 */
#ifndef CPC_DEVICE_SPEC_H
#define CPC_DEVICE_SPEC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "virtio_device.h"

struct device_spec {
    const struct virtio_class *class;
    uint16_t n_queues;
    bool packed;                            /* packed rings are offered */
    struct virtio_config_values values;     /* in memory of the caller's, or of `text` */
    char *text;                             /* owned; NULL: none */
};

/* No option given yet. */
void device_spec_init(struct device_spec *spec, const struct virtio_class *class);

/*
 * Gives option `name` a value, NULL for a switch; the value must live as long as the spec. 0,
 * -ENOENT: the class has no such option, -EINVAL: a value is missing or not wanted, -ERANGE: not a
 * possible number of queues.
 */
int device_spec_set(struct device_spec *spec, const char *name, const char *value);

/* Whether the option takes no value; false when there is no such option. */
bool device_spec_is_switch(const struct device_spec *spec, const char *name);

/* The first required option that was not given, or NULL. */
const struct virtio_option *device_spec_missing(const struct device_spec *spec);

/*
 * Reads a device's text. 0; 1: it asks for help, which was printed to stdout; -errno with the
 * error's text. device_spec_free in any case.
 */
int device_spec_parse(struct device_spec *spec, const char *text, struct virtio_error *error);

/* Makes the device, as virtio_device_new does. */
struct virtio_device *device_spec_make(const struct device_spec *spec, const char *name,
                                       AioContext *ctx, struct guestmem *memory,
                                       struct virtio_error *error);

void device_spec_free(struct device_spec *spec);

/* Prints all classes, or the options of one with `prefix` before and `separator` behind a name. */
void device_spec_print_classes(FILE *out);
void device_spec_print_options(FILE *out, const struct virtio_class *class, const char *prefix,
                               char separator);

#endif
