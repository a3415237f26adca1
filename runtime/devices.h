/*
 * The table of devices: explicit, no linker sections. A new device is one line in devices.c.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "virtio.h"

/* All device classes, ending with NULL. Constant. */
extern const struct virtio_class *const device_classes[];

/* The class with that name, or NULL. */
const struct virtio_class *device_class(const char *name);

#endif
